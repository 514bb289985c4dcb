#include "core/quant/corrections.h"
#include "core/quant/gradient_dorefa.h"
#include "core/quant/methods/families.h"
#include "core/quant/projections.h"
#include "core/quant/roundings.h"
#include "core/quant/steps.h"
#include "core/quant/transforms.h"

#include <cmath>

namespace stair {

namespace {

constexpr int mostOddBits = 7; // odd and shifted codes must fit in a signed byte

HardRule ruleOf(const Grid& grid)
{
    HardRule rule;
    if (grid.kind == Grid::Kind::Odd)
        rule.kind = grid.bits == 1 ? HardRule::Kind::Sign : HardRule::Kind::NearestOdd;
    return rule;
}

QuantizerAxes makeAxes(std::unique_ptr<Rounding> rounding, std::unique_ptr<StepRule> stepRule)
{
    QuantizerAxes axes;
    axes.rounding = std::move(rounding);
    axes.stepRule = std::move(stepRule);
    return axes;
}

/// Mid-rise weights; activations as usual, but one signed bit is a sign.
Grid oddWeights(const ParamValues&, QuantizerKind kind, int bits, bool isSigned)
{
    return kind == QuantizerKind::Weight || (bits == 1 && isSigned) ? Grid::odd(bits)
                                                                    : Grid::uniform(bits, isSigned);
}

/// DoReFa's weights; PACT has them too.
QuantizerAxes doReFaWeights(const Grid& grid)
{
    auto rounding = std::make_unique<Rounding>(ruleOf(grid));
    if (grid.bits == 1) {
        QuantizerAxes axes = makeAxes(std::move(rounding), std::make_unique<BinaryScale>(false));
        axes.mask.kind = GradientMask::Kind::None;
        return axes;
    }
    QuantizerAxes axes = makeAxes(std::move(rounding), std::make_unique<FixedStep>(1.0 / grid.qp));
    axes.mask.kind = GradientMask::Kind::None; // t lies within the grid
    axes.transform = std::make_unique<TanhTransform>();
    return axes;
}

std::vector<ParamSpec> ewgsParams()
{
    std::vector<ParamSpec> params = {
        ParamSpec::real("delta", "Scaling factor delta", 1e-3, 0, 1,
                        "0 is the straight-through estimator."),
        ParamSpec::flag("hessian", "Delta from the Hessian", false,
                        "delta = (levels - 1) max(0, (Tr(H) / N) / (3 std(g))) for each tensor, "
                        "H and g by its values in levels; the fixed delta is not used. Estimated "
                        "by finite differences on 3 batches, with activations not rounded."),
        ParamSpec::integer("refresh", "Estimate every", 10, 1, 100000,
                           "With delta from the Hessian: first before quantized training, then at "
                           "the start of every so many epochs."),
        ParamSpec::integer("probes", "Rademacher vectors", 8, 1, 1000,
                           "With delta from the Hessian: of Hutchinson's estimate, for each batch. "
                           "One costs two training steps in f32. The paper goes up to 50."),
    };
    params[2].unit = "epochs";
    for (ParamSpec& param : params)
        param.source = "Lee et al., arXiv:2104.00903";
    return params;
}

constexpr const char* signedHelp
    = " Tensors with negative values (after a layer without ReLU) take min-max steps, at 1 bit "
      "the sign.";

} // namespace

MethodInfo lsqMethod()
{
    MethodInfo info;
    info.id = "lsq";
    info.title = "LSQ";
    info.help = "Learned step size: the step is trained with the weights, its gradient scaled by "
                "1 / sqrt(N Qp).";
    info.source = "Esser et al., Learned Step Size Quantization, arXiv:1902.08153";
    info.axes = [](const ParamValues&, QuantizerKind, const Grid&) {
        return makeAxes(std::make_unique<Rounding>(), std::make_unique<LsqStep>());
    };
    return info;
}

MethodInfo lsqPlusMethod()
{
    MethodInfo info;
    info.id = "lsq_plus";
    info.title = "LSQ+";
    info.help
        = "LSQ with a learned offset for activations: x^ = s q + beta. The offset is an integer "
          "zero point, z = round(-beta / s), in training too, so that zero padding is exact. "
          "The calibration search of the paper's first step is left out.";
    info.source = "Bhalgat et al., arXiv:2004.09576";
    info.activationBits = {2, mostOddBits};
    info.grid = [](const ParamValues&, QuantizerKind kind, int bits, bool) {
        return kind == QuantizerKind::Weight ? Grid::uniform(bits, true) : Grid::shifted(bits, 0);
    };
    info.axes = [](const ParamValues&, QuantizerKind kind, const Grid&) {
        if (kind == QuantizerKind::Weight)
            return makeAxes(std::make_unique<Rounding>(), std::make_unique<LsqPlusWeightStep>());
        QuantizerAxes axes
            = makeAxes(std::make_unique<Rounding>(), std::make_unique<LsqPlusStep>());
        axes.learnsOffset = true;
        return axes;
    };
    return info;
}

MethodInfo doReFaMethod()
{
    MethodInfo info;
    info.id = "dorefa";
    info.title = "DoReFa";
    info.help = std::string("Weights tanh(w) / max|tanh(w)| on 2^bits levels without zero; 1 bit: "
                            "mean|w| sign(w). Activations clipped to [0, 1] on 2^bits levels. "
                            "Gradients below 32 bits: stochastic, by each image's max|g|, "
                            "simulated in f32; those of the first and last layer stay float, as "
                            "in the paper.")
        + signedHelp;
    info.source = "Zhou et al., arXiv:1606.06160";
    info.weightBits = {1, mostOddBits};
    info.activationBits = {1, 8};
    info.gradientBits = {1, 8};
    info.gradients = [](const ParamValues&, int bits, GradientPlace place) {
        return place.isEnd ? nullptr : std::make_unique<DoReFaGradient>(bits);
    };
    info.grid = oddWeights;
    info.axes = [](const ParamValues&, QuantizerKind kind, const Grid& grid) {
        if (kind == QuantizerKind::Weight)
            return doReFaWeights(grid);
        if (grid.isSigned)
            return signedAxes(grid);
        return makeAxes(std::make_unique<Rounding>(), std::make_unique<FixedStep>(1.0 / grid.qp));
    };
    return info;
}

MethodInfo pactMethod()
{
    MethodInfo info;
    info.id = "pact";
    info.title = "PACT";
    info.help = std::string("Activations clipped at a learned alpha, d(y)/d(alpha) = 1 beyond it; "
                            "alpha decays like a weight. Weights as DoReFa's.")
        + signedHelp;
    info.source = "Choi et al., arXiv:1805.06085; weights arXiv:1606.06160";
    info.params = {ParamSpec::real("alpha", "First clip", 6, 0.01, 100,
                                   "Where alpha starts; the paper has 10.")};
    info.weightBits = {1, mostOddBits};
    info.activationBits = {1, 8};
    info.grid = oddWeights;
    info.axes = [](const ParamValues& values, QuantizerKind kind, const Grid& grid) {
        if (kind == QuantizerKind::Weight)
            return doReFaWeights(grid);
        if (grid.isSigned)
            return signedAxes(grid);
        return makeAxes(std::make_unique<Rounding>(),
                        std::make_unique<PactStep>(values.real("alpha")));
    };
    return info;
}

MethodInfo dsqMethod()
{
    MethodInfo info;
    info.id = "dsq";
    info.title = "DSQ";
    info.help
        = "Hard rounding forward; backward the slope of tanh steps, the softer the larger a: "
          "k = ln(2/a - 1) per level. Weights on 2^bits levels without zero. Ranges start at "
          "3 standard deviations (without negative values at least two beyond the mean) and are "
          "learned as LSQ's at a hundredth of the rate; a is fixed (the paper also learns it).";
    info.source = "Gong et al., arXiv:1908.05033";
    info.params = {ParamSpec::real("a", "Softness a", 0.2, 0.001, 0.9,
                                   "S = 1 / (1 - a) at a level's edge; 0 is a hard step.")};
    info.weightBits = {1, mostOddBits};
    info.activationBits = {1, 8};
    info.grid = oddWeights;
    info.axes = [](const ParamValues& values, QuantizerKind, const Grid& grid) {
        const double sharpness = std::log(2 / values.real("a") - 1);
        return makeAxes(std::make_unique<SharpRounding>(SharpRounding::Shape::Tanh,
                                                        Ramp{sharpness, sharpness, 1}, false,
                                                        ruleOf(grid)),
                        std::make_unique<DeviationStep>(3));
    };
    return info;
}

MethodInfo ewgsMethod()
{
    MethodInfo info;
    info.id = "ewgs";
    info.title = "EWGS";
    info.help
        = "The gradient is scaled element by element: g (1 + delta sign(g) (x_n - x_q)), with "
          "x_n in [0, 1] over the range. Weights on 2^bits levels without zero. Ranges start "
          "at 3 standard deviations; of tensors without negative values at 4.98, 3 / sqrt(1 - 2 / "
          "pi) "
          "as for half a normal distribution, and at least two beyond the mean. They are learned "
          "as LSQ's at a hundredth of the rate. delta is fixed, or each tensor's own from the "
          "trace of the loss's Hessian.";
    info.source = "Lee et al., arXiv:2104.00903";
    info.params = ewgsParams();
    info.weightBits = {1, mostOddBits};
    info.activationBits = {1, 8};
    info.grid = oddWeights;
    info.axes = [](const ParamValues& values, QuantizerKind kind, const Grid& grid) {
        constexpr double halfNormal = 0.6028102749890869; // sqrt(1 - 2 / pi)
        const double deviations
            = kind == QuantizerKind::Weight || grid.isSigned ? 3 : 3 / halfNormal;
        QuantizerAxes axes = makeAxes(std::make_unique<Rounding>(ruleOf(grid)),
                                      std::make_unique<DeviationStep>(deviations));
        if (values.flag("hessian"))
            axes.correction = std::make_unique<CurvatureCorrection>();
        else
            axes.correction = std::make_unique<DiscretizationCorrection>(values.real("delta")
                                                                         / (grid.levels() - 1));
        return axes;
    };
    info.curvature = [](const ParamValues& values) -> std::optional<CurvaturePlan> {
        if (!values.flag("hessian"))
            return std::nullopt;
        return CurvaturePlan{values.integer("refresh"), values.integer("probes")};
    };
    return info;
}

} // namespace stair
