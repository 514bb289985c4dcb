#pragma once

#include "core/ops/integer/bit_planes.h"
#include "core/ops/pool.h"

#include <cstdint>
#include <vector>

namespace stair {

/// Pooling of one-plane codes without bytes: the greatest code of each window, or the least one in
/// chosen channels, where a maximum of sums stands before an epilogue that falls (NUMERICS 3).
class BitPool
{
public:
    /// `least`: the channels that take the least code; empty: none. Throws InternalError for codes
    /// of several planes.
    BitPool(const Grid& grid, int channels, const std::vector<bool>& least = {});

    /// dst is allocated with the pooled shape and the same grid.
    void run(const PoolGeometry& g, const BitPlanes& src, BitPlanes& dst) const;

private:
    std::vector<std::uint64_t> m_all; // bits of a word that are of a channel whose bits are ANDed
};

} // namespace stair
