#pragma once

#include "core/nn/graph.h"
#include "core/quant/quant_spec.h"
#include "core/tensor/grid.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

/// What a quantization will make of one convolution or linear layer, before anything is trained.
struct LayerPlan
{
    std::string name;
    bool isLinear = false;
    bool isDepthwise = false;
    Shape output; // one image
    std::int64_t weights = 0; // without bias and batch norm
    std::int64_t macs = 0; // one image, borders included
    int weightBits = floatBits;
    int sourceBits = floatBits; // of the codes that it reads
    Grid weightGrid; // where weightBits are codes
    Grid sourceGrid;

    bool isInteger() const { return isCoded(weightBits) && isCoded(sourceBits); }

    /// Of the weights, bit-packed.
    double kilobytes() const { return double(weights) * weightBits / 8000; }

    /// macs * weight bits * source bits: the usual measure of cost at mixed widths.
    double bitOperations() const { return double(macs) * weightBits * sourceBits; }
};

struct QuantPlan
{
    std::vector<LayerPlan> layers; // those that reach the logits, in order

    std::int64_t macs() const;
    double kilobytes() const;
    double floatKilobytes() const; // the same weights in 32 bits
    double bitOperations() const;
    double floatBitOperations() const;
    std::vector<std::string> floatLayers() const; // names of those that are outside the proof
};

/// Throws Error as a training would: for widths that the method does not have, patterns that match
/// nothing.
QuantPlan planQuantization(const Graph& graph, const QuantSpec& quant);

} // namespace stair
