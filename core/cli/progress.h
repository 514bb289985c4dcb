#pragma once

#include "core/cli/console.h"
#include "core/train/observer.h"

#include <chrono>
#include <string>

namespace stair {

/// Shows a run on the console: on a terminal one line that is rewritten, with the time left, and a
/// line for what happens seldom; elsewhere plain lines, a step every ten seconds.
class Progress : public TrainObserver
{
public:
    /// `afterResults`: what stands behind each evaluation.
    explicit Progress(const Console& console, std::string afterResults = {});

    /// Removes the line that is being rewritten.
    ~Progress() override;

    void onStep(const StepReport& report) override;
    void onEvaluation(const EvaluationReport& report) override;
    void onNotice(std::int64_t step, const std::string& text) override;
    void onPaused(std::int64_t step, const std::string& reason) override;
    void onResumed(std::int64_t step) override;

private:
    void line(const std::string& text);

    const Console& m_console;
    std::string m_afterResults;
    std::chrono::steady_clock::time_point m_shown;
    bool m_open = false; // a rewritten line stands on the terminal
};

} // namespace stair
