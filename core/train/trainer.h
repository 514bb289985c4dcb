#pragma once

#include "core/data/dataset.h"
#include "core/lower/program.h"
#include "core/nn/model.h"
#include "core/ops/runtime.h"
#include "core/train/experiment_spec.h"
#include "core/train/observer.h"

#include <memory>
#include <optional>
#include <stop_token>

namespace stair {

/// How a run ended.
enum class RunEnd
{
    Finished, // all epochs, or early stop, or the time budget: see the last notice
    Stopped, // by a command or the stop token; a checkpoint was handed out first
};

/// Throws Error unless a run of this spec would follow a `set` of this key to this value.
void checkChange(const ExperimentSpec& spec, const std::string& key, const Json& value);

/// Trains one network. One thread calls it; inside it uses the runtime's threads. The data set and
/// the runtime must outlive it. Nothing is written: the observer receives everything.
class Trainer
{
public:
    /// Throws Error for what the spec asks and cannot be had (batch larger than the set, an image
    /// too small for the network ...).
    Trainer(const ExperimentSpec& spec, const Dataset& data, Runtime& runtime);
    ~Trainer();
    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;

    /// Weights and batch-norm statistics (and quantizer steps where the names match) from another
    /// run's checkpoint: fine-tuning. Throws Error when it belongs to another network.
    void startFrom(const Checkpoint& checkpoint);

    /// The same from a shipped program of the network (program_start.h).
    void startFrom(const Program& program);

    /// Continues this very run. Throws Error when the checkpoint belongs to another spec.
    void restore(const Checkpoint& checkpoint);

    Checkpoint checkpoint();
    std::int64_t step() const;
    std::int64_t steps() const;

    /// Runs to the end or until stopped. Exceptions leave the last checkpoint as it was.
    RunEnd run(TrainObserver& observer, TrainControls& controls, std::stop_token stop);

    /// Evaluates the present state, as the run's own evaluations do.
    EvaluationReport evaluate();

    /// The seconds that evaluate() would take, measured on some batches.
    double evaluationSeconds();

    /// The program that evaluate() runs: what is shipped.
    Program program();

    /// The batch-norm statistics in that program, by stage; none: the running ones.
    std::optional<std::vector<NormStatistics>> norms();

    /// The network as it stands.
    Model& model();

    struct State;

private:
    std::unique_ptr<State> m_state;
};

} // namespace stair
