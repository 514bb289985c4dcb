#pragma once

#include "core/data/batch_loader.h"
#include "core/lower/lowering.h"
#include "core/nn/training_pass.h"
#include "core/ops/eltwise.h"
#include "core/train/guards.h"
#include "core/train/optimizers.h"
#include "core/train/schedules.h"
#include "core/train/train_clock.h"
#include "core/train/trainer.h"

namespace stair {

class CommandDesk;

/// The insides of a Trainer: everything a run changes from step to step.
struct Trainer::State
{
    State(const ExperimentSpec& spec, const Dataset& data, Runtime& runtime);

    RunEnd run(TrainObserver& observer, TrainControls& controls, std::stop_token stop);
    RunEnd runWithoutSteps(CommandDesk& desk, TrainObserver& observer);
    void calibrateOnce(TrainObserver& observer);
    void refreshCurvature(TrainObserver& observer);
    std::string trainStep(TrainObserver& observer);
    void endEpoch(TrainObserver& observer, bool isLast);
    EvaluationReport evaluate();
    double evaluationSeconds();

    /// What evaluate() judges: batch norm re-estimated where training has moved the weights.
    Program program();
    std::optional<std::vector<NormStatistics>> norms();

    Checkpoint checkpoint();
    void restore(const Checkpoint& checkpoint);
    void startFrom(const Checkpoint& checkpoint);
    void startFrom(const Program& program);

    /// A `set` command. Throws Error for a key or a value that cannot be set.
    void set(const std::string& key, const Json& value);

    void followSchedule();
    void enterStep(std::int64_t done);
    std::string reasonToEnd() const;
    bool freezesNorm() const;
    void requantize(const QuantSpec& quant);
    void startLoader();
    BatchLoader::Options loaderOptions() const;
    double scheduledRate() const;
    double clipGradients();
    std::int64_t evaluationsLeft() const;

    ExperimentSpec spec;
    const Dataset& data;
    Runtime& runtime;
    Split split;
    Model model;
    std::vector<Parameter*> parameters;
    std::unique_ptr<Optimizer> optimizer;
    double learningRate; // before the schedule's factor
    Guards guards;
    TrainingPass pass{model, runtime};
    std::optional<BatchLoader> loader;
    std::int64_t step = 0; // done so far
    std::int64_t steps = 0;
    bool calibrated = false; // a method that is calibrated has been
    double bestScore = -1; // below 0: not evaluated yet
    int evaluationsWithoutBest = 0;
    TrainClock clock;
};

/// Applies a run's commands between its steps.
class CommandDesk
{
public:
    CommandDesk(Trainer::State& trainer, TrainObserver& observer, TrainControls& controls,
                std::stop_token stop)
        : m_trainer(trainer)
        , m_observer(observer)
        , m_controls(controls)
        , m_stop(std::move(stop))
    {
    }

    /// Before a step: applies what came in, waits while paused. False: the run is to stop.
    bool serve();

    /// After a step: pauses for `reason` if there is one, or after a single step.
    void afterStep(const std::string& reason);

private:
    void apply(const Json& command);
    void pause(const std::string& reason);
    void resume();

    Trainer::State& m_trainer;
    TrainObserver& m_observer;
    TrainControls& m_controls;
    std::stop_token m_stop;
    bool m_paused = false;
    bool m_stopping = false;
    bool m_singleStep = false;
};

} // namespace stair
