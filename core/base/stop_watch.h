#pragma once

#include <chrono>

namespace stair {

/// Adds the seconds of its own life to `total`.
class StopWatch
{
public:
    explicit StopWatch(double& total)
        : m_total(total)
    {
    }
    ~StopWatch() { m_total += std::chrono::duration<double>(Clock::now() - m_start).count(); }
    StopWatch(const StopWatch&) = delete;
    StopWatch& operator=(const StopWatch&) = delete;

private:
    using Clock = std::chrono::steady_clock;
    double& m_total;
    Clock::time_point m_start = Clock::now();
};

} // namespace stair
