#pragma once

#include "widgets/models/run_log.h"
#include "widgets/models/run_style.h"

#include <QWidget>

class QLabel;
class QProgressBar;

namespace stair {

class LegendBar;

/// Where one run stands, in one line: its curve's colour and dash, name, progress, time left or
/// state, best accuracy. The rows are the legend of the curves.
class RunRow : public QWidget
{
    Q_OBJECT

public:
    RunRow(const RunLog& run, RunStyle style, QWidget* parent = nullptr);

    /// Shows the run's present values.
    void refresh();

private:
    void refreshProgress();

    const RunLog& m_run;
    RunStyle m_style;
    LegendBar* m_name = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_best = nullptr;
};

/// A run's latest figures in one line of fixed width: step, loss, learning rate ...
QString figuresText(const RunLog& run);

} // namespace stair
