#pragma once

#include <string>

namespace stair::dnnlops {

/// Instruction sets that oneDNN may be held to, so that a fast machine can stand in for a lesser.
enum class IsaCap
{
    Avx2,
    Avx512,
    Avx512Vnni
};

/// Before oneDNN's first use in this process; later calls have no effect.
void capIsa(IsaCap cap);

/// What oneDNN will use on this CPU under the cap.
struct Isa
{
    std::string name; // "avx512_core_vnni" and the like
    bool hasVnni = false; // int8 products are summed in 32 bits, not in 16
};
Isa effectiveIsa();

/// "2.6.3": the oneDNN that is loaded.
std::string version();

} // namespace stair::dnnlops
