#pragma once

#include "core/train/trainer.h"
#include "tests/support/small_experiment.h"

namespace stair {

/// A small spec trained to its end, or until `controls` stop it.
struct Run
{
    Run(const Json& json, ScriptedControls controls = {}, const Checkpoint* resume = nullptr,
        const Checkpoint* from = nullptr)
        : spec(readSpec(json))
        , data(openSmall(spec))
        , runtime(spec.threads)
        , trainer(spec, data, runtime)
    {
        if (resume)
            trainer.restore(*resume);
        if (from)
            trainer.startFrom(*from);
        end = trainer.run(observer, controls, {});
    }

    ExperimentSpec spec;
    Dataset data;
    Runtime runtime;
    Trainer trainer;
    RecordingObserver observer;
    RunEnd end = RunEnd::Finished;
};

} // namespace stair
