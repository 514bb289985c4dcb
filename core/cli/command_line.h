#pragma once

namespace stair {

inline constexpr int exitFailed = 1; // the program or the machine
inline constexpr int exitBadInput = 2; // what the user gave; one line on stderr says what
inline constexpr int exitInterrupted = 130; // stopped by a signal

/// Runs the command that the arguments name; returns the process's exit code.
int runCommandLine(int argc, const char* const* argv);

} // namespace stair
