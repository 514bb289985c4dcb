#include "core/session/time_trial.h"

#include "core/session/experiment.h"

#include <algorithm>

namespace stair {

namespace {

/// Of a step's time, what its images would take in an evaluation: a forward pass is about a third
/// of a step, and the program is no slower.
constexpr double forwardShare = 1.0 / 3;

/// Watches the clock and ends the run when it has seen enough; a pause ends it too.
class Trial : public TrainObserver, public TrainControls
{
public:
    explicit Trial(double seconds)
        : m_limit(seconds)
    {
    }

    void onStep(const StepReport& report) override
    {
        if (report.step > 1) // the first one chooses kernels
            m_seconds.push_back(report.elapsedSeconds - m_elapsed);
        else
            m_first = report.elapsedSeconds;
        m_elapsed = report.elapsedSeconds;
    }

    std::vector<Json> poll(std::int64_t) override
    {
        return !m_seconds.empty() && m_elapsed >= m_limit ? stop() : std::vector<Json>();
    }

    std::vector<Json> wait(std::int64_t) override { return stop(); }

    double median()
    {
        if (m_seconds.empty())
            return m_first;
        const auto middle = m_seconds.begin() + std::ptrdiff_t(m_seconds.size() / 2);
        std::ranges::nth_element(m_seconds, middle);
        return *middle;
    }

private:
    static std::vector<Json> stop() { return {{{"command", "stop"}}}; }

    double m_limit;
    double m_first = 0;
    double m_elapsed = 0;
    std::vector<double> m_seconds; // of each step but the first
};

} // namespace

TimeTrial timeSpec(const ExperimentSpec& spec, double seconds)
{
    ExperimentSpec tried = spec;
    tried.quant.schedule = {};
    tried.training.evaluateEvery = 1'000'000;
    tried.training.patience = 0;
    tried.training.budgetSeconds = 0;
    Experiment experiment(tried, std::filesystem::current_path());
    experiment.loadStart();
    Trial trial(seconds);
    experiment.trainer.run(trial, trial, {});
    TimeTrial result;
    result.stepSeconds = trial.median();
    result.stepsPerEpoch = experiment.trainer.steps() / spec.training.epochs;
    result.evaluationSeconds = evaluationImages(spec, experiment.data.test.count())
        * result.stepSeconds / spec.data.batch * forwardShare;
    return result;
}

} // namespace stair
