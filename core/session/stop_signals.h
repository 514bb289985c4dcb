#pragma once

#include <stop_token>
#include <thread>

namespace stair {

/// While it lives, SIGINT, SIGTERM and SIGHUP ask for a stop instead of ending the process; the
/// second of a kind ends it. SIGPIPE is ignored: a run outlives whoever reads its output. One at a
/// time; the handlers from before are put back.
class StopSignals
{
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    std::stop_token token() const { return m_source.get_token(); }

    /// The first signal that came; 0: none.
    int caught() const;

private:
    std::stop_source m_source;
    std::jthread m_listener;
};

} // namespace stair
