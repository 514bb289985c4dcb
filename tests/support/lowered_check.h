#pragma once

#include "core/infer/engine.h"
#include "core/lower/lowering.h"
#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"
#include "tests/support/tiny_networks.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace stair {

/// A few plain descent steps, so that statistics, steps and weights are a trained network's.
inline void trainBriefly(Model& model, Runtime& runtime, int steps, int images)
{
    TrainingPass pass(model, runtime);
    for (int step = 0; step < steps; ++step) {
        const TinyBatch batch(model.graph(), images, std::uint64_t(100 + step));
        const Tensor& logits = pass.forward(batch.bytes(), PassMode::Train);
        Tensor dLogits(logits.shape());
        softmaxLoss(logits, batch.labels, dLogits);
        pass.addAuxiliaryLoss(batch.labels);
        pass.backward(dLogits);
        pass.updateRunningStatistics();
        for (Parameter* parameter : model.parameters()) {
            for (std::int64_t i = 0; i < parameter->value.size(); ++i) {
                float& value = parameter->value.data()[i];
                value = std::max(value - 0.02f * parameter->gradient.data()[i],
                                 float(parameter->least));
            }
        }
        model.afterUpdate();
    }
}

/// Values of a program in the order of stages and views, as the lowering numbers them.
inline std::vector<std::pair<int, int>> placesOf(const Model& model)
{
    std::vector<std::pair<int, int>> places;
    for (int i = 0; i < int(model.stages().size()); ++i) {
        if (model.stages()[std::size_t(i)].isAuxiliary)
            continue;
        for (int v = 0; v < int(model.stages()[std::size_t(i)].views.size()); ++v)
            places.emplace_back(i, v);
    }
    return places;
}

/// Name of the first value in which training with frozen batch norm and the shipped program
/// differ; empty when all are equal, "nothing compared" without codes.
inline std::string firstUnlikeTraining(Model& model, Runtime& runtime, const TinyBatch& batch)
{
    TrainingPass pass(model, runtime);
    pass.forward(batch.bytes(), PassMode::TrainFrozenNorm); // min-max ranges may follow the batch
    const Program program = lower(model);
    Engine engine(program, runtime);
    engine.keepValues(true);
    engine.run(batch.bytes());
    std::int64_t compared = 0;
    const auto places = placesOf(model);
    for (std::size_t id = 0; id < places.size(); ++id) {
        const Value& trained = pass.value(places[id].first, places[id].second);
        const Engine::Value& shipped = engine.values()[id];
        if (!std::ranges::equal(trained.codes.bytes(), shipped.codes.bytes())
            || !std::ranges::equal(trained.floats.values(), shipped.floats.values()))
            return program.values[id].name;
        compared += trained.codes.size();
    }
    return compared > 0 ? std::string() : "nothing compared";
}

/// Name of the first value in which the fast engine and the reference engine differ, or empty.
inline std::string firstUnlikeReference(const Program& program, Runtime& runtime,
                                        const TinyBatch& batch)
{
    Engine fast(program, runtime);
    Engine reference(program, runtime, EngineKernels::Reference);
    fast.keepValues(true);
    reference.keepValues(true);
    fast.run(batch.bytes());
    reference.run(batch.bytes());
    for (std::size_t id = 0; id < program.values.size(); ++id) {
        const Engine::Value& a = fast.values()[id];
        const Engine::Value& b = reference.values()[id];
        if (!std::ranges::equal(a.codes.bytes(), b.codes.bytes())
            || !std::ranges::equal(a.floats.values(), b.floats.values()))
            return program.values[id].name;
    }
    return {};
}

} // namespace stair
