#include "core/ops/dnnl/conv.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/dnnl/runtime.h"

#include <unordered_map>

namespace stair::dnnlops {

namespace {

/// Runs the primitive; what oneDNN throws becomes an InternalError naming the implementation.
void execute(DnnlRuntime& dnnl, const ConvEntry& entry,
             const std::unordered_map<int, dnnl::memory>& arguments)
{
    try {
        entry.primitive.execute(dnnl.stream(), arguments);
    } catch (const dnnl::error& error) {
        throw InternalError(concat("oneDNN failed in ", entry.implementation, ": ", error.what()));
    }
}

/// A layer's weights as one primitive takes them.
struct KeptBlocks : KernelState
{
    const ConvEntry* entry = nullptr; // entries stay where they are
    Buffer buffer;
};

/// Our weights in the layout of the primitive: reordered into pool memory where it differs.
struct BlockedWeights
{
    BlockedWeights(Runtime& runtime, const ConvEntry& entry, const void* plain,
                   KeptWeights* kept = nullptr)
    {
        DnnlRuntime& dnnl = runtime.dnnl();
        if (!entry.reorder) {
            memory = wrap(dnnl, entry.weights, plain);
            return;
        }
        KeptBlocks& blocks = kept ? stateIn<KeptBlocks>(*kept) : own;
        const bool isKnown = blocks.entry == &entry;
        if (!isKnown)
            blocks.buffer = runtime.pool().take(entry.weights.get_size());
        blocks.entry = &entry;
        memory = wrap(dnnl, entry.weights, blocks.buffer.data());
        dnnl::memory source = wrap(dnnl, entry.plainWeights, plain);
        if (!isKnown)
            dnnl::reorder(*entry.reorder).execute(dnnl.stream(), source, memory);
    }

    KeptBlocks own;
    dnnl::memory memory;
};

} // namespace

void convForward(Runtime& runtime, const ConvGeometry& g, const Tensor& src, const Tensor& weight,
                 Tensor& dst, KeptWeights* kept)
{
    DnnlRuntime& dnnl = runtime.dnnl();
    const ConvEntry& entry
        = dnnl.conv({.pass = ConvPass::Forward, .geometry = g, .src = src.shape()});
    const BlockedWeights weights(runtime, entry, weight.data(), kept);
    execute(dnnl, entry,
            {{DNNL_ARG_SRC, wrap(dnnl, entry.src, src.data())},
             {DNNL_ARG_WEIGHTS, weights.memory},
             {DNNL_ARG_DST, wrap(dnnl, entry.dst, dst.data())}});
    dnnl.stream().wait();
}

void convBackwardData(Runtime& runtime, const ConvGeometry& g, const Tensor& dDst,
                      const Tensor& weight, Tensor& dSrc)
{
    DnnlRuntime& dnnl = runtime.dnnl();
    const ConvEntry& entry
        = dnnl.conv({.pass = ConvPass::BackwardData, .geometry = g, .src = dSrc.shape()});
    const BlockedWeights weights(runtime, entry, weight.data());
    execute(dnnl, entry,
            {{DNNL_ARG_DIFF_SRC, wrap(dnnl, entry.src, dSrc.data())},
             {DNNL_ARG_WEIGHTS, weights.memory},
             {DNNL_ARG_DIFF_DST, wrap(dnnl, entry.dst, dDst.data())}});
    dnnl.stream().wait();
}

void convBackwardWeights(Runtime& runtime, const ConvGeometry& g, const Tensor& src,
                         const Tensor& dDst, Tensor& dWeight)
{
    DnnlRuntime& dnnl = runtime.dnnl();
    const ConvEntry& entry
        = dnnl.conv({.pass = ConvPass::BackwardWeights, .geometry = g, .src = src.shape()});
    Buffer buffer;
    if (entry.reorder)
        buffer = runtime.pool().take(entry.weights.get_size());
    dnnl::memory plain = wrap(dnnl, entry.plainWeights, dWeight.data());
    dnnl::memory blocked = entry.reorder ? wrap(dnnl, entry.weights, buffer.data()) : plain;
    execute(dnnl, entry,
            {{DNNL_ARG_SRC, wrap(dnnl, entry.src, src.data())},
             {DNNL_ARG_DIFF_WEIGHTS, blocked},
             {DNNL_ARG_DIFF_DST, wrap(dnnl, entry.dst, dDst.data())}});
    if (entry.reorder)
        dnnl::reorder(*entry.reorder).execute(dnnl.stream(), blocked, plain);
    dnnl.stream().wait();
}

void convInt8(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
              Tensor& acc, std::span<const float> offset, KeptWeights* kept)
{
    DnnlRuntime& dnnl = runtime.dnnl();
    const ConvEntry& entry = dnnl.conv({.pass = ConvPass::ForwardInt8,
                                        .geometry = g,
                                        .src = src.shape(),
                                        .srcSigned = src.grid().isSigned,
                                        .addsOffset = !offset.empty()});
    const BlockedWeights weights(runtime, entry, weight.data(), kept);
    std::unordered_map<int, dnnl::memory> arguments
        = {{DNNL_ARG_SRC, wrap(dnnl, entry.src, src.data())},
           {DNNL_ARG_WEIGHTS, weights.memory},
           {DNNL_ARG_DST, wrap(dnnl, entry.dst, acc.data())}};
    if (!offset.empty())
        arguments.emplace(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1,
                          wrap(dnnl, perChannelDesc(g), offset.data()));
    execute(dnnl, entry, arguments);
    dnnl.stream().wait();
}

bool hasConvInt8Fused(Runtime& runtime, const ConvGeometry& g, const Shape& src, bool srcSigned,
                      bool dstSigned, int low, int high)
{
    try {
        runtime.dnnl().conv({.pass = ConvPass::ForwardInt8Fused,
                             .geometry = g,
                             .src = src,
                             .srcSigned = srcSigned,
                             .dstSigned = dstSigned,
                             .clipLow = low,
                             .clipHigh = high});
        return true;
    } catch (const InternalError&) {
        return false;
    }
}

void convInt8Fused(Runtime& runtime, const ConvGeometry& g, const Codes& src, const Codes& weight,
                   std::span<const float> m, std::span<const float> b, int low, int high,
                   Codes& dst, KeptWeights* kept)
{
    DnnlRuntime& dnnl = runtime.dnnl();
    const ConvEntry& entry = dnnl.conv({.pass = ConvPass::ForwardInt8Fused,
                                        .geometry = g,
                                        .src = src.shape(),
                                        .srcSigned = src.grid().isSigned,
                                        .dstSigned = dst.grid().isSigned,
                                        .clipLow = low,
                                        .clipHigh = high});
    const BlockedWeights weights(runtime, entry, weight.data(), kept);
    const dnnl::memory::desc perChannel = perChannelDesc(g);
    execute(dnnl, entry,
            {{DNNL_ARG_SRC, wrap(dnnl, entry.src, src.data())},
             {DNNL_ARG_WEIGHTS, weights.memory},
             {DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, wrap(dnnl, perChannel, m.data())},
             {DNNL_ARG_ATTR_MULTIPLE_POST_OP(1) | DNNL_ARG_SRC_1, wrap(dnnl, perChannel, b.data())},
             {DNNL_ARG_DST, wrap(dnnl, entry.dst, dst.data())}});
    dnnl.stream().wait();
}

std::string convInt8Implementation(Runtime& runtime, const ConvGeometry& g, const Shape& src,
                                   bool srcSigned, bool addsOffset)
{
    try {
        return runtime.dnnl()
            .conv({.pass = ConvPass::ForwardInt8,
                   .geometry = g,
                   .src = src,
                   .srcSigned = srcSigned,
                   .addsOffset = addsOffset})
            .implementation;
    } catch (const InternalError&) {
        return {};
    }
}

} // namespace stair::dnnlops
