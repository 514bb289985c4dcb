#pragma once

#include "core/ops/geometry.h"
#include "core/ops/integer/kernel_break.h"
#include "core/ops/kept_weights.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <compare>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace stair {

class BitPool;
class BitThresholds;
class BitWeights;
class Runtime;

/// What an integer convolution is chosen for: everything that may change which kernel is exact.
struct IntegerConvKey
{
    ConvGeometry geometry;
    Shape src;
    Grid srcGrid; // the codes that may occur, apart from padding
    Grid weightGrid;

    /// Largest magnitudes of a code.
    int srcMax() const { return srcGrid.maxMagnitude(); }
    int weightMax() const { return weightGrid.maxMagnitude(); }

    /// No sum of products can be larger.
    std::int64_t accumulatorBound() const { return geometry.terms() * srcMax() * weightMax(); }

    auto operator<=>(const IntegerConvKey&) const = default;
};

/// The grid that the fused epilogue of a convolution writes.
struct FusedGrid
{
    bool isSigned = false;
    int low = 0;
    int high = 0;

    auto operator<=>(const FusedGrid&) const = default;
};

/// One way to compute f32(acc), acc = sum of code products, exactly. Fastest first in the table,
/// the reference last; the reference always applies. The others apply where they are both exact and
/// faster, as measured, than what follows them.
struct IntegerConvKernel
{
    const char* name;
    bool (*applies)(Runtime& runtime, const IntegerConvKey& key);
    void (*run)(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                KeptWeights& kept, Tensor& acc);

    /// What the library under it calls its choice for the key; null where there is no library.
    std::string (*implementation)(Runtime& runtime, const IntegerConvKey& key);

    bool fuses = false; // whether it is the convolution under convCodesFused
    const char* cpus = ""; // that have a use for it, in words; empty: all
};

const std::vector<IntegerConvKernel>& integerConvKernels();

/// Whether oneDNN has a primitive here with that epilogue, exact or not.
bool hasFused(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid);

/// What maxima of packed codes are checked for.
struct BitMaximumKey
{
    PoolGeometry geometry;
    Shape src;
    Grid grid;

    auto operator<=>(const BitMaximumKey&) const = default;
};

/// The kernel chosen for each shape, checked against the reference before its first use on this
/// CPU (NUMERICS 1). Owned by the Runtime.
class IntegerKernels
{
public:
    /// What was chosen for a key, and why not something faster.
    struct Choice
    {
        const IntegerConvKernel* kernel = nullptr;
        std::string implementation; // "dnnl_int8 jit_int8:avx512_core_vnni"
        std::vector<std::string> rejected; // kernels that gave wrong integers here
        std::map<FusedGrid, bool> fused; // whether the lowered epilogue is exact as post-ops
        std::map<Grid, bool> packed; // whether it is as thresholds of counted sums
    };

    /// Breaks a kernel where the test hook asks for it; nobody else gives an argument.
    explicit IntegerKernels(KernelBreak broken = {})
        : m_break(std::move(broken))
    {
    }

    const Choice& choose(Runtime& runtime, const IntegerConvKey& key);

    /// The kernel's sums: how every kernel is run, so that the test hook reaches all.
    void run(Runtime& runtime, const IntegerConvKernel& kernel, const ConvGeometry& g,
             const Codes& src, const Codes& weight, KeptWeights& kept, Tensor& acc) const;

    /// The same with the lowered epilogue fused, by the one kernel that fuses (conv_codes.h).
    void runFused(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                  std::span<const float> m, std::span<const float> b, int low, int high, Codes& dst,
                  KeptWeights* kept) const;

    /// Whether the epilogue may be fused into the convolution for this key and grid. Dense
    /// convolutions through oneDNN only: post-ops on depthwise and grouped ones are wrong on AVX2.
    bool mayFuse(Runtime& runtime, const IntegerConvKey& key, const FusedGrid& grid);

    // What an engine keeps packed between layers, by weights and thresholds prepared once.

    /// A counting kernel's sums, and its codes written at once.
    void runBits(const IntegerConvKernel& kernel, const BitPlanes& src, const BitWeights& weights,
                 Tensor& acc) const;
    void runBits(const IntegerConvKernel& kernel, const BitPlanes& src, const BitWeights& weights,
                 const BitThresholds& epilogue, BitPlanes& dst) const;
    void runMaximum(const BitPool& pool, const PoolGeometry& g, const BitPlanes& src,
                    BitPlanes& dst) const;

    /// Whether the key's kernel counts and may write codes of `dst` at once.
    bool mayPack(Runtime& runtime, const IntegerConvKey& key, const Grid& dst);
    bool mayTakeMaxima(Runtime& runtime, const BitMaximumKey& key);

    const std::map<IntegerConvKey, Choice>& choices() const { return m_choices; }
    const std::map<BitMaximumKey, bool>& maxima() const { return m_maxima; } // whether exact
    const KernelBreak& broken() const { return m_break; }

private:
    KernelBreak m_break;
    std::map<IntegerConvKey, Choice> m_choices;
    std::map<BitMaximumKey, bool> m_maxima;
};

/// One line for each convolution checked so far: shape, implementation, what was found wrong.
std::vector<std::string> describeKernels(const IntegerKernels& kernels);

} // namespace stair
