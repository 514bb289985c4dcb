#include "core/ops/dnnl/runtime.h"

#include "core/base/assert.h"
#include "core/base/concat.h"

#include <string_view>

namespace stair {

namespace {

using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;
using Type = dnnl::memory::data_type;

Desc activationDesc(const Shape& s, Type type)
{
    return {{s.n, s.c, s.h, s.w}, type, dnnl::memory::format_tag::nhwc};
}

Dims weightDims(const ConvGeometry& g)
{
    if (g.groups == 1)
        return {g.outC, g.inC, g.kernelH, g.kernelW};
    return {g.groups, g.outC / g.groups, g.inC / g.groups, g.kernelH, g.kernelW};
}

/// Our layout (out, h, w, in / groups) seen through oneDNN's dimensions.
Desc plainWeightDesc(const ConvGeometry& g, Type type)
{
    const dnnl_dim_t in = g.inC / g.groups;
    const dnnl_dim_t perOut = in * g.kernelH * g.kernelW;
    if (g.groups == 1)
        return {weightDims(g), type, Dims{perOut, 1, in * g.kernelW, in}};
    return {weightDims(g), type, Dims{perOut * (g.outC / g.groups), perOut, 1, in * g.kernelW, in}};
}

Desc anyWeightDesc(const ConvGeometry& g, Type type)
{
    return {weightDims(g), type, dnnl::memory::format_tag::any};
}

/// Strides, dilations and paddings as oneDNN counts them.
struct Window
{
    explicit Window(const ConvGeometry& g)
        : strides{g.stride, g.stride}
        , dilations{g.dilation - 1, g.dilation - 1}
        , before{g.padTop, g.padLeft}
        , after{g.padBottom, g.padRight}
    {
    }

    Dims strides, dilations, before, after;
};

constexpr auto direct = dnnl::algorithm::convolution_direct;

/// Measured on oneDNN 2.6.3: with a stride, its 1x1 kernels for AVX2 gather their pixels in a scratch
/// that threads (in a weight gradient also images) do not keep apart: for some sizes the result is
/// wrong, or changes from call to call. The next implementation serves instead.
/// oneDNN asks `pd`'s operation descriptor, attributes and hint again: they must still be there.
template<typename PrimitiveDesc>
void makeReliable(PrimitiveDesc& pd, const ConvGeometry& g)
{
    const auto isUnreliable = [&pd, &g] {
        return g.stride > 1 && std::string_view(pd.impl_info_str()) == "jit_1x1:avx2";
    };
    while (isUnreliable() && pd.next_impl()) { }
}

dnnl::convolution_forward::primitive_desc forwardDesc(const dnnl::engine& engine,
                                                      const ConvGeometry& g, const Desc& src,
                                                      const Desc& weights, const Desc& dst,
                                                      const dnnl::primitive_attr& attributes)
{
    const Window w(g);
    const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_training, direct, src,
                                               weights, dst, w.strides, w.dilations, w.before,
                                               w.after);
    dnnl::convolution_forward::primitive_desc pd(desc, attributes, engine);
    makeReliable(pd, g);
    return pd;
}

/// Post-ops of the lowered epilogue: times m[c], plus b[c], clipped to the grid; the store rounds
/// to nearest even. m and b are given at execution.
dnnl::primitive_attr fusedEpilogue(const ConvKey& key)
{
    const Desc perChannel = perChannelDesc(key.geometry);
    dnnl::post_ops ops;
    ops.append_binary(dnnl::algorithm::binary_mul, perChannel);
    ops.append_binary(dnnl::algorithm::binary_add, perChannel);
    ops.append_eltwise(1, dnnl::algorithm::eltwise_clip, float(key.clipLow), float(key.clipHigh));
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(ops);
    return attributes;
}

dnnl::primitive_attr postOps(const ConvKey& key)
{
    if (key.pass == ConvPass::ForwardInt8Fused)
        return fusedEpilogue(key);
    dnnl::primitive_attr attributes;
    if (key.addsOffset) {
        dnnl::post_ops ops;
        ops.append_binary(dnnl::algorithm::binary_add, perChannelDesc(key.geometry));
        attributes.set_post_ops(ops);
    }
    return attributes;
}

/// Our layout against the primitive's; the weights are reordered before the primitive runs, a
/// weight gradient after it.
ConvEntry makeEntry(const dnnl::engine& engine, const ConvKey& key,
                    const dnnl::primitive& primitive, const char* implementation, const Desc& src,
                    const Desc& dst, const Desc& weights, Type weightType)
{
    ConvEntry entry{
        primitive, src,          dst,           plainWeightDesc(key.geometry, weightType),
        weights,   std::nullopt, implementation};
    if (entry.weights == entry.plainWeights)
        return entry;
    const bool after = key.pass == ConvPass::BackwardWeights;
    entry.reorder.emplace(
        dnnl::reorder::primitive_desc(engine, after ? entry.weights : entry.plainWeights, engine,
                                      after ? entry.plainWeights : entry.weights));
    return entry;
}

ConvEntry makeForward(const dnnl::engine& engine, const ConvKey& key)
{
    const ConvGeometry& g = key.geometry;
    const bool int8 = key.pass != ConvPass::Forward;
    const bool fused = key.pass == ConvPass::ForwardInt8Fused;
    const Type srcType = !int8 ? Type::f32 : key.srcSigned ? Type::s8 : Type::u8;
    const Type weightType = int8 ? Type::s8 : Type::f32;
    const Type dstType = !fused ? Type::f32 : key.dstSigned ? Type::s8 : Type::u8;
    const auto pd
        = forwardDesc(engine, g, activationDesc(key.src, srcType), anyWeightDesc(g, weightType),
                      activationDesc(g.outputShape(key.src), dstType), postOps(key));
    return makeEntry(engine, key, dnnl::convolution_forward(pd), pd.impl_info_str(), pd.src_desc(),
                     pd.dst_desc(), pd.weights_desc(), weightType);
}

ConvEntry makeBackward(const dnnl::engine& engine, const ConvKey& key)
{
    const ConvGeometry& g = key.geometry;
    const Window w(g);
    const Desc src = activationDesc(key.src, Type::f32);
    const Desc dst = activationDesc(g.outputShape(key.src), Type::f32);
    const Desc any = anyWeightDesc(g, Type::f32);
    const auto hint = forwardDesc(engine, g, src, any, dst, {});
    if (key.pass == ConvPass::BackwardData) {
        const dnnl::convolution_backward_data::desc desc(direct, src, any, dst, w.strides,
                                                         w.dilations, w.before, w.after);
        dnnl::convolution_backward_data::primitive_desc pd(desc, engine, hint);
        makeReliable(pd, g);
        return makeEntry(engine, key, dnnl::convolution_backward_data(pd), pd.impl_info_str(),
                         pd.diff_src_desc(), pd.diff_dst_desc(), pd.weights_desc(), Type::f32);
    }
    const dnnl::convolution_backward_weights::desc desc(direct, src, any, dst, w.strides,
                                                        w.dilations, w.before, w.after);
    dnnl::convolution_backward_weights::primitive_desc pd(desc, engine, hint);
    makeReliable(pd, g);
    return makeEntry(engine, key, dnnl::convolution_backward_weights(pd), pd.impl_info_str(),
                     pd.src_desc(), pd.diff_dst_desc(), pd.diff_weights_desc(), Type::f32);
}

ConvEntry makeConv(const dnnl::engine& engine, const ConvKey& key)
{
    const bool backward
        = key.pass == ConvPass::BackwardData || key.pass == ConvPass::BackwardWeights;
    return backward ? makeBackward(engine, key) : makeForward(engine, key);
}

} // namespace

Desc perChannelDesc(const ConvGeometry& g)
{
    return {{1, g.outC, 1, 1}, Type::f32, dnnl::memory::format_tag::nhwc};
}

DnnlRuntime::DnnlRuntime()
    : m_engine(dnnl::engine::kind::cpu, 0)
    , m_stream(m_engine)
{
}

ConvEntry& DnnlRuntime::conv(const ConvKey& key)
{
    if (const auto known = m_convs.find(key); known != m_convs.end())
        return known->second;
    try {
        return m_convs.emplace(key, makeConv(m_engine, key)).first->second;
    } catch (const dnnl::error& error) {
        const ConvGeometry& g = key.geometry;
        throw InternalError(concat("[conv2d] oneDNN has no primitive for ", toString(key.src),
                                   " * ", toString(g.weightShape()), " (pass ", int(key.pass),
                                   ", stride ", g.stride, ", groups ", g.groups,
                                   "): ", error.what()));
    }
}

} // namespace stair
