#include "core/quant/gradient_int8.h"
#include "core/quant/methods/families.h"
#include "core/quant/steps.h"

namespace stair {

namespace {

constexpr const char* paper = "Zhao et al., arXiv:2102.04782";

ParamSpec from(std::string source, ParamSpec spec)
{
    spec.source = std::move(source);
    return spec;
}

std::vector<ParamSpec> dai8Params()
{
    const std::string reconstructed = std::string(paper) + "; reconstructed";
    return {
        from(paper,
             ParamSpec::choice("quantizer", "Gradient quantizer", "dai8", {"dai8", "minmax"},
                               "dai8: a threshold s for each output channel in the weights' "
                               "gradient, by the channel's distribution; minmax: s = max|g| of "
                               "the whole tensor, which the paper compares with.")),
        from(paper,
             ParamSpec::real("lambda", "Discriminator lambda", 0.3, 0, 1,
                             "P = share of |g| > sigma. P > lambda: Gaussian, s = max|g|; else an "
                             "inverted T, s clips.")),
        from(paper,
             ParamSpec::real("k", "Clipping factor k", 1, 0.1, 2,
                             "s_t = (1 - k A) s_(t-1) + A max|g|; at rest s = max|g| / k. 1 - k A "
                             "counts as 0 when negative.")),
        from(paper,
             ParamSpec::real("A", "Clipping rate A", 0.8, 0.01, 1,
                             "Share of the newest max|g| in s: the smaller, the more a sudden "
                             "spike is clipped.")),
        from(reconstructed,
             ParamSpec::choice("rounding", "Gradient rounding", "nearest",
                               {"nearest", "stochastic"},
                               "stochastic: floor(v + U[0, 1)). Which one the paper has was not "
                               "found.")),
        from(reconstructed,
             ParamSpec::integer("update_every", "Steps between updates", 1, 1, 100000,
                                "Class and s change every so many steps. The paper's period was "
                                "not found.")),
        from(reconstructed,
             ParamSpec::choice("global", "Data gradient's threshold", "mcs", {"mcs", "max"},
                               "mcs: the same two rules for the whole tensor; max: s = max|g|.")),
        ParamSpec::flag("ends", "First and last layer too", true,
                        "Quantizes their gradients as well; the image gets none."),
    };
}

std::unique_ptr<GradientQuantizer> dai8Gradient(const ParamValues& values, GradientPlace place)
{
    if (place.isEnd && !values.flag("ends"))
        return nullptr;
    const bool isPlain = values.text("quantizer") == "minmax";
    return std::make_unique<Int8Gradient>(
        Int8Gradient::Options{.perChannel = !isPlain,
                              .adapts = !isPlain,
                              .adaptsData = !isPlain && values.text("global") == "mcs",
                              .stochastic = values.text("rounding") == "stochastic",
                              .lambda = values.real("lambda"),
                              .k = values.real("k"),
                              .a = values.real("A"),
                              .every = values.integer("update_every")},
        place.channels);
}

} // namespace

MethodInfo dai8Method()
{
    MethodInfo info;
    info.id = "dai8";
    info.title = "DAI8 (in part reconstructed)";
    info.help = "Weights, activations and gradients in 8 bits, symmetric: q = round(127 x / s). "
                "Gradients are clipped by the distribution of each output channel. Reconstructed: "
                "s = max|x| of weights and activations, the data gradient's threshold, the first s "
                "(max|g|) and the update period.";
    info.source = paper;
    info.reconstructed = "in part reconstructed";
    info.params = dai8Params();
    info.weightBits = info.activationBits = {8, 8};
    info.gradientDefault = 8;
    info.grid = [](const ParamValues&, QuantizerKind, int bits, bool isSigned) {
        return Grid{bits, isSigned, isSigned ? -127 : 0, 127};
    };
    info.axes = [](const ParamValues&, QuantizerKind, const Grid&) {
        QuantizerAxes axes = minMaxAxes(1);
        axes.mask.kind = GradientMask::Kind::None; // nothing lies beyond the largest magnitude
        return axes;
    };
    info.gradients = [](const ParamValues& values, int, GradientPlace place) {
        return dai8Gradient(values, place);
    };
    return info;
}

} // namespace stair
