#pragma once

#include "core/base/json.h"
#include "core/lower/program.h"

#include <cstdint>
#include <span>
#include <vector>

namespace stair {

// A program's structure as JSON, without its tables, weights and multipliers, which are stored as
// tensors beside it. Keys that would hold a default are left out. README, "The packed file".

Json valueText(const ProgramValue& value);
Json instructionText(const Instruction& in);
Json programText(const Program& program);

/// The most that a file of weights can be taken for where nobody says: what ONNX allows.
inline constexpr std::int64_t mostFileBytes = std::int64_t(1) << 31;

/// The program that the text describes, its weights' codes allocated and not yet filled, multipliers
/// sized, tables empty. Throws Json::exception or Error for what is not such a text, and for more
/// weights and multipliers than `fileBytes` can hold, before it allocates them.
Program programFromText(const Json& text, std::int64_t fileBytes = mostFileBytes);

/// m and b of each output one after the other, or of the join: 2 x channels values each.
std::vector<float> multipliersOf(const Instruction& in);
void setMultipliers(Instruction& in,
                    std::span<const float> values); // as many as multipliersOf gives

} // namespace stair
