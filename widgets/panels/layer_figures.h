#pragma once

#include "widgets/models/layer_log.h"
#include "widgets/plot/heat_map.h"
#include "widgets/plot/histogram_plot.h"

#include <QString>

#include <vector>

namespace stair {

/// Which of a layer's tensors is looked at.
enum class TensorSide
{
    Weights,
    Activations,
    Gradients
};

/// The quantizer of that side in the report; null: float, or gradients.
const QuantizerReport* quantizerOf(const LayersReport& report, const std::string& layer,
                                   TensorSide side);

/// The name under which LayerLog traces that side; empty: it does not.
std::string traceName(const LayersReport& report, const std::string& layer, TensorSide side);

/// The codes of the quantizer's grid, ascending.
std::vector<int> gridCodes(const QuantizerReport& quantizer);

/// Counts and edges of one layer at one moment: real values, or octaves for gradients. Empty where the
/// record has none. Name and style are the caller's.
HistogramSeries layerHistogram(const LayersReport& report, const std::string& layer,
                               TensorSide side);

/// Levels, their counts and the clip lines in the same units; empty without a grid.
HistogramGrid layerGrid(const LayersReport& report, const std::string& layer, TensorSide side);

/// All kept moments in the bins of the last: activations over their step, so that the grid stands still.
HeatMapCells layerOverTime(const std::vector<LayersReport>& kept, const std::string& layer,
                           TensorSide side);

/// One number about a tensor with its unit, and where it comes from.
struct LayerFact
{
    QString text;
    QString tip;
};
std::vector<LayerFact> layerFacts(const LayersReport& report, const std::string& layer,
                                  TensorSide side);

} // namespace stair
