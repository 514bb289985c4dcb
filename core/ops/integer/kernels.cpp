#include "core/ops/integer/kernels.h"

#include "core/base/concat.h"
#include "core/ops/dnnl/conv.h"
#include "core/ops/integer/bit_pool.h"
#include "core/ops/integer/conformance.h"
#include "core/ops/integer/conv_bits.h"
#include "core/ops/integer/conv_bits_kernels.h"
#include "core/ops/integer/conv_f32_exact.h"
#include "core/ops/integer/conv_shifted.h"
#include "core/ops/integer/conv_short.h"
#include "core/ops/integer/int8_limits.h"
#include "core/ops/runtime.h"

namespace stair {

namespace {

// Without VNNI pairs of u8 * s8 products are added in 16 bits and saturate there; signed sources
// are worse (the weights are halved), so they never go this way.
constexpr int largestShortSum = 32'767;

// Measured on oneDNN 2.6.3: on AVX2 its 1x1 kernel with a stride now and then gives a wrong pixel
// when two threads run it, so a check before use cannot be trusted to catch it.
bool isUnreliable(const std::string& implementation, const ConvGeometry& g)
{
    return implementation.starts_with("jit_uni_int8_1x1:avx2") && g.stride > 1; // also avx2_vnni
}

// Measured on oneDNN 2.6.3: what it adds to a grouped convolution's sums is wrong by gemm, and on AVX2
// in depthwise ones whose channels leave a rest of 8.
bool addsUnreliably(const std::string& implementation, const ConvGeometry& g)
{
    const bool isGemm = implementation.find("gemm") != std::string::npos;
    const bool leavesRest = implementation.starts_with("jit_uni_int8:avx2") && g.outC % 8 != 0;
    return g.groups > 1 && (isGemm || leavesRest);
}

constexpr const char* countingCpus
    = "one count was measured to beat int8 products with both of VNNI and VPOPCNTDQ, and on AVX2 "
      "with "
      "neither; elsewhere it is left out, by instruction counts, not measured";
constexpr const char* withoutVnni = "for CPUs without VNNI, whose int8 products saturate";

bool int8Applies(Runtime& runtime, const IntegerConvKey& key)
{
    return !exactInt8(runtime, key, false).empty();
}

std::string int8Name(Runtime& runtime, const IntegerConvKey& key)
{
    return exactInt8(runtime, key, false);
}

bool always(Runtime&, const IntegerConvKey&)
{
    return true;
}

void runReference(Runtime&, const ConvGeometry& g, const Codes& src, const Codes& weight,
                  KeptWeights&, Tensor& acc)
{
    const Shape& out = acc.shape();
    const std::int64_t rows = out.rows();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
        const int x = int(row % out.w);
        const int y = int(row / out.w % out.h);
        const int n = int(row / out.w / out.h);
        for (int c = 0; c < out.c; ++c)
            acc.data()[row * out.c + c] = float(sumOfProducts(g, src, weight, n, y, x, c));
    }
}

void runInt8(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
             KeptWeights& kept, Tensor& acc)
{
    dnnlops::convInt8(runtime, g, src, weight, acc, {}, &kept);
}

} // namespace

std::string exactInt8(Runtime& runtime, const IntegerConvKey& key, bool addsOffset)
{
    const bool exact = runtime.hasVnni()
        || (!key.srcGrid.isSigned && 2 * key.srcMax() * key.weightMax() <= largestShortSum);
    if (!exact)
        return {};
    std::string name = dnnlops::convInt8Implementation(runtime, key.geometry, key.src,
                                                       key.srcGrid.isSigned, addsOffset);
    // oneDNN's own reference (mostly grouped convolutions) is slower than f32.
    const bool isUseless = name.starts_with("ref") || isUnreliable(name, key.geometry)
        || (addsOffset && addsUnreliably(name, key.geometry));
    return isUseless ? std::string() : name;
}

bool hasFused(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid)
{
    return dnnlops::hasConvInt8Fused(runtime, key.geometry, key.src, key.srcGrid.isSigned,
                                     grid.isSigned, grid.low, grid.high);
}

// To add a kernel: its own files, and its line here, fastest first.
const std::vector<IntegerConvKernel>& integerConvKernels()
{
    static const std::vector<IntegerConvKernel> table = {
        {"xnor", convXnorApplies, runConvBits, convBitsName, false, countingCpus},
        {"ternary", convTernaryApplies, runConvBits, convBitsName, false, countingCpus},
        {"bit_serial", convBitSerialApplies, runConvBits, convBitsName, false,
         "two counts were measured to beat int8 products on AVX2 with neither VNNI nor VPOPCNTDQ; "
         "elsewhere they are left out, by instruction counts, not measured"},
        {"dnnl_int8", int8Applies, runInt8, int8Name, true},
        {"dnnl_int8_shifted", convShiftedApplies, convShifted, convShiftedName},
        {"short_winograd", convWinogradApplies, convWinograd, nullptr, false, withoutVnni},
        {"short", convShortApplies, convShort, nullptr, false, withoutVnni},
        {"f32_exact", convF32ExactApplies, convF32Exact, nullptr},
        {"reference", always, runReference, nullptr},
    };
    return table;
}

const IntegerKernels::Choice& IntegerKernels::choose(Runtime& runtime, const IntegerConvKey& key)
{
    if (const auto known = m_choices.find(key); known != m_choices.end())
        return known->second;
    Choice choice;
    for (const IntegerConvKernel& kernel : integerConvKernels()) {
        const bool isReference = &kernel == &integerConvKernels().back();
        if (!isReference && runtime.kernels() == Kernels::Reference)
            continue;
        if (!kernel.applies(runtime, key))
            continue;
        const bool isChecked = !isReference && !m_break.passes(kernel.name);
        if (isChecked && countWrongSums(runtime, key, kernel) > 0) {
            choice.rejected.emplace_back(kernel.name);
            continue;
        }
        choice.kernel = &kernel;
        choice.implementation = kernel.name;
        if (kernel.implementation)
            choice.implementation.append(" ").append(kernel.implementation(runtime, key));
        break;
    }
    return m_choices.emplace(key, std::move(choice)).first->second;
}

void IntegerKernels::run(Runtime& runtime, const IntegerConvKernel& kernel, const ConvGeometry& g,
                         const Codes& src, const Codes& weight, KeptWeights& kept,
                         Tensor& acc) const
{
    kernel.run(runtime, g, src, weight, kept, acc);
    if (m_break.breaks(kernel.name))
        KernelBreak::spoil(acc);
}

void IntegerKernels::runFused(Runtime& runtime, const ConvGeometry& g, const Codes& src,
                              const Codes& weight, std::span<const float> m,
                              std::span<const float> b, int low, int high, Codes& dst,
                              KeptWeights* kept) const
{
    dnnlops::convInt8Fused(runtime, g, src, weight, m, b, low, high, dst, kept);
    if (m_break.breaks("dnnl_int8"))
        KernelBreak::spoil(dst, low, high);
}

bool IntegerKernels::mayFuse(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid)
{
    const IntegerConvKernel& kernel = *choose(runtime, key).kernel;
    if (key.geometry.groups != 1 || !kernel.fuses)
        return false;
    std::map<FusedGrid, bool>& known = m_choices.at(key).fused;
    if (const auto entry = known.find(grid); entry != known.end())
        return entry->second;
    return known[grid] = hasFused(runtime, key, grid)
        && (m_break.passes(kernel.name) || countWrongFused(runtime, key, grid) == 0);
}

void IntegerKernels::runBits(const IntegerConvKernel& kernel, const BitPlanes& src,
                             const BitWeights& weights, Tensor& acc) const
{
    convBits(src, weights, acc);
    if (m_break.breaks(kernel.name))
        KernelBreak::spoil(acc);
}

void IntegerKernels::runBits(const IntegerConvKernel& kernel, const BitPlanes& src,
                             const BitWeights& weights, const BitThresholds& epilogue,
                             BitPlanes& dst) const
{
    convBits(src, weights, epilogue, dst);
    if (m_break.breaks(kernel.name))
        KernelBreak::spoil(dst);
}

void IntegerKernels::runMaximum(const BitPool& pool, const PoolGeometry& g, const BitPlanes& src,
                                BitPlanes& dst) const
{
    pool.run(g, src, dst);
    if (m_break.breaks(bitMaximumName))
        KernelBreak::spoil(dst);
}

bool IntegerKernels::mayPack(Runtime& runtime, const IntegerConvKey& key, const Grid& dst)
{
    const IntegerConvKernel& kernel = *choose(runtime, key).kernel;
    if (!isBitKernel(kernel))
        return false;
    std::map<Grid, bool>& known = m_choices.at(key).packed;
    if (const auto entry = known.find(dst); entry != known.end())
        return entry->second;
    return known[dst]
        = m_break.passes(kernel.name) || KernelTrial(runtime, key).wrongPacked(kernel, dst) == 0;
}

bool IntegerKernels::mayTakeMaxima(Runtime& runtime, const BitMaximumKey& key)
{
    if (const auto entry = m_maxima.find(key); entry != m_maxima.end())
        return entry->second;
    return m_maxima[key] = m_break.passes(bitMaximumName) || countWrongMaxima(runtime, key) == 0;
}

std::vector<std::string> describeKernels(const IntegerKernels& kernels)
{
    std::vector<std::string> lines;
    for (const auto& [key, choice] : kernels.choices()) {
        const ConvGeometry& g = key.geometry;
        std::string line = concat(toString(key.src), key.srcGrid.isSigned ? " s8" : " u8", " * ",
                                  toString(g.weightShape()), " stride ", g.stride, " groups ",
                                  g.groups, ": ", choice.implementation);
        for (const std::string& name : choice.rejected)
            line += concat("; ", name, " gave wrong integers");
        if (std::ranges::any_of(choice.fused, [](const auto& entry) { return !entry.second; }))
            line += "; its epilogue gave wrong codes or is missing, and runs by itself";
        if (std::ranges::any_of(choice.packed, [](const auto& entry) { return !entry.second; }))
            line += "; its thresholds gave wrong codes, and are not used";
        lines.push_back(line);
    }
    for (const auto& [key, isExact] : kernels.maxima())
        if (!isExact)
            lines.push_back(concat(toString(key.src), ", maximum of ", key.geometry.kernel, "x",
                                   key.geometry.kernel,
                                   ": packed codes gave wrong ones, and are "
                                   "not used"));
    return lines;
}

} // namespace stair
