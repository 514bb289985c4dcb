#pragma once

#include "core/base/json.h"

#include <string>

namespace stair {

/// Whether the proposal of this document (see `stair propose`) is better than a uniform width, in
/// words: by what, or that none was found and why.
std::string verdictText(const Json& document);

/// The whole document.
std::string proposalText(const Json& document);

} // namespace stair
