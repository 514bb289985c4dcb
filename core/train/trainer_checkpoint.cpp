#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/train/evaluator.h"
#include "core/train/program_start.h"
#include "core/train/trainer_state.h"

#include <algorithm>

namespace stair {

namespace {

/// The parts of a spec that a run cannot change when it goes on. Read and written anew, so that
/// keys which came with a later version count with their defaults.
Json identity(const Json& stored)
{
    const Json spec = ExperimentSpec::read(stored, "the checkpoint's spec").toJson();
    Json same = Json::object();
    for (const char* key : {"seed", "data", "network", "quant"})
        same[key] = spec.value(key, Json());
    same["data"].erase("path"); // the data may have moved
    return same;
}

} // namespace

Checkpoint Trainer::State::checkpoint()
{
    Checkpoint saved;
    saved.step = step;
    model.forEachTensor(
        [&saved](const std::string& name, Tensor& tensor) { saved.add(name, tensor); });
    optimizer->save(saved);
    saved.state["spec"] = spec.toJson();
    saved.state["data_hash"] = data.hash;
    saved.state["learning_rate"] = learningRate;
    saved.state["quantizing"] = !model.quant().isFloat();
    saved.state["bits"]
        = {{"weights", model.quant().weightBits}, {"activations", model.quant().activationBits}};
    saved.state["calibrated"] = calibrated;
    saved.state["guards_told"] = guards.toJson();
    saved.state["best_score"] = bestScore;
    saved.state["evaluations_without_best"] = evaluationsWithoutBest;
    saved.state["elapsed"] = clock.elapsed();
    return saved;
}

void Trainer::State::restore(const Checkpoint& checkpoint)
{
    const Json& state = checkpoint.state;
    if (identity(state.value("spec", Json::object())) != identity(spec.toJson()))
        throw Error("the checkpoint belongs to another run: its seed, data, network or quantizer "
                    "differ; use training.from to start a new run from it");
    if (state.value("data_hash", "") != data.hash)
        throw Error("the data set has changed since the checkpoint was written; put the same "
                    "files back, or start a new run from it with training.from");
    if (state.value("quantizing", !spec.quant.isFloat())) {
        const Json bits = state.value("bits", Json::object());
        QuantSpec wanted = spec.quant;
        wanted.weightBits = bits.value("weights", spec.quant.weightBits);
        wanted.activationBits = bits.value("activations", spec.quant.activationBits);
        requantize(wanted);
    }
    model.forEachTensor([&checkpoint](const std::string& name, Tensor& tensor) {
        std::ranges::copy(checkpoint.tensor(name, tensor.shape()).values(), tensor.data());
    });
    model.tensorsChanged();
    optimizer->load(checkpoint, Missing::Refuse);
    calibrated = state.value("calibrated", false);
    guards.load(state.value("guards_told", Json::array()));
    learningRate = state.value("learning_rate", learningRate);
    bestScore = state.value("best_score", -1.0);
    evaluationsWithoutBest = state.value("evaluations_without_best", 0);
    clock.setElapsed(state.value("elapsed", 0.0));
    step = checkpoint.step;
    if (step > 0)
        enterStep(step - 1);
    if (step < steps)
        startLoader();
}

void Trainer::State::startFrom(const Checkpoint& checkpoint)
{
    const std::string theirs = checkpoint.state.value("spec", Json::object())
                                   .value("network", Json::object())
                                   .value("id", "");
    model.forEachTensor([&](const std::string& name, Tensor& tensor) {
        const Tensor* found = checkpoint.find(name);
        // What a fresh model finds out for itself.
        const bool isOptional = name.ends_with("step") || name.ends_with(".lambda")
            || name.ends_with(".offset")
            || name.find(".gradient.") != std::string::npos;
        if (found && found->shape() == tensor.shape())
            std::ranges::copy(found->values(), tensor.data());
        else if (!isOptional)
            throw Error(concat("training.from: the checkpoint of a ",
                               theirs.empty() ? "network" : theirs, " has no ", name, " of ",
                               toString(tensor.shape()), " for this ", spec.network.id,
                               "; choose a checkpoint of the same network and data"));
    });
    model.tensorsChanged();
}

void Trainer::State::startFrom(const Program& program)
{
    const std::vector<Batch> batches
        = reestimationBatches(data.train, split.train, loaderOptions());
    startFromProgram(model, runtime, program, batches, spec.network.id);
}

} // namespace stair
