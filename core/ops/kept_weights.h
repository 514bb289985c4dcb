#pragma once

#include <memory>

namespace stair {

/// What a kernel made of one layer's weights: reordered, packed.
struct KernelState
{
    virtual ~KernelState() = default;
};

/// Kept by whoever runs the same weights again and again, one a layer; empty at first. A kernel that
/// finds another kernel's state in it puts its own there.
using KeptWeights = std::unique_ptr<KernelState>;

/// The state of that type in `kept`, made new where it holds another or none.
template<class State>
State& stateIn(KeptWeights& kept)
{
    if (auto* known = dynamic_cast<State*>(kept.get()))
        return *known;
    auto made = std::make_unique<State>();
    State& state = *made;
    kept = std::move(made);
    return state;
}

} // namespace stair
