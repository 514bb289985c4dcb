#include "widgets/panels/run_curves.h"

#include "core/analysis/seed_statistics.h"
#include "widgets/plot/line_plot.h"

#include <QCoreApplication>

#include <algorithm>
#include <limits>

namespace stair {

using Mark = CurveStyle::Mark;

namespace {

constexpr int linePlace = -1; // the batches' smoothed line among a source's curves

QString tr(const char* text)
{
    return QCoreApplication::translate("RunCurves", text);
}

} // namespace

QString seedGroupText(const SeedGroup& group, SeedBand band)
{
    const QString text = band == SeedBand::Interval
        ? tr("%1, N = %2: mean, 95 % interval of the mean")
        : tr("%1, N = %2: mean ± standard deviation");
    return text.arg(group.name).arg(group.lanes.size());
}

void RunCurves::setUp(const CurveQuantity& quantity, std::vector<CurveLane> lanes,
                      std::vector<SeedGroup> groups, SeedBand band, const std::string& layer,
                      double smoothing)
{
    m_quantity = quantity;
    m_lanes = std::move(lanes);
    m_groups = band == SeedBand::None ? std::vector<SeedGroup>() : std::move(groups);
    m_band = band;
    m_layer = layer;
    m_smoothing = quantity.isNoisy ? smoothing : 0;
    m_sources.clear();
    m_means.clear();
    m_plot.removeCurves();
    m_plot.setYAxis(quantity.yTitle, quantity.yEnd);
    // Drawn one over the other: bands, single runs of groups, other runs, means.
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        for (int place = linePlace; place < int(quantity.evaluations.size()); ++place) {
            Mean mean;
            mean.group = int(group);
            m_means.push_back(std::move(mean));
            m_means.back().band = m_plot.addBand(QString(), 0);
        }
    }
    std::vector<std::size_t> order;
    for (const SeedGroup& group : m_groups)
        order.insert(order.end(), group.lanes.begin(), group.lanes.end());
    for (std::size_t lane = 0; lane < m_lanes.size(); ++lane) {
        if (std::ranges::find(order, lane) == order.end())
            order.push_back(lane);
    }
    for (const std::size_t lane : order)
        addSource(lane);
    addMeans();
}

void RunCurves::addSource(std::size_t lane)
{
    Source source;
    source.lane = m_lanes[lane];
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        const std::vector<std::size_t>& members = m_groups[group].lanes;
        if (std::ranges::find(members, lane) == members.end())
            continue;
        source.group = int(group);
        source.lane.style = m_lanes[members.front()].style;
    }
    const bool isMember = source.group >= 0;
    if (m_quantity.ofStep && !isMember && m_smoothing > 0)
        source.raw = addCurve(source, tr("batch"), Mark::Faint);
    if (m_quantity.ofStep)
        source.line = addCurve(source, m_smoothing > 0 ? tr("batch, smoothed") : tr("batch"),
                               isMember ? Mark::Thin : Mark::Line);
    else if (m_quantity.isOfLayer())
        source.line = addCurve(source, m_quantity.title, isMember ? Mark::Thin : Mark::Line);
    for (const CurveTrack& track : m_quantity.evaluations)
        source.evaluations.push_back(
            addCurve(source, track.what, isMember ? Mark::Thin : track.mark));
    m_sources.push_back(std::move(source));
}

int RunCurves::addCurve(const Source& source, const QString& what, Mark mark)
{
    const RunStyle style = source.lane.style;
    const QString& run = source.lane.run->identity().name;
    const QString name = tr("%1, %2").arg(run, what);
    // At its end stands what tells it from the others.
    const QString label = m_lanes.size() == 1 ? what : m_quantity.evaluations.empty() ? run : name;
    return m_plot.addCurve(name, {style.hue, style.dash, mark}, label);
}

/// The curves of each mean; the bands are there already.
void RunCurves::addMeans()
{
    const std::size_t places = m_quantity.evaluations.size() + 1;
    for (std::size_t i = 0; i < m_means.size(); ++i) {
        Mean& mean = m_means[i];
        const int place = int(i % places) + linePlace;
        const SeedGroup& group = m_groups[std::size_t(mean.group)];
        const RunStyle style = m_lanes[group.lanes.front()].style;
        const CurveTrack* track = place < 0 ? nullptr : &m_quantity.evaluations[std::size_t(place)];
        const QString what = track   ? track->what
            : m_quantity.isOfLayer() ? m_quantity.title
                                     : tr("batch");
        const QString name = tr("%1, %2").arg(seedGroupText(group, m_band), what);
        for (const Source& source : m_sources) {
            if (source.group == mean.group)
                mean.members.push_back(track ? source.evaluations[std::size_t(place)]
                                             : source.line);
        }
        mean.next.assign(mean.members.size(), 0);
        mean.curve
            = m_plot.addCurve(name, {style.hue, style.dash, track ? track->mark : Mark::Line},
                              tr("%1, %2").arg(group.name, what));
        m_plot.setBand(mean.band, name, style.hue);
    }
}

void RunCurves::restart(Source& source)
{
    for (const int curve : {source.raw, source.line}) {
        if (curve >= 0)
            m_plot.clear(curve);
    }
    for (const int curve : source.evaluations)
        m_plot.clear(curve);
    source.points = 0;
    source.evaluated = 0;
    source.smoother = Smoother(m_smoothing);
    source.generation = source.lane.run->generation();
    source.layerGeneration = source.lane.layers ? source.lane.layers->generation() : -1;
    for (Mean& mean : m_means) {
        if (mean.group != source.group)
            continue;
        m_plot.clear(mean.curve);
        m_plot.clearBand(mean.band);
        std::ranges::fill(mean.next, 0);
    }
}

void RunCurves::takeSteps(Source& source)
{
    const std::vector<StepPoint>& steps = source.lane.run->steps();
    for (; source.points < steps.size(); ++source.points) {
        const StepPoint& point = steps[source.points];
        const double value = m_quantity.ofStep(point);
        if (source.raw >= 0)
            m_plot.append(source.raw, point.step, value);
        m_plot.append(source.line, point.step, source.smoother.add(value));
    }
}

void RunCurves::takeTrace(Source& source)
{
    const LayersReport* latest = source.lane.layers ? source.lane.layers->latest() : nullptr;
    if (!latest)
        return;
    const std::vector<TracePoint>& trace
        = source.lane.layers->trace(traceName(*latest, m_layer, m_quantity.side));
    for (; source.points < trace.size(); ++source.points)
        m_plot.append(source.line, trace[source.points].step,
                      m_quantity.ofTrace(trace[source.points]));
}

void RunCurves::takeEvaluations(Source& source)
{
    const std::vector<EvaluationPoint>& evaluations = source.lane.run->evaluations();
    for (; source.evaluated < evaluations.size(); ++source.evaluated) {
        const EvaluationPoint& point = evaluations[source.evaluated];
        for (std::size_t i = 0; i < source.evaluations.size(); ++i) {
            if (const auto value = m_quantity.evaluations[i].value(point))
                m_plot.append(source.evaluations[i], point.step, *value);
        }
    }
}

/// Goes on to the last step that all members have.
void RunCurves::extend(Mean& mean)
{
    if (std::ranges::any_of(mean.members, [](int curve) { return curve < 0; }))
        return;
    std::vector<double> values(mean.members.size());
    for (;;) {
        double x = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < mean.members.size(); ++i) {
            const auto& points = m_plot.points(mean.members[i]);
            if (mean.next[i] >= points.size())
                return;
            x = std::max(x, points[mean.next[i]].x);
        }
        bool haveAll = true;
        for (std::size_t i = 0; i < mean.members.size(); ++i) {
            const auto& point = m_plot.points(mean.members[i])[mean.next[i]];
            values[i] = point.y;
            if (point.x < x) {
                haveAll = false;
                ++mean.next[i];
            }
        }
        if (!haveAll)
            continue;
        for (std::size_t& next : mean.next)
            ++next;
        const SeedStatistics seeds = seedStatistics(values);
        const double half = m_band == SeedBand::Interval ? seeds.interval95 : seeds.deviation;
        m_plot.append(mean.curve, x, seeds.mean);
        m_plot.appendBand(mean.band, x, seeds.mean - half, seeds.mean + half);
    }
}

void RunCurves::refresh()
{
    double limit = 0;
    for (Source& source : m_sources) {
        const bool isNew = source.generation != source.lane.run->generation()
            || (source.lane.layers && source.layerGeneration != source.lane.layers->generation());
        if (isNew)
            restart(source);
        if (m_quantity.ofStep)
            takeSteps(source);
        else if (m_quantity.isOfLayer())
            takeTrace(source);
        takeEvaluations(source);
        limit = std::max(limit, source.lane.run->progress().steps);
    }
    for (Mean& mean : m_means)
        extend(mean);
    m_plot.setXLimit(limit);
    m_plot.refresh();
}

} // namespace stair
