#pragma once

#include <stdexcept>
#include <string>

namespace stair {

/// Something the user gave cannot be used: a spec, a file, a folder, an option. The text is one
/// line: what, where, and the remedy. Programs show it and leave with exit code 2. Every other
/// exception is a failure of the program or the machine (exit code 1).
class Error : public std::runtime_error
{
public:
    explicit Error(const std::string& text)
        : std::runtime_error(text)
    {
    }
};

} // namespace stair
