#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// What a race is to have: the same in the meta.json of each of its runs, under "race". A run's own
/// method and seed are in its spec; what the runs share, "sweep", says which belong together.
struct RaceRecord
{
    std::string title;
    std::vector<std::string> methods; // one lane each, in this order
    std::vector<std::uint64_t> seeds; // one run each in every lane

    bool operator==(const RaceRecord&) const = default;

    Json toJson() const;

    /// Nothing when `json` is no such record, or one without a lane or a seed.
    static std::optional<RaceRecord> read(const Json& json);
};

} // namespace stair
