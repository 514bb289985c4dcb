#include "core/ops/reference/ref_integer.h"

#include "core/base/assert.h"
#include "core/base/error.h"
#include "core/ops/reference/ref_products.h"

#include <limits>

namespace stair {

std::vector<std::int32_t> refConvInt(const ConvGeometry& g, const Codes& src, const Codes& weight)
{
    require(weight.shape() == g.weightShape(), "a convolution's weight has its geometry's shape");
    std::vector<std::int64_t> sums(std::size_t(g.outputShape(src.shape()).size()));
    forEachProduct(g, src.shape(), [&](auto to, auto from, auto tap) {
        sums[std::size_t(to)] += std::int64_t(src.at(from)) * weight.at(tap);
    });
    std::vector<std::int32_t> result;
    result.reserve(sums.size());
    for (const std::int64_t sum : sums) {
        if (sum < std::numeric_limits<std::int32_t>::min()
            || sum > std::numeric_limits<std::int32_t>::max())
            throw Error(concat("[conv] a sum of ", g.terms(), " products of codes, ", sum,
                               ", does not fit into 32 bits; use fewer bits or a narrower layer"));
        result.push_back(std::int32_t(sum));
    }
    return result;
}

} // namespace stair
