#include "core/ops/integer/bit_pool.h"

#include "core/base/assert.h"

namespace stair {

BitPool::BitPool(const Grid& grid, int channels, const std::vector<bool>& least)
    : m_all((std::size_t(channels) + 63) / 64, 0)
{
    const auto code = BitCode::of(grid, 1);
    require(code.has_value(), "maxima of bits are of one plane");
    // A bit of 1 is the lesser code of a sign, and the greater of 0 and 1.
    const bool greatestIsZero = code->digits == BitCode::Digits::Signs || code->isSigned;
    for (int c = 0; c < channels; ++c) {
        const bool takesLeast = !least.empty() && least[std::size_t(c)];
        m_all[std::size_t(c) / 64] |= std::uint64_t(takesLeast != greatestIsZero) << (c % 64);
    }
}

void BitPool::run(const PoolGeometry& g, const BitPlanes& src, BitPlanes& dst) const
{
    const Shape& from = src.shape();
    const Shape& to = dst.shape();
    require(to == g.outputShape(from) && dst.grid() == src.grid(),
            "a maximum of bits has the pooled shape and its source's grid");
    const std::size_t words = m_all.size();
    const std::int64_t rows = to.rows();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        const int top = int(row / to.w % to.h) * g.stride - g.pad;
        const int left = int(row % to.w) * g.stride - g.pad;
        const std::int64_t image = row / to.w / to.h * from.h;
        std::uint64_t* out = dst.pixel(row);
        std::fill_n(out, words, 0);
        // all(x) = not any(not x)
        for (int y = std::max(0, top); y < std::min(from.h, top + g.kernel); ++y)
            for (int x = std::max(0, left); x < std::min(from.w, left + g.kernel); ++x) {
                const std::uint64_t* in = src.pixel((image + y) * from.w + x);
                for (std::size_t i = 0; i < words; ++i)
                    out[i] |= in[i] ^ m_all[i];
            }
        for (std::size_t i = 0; i < words; ++i)
            out[i] ^= m_all[i];
    }
}

} // namespace stair
