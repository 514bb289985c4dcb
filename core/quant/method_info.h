#pragma once

#include "core/base/params.h"
#include "core/quant/axes.h"
#include "core/quant/gradient_quantizer.h"
#include "core/quant/range_search.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stair {

struct BitRange
{
    int least = 2;
    int most = 8;

    bool has(int bits) const { return bits >= least && bits <= most; }
};

/// The layer that a gradient quantizer serves.
struct GradientPlace
{
    int channels = 1; // of its output
    bool isEnd = false; // the network's first or last layer
};

/// What is found out from training images before the first quantized step: see
/// core/train/calibration.h.
struct CalibrationPlan
{
    RangeOptions ranges;
    int images = 512;
    bool correctsBias = true;
};

/// How often training estimates lambda from the Hessian's trace: see core/nn/curvature.h.
struct CurvaturePlan
{
    int refresh = 10; // epochs
    int vectors = 8; // Rademacher vectors a batch
    int batches = 3; // the paper's number for CIFAR
};

/// A parameter's value that a method cannot work with.
struct ParamFault
{
    std::string name; // of the parameter
    std::string text; // "the formula '1/u' is inf at u = 0; ..."
};

/// What the setup form, the command line and the spec need to know about one method: a named
/// preset over the axes of quantization.
struct MethodInfo
{
    std::string id; // saved in runs: never rename
    std::string title;
    std::string help;
    std::string source; // paper
    std::string
        reconstructed; // what of it no source tells, to stand beside results; empty: nothing
    std::vector<ParamSpec> params;
    BitRange weightBits;
    BitRange activationBits;
    BitRange gradientBits{8, 8};
    int gradientDefault = 32; // the width of gradients when a spec names none

    /// The axes for one tensor; null for a method that quantizes nothing.
    std::function<QuantizerAxes(const ParamValues&, QuantizerKind, const Grid&)> axes;

    /// The grid of one tensor; null: two's complement. isSigned: the tensor has negative values.
    std::function<Grid(const ParamValues&, QuantizerKind, int bits, bool isSigned)> grid;

    /// The quantizer of one layer's output gradient, null where it stays float; no function: DAI8's
    /// with its defaults.
    std::function<std::unique_ptr<GradientQuantizer>(const ParamValues&, int bits, GradientPlace)>
        gradients;

    /// The calibration that sets the steps of activations; null: they set themselves in training.
    std::function<CalibrationPlan(const ParamValues&)> calibration;

    /// The estimates of curvature that its corrections need; null or no plan: none.
    std::function<std::optional<CurvaturePlan>(const ParamValues&)> curvature;

    /// The first parameter that cannot work on such a grid; null: all can.
    std::function<std::optional<ParamFault>(const ParamValues&, const Grid&)> check;

    bool quantizes() const { return bool(axes); }
    const BitRange& bits(QuantizerKind kind) const
    {
        return kind == QuantizerKind::Weight ? weightBits : activationBits;
    }
};

} // namespace stair
