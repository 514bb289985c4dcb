#pragma once

#include "core/session/event_tail.h"
#include "core/train/observer.h"

#include <chrono>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace stair {

/// One layer's rows in a LayersReport; -1 where it has none. The activations are those of its output.
struct LayerParts
{
    std::string name; // "stage1.conv1"
    int weight = -1; // in quantizers
    int gradient = -1; // in gradients
    std::vector<int> activations; // in quantizers
};

/// The report's layers in the network's order.
std::vector<LayerParts> layerParts(const LayersReport& report);

/// A layer's row of parts; nullptr when it has none.
const LayerParts* findLayer(const std::vector<LayerParts>& parts, const std::string& name);

/// What is followed of one tensor over the steps.
struct TracePoint
{
    double step = 0;
    double stepSize = std::numeric_limits<double>::quiet_NaN(); // these of quantizers alone
    double sqnr = std::numeric_limits<double>::quiet_NaN(); // dB
    double meanSquaredError = std::numeric_limits<double>::quiet_NaN();
    double cosine = std::numeric_limits<double>::quiet_NaN();
    double masked = std::numeric_limits<double>::quiet_NaN(); // share
    double saturated = 0; // shares
    double zero = 0;
    double unused = 0; // levels that no value took, of all
    double flips = std::numeric_limits<double>::quiet_NaN(); // weights alone
    double norm = std::numeric_limits<double>::quiet_NaN(); // gradients alone
};

/// Follows a run's layers.jsonl. Keeps the newest record, at most mostKept records evenly over the run,
/// and the traces of at most mostTraced: a long run is thinned, not cut.
class LayerLog
{
public:
    static constexpr std::size_t mostKept = 128;
    static constexpr std::size_t mostTraced = 1024;

    enum class Depth
    {
        Newest, // the newest record alone: parses little
        Whole
    };

    explicit LayerLog(std::filesystem::path folder, Depth depth = Depth::Whole);

    std::filesystem::path folder() const { return m_file.parent_path(); }

    /// Reads what is new for at most about `budget`; true when anything changed.
    bool poll(std::chrono::milliseconds budget);

    /// Whether the file holds more than was read yet.
    bool isBehind() const { return m_behind; }

    /// Grows whenever what was read before no longer holds.
    int generation() const { return m_generation; }

    const LayersReport* latest() const { return m_latest.step > 0 ? &m_latest : nullptr; }

    /// Oldest first, evenly spaced; grows, and shrinks to half when full.
    const std::vector<LayersReport>& kept() const { return m_kept; }

    /// Points of a quantizer or of a weight's gradient, by the name in the record; empty: unknown.
    /// Grows, and shrinks to half when full.
    const std::vector<TracePoint>& trace(const std::string& name) const;

private:
    void restart();
    void take(std::string_view line);
    void keep();
    void follow();
    void thinTraces();

    std::filesystem::path m_file;
    EventTail m_tail;
    Depth m_depth;
    bool m_behind = false;
    int m_generation = 0;
    std::size_t m_lines = 0; // seen, read or not
    std::size_t m_readEvery = 0; // lines; 0: not decided yet
    std::string m_newest; // a line that was passed over: read when it stays the last
    LayersReport m_latest;
    std::vector<LayersReport> m_kept;
    std::size_t m_keepEvery = 1; // records
    std::size_t m_records = 0;
    std::map<std::string, std::vector<TracePoint>> m_traces;
    std::size_t m_followEvery = 1; // records
};

} // namespace stair
