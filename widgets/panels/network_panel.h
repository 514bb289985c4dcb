#pragma once

#include "core/session/stair_job.h"
#include "widgets/models/data_desk.h"
#include "widgets/models/layer_log.h"
#include "widgets/models/network_chart.h"
#include "widgets/models/run_log.h"

#include <QWidget>

#include <memory>
#include <vector>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace stair {

class GraphView;
class NoticeStrip;
class ScaleBar;

/// The network of the form or of the selected run as a chart, its boxes coloured by widths, by the error
/// and saturation that the run recorded, or by time (`stair bench --inference`).
class NetworkPanel : public QWidget
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary. `form`: opens the form's data set; outlives the panel.
    NetworkPanel(const QString& program, const DataDesk& form, QWidget* parent = nullptr);

    /// The form's experiment; the desk has been asked for its data.
    void setForm(const ExperimentSpec& spec);

    /// Why the form has no network.
    void setFormProblem(const QString& problem);

    /// Of several the first that is quantized is shown.
    void setRuns(const std::vector<const RunLog*>& runs);
    void refresh();
    void selectLayer(const QString& name);

    /// Whether the form's network is shown, or the selected run's.
    void showForm(bool form);

    const NetworkChart& chart() const { return m_chart; }

signals:
    void layerSelected(const QString& name);
    void timed(); // the bench came to an end

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildBar();
    void showChart();
    NetworkChart makeChart();
    void showValues();
    void measureTime();
    void takeTime(const StairJob::Outcome& outcome);
    void updateControls();
    ChartMeasureInfo measure() const;
    bool showsForm() const;
    QString sourceText() const;

    const DataDesk& m_formData;
    DataDesk m_runData;
    std::vector<const RunLog*> m_runs;
    ExperimentSpec m_formSpec;
    ExperimentSpec m_runSpec;
    QString m_formProblem;
    QString m_runProblem;
    StairJob m_job;
    QString m_jobFolder; // of the run that is timed
    Json m_bench; // of the selected run; null: not timed
    std::unique_ptr<LayerLog> m_log; // of the selected run
    NetworkChart m_chart;
    QString m_layer;
    QComboBox* m_source = nullptr;
    QComboBox* m_measure = nullptr;
    QPushButton* m_time = nullptr;
    QProgressBar* m_progress = nullptr;
    QToolButton* m_cancel = nullptr;
    QToolButton* m_fit = nullptr;
    NoticeStrip* m_notice = nullptr;
    GraphView* m_view = nullptr;
    QLabel* m_message = nullptr;
    ScaleBar* m_scale = nullptr;
    QLabel* m_facts = nullptr;
};

} // namespace stair
