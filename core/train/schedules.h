#pragma once

#include "core/base/params.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stair {

/// The learning rate over a run: a factor on the optimizer's learning_rate.
struct ScheduleInfo
{
    std::string id; // saved in runs: never rename
    std::string title;
    std::string help;
    std::vector<ParamSpec> params; // "warmup" (steps of linear rise from near 0) is in each

    /// The factor before step `step` (from 0) of `steps`; stepsPerEpoch > 0. Throws Error when
    /// its text parameter cannot be read, worded to follow that parameter's name; the spec asks
    /// once, so that a run never starts with such a text.
    std::function<double(const ParamValues&, std::int64_t step, std::int64_t steps,
                         std::int64_t stepsPerEpoch)>
        factor;
};

/// constant, step, cosine, exponential; in menu order. Each with warm-up.
const std::vector<ScheduleInfo>& schedules();

/// Throws Error naming the nearest known id when `id` is not one of them.
const ScheduleInfo& schedule(const std::string& id);

} // namespace stair
