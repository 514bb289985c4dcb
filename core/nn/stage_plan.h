#pragma once

#include "core/nn/graph.h"
#include "core/ops/activation.h"
#include "core/ops/move.h"
#include "core/quant/quant_spec.h"
#include "core/tensor/grid.h"

#include <optional>
#include <string>
#include <vector>

namespace stair {

/// What a stage computes before its epilogue.
enum class Compute
{
    Image, // bytes to codes or floats, by a table
    Conv, // convolution or linear layer
    SumPool, // average pooling; the division is in the multiplier
    Copy, // the source itself: batch norm, activation or join without a layer before it
    Concat, // the channels of several sources, each of its own step
    Add, // several sources of one quantizer, summed as codes: a join of the policy `shared`
    Move, // moves codes or floats as they are; no epilogue
};

/// One form in which readers take a stage's result: codes of one width, IEEE halves or floats.
struct View
{
    int bits = floatBits;
    Grid grid; // when not float
    int movedFrom = -1; // Move: the source's view that this one moves
    int group = -1; // the joins whose quantizer this is (join_groups.h); -1: one of its own

    bool isFloat() const { return !isCoded(bits); } // computed in f32, halves too
};

/// A stage's result in one of its views.
struct Reading
{
    int stage = -1;
    int view = 0;

    bool operator==(const Reading&) const = default;
};

/// A run of the graph's nodes that is computed at once: layer, [pool], [batch norm or bias],
/// [join], [activation], and the quantizers of its readers. Training, lowering and inference all
/// walk the same stages, which is why their integers agree.
struct Stage
{
    std::string name; // of its first node: "stage1.block0.conv1"
    std::string outputName; // of its last node: "stage1.block0.relu1"
    Compute compute = Compute::Conv;
    Reading source; // not of a concat or sum
    std::vector<Reading> parts; // Concat, Add: its sources in order
    ConvGeometry conv;
    SumWindow sum;
    Move move;
    int weightBits = floatBits; // Conv
    bool hasBias = false;
    std::string normName; // batch norm's node; empty without one
    std::optional<PoolGeometry> poolBefore; // maximum over the accumulators, before the batch norm
    std::optional<Reading> skip; // the join's other side
    Activation activation;
    bool isAuxiliary = false; // nothing of it reaches the logits: for training alone
    bool isSigned = true; // whether the result may be negative
    Shape computed; // one image: what the layer gives
    Shape output; // one image: what the readers see
    std::vector<View> views;

    bool hasEpilogue() const { return compute != Compute::Move; }

    /// All that the stage reads: source or parts, and the skip.
    std::vector<Reading> readings() const;
};

/// Stages in an order in which they can be computed; the first is the image, the last gives the
/// logits in float.
std::vector<Stage> planStages(const Graph& graph, const QuantSpec& quant);

/// The stage of the auxiliary head's logits, in float as well; -1 without such a head.
int auxiliaryOutput(const std::vector<Stage>& stages);

} // namespace stair
