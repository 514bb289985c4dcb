#pragma once

#include "core/quant/quant_spec.h"
#include "core/session/stair_job.h"
#include "widgets/models/bits_map_model.h"
#include "widgets/models/run_log.h"

#include <QWidget>

#include <filesystem>
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
enum class SensitivityMode;

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
    void selectLayer(const QString& name); // now, or when it is there

    BitsMapModel& model() { return m_model; }

signals:
    void layerSelected(const QString& name);

    /// The selected cells or the proposal are wanted in a new experiment: that run's settings with
    /// these widths; 0: as before.
    void forkWanted(const std::filesystem::path& run, const std::vector<stair::LayerBits>& widths);
    void measured(); // the program has ended, for whatever reason

private:
    QWidget* buildHead();
    QWidget* buildFoot();
    void measure();
    void take(const StairJob::Outcome& outcome);
    void showComplaint();
    void apply();
    void wireBudget();
    void offerSplits();
    void updateControls();
    void takeCurrent();
    void showLayer(); // m_wanted's row, if there is one
    void updateMeasuring();
    void updateApply(int cells);
    SensitivityMode mode() const;
    bool isMeasuredShown() const; // whether m_measured is the run that is shown
    std::vector<LayerBits> chosen() const;

    BitsMapModel m_model;
    QString m_wanted; // layer that was chosen, here or elsewhere
    StairJob m_job;
    const RunLog* m_run = nullptr;
    std::filesystem::path m_measured; // the run that the job measures, or has measured
    QString m_measuredName;
    QString m_complaint; // why that failed
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
