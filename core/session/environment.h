#pragma once

#include "core/base/json.h"
#include "core/ops/runtime.h"

#include <string>

namespace stair {

/// The program, the machine and the versions of the libraries: what is known without computing.
Json describeProgram();

/// What a run's numbers may depend on besides its spec: program, CPU, instruction sets, threads,
/// library versions, and the implementation of each integer primitive checked so far.
Json describeEnvironment(Runtime& runtime);

/// In words, what differs between two environments that can change a float sum's last bits; empty
/// when nothing does.
std::string environmentChange(const Json& before, const Json& now);

} // namespace stair
