#include "core/session/time_trial.h"

#include "core/base/error.h"
#include "core/session/experiment.h"

#include <algorithm>
#include <chrono>

namespace stair {

namespace {

/// Enough for no trial to come to the end of its run.
constexpr int manyEpochs = 1'000'000;

/// Watches the clock from step to step and ends the run when it has seen enough; what a guard
/// pauses goes on.
class Trial : public TrainObserver, public TrainControls
{
public:
    explicit Trial(double seconds)
        : m_limit(seconds)
    {
    }

    std::vector<Json> poll(std::int64_t step) override
    {
        const Clock::time_point now = Clock::now();
        const std::int64_t done = step - 1;
        if (done >= 1)
            times.add(done, seconds(m_stepStart, now));
        m_stepStart = now;
        const bool enough = done >= StepTimes::recordEvery && seconds(m_start, now) >= m_limit;
        return enough ? command("stop") : std::vector<Json>();
    }

    std::vector<Json> wait(std::int64_t) override { return command("resume"); }

    StepTimes times;

private:
    using Clock = std::chrono::steady_clock;

    static double seconds(Clock::time_point from, Clock::time_point to)
    {
        return std::chrono::duration<double>(to - from).count();
    }

    static std::vector<Json> command(const char* name) { return {{{"command", name}}}; }

    const double m_limit;
    const Clock::time_point m_start = Clock::now();
    Clock::time_point m_stepStart;
};

} // namespace

void StepTimes::add(std::int64_t step, double seconds)
{
    if (step == 1)
        return;
    Sum& sum = step % recordEvery == 0 ? m_recording : m_plain;
    sum.seconds += seconds;
    ++sum.steps;
}

double StepTimes::mean(int statisticsEvery) const
{
    const double plain = m_plain.mean();
    if (statisticsEvery == 0 || m_recording.steps == 0)
        return plain;
    return plain + std::max(0.0, m_recording.mean() - plain) / statisticsEvery;
}

TimeTrial timeSpec(const ExperimentSpec& spec, double seconds)
{
    if (spec.training.epochs == 0)
        throw Error("training.epochs is 0: there are no steps to time");
    ExperimentSpec tried = spec;
    tried.quant.schedule = {};
    tried.training.epochs = manyEpochs;
    tried.training.evaluateEvery = manyEpochs;
    tried.statisticsEvery = spec.statisticsEvery > 0 ? StepTimes::recordEvery : 0;
    tried.training.patience = 0;
    tried.training.budgetSeconds = 0;
    Experiment experiment(tried, std::filesystem::current_path());
    experiment.loadStart();
    Trial trial(seconds);
    experiment.trainer.run(trial, trial, {});
    TimeTrial result;
    result.stepSeconds = trial.times.mean(spec.statisticsEvery);
    result.steps = trial.times.count();
    result.stepsPerEpoch = experiment.trainer.steps() / manyEpochs;
    result.evaluationSeconds = experiment.trainer.evaluationSeconds();
    return result;
}

} // namespace stair
