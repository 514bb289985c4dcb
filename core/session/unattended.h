#pragma once

#include "core/train/observer.h"

namespace stair {

/// For runs that nobody watches: what a guard pauses goes on at once, a few times; then the run is
/// stopped, with a checkpoint. A pause that somebody asked for lasts. Stands between a trainer and
/// its controls, and listens to it.
class Unattended : public TrainObserver, public TrainControls
{
public:
    static constexpr int mostPauses = 20;

    explicit Unattended(TrainControls& controls)
        : m_controls(controls)
    {
    }

    void onPaused(std::int64_t, const std::string& reason) override
    {
        m_byGuard = isGuardsReason(reason);
        m_pauses += m_byGuard ? 1 : 0;
    }

    std::vector<Json> poll(std::int64_t step) override { return m_controls.poll(step); }

    std::vector<Json> wait(std::int64_t step) override
    {
        if (!m_byGuard)
            return m_controls.wait(step);
        m_byGuard = false;
        return {{{"command", gaveUp() ? "stop" : "resume"}}};
    }

    /// Whether it has stopped the run.
    bool gaveUp() const { return m_pauses > mostPauses; }

private:
    TrainControls& m_controls;
    bool m_byGuard = false; // the pause that lasts
    int m_pauses = 0;
};

} // namespace stair
