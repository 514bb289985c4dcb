#include "core/base/error.h"
#include "core/quant/methods.h"
#include "core/session/run_folder.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/guide.h"
#include "widgets/main/main_window.h"
#include "widgets/main/panel_help.h"
#include "widgets/main/selection.h"
#include "widgets/models/data_desk.h"
#include "widgets/models/epoch_estimate.h"
#include "widgets/panels/bits_map_panel.h"
#include "widgets/panels/compare_panel.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/export_panel.h"
#include "widgets/panels/guide_strip.h"
#include "widgets/panels/histogram_panel.h"
#include "widgets/panels/layer_panel.h"
#include "widgets/panels/network_panel.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/panels/race_panel.h"
#include "widgets/panels/rounding_lab.h"
#include "widgets/panels/run_details.h"
#include "widgets/panels/run_list.h"
#include "widgets/panels/run_panel.h"
#include "widgets/panels/samples_panel.h"
#include "widgets/plot/line_plot.h"

#include <QAction>
#include <QVBoxLayout>

namespace stair {

namespace {

std::vector<LayoutRow> layoutTable()
{
    return {
        {"setup", MainWindow::tr("Set up"), {220, 340, 720}},
        {"train", MainWindow::tr("Train"), {220, 800, 260}},
        {"compare", MainWindow::tr("Compare"), {240, 1040}},
        {"export", MainWindow::tr("Export"), {220, 780, 280}},
    };
}

} // namespace

// To add a panel: a line here with its id, title, maker and places. A panel that has
// setRuns(runs) and refresh() follows the selected runs: follow(new Panel, *m_selection).
void MainWindow::createPanels(const QString& stair)
{
    m_data = new DataDesk(this);
    m_epochTime = new EpochEstimate(stair, this);
    m_list = new RunList(m_model);
    m_editor = new ExperimentEditor(m_start);
    m_layers = new LayerPanel;
    m_linkSteps = m_actions->add({"view.linkSteps",
                                  tr("Link steps"),
                                  "View",
                                  {},
                                  tr("A zoom along the steps is one for the curves, the layers' "
                                     "curves and the histograms over time"),
                                  3});
    m_linkSteps->setCheckable(true);
    m_panel = follow(new RunPanel(m_pause, m_stop, m_linkSteps), *m_selection);
    m_details = follow(new RunDetails, *m_selection);
    m_lab = follow(new RoundingLab, *m_selection);
    m_histograms = follow(new HistogramPanel, *m_selection);
    m_map = follow(new BitsMapPanel(stair), *m_selection);
    m_compare = follow(new ComparePanel(stair), *m_selection);
    m_race = new RacePanel(m_model);
    m_export = follow(new ExportPanel(stair), *m_selection);
    m_network = follow(new NetworkPanel(stair, *m_data), *m_selection);
    m_samples = follow(new SamplesPanel(stair, *m_data), *m_selection);
    const std::vector<DockRow> docks = {
        {"runs",
         tr("Runs"),
         [this] { return m_list; },
         {{"setup", 0}, {"train", 0}, {"compare", 0}, {"export", 0}}},
        {"form", tr("Experiment"), [this] { return m_editor; }, {{"setup", 1}}},
        {"curves",
         tr("Curves"),
         [this] { return m_panel; },
         {{"setup", 2, 0}, {"train", 1, 0}, {"compare", 1, 0, 0, 170}}},
        {"layers", tr("Layers"), [this] { return m_layers; }, {{"setup", 2, 0}}},
        {"lab", tr("Rounding lab"), [this] { return m_lab; }, {{"setup", 2, 0}}},
        {"histograms", tr("Histograms"), [this] { return m_histograms; }, {{"train", 1, 1}}},
        {"map", tr("Layers × bits"), [this] { return m_map; }, {{"train", 1, 1}, {"export", 1, 1}}},
        {"compare", tr("Comparison"), [this] { return m_compare; }, {{"compare", 1, 1}}},
        {"chart", tr("Network"), [this] { return m_network; }, {{"setup", 2, 0}, {"train", 1, 1}}},
        {"samples",
         tr("Samples"),
         [this] { return m_samples; },
         {{"setup", 2, 0}, {"train", 1, 1}, {"compare", 1, 1}}},
        {"race", tr("Race"), [this] { return m_race; }, {{"compare", 1, 0, 0, 170}}},
        {"export", tr("Export"), [this] { return m_export; }, {{"export", 1, 0}}},
        {"details", tr("Run"), [this] { return m_details; }, {{"train", 2}, {"export", 2}}},
    };
    for (const DockRow& row : docks) {
        m_panels.push_back({row.id, row.create()});
        explainPanel(row.id, *m_panels.back().widget);
    }
    auto* centre = new QWidget;
    m_problem = new NoticeStrip;
    m_problem->setObjectName(QStringLiteral("problem"));
    m_problem->setClosable(true);
    m_result = new NoticeStrip;
    m_result->setObjectName(QStringLiteral("reportNotice"));
    m_result->setClosable(true);
    m_frame = new DockFrame(docks, layoutTable());
    auto* guide = new GuideStrip;
    m_guide = new Guide(guide, m_model, this);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_problem);
    layout->addWidget(m_result);
    layout->addWidget(guide);
    layout->addWidget(m_frame, 1);
    setCentralWidget(centre);
    resize(1280, 800);
}

/// What panels ask of each other.
void MainWindow::wirePanels()
{
    connect(m_editor, &ExperimentEditor::changed, this, &MainWindow::showLayers);
    connect(m_data, &DataDesk::changed, this, &MainWindow::showLayers);
    connect(m_editor, &ExperimentEditor::dataRetryWanted, m_data, &DataDesk::retry);
    connect(m_samples, &SamplesPanel::dataRetryWanted, m_data, &DataDesk::retry);
    connect(m_epochTime, &EpochEstimate::changed, this,
            [this] { m_layers->setEpochTime(m_epochTime->text()); });
    connect(m_layers, &LayerPanel::layersEdited, this,
            [this](const std::vector<LayerBits>& layers) {
                if (!m_editor->problem().isEmpty())
                    return;
                QuantSpec quant = m_editor->specs().back().quant;
                quant.layers = layers;
                m_editor->setQuant(quant, tr("widths of layers"));
            });
    connect(m_layers, &LayerPanel::layerSelected, m_selection, &Selection::setLayer);
    connect(m_selection, &Selection::layerChanged, m_layers, &LayerPanel::selectLayer);
    m_layers->selectLayer(m_selection->layer()); // of the last session
    connect(m_lab, &RoundingLab::useInRun, this, [this](const QString& json) {
        try {
            m_editor->setQuant(QuantSpec::read(ObjectReader(Json::parse(json.toStdString()),
                                                            "the rounding lab", "quant")),
                               tr("quantizer from the rounding lab"));
            m_frame->showDock("form");
        } catch (const std::exception& error) {
            report(QString::fromUtf8(error.what()));
        }
    });
    linkSteps();
    connect(m_histograms, &HistogramPanel::startWanted, this,
            [this] { m_frame->showLayout("setup"); });
    connect(m_samples, &SamplesPanel::pictureWanted, this, &MainWindow::browseForPicture);
    const auto showSource = [this](const QString& layout) { // the form while it is being filled in
        m_samples->showForm(layout == "setup");
        m_network->showForm(layout == "setup");
    };
    connect(m_frame, &DockFrame::layoutShown, this, showSource);
    showSource(m_frame->currentLayout());
    connect(m_map, &BitsMapPanel::forkWanted, this, &MainWindow::forkWithWidths);
    showLayers();
}

/// On demand a zoom along the steps is one for the curves and what the layers have over time.
void MainWindow::linkSteps()
{
    CurvesPanel* const curves = m_panel->curves();
    const auto link = [this](auto* from, auto* to) {
        using From = std::remove_pointer_t<decltype(from)>;
        connect(from, &From::xRangeChanged, this, [this, to](double begin, double end) {
            if (m_linkSteps->isChecked())
                to->setXRange(begin, end);
        });
        connect(from, &From::wentLive, this, [this, to] {
            if (m_linkSteps->isChecked())
                to->goLive();
        });
    };
    link(curves, m_histograms);
    link(m_histograms, curves);
    connect(m_linkSteps, &QAction::toggled, this, [this, curves](bool on) {
        if (!on || curves->lossPlot()->isLive())
            return;
        const auto [from, to] = curves->lossPlot()->xRange();
        m_histograms->setXRange(from, to);
    });
}

/// The layer table follows the form; the data set is opened for its images' size.
void MainWindow::showLayers()
{
    if (!m_editor->problem().isEmpty()) {
        m_layers->setProblem(m_editor->problem());
        m_network->setFormProblem(m_editor->problem());
        if (m_editor->problem().contains(QStringLiteral("data.")))
            m_editor->showData(nullptr, m_editor->problem());
        m_epochTime->forget();
        return;
    }
    const ExperimentSpec spec = m_editor->specs().back();
    m_data->request(spec.data);
    m_samples->setForm(spec);
    m_network->setForm(spec);
    m_editor->showData(m_data->data(), m_data->problem(), !m_data->problem().isEmpty());
    m_epochTime->request(spec);
    if (!m_data->problem().isEmpty())
        m_layers->setProblem(m_data->problem());
    else
        m_layers->setSpec(spec, m_data->imageShape(spec.data.augment),
                          m_data->data() ? m_data->data()->classes() : 0);
}

/// The run's settings, to be trained on from its last checkpoint with these layers at these widths.
void MainWindow::forkWithWidths(const std::filesystem::path& run,
                                const std::vector<LayerBits>& widths)
{
    try {
        const RunFolder folder = RunFolder::open(run);
        ExperimentSpec spec = folder.spec();
        if (spec.quant.isFloat()) { // its map's base: 8 bits
            spec.quant = QuantSpec();
            spec.quant.method = "lsq";
            spec.quant.params = ParamValues(method("lsq").params);
            spec.quant.weightBits = spec.quant.activationBits = 8;
        }
        for (const LayerBits& layer : widths)
            spec.quant.layers = withWidths(spec.quant.layers, {layer.match}, layer.weightBits,
                                           layer.activationBits);
        spec.training.from = folder.checkpointFile("last").string();
        const QString name = tr("%1, other widths")
                                 .arg(QString::fromStdString(
                                     spec.name.empty() ? run.filename().string() : spec.name));
        spec.name = name.toStdString();
        m_editor->load(spec, tr("fork of %1").arg(name));
        m_frame->showLayout("setup");
        m_frame->showDock("form");
    } catch (const std::exception& error) {
        report(QString::fromUtf8(error.what()));
    }
}

} // namespace stair
