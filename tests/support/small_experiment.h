#pragma once

#include "core/data/datasets.h"
#include "core/train/experiment_spec.h"
#include "core/train/observer.h"

#include <map>
#include <string>
#include <vector>

namespace stair {

/// A spec that trains in well under a second: 8 steps an epoch, two epochs.
inline Json smallSpec(const std::string& method)
{
    Json spec = parseJson(R"({
        "schema": 1, "name": "small", "seed": 3, "threads": 2,
        "data": {"id": "procedural", "batch": 32, "validation": 64,
                 "params": {"train": 320, "test": 64, "size": 16}},
        "network": {"id": "convnet_small", "params": {"width": 0.5}},
        "quant": {"method": "lsq", "weights": {"bits": 4}, "activations": {"bits": 4}},
        "training": {"epochs": 2, "checkpoint_every": 1,
                     "optimizer": {"id": "sgd", "learning_rate": 0.05}},
        "statistics": {"every": 5}
    })",
                          "small spec");
    if (method == "float")
        spec["quant"] = {{"method", "float"}};
    else if (method == "dai8")
        spec["quant"] = {{"method", method}};
    else
        spec["quant"]["method"] = method;
    return spec;
}

inline ExperimentSpec readSpec(const Json& json)
{
    return ExperimentSpec::read(json, "test");
}

inline Dataset openSmall(const ExperimentSpec& spec)
{
    return dataset(spec.data.id).open({.path = {}, .cacheFolder = {}, .params = spec.data.params});
}

/// Keeps everything a run says, as text without wall-clock values.
class RecordingObserver : public TrainObserver
{
public:
    void onStep(const StepReport& r) override
    {
        say("step", r.step, r.epoch, r.loss, r.accuracy, r.learningRate, r.gradientNorm);
        losses.push_back(r.loss);
        gradientNorms.push_back(r.gradientNorm);
    }
    void onEvaluation(const EvaluationReport& r) override
    {
        say("evaluation", r.step, r.test.top1, r.test.loss, r.validation ? r.validation->top1 : -1,
            r.testRunning.value_or(-1), r.best, r.proved);
        evaluations.push_back(r);
    }
    void onLayers(const LayersReport& r) override
    {
        say("layers", r.step, r.quantizers.size(), r.gradients.size());
        layers.push_back(r);
    }
    void onNotice(std::int64_t step, const std::string& text) override
    {
        say("notice", step, text);
    }
    void onCommand(std::int64_t step, const Json& c) override { say("command", step, c.dump()); }
    void onPaused(std::int64_t step, const std::string& why) override
    {
        say("paused", step, why);
        pauses.push_back(why);
    }
    void onResumed(std::int64_t step) override { say("resumed", step); }
    void onCheckpoint(const Checkpoint& checkpoint, bool best) override
    {
        say("checkpoint", checkpoint.step, best);
        checkpoints.insert_or_assign(checkpoint.step, copyOf(checkpoint));
    }

    std::string log;
    std::vector<double> losses;
    std::vector<double> gradientNorms;
    std::vector<EvaluationReport> evaluations;
    std::vector<LayersReport> layers;
    std::vector<std::string> pauses;
    std::map<std::int64_t, Checkpoint> checkpoints;

    static Checkpoint copyOf(const Checkpoint& checkpoint)
    {
        Checkpoint copy;
        copy.step = checkpoint.step;
        copy.state = checkpoint.state;
        for (const auto& [name, tensor] : checkpoint.tensors())
            copy.add(name, tensor);
        return copy;
    }

private:
    template<typename... Parts>
    void say(const Parts&... parts)
    {
        std::ostringstream line;
        line.precision(17);
        ((line << parts << ' '), ...);
        log += line.str() + "\n";
    }
};

/// Commands at fixed steps; while paused the `whenPaused` ones, one at a time.
class ScriptedControls : public TrainControls
{
public:
    std::vector<Json> poll(std::int64_t step) override
    {
        const auto found = at.find(step);
        if (found == at.end())
            return {};
        std::vector<Json> commands = found->second;
        at.erase(found);
        return commands;
    }
    std::vector<Json> wait(std::int64_t) override
    {
        if (whenPaused.empty())
            return {{{"command", "stop"}}};
        const Json next = whenPaused.front();
        whenPaused.erase(whenPaused.begin());
        return {next};
    }

    std::map<std::int64_t, std::vector<Json>> at;
    std::vector<Json> whenPaused;
};

inline bool sameTensors(const Checkpoint& a, const Checkpoint& b)
{
    if (a.tensors().size() != b.tensors().size())
        return false;
    for (const auto& [name, tensor] : a.tensors()) {
        const Tensor* other = b.find(name);
        if (!other || !std::ranges::equal(tensor.values(), other->values()))
            return false;
    }
    return true;
}

} // namespace stair
