#pragma once

#include "core/base/json.h"
#include "core/nn/graph.h"
#include "core/quant/quant_spec.h"
#include "core/train/observer.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace stair {

/// A layer, join or pool of a network as a box of its chart.
struct ChartNode
{
    QString name; // of the layer: what is selected
    QString result; // the name of what it gives
    QString kind; // "3×3 conv", "join", "max pool"
    QString shape; // of the result, "16×16×32"
    int weightBits = 0; // 0: no weights
    int sourceBits = 0; // of the codes that it reads; 0: several, or the image's bytes
};

struct ChartEdge
{
    int from = 0;
    int to = 0;
    bool isSkip = false; // to a join's other side
};

/// A network's boxes in an order in which they are computed. Empty: unknown.
struct NetworkChart
{
    std::vector<ChartNode> nodes;
    std::vector<ChartEdge> edges;

    /// Throws Error as a training would.
    static NetworkChart of(const Graph& graph, const QuantSpec& quant);

    /// The box of a layer, named by its own or its result's name; -1 when there is none.
    int find(const QString& name) const;
};

/// What the boxes may be coloured by.
enum class ChartMeasure
{
    WeightBits,
    SourceBits,
    WeightSqnr,
    ResultSqnr,
    WeightSaturation,
    ResultSaturation,
    Time,
};

struct ChartMeasureInfo
{
    ChartMeasure measure;
    QString title; // with the unit
    QString help;
    bool needsRun = true;
};

/// In the order of the list that the user chooses from.
std::vector<ChartMeasureInfo> chartMeasures();

/// A value for each box, or nothing where it has none. `report`: of a run's layers.jsonl, may be null;
/// `bench`: of `stair bench --inference`, may be null.
std::vector<std::optional<double>> chartValues(const NetworkChart& chart, ChartMeasure measure,
                                               const LayersReport* report, const Json& bench);

/// "4", "21.3", "0.07": as the box and the scale show it.
QString chartText(ChartMeasure measure, double value);

} // namespace stair
