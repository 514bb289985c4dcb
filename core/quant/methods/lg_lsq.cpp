#include "core/quant/corrections.h"
#include "core/quant/methods/families.h"
#include "core/quant/roundings.h"
#include "core/quant/steps.h"

namespace stair {

namespace {

constexpr const char* reconstructed
    = "Lin et al., LG-LSQ, arXiv:2202.09009: reconstructed from the "
      "abstract";

ParamSpec formParam()
{
    return ParamSpec::choice("form", "ASR form", "A", {"A", "B"},
                             "A: m + atan(k r) / (2 atan(k/2)), r in [-1/2, 1/2). B: n + "
                             "atan(tan(pi d) / k) / pi.");
}

ParamSpec sharpnessParam(double fallback)
{
    return ParamSpec::real("sharpness", "Sharpness k", fallback, 0.01, 64,
                           "0 is STE, infinity hard rounding. Form B is STE up to k = 1.");
}

ParamSpec endSharpnessParam()
{
    return ParamSpec::real("end_sharpness", "Sharpness at the end", 0, 0, 64,
                           "The sharpness rises to it over the run; 0: it stays.");
}

ParamSpec forwardParam()
{
    return ParamSpec::flag("forward", "Soft forward pass", false,
                           "Training sees the soft value too (then in f32); evaluation is hard.");
}

ParamSpec mdeParam(double fallback)
{
    return ParamSpec::real(
        "mde", "MDE lambda", fallback, 0, 1,
        "g (1 + lambda sign(g) e), e = u - round(u): pulls towards the level. Far "
        "above 0.01 the pull, which batches do not average out, outweighs the "
        "task's gradient.");
}

ParamSpec pullParam()
{
    return ParamSpec::real("mde_additive", "Additive MDE mu", 0, 0, 1,
                           "Adds mu (x - x^) to the weights' gradient, 1e-4 for a start; replaces "
                           "the multiplicative form there.");
}

ParamSpec everyParam()
{
    return ParamSpec::integer(
        "probe_every", "Steps between probes", 8, 1, 1000,
        "The quantization error is probed at three steps every so many. What it "
        "says is given to the optimizer once, times this number, for all the "
        "steps until the next; ssg moves the step at once.");
}

ParamSpec betaParam()
{
    return ParamSpec::real("beta", "Probe factor beta", 2, 1.01, 4,
                           "Probes at s / beta, s and beta s.");
}

std::unique_ptr<Rounding> makeAsr(const ParamValues& values)
{
    const bool isB = values.text("form") == "B";
    const auto sharpness = [isB](double k) {
        return isB ? 1 / std::max(k, 1.0) : k;
    };
    const double start = values.real("sharpness");
    const double end = values.real("end_sharpness") > 0 ? values.real("end_sharpness") : start;
    return std::make_unique<SharpRounding>(
        isB ? SharpRounding::Shape::Periodic : SharpRounding::Shape::Arctan,
        Ramp{sharpness(start), sharpness(end), 1}, values.flag("forward"));
}

std::unique_ptr<Correction> makeMde(const ParamValues& values, QuantizerKind kind)
{
    if (values.real("mde_additive") > 0 && kind == QuantizerKind::Weight)
        return std::make_unique<PullCorrection>(values.real("mde_additive"));
    if (values.real("mde") > 0)
        return std::make_unique<DiscretizationCorrection>(values.real("mde"));
    return nullptr;
}

} // namespace

MethodInfo llsqMethod()
{
    MethodInfo info;
    info.id = "llsq";
    info.title = "LLSQ";
    info.help = "Linear symmetric quantization. The step follows a simulated gradient: -s^2, 0 or "
                "+s^2 by the quantization error at s/2, s and 2s; probed every probe_every steps "
                "and then multiplied by probe_every. The weights' gradient is not masked by the "
                "range.";
    info.source = "Zhao et al., Linear Symmetric Quantization, ICLR 2020";
    info.params = {everyParam()};
    info.axes = [](const ParamValues& values, QuantizerKind kind, const Grid&) {
        QuantizerAxes axes;
        axes.rounding = std::make_unique<Rounding>();
        axes.stepRule = std::make_unique<ProbedStep>(ProbedStep::Options{
            .rule = ProbedStep::Rule::Llsq, .beta = 2, .every = values.integer("probe_every")});
        if (kind == QuantizerKind::Weight)
            axes.mask.kind = GradientMask::Kind::None;
        return axes;
    };
    return info;
}

MethodInfo asrMethod()
{
    MethodInfo info;
    info.id = "asr";
    info.title = "ASR (reconstructed)";
    info.help = "Arctangent soft round, reconstructed from the abstract of LG-LSQ. Hard rounding "
                "forward; backward the slope of a rounding made of arctangents, which "
                "never falls to zero. With MDE the discretization error steers the gradient. The "
                "step is LSQ's.";
    info.source = reconstructed;
    info.reconstructed = "reconstructed from the abstract of LG-LSQ";
    info.params = {formParam(),    sharpnessParam(2), endSharpnessParam(),
                   forwardParam(), mdeParam(0),       pullParam()};
    info.axes = [](const ParamValues& values, QuantizerKind kind, const Grid&) {
        QuantizerAxes axes;
        axes.rounding = makeAsr(values);
        axes.stepRule = std::make_unique<LsqStep>();
        axes.correction = makeMde(values, kind);
        return axes;
    };
    return info;
}

MethodInfo lgLsqMethod()
{
    MethodInfo info;
    info.id = "lg_lsq";
    info.title = "LG-LSQ (reconstructed)";
    info.help = "Reconstructed from the abstract. Learned gradient linear symmetric quantization: "
                "ASR, MDE, and the step by SSG, a "
                "simulated gradient scaled by the share of the quantization error it saves.";
    info.source = reconstructed;
    info.reconstructed = "reconstructed from the abstract";
    info.params
        = {formParam(),
           sharpnessParam(2),
           endSharpnessParam(),
           forwardParam(),
           mdeParam(0.002),
           pullParam(),
           ParamSpec::choice("step", "Step rule", "ssg", {"ssg", "ssg_gradient", "ssg_lsq", "llsq"},
                             "ssg: s (1 + 0.05 d gamma) at once. ssg_gradient: -d gamma s^2 "
                             "through the optimizer. ssg_lsq: ssg_gradient and LSQ's. llsq: "
                             "the parent's rule."),
           betaParam(),
           everyParam()};
    info.axes = [](const ParamValues& values, QuantizerKind kind, const Grid&) {
        const std::string& step = values.text("step");
        ProbedStep::Options options{.rule = ProbedStep::Rule::Ssg,
                                    .beta = values.real("beta"),
                                    .every = values.integer("probe_every"),
                                    .addsTask = step == "ssg_lsq"};
        if (step == "llsq")
            options.rule = ProbedStep::Rule::Llsq;
        else if (step != "ssg")
            options.rule = ProbedStep::Rule::SsgGradient;
        QuantizerAxes axes;
        axes.rounding = makeAsr(values);
        axes.stepRule = std::make_unique<ProbedStep>(options);
        axes.correction = makeMde(values, kind);
        return axes;
    };
    return info;
}

MethodInfo softRoundMethod()
{
    MethodInfo info;
    info.id = "soft_round";
    info.title = "Soft rounding (tanh)";
    info.help = "m + tanh(a r) / (2 tanh(a/2)) in place of rounding, backward or forward too. The "
                "step is LSQ's.";
    info.source = "Agustsson and Theis, arXiv:2006.09952";
    info.params = {ParamSpec::real("sharpness", "Sharpness a", 4, 0.01, 32,
                                   "0 is STE, infinity hard rounding."),
                   endSharpnessParam(), forwardParam()};
    info.axes = [](const ParamValues& values, QuantizerKind, const Grid&) {
        const double start = values.real("sharpness");
        const double end = values.real("end_sharpness");
        QuantizerAxes axes;
        axes.rounding = std::make_unique<SharpRounding>(SharpRounding::Shape::Tanh,
                                                        Ramp{start, end > 0 ? end : start, 1},
                                                        values.flag("forward"));
        axes.stepRule = std::make_unique<LsqStep>();
        return axes;
    };
    return info;
}

MethodInfo stochasticMethod()
{
    MethodInfo info;
    info.id = "stochastic";
    info.title = "Stochastic rounding";
    info.help = "floor(u + uniform [0, 1)) in training, nearest in evaluation; gradients straight "
                "through. The step is LSQ's. Training runs in f32, since its codes are drawn.";
    info.source = "Gupta et al., arXiv:1502.02551";
    info.axes = [](const ParamValues&, QuantizerKind, const Grid&) {
        QuantizerAxes axes;
        axes.rounding = std::make_unique<StochasticRounding>();
        axes.stepRule = std::make_unique<LsqStep>();
        return axes;
    };
    return info;
}

} // namespace stair
