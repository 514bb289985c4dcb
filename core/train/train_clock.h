#pragma once

#include <chrono>

namespace stair {

/// Training time of a run: pauses and evaluations are left out. Wall clock only; nothing that a
/// run computes depends on it, but for a time budget.
class TrainClock
{
public:
    void pause()
    {
        if (m_running)
            m_before += since(m_start);
        m_running = false;
        m_pausedAt = Clock::now();
    }

    void resume()
    {
        m_start = m_lastStep = Clock::now();
        m_running = true;
    }

    /// Seconds of the evaluation that began with pause().
    double evaluationDone()
    {
        m_evaluationSeconds = since(m_pausedAt);
        return m_evaluationSeconds;
    }

    void stepDone(int images)
    {
        constexpr double weight = 0.1;
        const double seconds = since(m_lastStep);
        m_lastStep = Clock::now();
        m_stepSeconds
            = m_stepSeconds > 0 ? m_stepSeconds + weight * (seconds - m_stepSeconds) : seconds;
        m_images = images;
    }

    /// What came since the last step is no part of the next one's time (it counts as elapsed).
    void leaveOut() { m_lastStep = Clock::now(); }

    double elapsed() const { return m_before + (m_running ? since(m_start) : 0); }
    void setElapsed(double seconds) { m_before = seconds; }
    double imagesPerSecond() const { return m_stepSeconds > 0 ? m_images / m_stepSeconds : 0; }

    double remaining(long long steps, long long evaluations) const
    {
        return m_stepSeconds * double(steps) + m_evaluationSeconds * double(evaluations);
    }

private:
    using Clock = std::chrono::steady_clock;

    static double since(Clock::time_point start)
    {
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    bool m_running = false;
    double m_before = 0;
    Clock::time_point m_start = Clock::now();
    Clock::time_point m_lastStep = Clock::now();
    Clock::time_point m_pausedAt = Clock::now();
    double m_stepSeconds = 0; // a running mean
    double m_evaluationSeconds = 0; // of the latest
    int m_images = 0;
};

} // namespace stair
