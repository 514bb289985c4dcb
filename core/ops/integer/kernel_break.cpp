#include "core/ops/integer/kernel_break.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/ops/integer/kernels.h"

#include <algorithm>
#include <cstdlib>

namespace stair {

namespace {

constexpr const char* variable = "STAIR_BREAK_KERNEL";

/// Calls spoilOne(flat index) for the last channel in the last row of each image.
template<typename SpoilOne>
void forCorner(const Shape& s, const SpoilOne& spoilOne)
{
    for (int n = 0; n < s.n; ++n)
        for (int x = 0; x < s.w; ++x)
            spoilOne((((std::int64_t(n) + 1) * s.h - 1) * s.w + x + 1) * s.c - 1);
}

} // namespace

KernelBreak KernelBreak::fromEnvironment()
{
    const char* wish = std::getenv(variable);
    KernelBreak result;
    if (!wish || !*wish)
        return result;
    const std::string text = wish;
    const std::size_t colon = text.find(':');
    result.kernel = text.substr(0, colon);
    result.skipsCheck = colon != std::string::npos;
    std::vector<std::string> names;
    for (const IntegerConvKernel& kernel : integerConvKernels())
        names.emplace_back(kernel.name);
    names.back() = bitMaximumName; // the reference is what the others are checked against
    if (std::ranges::find(names, result.kernel) == names.end()
        || (result.skipsCheck && text.substr(colon) != ":unchecked"))
        throw Error(concat(variable, " is '", text, "'; it must be one of ", joinNames(names),
                           ", or such a name and ':unchecked', or unset"));
    return result;
}

void KernelBreak::spoil(Tensor& acc)
{
    forCorner(acc.shape(), [&](std::int64_t i) { acc.data()[i] = -acc.data()[i]; });
}

void KernelBreak::spoil(Codes& codes, int low, int high)
{
    forCorner(codes.shape(),
              [&](std::int64_t i) { codes.data()[i] = std::uint8_t(low + high - codes.at(i)); });
}

void KernelBreak::spoil(BitPlanes& planes)
{
    const std::int64_t channels = planes.shape().c;
    const int ends = planes.grid().qn + planes.grid().qp, words = planes.wordsPerPlane();
    forCorner(planes.shape(), [&](std::int64_t i) {
        const std::int64_t row = i / channels, channel = i % channels;
        const unsigned bits = planes.code().bits(ends - planes.at(row, int(channel)));
        for (int plane = 0; plane < planes.code().planes; ++plane) {
            std::uint64_t& word = planes.pixel(row)[plane * words + channel / 64];
            const std::uint64_t bit = std::uint64_t(1) << (channel % 64);
            word = bits >> plane & 1 ? word | bit : word & ~bit;
        }
    });
}

std::string KernelBreak::warning() const
{
    if (kernel.empty())
        return {};
    return concat("test hook ", variable, ": the kernel ", kernel, " is made to give wrong results",
                  skipsCheck ? ", unchecked: no result of this run is to be trusted" : "");
}

} // namespace stair
