#include "widgets/panels/network_panel.h"

#include "core/base/error.h"
#include "core/session/run_folder.h"
#include "core/zoo/networks.h"
#include "widgets/models/layer_table_model.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/plot/graph_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr auto readBudget = std::chrono::milliseconds(8);
constexpr int benchBatch = 32;
constexpr int benchRounds = 5;

/// The scale of the values on show: widths have their own ends, shares and times begin at 0.
ColorScale scaleOf(ChartMeasure measure, const std::vector<std::optional<double>>& values)
{
    if (measure == ChartMeasure::WeightBits || measure == ChartMeasure::SourceBits)
        return {1, 8, false};
    std::optional<double> least, most;
    for (const auto& value : values) {
        if (!value || !std::isfinite(*value))
            continue;
        least = std::min(least.value_or(*value), *value);
        most = std::max(most.value_or(*value), *value);
    }
    if (!most)
        return {0, 1, false};
    const bool isRatio = measure == ChartMeasure::WeightSqnr || measure == ChartMeasure::ResultSqnr;
    return isRatio ? ColorScale{std::floor(*least), std::ceil(*most), false}
                   : ColorScale{0, *most > 0 ? *most : 1, false};
}

QString boxTip(const ChartNode& node, const QString& measure, const QString& number)
{
    QStringList lines{node.name, NetworkPanel::tr("%1, gives %2").arg(node.kind, node.shape)};
    if (node.weightBits > 0)
        lines += NetworkPanel::tr("bits of weights: %1").arg(widthText(node.weightBits));
    if (node.sourceBits > 0)
        lines += NetworkPanel::tr("bits of the input: %1").arg(widthText(node.sourceBits));
    if (!number.isEmpty())
        lines += QStringLiteral("%1: %2").arg(measure, number);
    return lines.join(QLatin1Char('\n'));
}

} // namespace

NetworkPanel::NetworkPanel(const QString& program, const DataDesk& form, QWidget* parent)
    : QWidget(parent)
    , m_formData(form)
    , m_runData(nullptr, &form)
    , m_job(program)
    , m_notice(new NoticeStrip)
    , m_view(new GraphView)
    , m_message(new QLabel)
    , m_scale(new ScaleBar)
    , m_facts(new QLabel)
{
    m_notice->setObjectName(QStringLiteral("networkNotice"));
    m_view->setObjectName(QStringLiteral("networkGraph"));
    m_view->setAccessibleName(tr("Network"));
    m_message->setObjectName(QStringLiteral("networkMessage"));
    m_message->setWordWrap(true);
    m_facts->setObjectName(QStringLiteral("networkFacts"));
    m_facts->setWordWrap(true);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_facts, 1);
    foot->addWidget(m_scale, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(buildBar());
    layout->addWidget(m_notice);
    layout->addWidget(m_message);
    layout->addWidget(m_view, 1);
    layout->addLayout(foot);
    connect(m_view, &GraphView::boxSelected, this, [this](int box) {
        m_layer = m_chart.nodes[std::size_t(box)].name;
        emit layerSelected(m_layer);
    });
    connect(&m_formData, &DataDesk::changed, this, &NetworkPanel::showChart);
    connect(&m_runData, &DataDesk::changed, this, &NetworkPanel::showChart);
    connect(&m_job, &StairJob::finished, this, &NetworkPanel::takeTime);
    updateControls();
}

QWidget* NetworkPanel::buildBar()
{
    auto* bar = new QWidget;
    m_source = new QComboBox;
    m_source->setObjectName(QStringLiteral("networkSource"));
    m_source->setAccessibleName(tr("Whose network is shown"));
    m_source->addItem(tr("network of the form"), true);
    m_source->addItem(tr("network of the selected run"), false);
    connect(m_source, &QComboBox::activated, this, &NetworkPanel::showChart);
    m_measure = new QComboBox;
    m_measure->setObjectName(QStringLiteral("networkMeasure"));
    m_measure->setAccessibleName(tr("What the boxes are coloured by"));
    for (const ChartMeasureInfo& info : chartMeasures()) {
        m_measure->addItem(tr("by %1").arg(info.title));
        m_measure->setItemData(m_measure->count() - 1, info.help, Qt::ToolTipRole);
    }
    connect(m_measure, &QComboBox::currentIndexChanged, this, &NetworkPanel::showValues);
    m_time = new QPushButton(tr("Measure time"));
    m_time->setObjectName(QStringLiteral("networkTime"));
    connect(m_time, &QPushButton::clicked, this, &NetworkPanel::measureTime);
    m_progress = new QProgressBar;
    m_progress->setRange(0, 0);
    m_progress->setMaximumWidth(80);
    m_progress->setAccessibleName(tr("Timing"));
    m_cancel = new QToolButton;
    m_cancel->setObjectName(QStringLiteral("networkCancel"));
    m_cancel->setText(tr("Cancel"));
    connect(m_cancel, &QToolButton::clicked, &m_job, &StairJob::cancel);
    m_fit = new QToolButton;
    m_fit->setObjectName(QStringLiteral("networkFit"));
    m_fit->setText(tr("Fit"));
    m_fit->setToolTip(
        tr("Shows the whole network (Home or double click); the wheel zooms, dragging "
           "pans, arrow keys go from layer to layer"));
    connect(m_fit, &QToolButton::clicked, m_view, &GraphView::fit);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_source);
    layout->addWidget(m_measure);
    layout->addStretch(1);
    layout->addWidget(m_progress);
    layout->addWidget(m_time);
    layout->addWidget(m_cancel);
    layout->addWidget(m_fit);
    return bar;
}

bool NetworkPanel::showsForm() const
{
    return m_source->currentData().toBool();
}

ChartMeasureInfo NetworkPanel::measure() const
{
    return chartMeasures()[std::size_t(m_measure->currentIndex())];
}

void NetworkPanel::setForm(const ExperimentSpec& spec)
{
    m_formSpec = spec;
    m_formProblem.clear();
    if (showsForm())
        showChart();
}

void NetworkPanel::setFormProblem(const QString& problem)
{
    m_formProblem = problem;
    if (showsForm())
        showChart();
}

void NetworkPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    const RunLog* before = m_runs.empty() ? nullptr : m_runs.front();
    m_runs = runs;
    std::ranges::stable_partition(m_runs, [](const RunLog* r) { return !r->identity().isFloat(); });
    const bool isSame = before == (m_runs.empty() ? nullptr : m_runs.front());
    if (isSame && m_runProblem.isEmpty())
        return;
    m_log.reset();
    m_bench = Json();
    m_runProblem.clear();
    m_notice->fallSilent();
    try {
        if (!m_runs.empty()) {
            m_runSpec = RunFolder::open(m_runs.front()->folder()).spec();
            m_log = std::make_unique<LayerLog>(m_runs.front()->folder(), LayerLog::Depth::Newest);
        }
    } catch (const std::exception& error) {
        m_runProblem = QString::fromUtf8(error.what());
    }
    showChart();
    if (!isSame && isVisible() && !showsForm() && m_log) // its set has been asked for
        m_runData.retry();
}

/// What the run has recorded since.
void NetworkPanel::refresh()
{
    if (m_log && !showsForm() && m_log->poll(readBudget))
        showValues();
}

void NetworkPanel::selectLayer(const QString& name)
{
    m_layer = name;
    m_view->select(m_chart.find(name));
}

void NetworkPanel::showForm(bool form)
{
    m_source->setCurrentIndex(m_source->findData(form));
    showChart();
}

void NetworkPanel::showEvent(QShowEvent*)
{
    showChart();
}

/// Throws Error with the reason where there is none; empty while the data set is being opened.
NetworkChart NetworkPanel::makeChart()
{
    if (!showsForm() && m_runs.empty())
        throw Error(tr("Select a run: its network appears here.").toStdString());
    const QString& problem = showsForm() ? m_formProblem : m_runProblem;
    if (!problem.isEmpty())
        throw Error(problem.toStdString());
    if (!showsForm())
        m_runData.request(m_runSpec.data);
    const DataDesk& desk = showsForm() ? m_formData : m_runData;
    const ExperimentSpec& spec = showsForm() ? m_formSpec : m_runSpec;
    if (!desk.problem().isEmpty())
        throw Error(desk.problem().toStdString());
    const auto image = desk.imageShape(spec.data.augment);
    if (!image)
        return {};
    const Graph graph
        = network(spec.network.id)
              .build(image->withImages(1), desk.data()->classes(), spec.network.params);
    return NetworkChart::of(graph, spec.quant);
}

void NetworkPanel::showChart()
{
    if (!isVisible())
        return;
    QString message = tr("The network appears when the data set is known.");
    try {
        m_chart = makeChart();
    } catch (const std::exception& error) {
        m_chart = {};
        message = QString::fromUtf8(error.what());
    }
    const bool isEmpty = m_chart.nodes.empty();
    m_message->setText(message);
    m_message->setVisible(isEmpty);
    m_view->setVisible(!isEmpty);
    if (m_log)
        m_log->poll(readBudget);
    showValues();
}

void NetworkPanel::showValues()
{
    const ChartMeasureInfo info = measure();
    const LayersReport* report = m_log && !showsForm() ? m_log->latest() : nullptr;
    const auto values = chartValues(m_chart, info.measure, report, showsForm() ? Json() : m_bench);
    const ColorScale scale = scaleOf(info.measure, values);
    std::vector<GraphBox> boxes;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const ChartNode& node = m_chart.nodes[i];
        GraphBox box{.title = node.name,
                     .detail = QStringLiteral("%1 → %2").arg(node.kind, node.shape),
                     .number = values[i] ? chartText(info.measure, *values[i]) : QString(),
                     .value = values[i],
                     .toolTip = {}};
        const bool isWidth
            = info.measure == ChartMeasure::WeightBits || info.measure == ChartMeasure::SourceBits;
        if (isWidth && values[i] && !isCoded(int(*values[i])))
            box.value.reset(); // float: beyond the scale, its word says so
        box.toolTip = boxTip(node, info.title, box.number);
        boxes.push_back(std::move(box));
    }
    std::vector<std::pair<int, int>> edges;
    for (const ChartEdge& edge : m_chart.edges)
        edges.emplace_back(edge.from, edge.to);
    m_view->setGraph(std::move(boxes), edges, scale);
    m_view->select(m_chart.find(m_layer));
    m_scale->setScale(scale, info.title);
    const QString whose = showsForm() || m_runs.empty()
        ? QString()
        : tr("%1. ").arg(m_runs.front()->identity().name);
    m_facts->setText(whose + sourceText());
    updateControls();
}

/// Where the numbers come from, or how to get them.
QString NetworkPanel::sourceText() const
{
    const ChartMeasureInfo info = measure();
    if (!info.needsRun)
        return showsForm()
            ? tr("As the form's quantization makes it; boxes without a number have none.")
            : tr("As the run's spec has it; boxes without a number have none.");
    if (showsForm())
        return tr("The form's experiment has not run: choose the network of the selected run.");
    if (info.measure == ChartMeasure::Time)
        return m_bench.is_null()
            ? tr("Measure time runs the shipped program layer by layer on this machine.")
            : tr("Median of %1 rounds, %2 threads; what runs beside it makes it slower.")
                  .arg(benchRounds)
                  .arg(m_bench.value("threads", 0));
    const LayersReport* report = m_log ? m_log->latest() : nullptr;
    if (!report)
        return tr("The run has recorded nothing of its layers yet (statistics.every).");
    return report->quantizers.empty() ? tr("The run quantizes nothing.")
                                      : tr("As recorded at step %1.").arg(report->step);
}

void NetworkPanel::measureTime()
{
    m_notice->fallSilent();
    m_jobFolder = QString::fromStdString(m_runs.front()->folder().string());
    m_job.start({QStringLiteral("bench"), QStringLiteral("--inference"), QStringLiteral("--model"),
                 m_jobFolder, QStringLiteral("--batch"), QString::number(benchBatch),
                 QStringLiteral("--steps"), QString::number(benchRounds)});
    updateControls();
}

void NetworkPanel::takeTime(const StairJob::Outcome& outcome)
{
    const bool isShown = !m_runs.empty()
        && QString::fromStdString(m_runs.front()->folder().string()) == m_jobFolder;
    if (outcome.code == 0 && isShown) {
        m_bench = outcome.document;
        m_measure->setCurrentIndex(m_measure->count() - 1);
    } else if (outcome.code != 0 && !outcome.isCancelled) {
        m_notice->say(NoticeStrip::Kind::Error, outcome.complaint);
    }
    showValues();
    emit timed();
}

void NetworkPanel::updateControls()
{
    const bool isBusy = m_job.isRunning();
    m_time->setVisible(!isBusy);
    m_time->setEnabled(!m_runs.empty() && !showsForm());
    m_time->setToolTip(m_time->isEnabled() ? tr("Times each layer of the run's shipped program")
                                           : tr("Choose the network of the selected run"));
    m_progress->setVisible(isBusy);
    m_cancel->setVisible(isBusy);
    m_fit->setEnabled(!m_chart.nodes.empty());
}

} // namespace stair
