#pragma once

#include <stdexcept>

namespace stair {

/// A broken promise inside the program, never the user's fault.
class InternalError : public std::logic_error
{
public:
    using std::logic_error::logic_error;
};

/// Checks a promise between two parts of the program; throws InternalError naming it.
inline void require(bool holds, const char* promise)
{
    if (!holds)
        throw InternalError(promise);
}

} // namespace stair
