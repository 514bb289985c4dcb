#include "core/quant/methods/families.h"
#include "core/quant/projections.h"
#include "core/quant/roundings.h"
#include "core/quant/steps.h"
#include "core/quant/updates.h"

#include <cmath>

namespace stair {

namespace {

/// AQE's three bits: the nearest of 0, +-1/4, +-1/2, +-1 at u = 4x; ties go towards zero.
HardRule powerOfTwoRule()
{
    const auto below = [](float v) {
        return std::nextafter(v, -8.0f);
    };
    HardRule rule;
    rule.kind = HardRule::Kind::Thresholds;
    rule.thresholds = {below(-3), below(-1.5f), below(-0.5f), 0.5f, 1.5f, 3};
    rule.codes = {-4, -2, -1, 0, 1, 2, 4};
    return rule;
}

HardRule signRule()
{
    HardRule rule;
    rule.kind = HardRule::Kind::Sign;
    return rule;
}

/// -1 and 1; after a ReLU, where all signs are alike, 0 and 1.
Grid binaryGrid(bool isSigned)
{
    return isSigned ? Grid::odd(1) : Grid::uniform(1, false);
}

HardRule binaryRule(const Grid& grid)
{
    return grid.isSigned ? signRule() : HardRule{};
}

Grid minwGrid(const ParamValues&, QuantizerKind, int bits, bool isSigned)
{
    return bits == 1 ? binaryGrid(isSigned) : bits == 2 ? Grid::ternary() : Grid::powerOfTwo(bits);
}

std::unique_ptr<StepRule> minwStep(QuantizerKind kind, const Grid& grid)
{
    if (grid.bits == 2 && kind == QuantizerKind::Weight)
        return std::make_unique<TernaryScale>(TernaryScale::Scale::One);
    return std::make_unique<FixedStep>(grid.bits == 3 ? 0.25 : 1);
}

Grid ternaryWeights(const ParamValues&, QuantizerKind kind, int bits, bool isSigned)
{
    return kind == QuantizerKind::Weight ? Grid::ternary() : Grid::uniform(bits, isSigned);
}

Grid bcgdGrid(const ParamValues&, QuantizerKind kind, int bits, bool isSigned)
{
    if (bits == 1 && isSigned)
        return Grid::odd(1);
    if (kind == QuantizerKind::Activation)
        return Grid::uniform(bits, isSigned);
    const int most = (1 << (bits - 1)) - 1;
    return {bits, true, -most, most};
}

std::unique_ptr<StepRule> bcgdProjection(const ParamValues& values, const Grid& grid)
{
    if (grid.bits == 1)
        return std::make_unique<BinaryScale>(values.flag("median"));
    if (grid.bits == 2)
        return std::make_unique<TernaryScale>(values.flag("repo_compatible")
                                                  ? TernaryScale::Scale::OverAll
                                                  : TernaryScale::Scale::LeastSquares);
    return std::make_unique<LloydScale>(values.integer("lloyd"));
}

CoarseStep::Gradient coarseGradient(const std::string& name)
{
    return name == "ae"  ? CoarseStep::Gradient::Exact
        : name == "pact" ? CoarseStep::Gradient::Pact
        : name == "min"  ? CoarseStep::Gradient::Min
                         : CoarseStep::Gradient::Mean;
}

QuantizerAxes bcgdWeights(const ParamValues& values, const Grid& grid)
{
    HardRule rule = grid.bits == 1 ? signRule() : HardRule{};
    QuantizerAxes axes;
    if (values.flag("binary_relax"))
        axes.rounding = std::make_unique<RelaxRounding>(1.02, 0.75, std::move(rule));
    else
        axes.rounding = std::make_unique<Rounding>(std::move(rule));
    axes.stepRule = bcgdProjection(values, grid);
    axes.mask.kind = GradientMask::Kind::None;
    if (!values.flag("binary_relax"))
        axes.update = std::make_unique<BlendingUpdate>(values.real("rho"), values.real("rho_rate"));
    return axes;
}

QuantizerAxes bcgdActivations(const ParamValues& values)
{
    HardRule rule;
    rule.kind = HardRule::Kind::Ceil;
    QuantizerAxes axes;
    axes.rounding = std::make_unique<Rounding>(std::move(rule));
    axes.stepRule = std::make_unique<CoarseStep>(coarseGradient(values.text("alpha_gradient")),
                                                 values.real("alpha_rate"));
    axes.mask.kind = GradientMask::Kind::HalfOpenRange;
    return axes;
}

} // namespace

MethodInfo bnnMethod()
{
    MethodInfo info;
    info.id = "bnn";
    info.title = "BNN (STE)";
    info.help = "sign(x) for weights and activations, sign(0) = +1; the gradient passes where "
                "|x| <= 1; weights are kept in [-1, 1]. Wants HardTanh before the quantizers (the "
                "ConvNets have it); after a ReLU the codes are 0 and 1, turning at 1/2.";
    info.source = "Hubara et al., arXiv:1602.02830";
    info.weightBits = info.activationBits = {1, 1};
    info.grid = [](const ParamValues&, QuantizerKind, int, bool isSigned) {
        return binaryGrid(isSigned);
    };
    info.axes = [](const ParamValues&, QuantizerKind kind, const Grid& grid) {
        QuantizerAxes axes;
        axes.rounding = std::make_unique<Rounding>(binaryRule(grid));
        axes.stepRule = std::make_unique<FixedStep>(1);
        axes.mask.kind = GradientMask::Kind::UnitInterval;
        if (kind == QuantizerKind::Weight)
            axes.update = std::make_unique<ClipUpdate>();
        return axes;
    };
    return info;
}

MethodInfo twnMethod()
{
    MethodInfo info;
    info.id = "twn";
    info.title = "TWN, ternary weights";
    info.help
        = "Weights 0 up to 0.7 mean|w|, beyond it +- the mean of |w| there. Gradients straight "
          "through. Activations by min-max.";
    info.source = "Li et al., arXiv:1605.04711";
    info.weightBits = {2, 2};
    info.grid = ternaryWeights;
    info.axes = [](const ParamValues&, QuantizerKind kind, const Grid&) {
        if (kind == QuantizerKind::Activation)
            return minMaxAxes();
        QuantizerAxes axes;
        axes.rounding = std::make_unique<Rounding>();
        axes.stepRule = std::make_unique<TernaryScale>(TernaryScale::Scale::LeastSquares);
        axes.mask.kind = GradientMask::Kind::None;
        return axes;
    };
    return info;
}

MethodInfo aqeMethod()
{
    MethodInfo info;
    info.id = "aqe";
    info.title = "AQE (in part reconstructed)";
    info.help
        = "MINW-Net's estimator. Training sees alpha h(x) + (1 - alpha) x, evaluation h(x): the "
          "sign (1 bit), three "
          "levels (2 bits, zero up to 0.7 mean|w| or 0.5) or 0, +-1/4, +-1/2, +-1 (3 bits). "
          "The gradient passes times 2 alpha where |x| <= 1; weights are kept in [-1, 1]. "
          "Wants HardTanh before the quantizers (the ConvNets have it); after a ReLU the codes of "
          "1 bit are 0 and 1, turning at 1/2. The ramp of alpha and the thresholds are "
          "reconstructed.";
    info.source = "Chen et al., Propagating Asymptotic-Estimated Gradients, arXiv:2003.04296";
    info.reconstructed = "ramp and thresholds reconstructed";
    info.params = {
        ParamSpec::real("alpha", "Alpha at the start", 0.5, 0.01, 1,
                        "Share of the quantized value; 1 is the hard quantizer."),
        ParamSpec::real("end_alpha", "Alpha at the end", 1, 0.01, 1,
                        "Equal to the start: constant, as the paper literally has it."),
        ParamSpec::real("ramp", "Ramp ends at", 0.8, 0.01, 1, "Share of the run."),
        ParamSpec::choice("backward", "Backward factor", "2alpha", {"2alpha", "1"},
                          "2 alpha as published, or 1 as STE."),
    };
    info.weightBits = info.activationBits = {1, 3};
    info.grid = minwGrid;
    info.axes = [](const ParamValues& values, QuantizerKind kind, const Grid& grid) {
        HardRule rule = grid.bits == 1 ? binaryRule(grid)
            : grid.bits == 3           ? powerOfTwoRule()
                                       : HardRule{};
        QuantizerAxes axes;
        axes.rounding = std::make_unique<BlendRounding>(
            Ramp{values.real("alpha"), values.real("end_alpha"), values.real("ramp")},
            values.text("backward") == "2alpha", std::move(rule));
        axes.stepRule = minwStep(kind, grid);
        axes.mask.kind = GradientMask::Kind::UnitInterval;
        if (kind == QuantizerKind::Weight)
            axes.update = std::make_unique<ClipUpdate>();
        return axes;
    };
    return info;
}

MethodInfo bcgdMethod()
{
    MethodInfo info;
    info.id = "bcgd";
    info.title = "BCGD";
    info.help
        = "Blended coarse gradient descent. Weights are projected (1 bit: mean|w| sign(w); 2 bits: "
          "ternary; more: Lloyd) and "
          "blended before each update: w <- (1 - rho) w + rho w^. Activations round up with a "
          "learned step and a coarse gradient. Tensors with negative values take min-max "
          "steps, at 1 bit the sign.";
    info.source = "Yin et al., arXiv:1808.05240, and the authors' code";
    info.params = {
        ParamSpec::real("rho", "Blending rho", 1e-5, 0, 1, "0 is BinaryConnect."),
        ParamSpec::real("rho_rate", "Growth of rho", 1, 1, 10, "A factor each epoch, to 0.01."),
        ParamSpec::integer("lloyd", "Lloyd iterations", 1, 1, 100, "From 3 bits on."),
        ParamSpec::flag("median", "Median scale", false, "1 bit: median|w| for mean|w|."),
        ParamSpec::flag("repo_compatible", "As in the authors' code", false,
                        "2 bits: the scale's mean goes over all weights, not the kept ones."),
        ParamSpec::flag("binary_relax", "BinaryRelax", false,
                        "Forward (eta w^ + w) / (1 + eta), eta growing by 1.02 each half epoch; "
                        "hard from three quarters of the run. Replaces blending."),
        ParamSpec::choice("alpha_gradient", "Coarse gradient", "mean",
                          {"mean", "ae", "pact", "min"},
                          "d(y)/d(alpha) inside the range: (L+1)/2, ceil(x/alpha), 0 or 1; beyond "
                          "it L."),
        ParamSpec::real("alpha_rate", "Rate of alpha", 0.01, 1e-6, 1,
                        "Factor of alpha's gradient, which is clamped to [-1, 1]."),
    };
    info.weightBits = {1, 8};
    info.activationBits = {1, 8};
    info.grid = bcgdGrid;
    info.axes = [](const ParamValues& values, QuantizerKind kind, const Grid& grid) {
        if (kind == QuantizerKind::Weight)
            return bcgdWeights(values, grid);
        return grid.isSigned ? signedAxes(grid) : bcgdActivations(values);
    };
    return info;
}

} // namespace stair
