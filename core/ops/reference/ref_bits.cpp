#include "core/ops/reference/ref_bits.h"

#include "core/ops/reference/ref_products.h"

#include <bit>

namespace stair {

int refDotSigns(std::uint64_t a, std::uint64_t w, int channels)
{
    return channels - 2 * std::popcount(a ^ w);
}

int refDotTernary(std::uint64_t nonzeroA, std::uint64_t signA, std::uint64_t nonzeroW,
                  std::uint64_t signW)
{
    const std::uint64_t nz = nonzeroA & nonzeroW, d = signA ^ signW;
    return std::popcount(nz & ~d) - std::popcount(nz & d);
}

std::vector<std::int64_t> refConvBits(const BitPlanes& src, const BitWeights& weights)
{
    const ConvGeometry& g = weights.geometry();
    std::vector<std::int64_t> sums(std::size_t(g.outputShape(src.shape()).size()));
    forEachProduct(g, src.shape(), [&](auto to, auto from, auto at) {
        const int in = int(at % g.inC);
        const int tap = int(at / g.inC % weights.taps());
        const int out = int(at / g.inC / weights.taps());
        int weight = 0;
        for (int plane = 0; plane < weights.code().planes; ++plane)
            weight += weights.code().factor(plane) * weights.digit(plane, tap, out, in);
        sums[std::size_t(to)] += src.at(from / g.inC, in) * weight;
    });
    return sums;
}

} // namespace stair
