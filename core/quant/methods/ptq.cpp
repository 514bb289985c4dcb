#include "core/ops/simd/tile_kernels.h"
#include "core/quant/methods/families.h"
#include "core/quant/range_search.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr const char* migacz = "Migacz, 8-bit inference with TensorRT, GTC 2017";

/// A step found once from a tensor by a criterion: weights exactly, activations by histogram. It
/// neither learns nor follows. Where calibration has come first, no batch is looked at.
class SearchedStep : public StepRule
{
public:
    explicit SearchedStep(const RangeOptions& options)
        : m_options(options)
    {
    }

    StepPair initial(std::span<const float> x, const Grid& grid, QuantizerKind kind) const override
    {
        const bool isFinite = std::ranges::all_of(x, [](float v) { return std::isfinite(v); });
        if (kind == QuantizerKind::Weight || !isFinite)
            return StepPair(searchStep(m_options, x, grid));
        ValueHistogram histogram(tile::absMax(x.data(), x.size()));
        histogram.add(x);
        return StepPair(searchStep(m_options, histogram, grid));
    }

private:
    RangeOptions m_options;
};

const std::vector<std::string> criteria = {"minmax", "percentile", "mse", "kl"}; // RangeCriterion

RangeOptions rangesOf(const ParamValues& values)
{
    const auto at = std::ranges::find(criteria, values.text("ranges"));
    return {RangeCriterion(at - criteria.begin()), values.real("percentile")};
}

ParamSpec from(std::string source, ParamSpec spec)
{
    spec.source = std::move(source);
    return spec;
}

std::vector<ParamSpec> ptqParams()
{
    std::vector<ParamSpec> params = {
        from("mse: Banner et al., arXiv:1810.05723; Choukroun et al., arXiv:1902.06822. kl, "
             "percentile: "
                 + std::string(migacz),
             ParamSpec::choice(
                 "ranges", "Ranges by", "mse", criteria,
                 "minmax: max|x|. percentile: the smallest v with |x| <= v for so many of the "
                 "values. mse: the step of least sum (x - step q)^2. kl: the clip of least "
                 "sum P log(P / Q), P the clipped histogram of |x| and Q its quantization, of "
                 "2048 bins; tensors or channels of fewer values than that take mse.")),
        from(migacz,
             ParamSpec::real("percentile", "Percentile", 99.99, 50, 100,
                             "Share of values left unclipped; with ranges by percentile.")),
        ParamSpec::integer("images", "Calibration images", 512, 1, 65536,
                           "Training images, chosen by the seed, cropped from the centre; at least "
                           "one."),
        from("Nagel et al., DFQ, arXiv:1906.04721",
             ParamSpec::flag("bias_correction", "Bias correction", true,
                             "b <- b - (mean y^ - mean y) for each output channel, layer by layer: "
                             "y^ the layer's output under quantization, y in float. With batch "
                             "norm the running mean moves instead.")),
    };
    params[1].unit = "%";
    return params;
}

} // namespace

MethodInfo ptqMethod()
{
    MethodInfo info;
    info.id = "ptq";
    info.title = "Post-training (calibrated)";
    info.help
        = "Quantizes a trained network (training.from) without training it: training.epochs 0. "
          "Steps are found from the weights and from the activations of some training images in "
          "float, then layers' means are corrected. With more epochs the weights are fine-tuned at "
          "those steps, gradients straight through; other widths on the way keep the ranges.";
    info.source = "Migacz, GTC 2017; Banner et al., arXiv:1810.05723; Nagel et al., "
                  "arXiv:1906.04721";
    info.params = ptqParams();
    info.axes = [](const ParamValues& values, QuantizerKind, const Grid&) {
        QuantizerAxes axes;
        axes.rounding = std::make_unique<Rounding>();
        axes.stepRule = std::make_unique<SearchedStep>(rangesOf(values));
        return axes;
    };
    info.calibration = [](const ParamValues& values) {
        return CalibrationPlan{rangesOf(values), values.integer("images"),
                               values.flag("bias_correction")};
    };
    return info;
}

} // namespace stair
