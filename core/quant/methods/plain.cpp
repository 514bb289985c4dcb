#include "core/quant/methods/families.h"
#include "core/quant/steps.h"

namespace stair {

QuantizerAxes minMaxAxes(double momentum)
{
    QuantizerAxes axes;
    axes.rounding = std::make_unique<Rounding>();
    axes.stepRule = std::make_unique<MinMaxStep>(momentum);
    return axes;
}

QuantizerAxes signedAxes(const Grid& grid)
{
    if (grid.bits > 1)
        return minMaxAxes();
    HardRule rule;
    rule.kind = HardRule::Kind::Sign;
    QuantizerAxes axes;
    axes.rounding = std::make_unique<Rounding>(std::move(rule));
    axes.stepRule = std::make_unique<FixedStep>(1);
    axes.mask.kind = GradientMask::Kind::UnitInterval;
    return axes;
}

MethodInfo floatMethod()
{
    MethodInfo info;
    info.id = "float";
    info.title = "Float (no quantization)";
    info.help = "Trains and evaluates in 32-bit float: what the quantized runs are held against.";
    info.weightBits = info.activationBits = {32, 32};
    return info;
}

MethodInfo minMaxMethod()
{
    MethodInfo info;
    info.id = "minmax";
    info.title = "Min-max (STE)";
    info.help = "The step follows the range: step = range / (2^bits - 1), from -max|x| (or 0) to "
                "max|x|. Rounding passes the gradient unchanged inside the range (STE).";
    info.source = "Bengio et al., arXiv:1308.3432; Jacob et al., arXiv:1712.05877";
    info.params
        = {ParamSpec::real("momentum", "Range momentum", 0.1, 0.001, 1,
                           "Share of the newest batch in the running range of activations.")};
    info.axes = [](const ParamValues& values, QuantizerKind, const Grid&) {
        return minMaxAxes(values.real("momentum"));
    };
    return info;
}

} // namespace stair
