#include "core/exchange/onnx_nodes.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <algorithm>

namespace stair {

namespace {

const onnx::AttributeProto* find(const onnx::NodeProto& node, const char* name)
{
    for (const onnx::AttributeProto& entry : node.attribute()) {
        if (entry.name() == name)
            return &entry;
    }
    return nullptr;
}

int one(const OnnxInts& values, const char* what)
{
    if (values.size() != 2 || values[0] != values[1] || values[0] < 1 || values[0] > 1 << 16)
        throw Error(concat("has ", what, " that differ by side, or are not two"));
    return int(values[0]);
}

/// Padding before and behind, so that the output is the input by the stride, rounded up.
void padSame(std::int64_t extent, int kernel, int stride, bool isUpper, int& before, int& behind)
{
    const std::int64_t out = (extent + stride - 1) / stride;
    const std::int64_t all = std::max<std::int64_t>((out - 1) * stride + kernel - extent, 0);
    before = int(isUpper ? all / 2 : all - all / 2);
    behind = int(all) - before;
}

} // namespace

std::int64_t attribute(const onnx::NodeProto& node, const char* name, std::int64_t absent)
{
    const onnx::AttributeProto* found = find(node, name);
    return found ? found->i() : absent;
}

float attribute(const onnx::NodeProto& node, const char* name, float absent)
{
    const onnx::AttributeProto* found = find(node, name);
    return found ? found->f() : absent;
}

OnnxInts attribute(const onnx::NodeProto& node, const char* name, const OnnxInts& absent)
{
    const onnx::AttributeProto* found = find(node, name);
    return found ? OnnxInts(found->ints().begin(), found->ints().end()) : absent;
}

std::string attribute(const onnx::NodeProto& node, const char* name, const std::string& absent)
{
    const onnx::AttributeProto* found = find(node, name);
    return found ? found->s() : absent;
}

ConvGeometry windowOf(const onnx::NodeProto& node, const Shape& source, const OnnxInts& kernel)
{
    if (kernel.size() != 2 || kernel[0] < 1 || kernel[1] < 1 || kernel[0] > 255 || kernel[1] > 255)
        throw Error("has a window that is not of two dimensions");
    ConvGeometry g;
    g.kernelH = int(kernel[0]);
    g.kernelW = int(kernel[1]);
    g.stride = one(attribute(node, "strides", OnnxInts{1, 1}), "strides");
    g.dilation = one(attribute(node, "dilations", OnnxInts{1, 1}), "dilations");
    const std::string automatic = attribute(node, "auto_pad", std::string("NOTSET"));
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
        const bool isUpper = automatic == "SAME_UPPER";
        padSame(source.h, (g.kernelH - 1) * g.dilation + 1, g.stride, isUpper, g.padTop,
                g.padBottom);
        padSame(source.w, (g.kernelW - 1) * g.dilation + 1, g.stride, isUpper, g.padLeft,
                g.padRight);
        return g;
    }
    const OnnxInts pads = attribute(node, "pads", OnnxInts{0, 0, 0, 0});
    if (pads.size() != 4
        || std::ranges::any_of(pads, [](std::int64_t pad) { return pad < 0 || pad > 255; }))
        throw Error("has padding that is none");
    g.padTop = int(pads[0]);
    g.padLeft = int(pads[1]);
    g.padBottom = int(pads[2]);
    g.padRight = int(pads[3]);
    return g;
}

} // namespace stair
