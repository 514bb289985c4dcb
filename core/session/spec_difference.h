#pragma once

#include "core/base/json.h"

#include <string>
#include <vector>

namespace stair {

/// A key in which two experiments differ: "quant.weights.bits", and both values as text; "–" where
/// one has no such key.
struct SpecDifference
{
    std::string key;
    std::string first;
    std::string second;

    bool operator==(const SpecDifference&) const = default;
};

/// Of two complete specs (ExperimentSpec::toJson), in the order of the first. Name and threads are
/// left out: they change nothing that is learned.
std::vector<SpecDifference> specDifferences(const Json& first, const Json& second);

} // namespace stair
