#pragma once

#include "core/ops/geometry.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <compare>
#include <map>
#include <optional>
#include <string>

namespace stair {

enum class ConvPass
{
    Forward,
    BackwardData,
    BackwardWeights,
    ForwardInt8,
    ForwardInt8Fused
};

/// What a convolution primitive is built for.
struct ConvKey
{
    ConvPass pass = ConvPass::Forward;
    ConvGeometry geometry;
    Shape src; // with the number of images
    bool srcSigned = false; // int8 passes
    bool addsOffset = false; // ForwardInt8: a number for each channel, given at execution
    bool dstSigned = false; // ForwardInt8Fused: codes out
    int clipLow = 0; // ForwardInt8Fused: the grid of the codes out
    int clipHigh = 0;

    auto operator<=>(const ConvKey&) const = default;
};

/// One f32 for each output channel.
dnnl::memory::desc perChannelDesc(const ConvGeometry& g);

/// One primitive with the layouts it chose. `plainWeights` is our (out, h, w, in) layout; the
/// primitive's own differs, and `reorder` goes between the two (in the direction of the pass).
struct ConvEntry
{
    dnnl::primitive primitive;
    dnnl::memory::desc src;
    dnnl::memory::desc dst;
    dnnl::memory::desc plainWeights;
    dnnl::memory::desc weights;
    std::optional<dnnl::reorder> reorder; // absent when the layouts agree
    std::string implementation; // "jit:avx512_core" and the like
};

/// oneDNN's engine, stream and the primitives made so far. dnnl::error never leaves this folder.
class DnnlRuntime
{
public:
    DnnlRuntime();

    dnnl::engine& engine() { return m_engine; }
    dnnl::stream& stream() { return m_stream; }

    /// Built at the first use of a key, kept afterwards. Throws InternalError naming the key when
    /// oneDNN has no implementation.
    ConvEntry& conv(const ConvKey& key);

private:
    dnnl::engine m_engine;
    dnnl::stream m_stream;
    std::map<ConvKey, ConvEntry> m_convs;
};

/// A memory object over bytes that someone else owns.
inline dnnl::memory wrap(DnnlRuntime& runtime, const dnnl::memory::desc& desc, const void* data)
{
    return {desc, runtime.engine(), const_cast<void*>(data)};
}

} // namespace stair
