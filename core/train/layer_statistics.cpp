#include "core/train/layer_statistics.h"

#include "core/ops/eltwise.h"
#include "core/train/histogram.h"

#include <algorithm>

namespace stair {

namespace {

QuantizerReport describe(const Quantizer& quantizer, const Codes& codes)
{
    QuantizerReport report;
    report.name = quantizer.name();
    report.kind = quantizer.kind() == QuantizerKind::Weight ? "weight" : "activation";
    report.bits = quantizer.grid().bits;
    for (int i = 0; i < quantizer.steps(); ++i)
        report.step += double(quantizer.step(i)) / quantizer.steps();
    std::vector<std::int64_t> counts(256);
    for (const std::uint8_t byte : codes.bytes())
        ++counts[byte];
    for (int code = quantizer.grid().qn; code <= quantizer.grid().qp; ++code)
        report.levels.push_back(counts[std::uint8_t(code)]);
    report.levelsUsed
        = int(std::ranges::count_if(report.levels, [](std::int64_t n) { return n > 0; }));
    report.zero = double(counts[0]) / double(std::max<std::int64_t>(codes.size(), 1));
    return report;
}

/// Share of weights that rounding alone would not bring into the grid.
double weightSaturation(const Quantizer& quantizer, const Tensor& weight)
{
    const float low = float(quantizer.grid().qn) - 0.5f;
    const float high = float(quantizer.grid().qp) + 0.5f;
    const std::int64_t each = weight.size() / quantizer.steps();
    std::int64_t beyond = 0;
    for (std::int64_t i = 0; i < weight.size(); ++i) {
        const float u = weight.data()[i] / quantizer.step(int(i / each));
        beyond += u < low || u > high;
    }
    return double(beyond) / double(weight.size());
}

} // namespace

std::vector<QuantizerReport> reportQuantizers(Model& model, TrainingPass& pass)
{
    std::vector<QuantizerReport> reports;
    for (int id = 0; id < int(model.stages().size()); ++id) {
        const Stage& stage = model.stages()[std::size_t(id)];
        const Model::StageParts& parts = model.parts(id);
        if (parts.weightQuantizer) {
            const Tensor& weight = parts.weight->value;
            Codes codes(weight.shape(), parts.weightQuantizer->grid());
            quantizeWeights(*parts.weightQuantizer, weight, codes, nullptr);
            reports.push_back(describe(*parts.weightQuantizer, codes));
            reports.back().saturated = weightSaturation(*parts.weightQuantizer, weight);
        }
        if (stage.compute == Compute::Image || !stage.hasEpilogue())
            continue;
        for (std::size_t v = 0; v < stage.views.size(); ++v) {
            const Value& value = pass.value(id, int(v));
            if (!value.codes)
                continue;
            reports.push_back(describe(*parts.viewQuantizers[v], value.codes));
            reports.back().saturated = pass.saturation(id, int(v));
        }
    }
    return reports;
}

std::vector<GradientReport> reportGradients(Model& model)
{
    std::vector<GradientReport> reports;
    for (int id = 0; id < int(model.stages().size()); ++id) {
        const Parameter* weight = model.parts(id).weight.get();
        if (!weight)
            continue;
        Histogram histogram;
        histogram.add(weight->gradient.values());
        reports.push_back({weight->name, norm(weight->gradient), histogram.counts(), {}});
        if (const auto& quantizer = model.parts(id).gradientQuantizer)
            reports.back().clip = quantizer->lastClip();
    }
    return reports;
}

} // namespace stair
