#pragma once

#include "core/ops/integer/bit_planes.h"
#include "core/tensor/tensor.h"

#include <string>

namespace stair {

/// The maxima of packed codes (BitPool) as the hook names them.
inline constexpr const char* bitMaximumName = "bit_maximum";

/// A test hook, off unless STAIR_BREAK_KERNEL names one of integerConvKernels() but the reference, or
/// bit_maximum: that kernel is then wrong in a corner of each image. "NAME:unchecked" also passes it by
/// the check before first use. The command line warns whenever it is on.
struct KernelBreak
{
    std::string kernel; // empty: nothing is broken
    bool skipsCheck = false;

    /// Throws Error for a value that names no such kernel.
    static KernelBreak fromEnvironment();

    bool breaks(const char* name) const { return !kernel.empty() && kernel == name; }
    bool passes(const char* name) const { return skipsCheck && breaks(name); }

    /// The last channel has the wrong sign in each image's last row, as at an unfinished vector.
    static void spoil(Tensor& acc);

    /// The same after a fused epilogue onto codes from low to high.
    static void spoil(Codes& codes, int low, int high);
    static void spoil(BitPlanes& planes);

    /// One line for whoever must not miss that the hook is on; empty when it is off.
    std::string warning() const;
};

} // namespace stair
