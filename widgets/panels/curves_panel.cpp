#include "widgets/panels/curves_panel.h"

#include "core/session/run_folder.h"
#include "core/session/seed_groups.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/cursor_table.h"
#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>

#include <algorithm>
#include <utility>

namespace stair {

using Mark = CurveStyle::Mark;

namespace {

constexpr std::chrono::milliseconds layerBudget{8}; // a tick

/// What two names have in common, up to the last whole word.
QString commonStart(const QString& a, const QString& b)
{
    qsizetype same = 0;
    while (same < std::min(a.size(), b.size()) && a[same] == b[same])
        ++same;
    if (same == a.size() && same == b.size())
        return a;
    while (same > 0 && a[same - 1].isLetterOrNumber())
        --same;
    return a.left(same);
}

} // namespace

CurvesPanel::~CurvesPanel() = default;

void CurvesPanel::resizeEvent(QResizeEvent* event)
{
    constexpr double wide = 1.8; // two plots of half the width are then the better shape
    m_plots->setDirection(width() > wide * height() ? QBoxLayout::LeftToRight
                                                    : QBoxLayout::TopToBottom);
    QWidget::resizeEvent(event);
}

void CurvesPanel::setSmoothing(int steps)
{
    m_smoothing->setCurrentIndex(std::max(0, m_smoothing->findData(steps)));
}

void CurvesPanel::setSeedBand(SeedBand band)
{
    m_seeds->setCurrentIndex(std::max(0, m_seeds->findData(int(band))));
}

SeedBand CurvesPanel::seedBand() const
{
    return SeedBand(m_seeds->currentData().toInt());
}

void CurvesPanel::setQuantity(int plot, const QString& id)
{
    QComboBox* box = m_slots[std::size_t(plot)].quantity;
    box->setCurrentIndex(std::max(0, box->findData(id)));
}

Json CurvesPanel::choices() const
{
    Json quantities = Json::array();
    for (const Slot& slot : m_slots)
        quantities.push_back(slot.quantity->currentData().toString().toStdString());
    return {{"quantities", std::move(quantities)},
            {"smoothing", m_smoothing->currentData().toInt()},
            {"seeds", int(seedBand())},
            {"log_steps", m_logSteps->isChecked()},
            {"log_values", m_logValues->isChecked()}};
}

void CurvesPanel::setChoices(const Json& choices)
{
    const auto quantities = choices.at("quantities").get<std::array<std::string, 2>>();
    const int smoothing = choices.at("smoothing").get<int>();
    const SeedBand seeds = SeedBand(choices.at("seeds").get<int>());
    const bool logSteps = choices.at("log_steps").get<bool>();
    const bool logValues = choices.at("log_values").get<bool>();
    m_setting = true;
    for (int plot = 0; plot < 2; ++plot)
        setQuantity(plot, QString::fromStdString(quantities[std::size_t(plot)]));
    setSmoothing(smoothing);
    setSeedBand(seeds);
    m_logSteps->setChecked(logSteps);
    m_logValues->setChecked(logValues);
    m_setting = false;
}

/// After every change of a choice.
void CurvesPanel::settle()
{
    const Json before = std::exchange(m_choices, choices());
    if (!m_setting && before != m_choices)
        emit choicesEdited(before, m_choices);
    emit choicesChanged();
}

void CurvesPanel::setXRange(double from, double to)
{
    for (Slot& slot : m_slots)
        slot.plot->setXRange(from, to);
}

void CurvesPanel::goLive()
{
    for (Slot& slot : m_slots)
        slot.plot->goLive();
}

void CurvesPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    std::vector<std::string> methods;
    for (const RunLog* run : runs)
        methods.push_back(run->identity().method);
    const std::vector<RunStyle> styles = runStyles(methods);
    std::vector<Lane> lanes;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        Lane lane = {runs[i], styles[i], runs[i]->identity().name, methods[i], nullptr};
        for (Lane& old : m_lanes) {
            if (old.layers && old.layers->folder() == runs[i]->folder())
                lane.layers = std::move(old.layers);
        }
        lanes.push_back(std::move(lane));
    }
    m_lanes = std::move(lanes);
    m_next = 0;
    setUpCurves();
    goLive();
}

void CurvesPanel::setUpCurves()
{
    for (Lane& lane : m_lanes) {
        if (!showsLayers())
            lane.layers.reset();
        else if (!lane.layers)
            lane.layers = std::make_unique<LayerLog>(lane.run->folder());
    }
    m_groups = groups();
    for (Slot& slot : m_slots)
        setUpSlot(slot);
    fillLegend();
    refresh();
}

void CurvesPanel::setUpSlot(Slot& slot)
{
    std::vector<CurveLane> lanes;
    for (const Lane& lane : m_lanes)
        lanes.push_back({lane.run, lane.style, lane.layers.get()});
    const CurveQuantity& quantity = curveQuantity(slot.quantity->currentData().toString());
    const QString layer = m_layer->currentText();
    slot.curves->setUp(quantity, std::move(lanes), m_groups, seedBand(), layer.toStdString(),
                       m_smoothing->currentData().toDouble());
    slot.plot->setTitle(quantity.isOfLayer() && !layer.isEmpty()
                            ? tr("%1, %2").arg(quantity.title, layer)
                            : quantity.title);
    slot.quantity->setToolTip(quantity.tip);
    slot.plot->setMeaning(quantity.tip);
}

void CurvesPanel::setUpAgain(Slot& slot)
{
    for (Lane& lane : m_lanes) {
        if (showsLayers() && !lane.layers)
            lane.layers = std::make_unique<LayerLog>(lane.run->folder());
    }
    setUpSlot(slot);
    fillLegend();
    refresh();
    if (slot.plot->isLive())
        slot.plot->goLive();
    else
        slot.plot->fitValues();
}

/// Empty unless means are wanted: it reads every run's spec.
std::vector<SeedGroup> CurvesPanel::groups() const
{
    std::vector<SeedGroup> groups;
    if (seedBand() == SeedBand::None || m_lanes.size() < 2)
        return groups;
    std::vector<Json> specs;
    for (const Lane& lane : m_lanes) {
        try {
            specs.push_back(RunFolder::open(lane.run->folder()).spec().toJson());
        } catch (const std::exception&) { // the run list says why
            specs.emplace_back(nullptr);
        }
    }
    for (const std::vector<std::size_t>& group : seedGroups(specs))
        groups.push_back({groupName(group), group});
    return groups;
}

QString CurvesPanel::groupName(const std::vector<std::size_t>& lanes) const
{
    QString name = m_lanes[lanes.front()].name;
    for (const std::size_t lane : lanes)
        name = commonStart(name, m_lanes[lane].name);
    while (!name.isEmpty() && !name.back().isLetterOrNumber())
        name.chop(1);
    if (name.endsWith(QLatin1String("seed"), Qt::CaseInsensitive))
        name = name.chopped(4).trimmed();
    while (!name.isEmpty() && (name.back() == u',' || name.back() == u' '))
        name.chop(1);
    return name.isEmpty() ? methodText(m_lanes[lanes.front()].run->identity()) : name;
}

bool CurvesPanel::showsLayers() const
{
    return std::ranges::any_of(m_slots, [](const Slot& slot) {
        return curveQuantity(slot.quantity->currentData().toString()).isOfLayer();
    });
}

bool CurvesPanel::identityChanged() const
{
    return std::ranges::any_of(m_lanes, [](const Lane& lane) {
        return lane.name != lane.run->identity().name || lane.method != lane.run->identity().method;
    });
}

/// Reads what is new in the layers' logs for a few milliseconds; true when anything is.
bool CurvesPanel::pollLayers()
{
    if (!showsLayers())
        return false;
    bool changed = false;
    const auto end = std::chrono::steady_clock::now() + layerBudget;
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (i > 0 && left.count() <= 0)
            break;
        LayerLog& log = *m_lanes[m_next++ % m_lanes.size()].layers;
        changed |= log.poll(std::max(left, std::chrono::milliseconds(1)));
    }
    return changed;
}

/// The layers that any run has, in the network's order.
void CurvesPanel::showLayers()
{
    m_layer->setVisible(showsLayers());
    for (const Lane& lane : m_lanes) {
        if (!lane.layers || !lane.layers->latest())
            continue;
        for (const LayerParts& parts : layerParts(*lane.layers->latest())) {
            const QString name = QString::fromStdString(parts.name);
            if (m_layer->findText(name) < 0)
                m_layer->addItem(name);
        }
    }
}

void CurvesPanel::selectLayer(const QString& layer)
{
    if (layer.isEmpty() || layer == m_layer->currentText())
        return;
    if (m_layer->findText(layer) < 0)
        m_layer->addItem(layer);
    m_layer->setCurrentText(layer);
}

void CurvesPanel::refresh()
{
    if (pollLayers())
        showLayers();
    for (Slot& slot : m_slots)
        slot.curves->refresh();
    m_cursors->refresh();
    if (isSoft() != m_isSoft)
        fillLegend();
}

bool CurvesPanel::isSoft() const
{
    return std::ranges::any_of(m_lanes, [](const Lane& lane) {
        const std::vector<EvaluationPoint>& evaluations = lane.run->evaluations();
        return !evaluations.empty() && evaluations.back().blended;
    });
}

void CurvesPanel::fillLegend()
{
    m_isSoft = isSoft();
    std::vector<LegendBar::Entry> marks;
    const auto add = [&](const QString& text, Mark mark) {
        const bool isThere = std::ranges::any_of(
            marks, [mark](const LegendBar::Entry& entry) { return entry.style.mark == mark; });
        if (!isThere && (mark != Mark::Diamond || m_isSoft))
            marks.push_back({text, {0, 0, mark}});
    };
    for (const Slot& slot : m_slots) {
        const CurveQuantity& quantity = curveQuantity(slot.quantity->currentData().toString());
        if (quantity.ofStep && quantity.isNoisy)
            add(tr("batch, smoothed"), Mark::Line);
        for (const CurveTrack& track : quantity.evaluations)
            add(track.what, track.mark);
    }
    if (seedBand() != SeedBand::None && m_groups.empty() && !m_lanes.empty())
        marks.push_back(
            {tr("No two of these runs differ in their seed alone"), {0, 0, Mark::None}});
    m_marks->setEntries(std::move(marks));
    std::vector<LegendBar::Entry> means;
    for (const SeedGroup& group : m_groups) {
        const RunStyle style = m_lanes[group.lanes.front()].style;
        means.push_back({seedGroupText(group, seedBand()), {style.hue, style.dash, Mark::Line}});
    }
    m_groupMarks->setVisible(!means.empty());
    m_groupMarks->setEntries(std::move(means));
}

} // namespace stair
