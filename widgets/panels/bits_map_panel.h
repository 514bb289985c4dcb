#pragma once

#include "core/session/stair_job.h"
#include "widgets/models/bits_map_model.h"
#include "widgets/models/run_log.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableView;
class QToolButton;

namespace stair {

class BudgetBar;
class NoticeStrip;

/// Accuracy by layer and width, measured by `stair sensitivity` and filling in live. Cells that are
/// chosen become widths of the experiment in the form.
class BitsMapPanel : public QWidget
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary.
    explicit BitsMapPanel(const QString& program, QWidget* parent = nullptr);

    /// The map of the one run that is selected.
    void setRuns(const std::vector<const RunLog*>& runs);
    void refresh();
    void selectLayer(const QString& name);

    BitsMapModel& model() { return m_model; }

signals:
    void layerSelected(const QString& name);

    /// The selected cells are wanted in a new experiment: that run's settings with these widths.
    void forkWanted(const std::filesystem::path& run,
                    const std::vector<std::pair<std::string, int>>& widths);
    void measured(); // the program has ended, for whatever reason

private:
    QWidget* buildHead();
    QWidget* buildFoot();
    void measure();
    void take(const StairJob::Outcome& outcome);
    void apply();
    void wireBudget();
    void offerSplits();
    void updateControls();
    std::vector<std::pair<std::string, int>> chosen() const;

    BitsMapModel m_model;
    StairJob m_job;
    const RunLog* m_run = nullptr;
    QComboBox* m_mode = nullptr;
    QComboBox* m_shown = nullptr;
    QSpinBox* m_images = nullptr;
    QComboBox* m_split = nullptr;
    QPushButton* m_measure = nullptr;
    QToolButton* m_stop = nullptr;
    QProgressBar* m_progress = nullptr;
    NoticeStrip* m_notice = nullptr;
    QTableView* m_table = nullptr;
    QLabel* m_facts = nullptr;
    QPushButton* m_apply = nullptr;
    BudgetBar* m_budget = nullptr;
};

} // namespace stair
