#pragma once

#include "core/train/observer.h"

namespace stair {

/// Passes what a run reports to one observer, then to another if there is one.
class ObserverPair : public TrainObserver
{
public:
    ObserverPair(TrainObserver& first, TrainObserver* second)
        : m_first(first)
        , m_second(second)
    {
    }

    void onStep(const StepReport& r) override { pass(&TrainObserver::onStep, r); }
    void onEvaluation(const EvaluationReport& r) override { pass(&TrainObserver::onEvaluation, r); }
    void onLayers(const LayersReport& r) override { pass(&TrainObserver::onLayers, r); }
    void onResumed(std::int64_t step) override { pass(&TrainObserver::onResumed, step); }
    void onNotice(std::int64_t step, const std::string& text) override
    {
        pass(&TrainObserver::onNotice, step, text);
    }
    void onCommand(std::int64_t step, const Json& command) override
    {
        pass(&TrainObserver::onCommand, step, command);
    }
    void onPaused(std::int64_t step, const std::string& reason) override
    {
        pass(&TrainObserver::onPaused, step, reason);
    }
    void onCheckpoint(const Checkpoint& checkpoint, bool best) override
    {
        pass(&TrainObserver::onCheckpoint, checkpoint, best);
    }

private:
    template<typename... Values>
    void pass(void (TrainObserver::*report)(Values...), const auto&... values)
    {
        (m_first.*report)(values...);
        if (m_second)
            (m_second->*report)(values...);
    }

    TrainObserver& m_first;
    TrainObserver* m_second;
};

} // namespace stair
