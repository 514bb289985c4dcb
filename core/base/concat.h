#pragma once

#include <sstream>
#include <string>

namespace stair {

/// Streams its arguments into one string (GCC 12 has no std::format).
template<typename... Parts>
std::string concat(const Parts&... parts)
{
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
}

} // namespace stair
