#include "core/train/layer_statistics.h"

#include "core/base/hash.h"
#include "core/ops/eltwise.h"
#include "core/train/histogram.h"
#include "core/train/quantizer_measure.h"

namespace stair {

std::vector<QuantizerReport> reportQuantizers(Model& model, TrainingPass& pass)
{
    std::vector<QuantizerReport> reports;
    for (int id = 0; id < int(model.stages().size()); ++id) {
        const Stage& stage = model.stages()[std::size_t(id)];
        const Model::StageParts& parts = model.parts(id);
        if (parts.weightQuantizer)
            reports.push_back(measureQuantizer(*parts.weightQuantizer, parts.weight->value));
        if (stage.compute == Compute::Image || !stage.hasEpilogue())
            continue;
        Tensor real;
        for (std::size_t v = 0; v < parts.viewQuantizers.size(); ++v) {
            const Quantizer* quantizer = parts.viewQuantizers[v].get();
            if (!quantizer)
                continue;
            if (!real)
                real = pass.realResult(id);
            reports.push_back(measureQuantizer(*quantizer, real, stage.activation));
            reports.back().name = model.viewName(id, v);
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
        reports.push_back({weight->name,
                           norm(weight->gradient),
                           histogram.counts(),
                           binsOf(weight->value.values()),
                           {}});
        if (const auto& quantizer = model.parts(id).gradientQuantizer)
            reports.back().clip = quantizer->lastClip();
    }
    return reports;
}

std::vector<Codes> weightCodes(Model& model)
{
    std::vector<Codes> all;
    for (int id = 0; id < int(model.stages().size()); ++id) {
        const Model::StageParts& parts = model.parts(id);
        if (!parts.weightQuantizer)
            continue;
        all.emplace_back(parts.weight->value.shape(), parts.weightQuantizer->grid());
        quantizeWeights(*parts.weightQuantizer, parts.weight->value, all.back(), nullptr);
    }
    return all;
}

std::vector<WeightHash> weightHashes(Model& model, const std::vector<Codes>& codes)
{
    std::vector<WeightHash> hashes;
    for (int id = 0; id < int(model.stages().size()); ++id) {
        if (const Model::StageParts& parts = model.parts(id); parts.weightQuantizer)
            hashes.push_back({parts.weight->name, quickHash(codes[hashes.size()].bytes())});
    }
    return hashes;
}

void reportFlips(const std::vector<Codes>& before, const std::vector<Codes>& after,
                 std::vector<QuantizerReport>& reports)
{
    std::size_t next = 0;
    for (QuantizerReport& report : reports) {
        if (report.kind != "weight")
            continue;
        report.flips = shareOfFlips(before[next], after[next]);
        ++next;
    }
}

} // namespace stair
