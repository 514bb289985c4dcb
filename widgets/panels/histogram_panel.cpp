#include "widgets/panels/histogram_panel.h"

#include "widgets/models/layer_list_model.h"
#include "widgets/panels/layer_curves.h"
#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>

#include <algorithm>

namespace stair {

namespace {

constexpr std::chrono::milliseconds tickBudget{8};

} // namespace

HistogramPanel::~HistogramPanel() = default;

void HistogramPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    std::vector<std::string> methods;
    for (const RunLog* run : runs)
        methods.push_back(run->identity().method);
    const std::vector<RunStyle> styles = runStyles(methods);
    std::vector<Lane> lanes;
    std::vector<LegendBar::Entry> entries;
    m_mapRun->clear();
    for (std::size_t i = 0; i < runs.size(); ++i) {
        Lane lane;
        lane.run = runs[i];
        lane.style = styles[i];
        const auto known = std::ranges::find_if(m_lanes, [&](const Lane& old) {
            return old.log && old.log->folder() == runs[i]->folder();
        });
        lane.log = known != m_lanes.end() ? std::move(known->log)
                                          : std::make_unique<LayerLog>(runs[i]->folder());
        m_mapRun->addItem(runs[i]->identity().name);
        entries.push_back({runs[i]->identity().name, {styles[i].hue, styles[i].dash}});
        lanes.push_back(std::move(lane));
    }
    m_lanes = std::move(lanes);
    m_next = 0;
    m_legend->setEntries(std::move(entries));
    m_mapRun->setVisible(runs.size() > 1 && m_view == View::OverTime);
    takeReports();
    refresh();
    startOver();
}

void HistogramPanel::refresh()
{
    bool changed = false;
    const auto end = std::chrono::steady_clock::now() + tickBudget;
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (i > 0 && left.count() <= 0)
            break;
        LayerLog& log = *m_lanes[m_next++ % m_lanes.size()].log;
        changed |= log.poll(std::max(left, std::chrono::milliseconds(1)));
    }
    if (!changed)
        return;
    takeReports();
    if (isVisible())
        draw();
}

/// The layer list from the newest records. A layer that is gone, or has not come yet, gives way to
/// the first.
void HistogramPanel::takeReports()
{
    std::vector<const LayersReport*> reports;
    for (const Lane& lane : m_lanes) {
        if (lane.log->latest())
            reports.push_back(lane.log->latest());
    }
    m_layers->setReports(reports);
    if (m_layers->rowOf(m_wanted) >= 0)
        showLayer(m_wanted); // the row's mark, too, where the list was built anew
    else if (m_layers->rowOf(m_layer) >= 0)
        showLayer(m_layer);
    else if (m_layers->rowCount() > 0)
        showLayer(m_layers->layer(0));
}

QString HistogramPanel::emptyReason() const
{
    if (m_lanes.empty())
        return tr("Histograms of weights, activations and gradients will appear here.\n"
                  "Select a run in the list, or start one.");
    const bool isReading
        = std::ranges::any_of(m_lanes, [](const Lane& lane) { return lane.log->isBehind(); });
    if (m_layers->rowCount() == 0)
        return isReading
            ? tr("Reading the layers' records …")
            : tr("The first record of the layers will appear here: every “Statistics every” steps "
                 "of training (50 by default; 0 records none).");
    if (m_side == TensorSide::Activations)
        return tr("The activations of %1 are float here, and their values are not recorded.")
            .arg(m_layer);
    return tr("%1 has no record of this kind.").arg(m_layer);
}

void HistogramPanel::startOver()
{
    m_now->startOver();
    m_map->startOver();
    draw();
}

void HistogramPanel::draw()
{
    if (m_view == View::Now)
        drawNow();
    else if (m_view == View::OverTime)
        drawOverTime();
    else {
        std::vector<LayerCurves::Lane> lanes;
        bool hasCurves = false;
        for (const Lane& lane : m_lanes) {
            const LayersReport* latest = lane.log->latest();
            if (!latest)
                continue;
            const std::string trace = traceName(*latest, m_layer.toStdString(), m_side);
            hasCurves |= !lane.log->trace(trace).empty();
            lanes.push_back({lane.run->identity().name, lane.style, lane.log.get(),
                             lane.run->progress().steps});
        }
        m_curves->draw(lanes, m_layer.toStdString(), m_side);
        m_pages->setCurrentWidget(hasCurves ? static_cast<QWidget*>(m_curves)
                                            : m_emptyText->parentWidget());
    }
    m_emptyText->setText(emptyReason());
    m_emptyAction->setVisible(m_lanes.empty() || m_layers->rowCount() > 0);
    m_emptyAction->setText(m_lanes.empty() ? tr("Set up a run") : tr("Show the gradients"));
    showFacts();
}

void HistogramPanel::drawNow()
{
    const std::string layer = m_layer.toStdString();
    std::vector<HistogramSeries> series;
    HistogramGrid grid;
    for (const Lane& lane : m_lanes) {
        const LayersReport* latest = lane.log->latest();
        HistogramSeries one = latest ? layerHistogram(*latest, layer, m_side) : HistogramSeries();
        if (one.counts.empty())
            continue;
        if (grid.levels.empty())
            grid = layerGrid(*latest, layer, m_side);
        one.name = lane.run->identity().name;
        one.hue = lane.style.hue;
        one.dash = lane.style.dash;
        series.push_back(std::move(one));
    }
    const bool isEmpty = series.empty();
    m_now->setOctaves(m_side == TensorSide::Gradients);
    m_now->setXTitle(m_side == TensorSide::Gradients     ? tr("Gradient of the loss by the weight")
                         : m_side == TensorSide::Weights ? tr("Weight")
                                                         : tr("Activation"));
    m_now->setTitle(m_layer.isEmpty() ? tr("Histogram") : tr("%1, newest record").arg(m_layer));
    m_now->setSeries(std::move(series));
    m_now->setGrid(std::move(grid));
    m_now->refresh();
    m_pages->setCurrentWidget(isEmpty ? m_emptyText->parentWidget() : static_cast<QWidget*>(m_now));
}

const HistogramPanel::Lane* HistogramPanel::mapLane() const
{
    const int index = m_mapRun->currentIndex();
    return index >= 0 && index < int(m_lanes.size()) ? &m_lanes[std::size_t(index)] : nullptr;
}

void HistogramPanel::drawOverTime()
{
    HeatMapCells cells;
    if (const Lane* lane = mapLane())
        cells = layerOverTime(lane->log->kept(), m_layer.toStdString(), m_side);
    const bool isEmpty = cells.steps.empty();
    m_map->setOctaves(m_side == TensorSide::Gradients);
    m_map->setYTitle(m_side == TensorSide::Gradients     ? tr("Gradient")
                         : m_side == TensorSide::Weights ? tr("Weight")
                                                         : tr("Activation (steps)"));
    m_map->setTitle(m_layer.isEmpty() ? tr("Over time") : tr("%1 over time").arg(m_layer));
    m_map->setCells(std::move(cells));
    m_map->refresh();
    m_pages->setCurrentWidget(isEmpty ? m_emptyText->parentWidget() : static_cast<QWidget*>(m_map));
}

void HistogramPanel::showFacts()
{
    const Lane* shown = nullptr; // the first that is quantized, or the first
    for (const Lane& lane : m_lanes) {
        if (lane.log->latest()
            && (!shown || (shown->run->identity().isFloat() && !lane.run->identity().isFloat())))
            shown = &lane;
    }
    std::vector<LayerFact> facts;
    if (shown && !m_layer.isEmpty())
        facts = layerFacts(*shown->log->latest(), m_layer.toStdString(), m_side);
    if (!facts.empty() && m_lanes.size() > 1)
        facts.front().text.prepend(tr("%1: ").arg(shown->run->identity().name));
    for (std::size_t i = 0; i < m_facts.size(); ++i) {
        m_facts[i]->setText(i < facts.size() ? facts[i].text : QString());
        m_facts[i]->setToolTip(i < facts.size() ? facts[i].tip : QString());
    }
}

} // namespace stair
