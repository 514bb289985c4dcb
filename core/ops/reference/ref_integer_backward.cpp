#include "core/ops/reference/ref_integer_backward.h"

#include "core/ops/integer/conv_codes_backward.h"
#include "core/ops/reference/ref_products.h"

#include <vector>

namespace stair {

namespace {

/// Exact sums of one chunk, and the f32 totals of those before it.
class ChunkedSums
{
public:
    explicit ChunkedSums(Tensor& totals)
        : m_totals(totals)
        , m_sums(std::size_t(totals.size()))
    {
        m_totals.fill(0);
    }
    void add(std::int64_t at, int a, int b) { m_sums[std::size_t(at)] += a * b; }
    void endChunk()
    {
        for (std::size_t i = 0; i < m_sums.size(); ++i) {
            m_totals.data()[i] += float(m_sums[i]);
            m_sums[i] = 0;
        }
    }

private:
    Tensor& m_totals;
    std::vector<std::int32_t> m_sums;
};

} // namespace

void refConvCodesBackwardWeights(const ConvGeometry& g, const Codes& src, const Codes& dDst,
                                 std::span<const float> scales, Tensor& dWeight)
{
    ChunkedSums sums(dWeight);
    std::int64_t chunk = 0;
    forEachProduct(g, src.shape(), [&](auto to, auto from, auto tap) {
        const std::int64_t now = to / g.outC / chunkTerms;
        if (now != chunk)
            sums.endChunk();
        chunk = now;
        sums.add(tap, dDst.at(to), src.at(from));
    });
    sums.endChunk();
    const std::int64_t each = g.terms();
    for (std::int64_t i = 0; i < dWeight.size(); ++i)
        dWeight.data()[i] *= scales[std::size_t(i / each)];
}

void refConvCodesBackwardData(const ConvGeometry& g, const Codes& dDst, const Codes& weight,
                              float scale, Tensor& dSrc)
{
    const int perGroup = g.outC / g.groups;
    ChunkedSums sums(dSrc);
    for (int first = 0; first < perGroup; first += chunkChannels(g)) {
        forEachProduct(g, dSrc.shape(), [&](auto to, auto from, auto tap) {
            const int channel = int(to % g.outC % perGroup);
            if (channel >= first && channel < first + chunkChannels(g))
                sums.add(from, dDst.at(to), weight.at(tap));
        });
        sums.endChunk();
    }
    for (float& x : dSrc.values())
        x *= scale;
}

} // namespace stair
