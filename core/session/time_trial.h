#pragma once

#include "core/train/recipe_fit.h"

namespace stair {

/// What the steps of a trial took. The first one chooses kernels and does not count; each tenth
/// records statistics. Between them lie eight steps: the period of the methods that look at
/// something only now and then (LLSQ's and SSG's probes).
class StepTimes
{
public:
    static constexpr int recordEvery = 10;

    void add(std::int64_t step, double seconds); // steps from 1 on, each once

    /// Of a step in a run that records statistics every so many steps; 0: never.
    double mean(int statisticsEvery) const;

    int count() const { return m_plain.steps + m_recording.steps; }

private:
    struct Sum
    {
        double seconds = 0;
        int steps = 0;
        double mean() const { return steps > 0 ? seconds / steps : 0; }
    };
    Sum m_plain;
    Sum m_recording;
};

/// What a few real steps and some batches of an evaluation of a spec took on this machine, and what
/// follows from it.
struct TimeTrial
{
    double stepSeconds = 0; // mean, with its share of the statistics
    int steps = 0; // that were timed
    std::int64_t stepsPerEpoch = 0;
    double evaluationSeconds = 0; // of one as in such a run, from some batches of it

    TrainingCost cost() const { return {stepSeconds * double(stepsPerEpoch), evaluationSeconds}; }
};

/// Trains in memory for about `seconds`, ten steps at least, with the spec's data, network, method
/// and batch, quantized from the first step on; then evaluates some batches. Writes nothing. Throws
/// Error for what the spec asks and cannot be had, and for a spec of no epochs.
TimeTrial timeSpec(const ExperimentSpec& spec, double seconds);

} // namespace stair
