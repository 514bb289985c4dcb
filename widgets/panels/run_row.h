#pragma once

#include "widgets/models/run_log.h"
#include "widgets/models/run_style.h"

#include <QWidget>

class QLabel;
class QProgressBar;

namespace stair {

class LegendBar;

/// Where one run stands, in one line: name, progress, time left, state, best accuracy. With its
/// figures (loss, learning rate ...) in a second line when it is shown alone.
class RunRow : public QWidget
{
    Q_OBJECT

public:
    RunRow(const RunLog& run, RunStyle style, bool alone, QWidget* parent = nullptr);

    /// Shows the run's present values.
    void refresh();

private:
    void refreshProgress();
    QString figures() const;

    const RunLog& m_run;
    RunStyle m_style;
    LegendBar* m_name = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_left = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_best = nullptr;
    QLabel* m_figures = nullptr;
};

} // namespace stair
