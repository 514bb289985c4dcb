#include "core/analysis/width_proposal.h"

#include "core/base/assert.h"

#include <algorithm>
#include <limits>

namespace stair {

namespace {

/// What the layers so far can come to.
struct State
{
    std::int64_t bytes = 0;
    std::int64_t lost = 0;
    std::size_t before = 0; // index among the states of one layer less
    std::size_t option = 0;
};

/// Leaves those that no other beats, by size upwards: each one loses less than all smaller ones.
std::vector<State> front(std::vector<State> states)
{
    std::ranges::stable_sort(states, [](const State& a, const State& b) {
        return a.bytes != b.bytes ? a.bytes < b.bytes : a.lost < b.lost;
    });
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    std::erase_if(states, [&best](const State& state) {
        const bool beaten = state.lost >= best;
        best = std::min(best, state.lost);
        return beaten;
    });
    return states;
}

} // namespace

SizeRange sizeRange(const std::vector<std::vector<WidthOption>>& layers)
{
    SizeRange range;
    for (const std::vector<WidthOption>& options : layers) {
        const auto [least, most] = std::ranges::minmax(options, {}, &WidthOption::bytes);
        range.least += least.bytes;
        range.most += most.bytes;
    }
    return range;
}

// Whatever the later layers get, a state that is beaten in both size and loss stays so. The losses
// are whole numbers of images, so that a front has no more states than images can be lost.
std::optional<WidthProposal> proposeWidths(const std::vector<std::vector<WidthOption>>& layers,
                                           std::int64_t budget)
{
    std::int64_t rest = sizeRange(layers).least; // what the later layers take at least
    std::vector<std::vector<State>> fronts = {{State{}}};
    for (const std::vector<WidthOption>& options : layers) {
        require(!options.empty(), "each layer has a width");
        rest -= std::ranges::min(options, {}, &WidthOption::bytes).bytes;
        std::vector<State> states;
        for (std::size_t before = 0; before < fronts.back().size(); ++before)
            for (std::size_t i = 0; i < options.size(); ++i) {
                const State& state = fronts.back()[before];
                if (state.bytes + options[i].bytes + rest <= budget)
                    states.push_back(
                        {state.bytes + options[i].bytes, state.lost + options[i].lost, before, i});
            }
        if (states.empty())
            return std::nullopt;
        fronts.push_back(front(std::move(states)));
    }
    const State& best = fronts.back().back();
    WidthProposal proposal{std::vector<std::size_t>(layers.size()), best.bytes, best.lost};
    std::size_t at = fronts.back().size() - 1;
    for (std::size_t layer = layers.size(); layer > 0; --layer) {
        proposal.chosen[layer - 1] = fronts[layer][at].option;
        at = fronts[layer][at].before;
    }
    return proposal;
}

bool isBetter(const CheckedWidths& one, const CheckedWidths& other)
{
    return one.bytes <= other.bytes && one.right >= other.right
        && (one.bytes < other.bytes || one.right > other.right);
}

} // namespace stair
