#pragma once

#include "core/session/stair_talk.h"
#include "widgets/models/data_desk.h"
#include "widgets/models/inspected.h"
#include "widgets/models/run_log.h"
#include "widgets/models/value_table_model.h"

#include <QFutureWatcher>
#include <QImage>
#include <QWidget>

#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QProgressBar;
class QTabWidget;
class QTableView;
class QToolButton;

namespace stair {

class BarDelegate;
class MapsView;
class NoticeStrip;
class SampleBrowser;

/// The images of the form's or the selected run's data set. One of them, or a picture file dropped here,
/// is classified by the run's shipped program and by floats beside it (`stair inspect`), whose feature
/// maps and filters of the selected layer stand side by side.
class SamplesPanel : public QWidget
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary. `form`: opens the form's data set; outlives the panel.
    SamplesPanel(const QString& program, const DataDesk& form, QWidget* parent = nullptr);

    /// The form's data; the desk has been asked for it.
    void setForm(const ExperimentSpec& spec);

    /// Of several the first that is quantized is looked at; the others may stand beside it.
    void setRuns(const std::vector<const RunLog*>& runs);
    void refresh();
    void selectLayer(const QString& name);

    /// Whether the form's data set is browsed, or the selected run's.
    void showForm(bool form);

    /// Classifies a picture file with the selected run.
    void openPicture(const QString& file);

signals:
    void layerSelected(const QString& name);
    void pictureWanted(); // the user wants to choose a file
    void dataRetryWanted(); // the form's set could not be opened
    void inspected(); // an answer came, or why there is none

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    static constexpr int filtersAtOnce = 64; // outputs

    QWidget* buildBar(); // samples_panel_parts.cpp, and what they show

    QWidget* buildDetail();
    QWidget* buildClasses();
    void fillBeside();
    void readSpec();
    void showData();
    void takeSample();
    void takePicture();
    void ask();
    Json request() const;
    QStringList arguments() const;
    bool fitsRun() const; // whether what is browsed is the run's data
    void take(const Json& answer);
    void showAnswer(const Inspected& inspected);
    void fillClasses(const Inspected& inspected);
    void fillLayers(const QStringList& layers);
    void forget();
    void showPreview(const QImage& image);
    void updateControls();

    std::vector<const RunLog*> m_runs;
    const DataDesk& m_formData;
    DataDesk m_runData;
    ExperimentSpec m_formSpec;
    std::optional<ExperimentSpec> m_runSpec; // of the first run; none: it cannot be read yet
    StairTalk m_talk;
    QString m_file; // the picture that is looked at; empty: the chosen image
    QFutureWatcher<QImage> m_reading; // of the picture, for the preview
    QString m_layer;
    Inspected m_inspected;
    ValueTableModel m_classes;
    SampleBrowser* m_browser = nullptr;
    QComboBox* m_source = nullptr;
    QComboBox* m_beside = nullptr;
    QComboBox* m_layers = nullptr;
    QToolButton* m_open = nullptr;
    QToolButton* m_cancel = nullptr;
    QProgressBar* m_progress = nullptr;
    NoticeStrip* m_notice = nullptr;
    QLabel* m_verdict = nullptr;
    QLabel* m_preview = nullptr;
    QTabWidget* m_tabs = nullptr;
    QTableView* m_table = nullptr;
    MapsView* m_maps = nullptr;
    MapsView* m_filters = nullptr;
};

} // namespace stair
