#include "widgets/models/layer_log.h"

#include "core/session/event_lines.h"

#include <algorithm>

namespace stair {

namespace {

/// "stage1.conv1" of "stage1.conv1.weight.step"; the name itself where it does not end so.
std::string withoutEnd(const std::string& name, std::string_view end)
{
    return name.ends_with(end) ? name.substr(0, name.size() - end.size()) : name;
}

TracePoint pointOf(double step, const QuantizerReport& report)
{
    TracePoint point;
    point.step = step;
    point.stepSize = report.step;
    point.sqnr = report.sqnr;
    point.meanSquaredError = report.meanSquaredError;
    point.cosine = report.cosine;
    point.masked = report.masked;
    point.saturated = report.saturated;
    point.zero = report.zero;
    if (report.gridLevels > 0)
        point.unused = 1 - double(report.levelsUsed) / report.gridLevels;
    if (report.flips)
        point.flips = *report.flips;
    return point;
}

} // namespace

std::vector<LayerParts> layerParts(const LayersReport& report)
{
    std::vector<LayerParts> parts;
    const auto at = [&](const std::string& name) -> LayerParts& {
        const auto known = std::ranges::find(parts, name, &LayerParts::name);
        return known != parts.end() ? *known : parts.emplace_back(LayerParts{name, -1, -1, {}});
    };
    // Quantizers come in the network's order, a layer's weights before its output.
    std::string last;
    for (std::size_t i = 0; i < report.quantizers.size(); ++i) {
        const QuantizerReport& quantizer = report.quantizers[i];
        if (quantizer.kind == "weight") {
            last = withoutEnd(quantizer.name, ".weight.step");
            at(last).weight = int(i);
        } else {
            // A second view of an output (another width, a pool behind it) is a row of its own.
            const bool isFirst = !last.empty() && at(last).activations.empty();
            at(isFirst ? last : withoutEnd(quantizer.name, ".step")).activations.push_back(int(i));
        }
    }
    for (std::size_t i = 0; i < report.gradients.size(); ++i)
        at(withoutEnd(report.gradients[i].name, ".weight")).gradient = int(i);
    return parts;
}

const LayerParts* findLayer(const std::vector<LayerParts>& parts, const std::string& name)
{
    const auto found = std::ranges::find(parts, name, &LayerParts::name);
    return found != parts.end() ? &*found : nullptr;
}

LayerLog::LayerLog(std::filesystem::path folder, Depth depth)
    : m_file(folder / "layers.jsonl")
    , m_tail(m_file)
    , m_depth(depth)
{
}

void LayerLog::restart()
{
    m_lines = 0;
    m_readEvery = 0;
    m_newest.clear();
    m_latest = {};
    m_kept.clear();
    m_keepEvery = 1;
    m_records = 0;
    m_traces.clear();
    m_followEvery = 1;
    ++m_generation;
}

bool LayerLog::poll(std::chrono::milliseconds budget)
{
    bool changed = false;
    m_behind = m_tail.poll({.restart =
                                [&] {
                                    restart();
                                    changed = true;
                                },
                            .line =
                                [&](std::string_view line) {
                                    take(line);
                                    changed = true;
                                }},
                           budget);
    if (!m_behind && !m_newest.empty()) {
        const LayersReport newest = layersOf(Json::parse(m_newest, nullptr, false));
        m_newest.clear();
        if (newest.step > m_latest.step)
            m_latest = newest;
    }
    return changed;
}

void LayerLog::take(std::string_view line)
{
    if (m_readEvery == 0) {
        // Of a long log that is there already only so many lines are parsed.
        std::error_code error;
        const auto size = std::filesystem::file_size(m_file, error);
        const std::size_t lines = error ? 1 : std::size_t(size / (line.size() + 1));
        m_readEvery = std::max<std::size_t>(1, lines / mostTraced);
    }
    if (m_lines++ % m_readEvery != 0 || m_depth == Depth::Newest) {
        m_newest = line;
        return;
    }
    m_newest.clear();
    const Json json = Json::parse(line, nullptr, false);
    LayersReport report = layersOf(json);
    if (report.step <= 0)
        return; // a damaged line
    m_latest = std::move(report);
    keep();
    follow();
    ++m_records;
}

void LayerLog::keep()
{
    if (m_records % m_keepEvery != 0)
        return;
    m_kept.push_back(m_latest);
    if (m_kept.size() <= mostKept)
        return;
    std::size_t next = 0; // every second stays, the first among them
    for (std::size_t i = 0; i < m_kept.size(); i += 2)
        std::swap(m_kept[next++], m_kept[i]);
    m_kept.resize(next);
    m_keepEvery *= 2;
    ++m_generation;
}

void LayerLog::follow()
{
    if (m_records % m_followEvery != 0)
        return;
    const auto step = double(m_latest.step);
    for (const QuantizerReport& quantizer : m_latest.quantizers)
        m_traces[quantizer.name].push_back(pointOf(step, quantizer));
    for (const GradientReport& gradient : m_latest.gradients) {
        TracePoint point;
        point.step = step;
        point.norm = gradient.norm;
        m_traces[gradient.name].push_back(point);
    }
    if (std::ranges::any_of(m_traces,
                            [](const auto& trace) { return trace.second.size() > mostTraced; }))
        thinTraces();
}

/// Every second point stays, the first among them.
void LayerLog::thinTraces()
{
    for (auto& [name, trace] : m_traces) {
        for (std::size_t i = 0; 2 * i < trace.size(); ++i)
            trace[i] = trace[2 * i];
        trace.resize((trace.size() + 1) / 2);
    }
    m_followEvery *= 2;
    ++m_generation;
}

const std::vector<TracePoint>& LayerLog::trace(const std::string& name) const
{
    static const std::vector<TracePoint> none;
    const auto found = m_traces.find(name);
    return found != m_traces.end() ? found->second : none;
}

} // namespace stair
