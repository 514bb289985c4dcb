#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_import_graph.h"
#include "core/exchange/onnx_order.h"
#include "core/lower/program_check.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stair {

namespace {

constexpr std::int64_t mostInputs = std::int64_t(1) << 28; // of a layer

} // namespace

/// The file's order (o, i, y, x) into ours; a linear layer over a map counts its columns in NCHW.
ProgramBuilder::Weights OnnxImport::weightsOf(const OnnxConstant& weight, const ConvGeometry& g,
                                              const Shape& source)
{
    if (weight.size() != g.weightShape().size())
        throw Error("has weights of another size than its input needs");
    ProgramBuilder::Weights result;
    const bool isCoded = weight.isCoded() && (weight.scales.size() == 1 || weight.axis == 0)
        && std::ranges::all_of(weight.codes, [](std::int64_t c) { return c >= -128 && c <= 127; });
    if (isCoded) {
        result.codes.resize(std::size_t(weight.size()));
        result.steps = weight.scales;
    } else {
        result.reals.resize(std::size_t(weight.size()));
    }
    forEachWeight(g, source, [&](std::int64_t ours, std::int64_t theirs) {
        if (isCoded)
            result.codes[std::size_t(ours)] = weight.codes[std::size_t(theirs)];
        else
            result.reals[std::size_t(ours)] = weight.real(theirs);
    });
    return result;
}

void OnnxImport::readConv()
{
    const Wire from = wire(0);
    const OnnxConstant& weight = needed(1);
    if (weight.dims.size() != 4)
        throw Error("is not of two dimensions");
    const Shape source = m_builder.shapeOf(from);
    ConvGeometry g = windowOf(*m_node, from.isFlat ? Shape{1, 1, 1, source.c} : source,
                              {weight.dims[2], weight.dims[3]});
    const std::int64_t groups = attribute(*m_node, "group", std::int64_t(1));
    const std::int64_t outputs = weight.dims[0], inputs = weight.dims[1];
    if (groups < 1 || groups > mostExtent || outputs > mostExtent || inputs > mostInputs / groups)
        throw Error(concat("has ", groups, " groups of ", inputs, " inputs and ", outputs,
                           " outputs, which no layer can have"));
    g.groups = int(groups);
    g.outC = int(outputs);
    g.inC = int(inputs * groups);
    const bool isRow = from.isFlat && g.inC == source.size() && g.groups == 1 && g.terms() == g.inC;
    if (g.inC != source.c && !isRow)
        throw Error(concat("takes ", g.inC, " channels, given ", toString(source)));
    Wire result = m_builder.conv(name(), from, g, weightsOf(weight, g, source));
    if (!input(2).empty()) {
        const OnnxConstant& bias = needed(2);
        RealAffine a{std::vector<double>(std::size_t(g.outC), 1), channelReals(bias, result)};
        result = m_builder.affine(name(), result, a);
    }
    give(result);
}

void OnnxImport::readLinear()
{
    const bool isGemm = m_node->op_type() == "Gemm";
    OnnxConstant weight = needed(1);
    if (weight.dims.size() != 2 || (isGemm && attribute(*m_node, "transA", std::int64_t(0)) != 0)
        || (isGemm && attribute(*m_node, "alpha", 1.0f) != 1.0f)
        || (isGemm && attribute(*m_node, "beta", 1.0f) != 1.0f))
        throw Error("is no linear layer");
    if (!isGemm || attribute(*m_node, "transB", std::int64_t(0)) == 0) {
        OnnxConstant turned = weight;
        const std::int64_t rows = weight.dims[0], columns = weight.dims[1];
        for (std::int64_t i = 0; i < weight.size(); ++i) {
            const auto to = std::size_t(i % columns * rows + i / columns);
            if (!weight.reals.empty())
                turned.reals[to] = weight.reals[std::size_t(i)];
            else
                turned.codes[to] = weight.codes[std::size_t(i)];
        }
        turned.dims = {columns, rows};
        turned.axis = 1 - std::min<std::size_t>(weight.axis, 1);
        weight = turned;
    }
    const Wire from = wire(0);
    const Shape source = m_builder.shapeOf(from);
    if (weight.dims[1] != source.size())
        throw Error(concat("takes ", weight.dims[1], " inputs, given ", toString(source)));
    const ConvGeometry g = ConvGeometry::linear(int(weight.dims[1]), int(weight.dims[0]));
    Wire result = m_builder.conv(name(), from, g, weightsOf(weight, g, source));
    if (isGemm && !input(2).empty()) {
        RealAffine a{std::vector<double>(std::size_t(g.outC), 1), channelReals(needed(2), result)};
        result = m_builder.affine(name(), result, a);
    }
    give(result);
}

/// A scalar, or one value a channel: (C), (1, C), (C, 1, 1) or (1, C, 1, 1).
std::vector<double> OnnxImport::channelReals(const OnnxConstant& value, const Wire& to)
{
    const Shape shape = m_builder.shapeOf(to);
    std::vector<double> reals(std::size_t(shape.c));
    const bool isScalar = value.size() == 1;
    const bool isMap = shape.h > 1 || shape.w > 1;
    // Dims count from behind: over a map the channel is the third last, in a row the last.
    OnnxInts dims = value.dims;
    while (!dims.empty() && dims.front() == 1)
        dims.erase(dims.begin());
    const bool perChannel = value.size() == shape.c
        && (!isMap
            || (!to.isFlat
                && (dims == OnnxInts{shape.c, 1, 1} || m_node->op_type() == "Conv"
                    || m_node->op_type() == "BatchNormalization")));
    if (!isScalar && !perChannel)
        throw Error("takes a tensor that is not one value a channel");
    for (std::size_t c = 0; c < reals.size(); ++c)
        reals[c] = value.real(isScalar ? 0 : std::int64_t(c));
    return reals;
}

void OnnxImport::readNorm()
{
    const Wire from = wire(0);
    const auto scale = channelReals(needed(1), from), shift = channelReals(needed(2), from);
    const auto mean = channelReals(needed(3), from), variance = channelReals(needed(4), from);
    const double epsilon = double(attribute(*m_node, "epsilon", 1e-5f));
    RealAffine a;
    for (std::size_t c = 0; c < scale.size(); ++c) {
        a.m.push_back(scale[c] / std::sqrt(variance[c] + epsilon));
        a.b.push_back(shift[c] - a.m.back() * mean[c]);
    }
    applyAffine(0, a);
}

void OnnxImport::readAdd()
{
    if (isConstant(0) || isConstant(1))
        readScaling();
    else
        give(m_builder.add(name(), wire(0), wire(1)));
}

/// Add, Sub, Mul or Div with a stored tensor.
void OnnxImport::readScaling()
{
    const std::string& op = m_node->op_type();
    const int stored = isConstant(1) ? 1 : 0;
    if (!isConstant(stored) || (stored == 0 && op == "Div"))
        throw Error("combines two tensors that are both computed");
    const std::vector<double> values = channelReals(needed(stored), wire(1 - stored));
    RealAffine a;
    for (const double v : values) {
        const bool scales = op == "Mul" || op == "Div";
        a.m.push_back(op == "Mul" ? v : op == "Div" ? 1 / v : op == "Sub" && stored == 0 ? -1 : 1);
        a.b.push_back(scales ? 0 : op == "Sub" && stored == 1 ? -v : v);
    }
    applyAffine(1 - stored, a);
}

void OnnxImport::readClamp()
{
    Activation activation = Activation::relu();
    if (m_node->op_type() == "Clip") {
        constexpr float most = std::numeric_limits<float>::infinity();
        activation = {attribute(*m_node, "min", -most), attribute(*m_node, "max", most)};
        if (!input(1).empty())
            activation.low = float(needed(1).real(0));
        if (!input(2).empty())
            activation.high = float(needed(2).real(0));
    }
    if (m_zeros.contains(input(0))) { // of codes: their QuantizeLinear has seen it
        if (m_readers[input(0)] != 1)
            throw Error("clips codes that something else reads too");
        give(wire(0));
        return;
    }
    give(m_builder.clamp(name(), wire(0), activation));
}

void OnnxImport::readPool()
{
    const std::string& op = m_node->op_type();
    const Wire from = wire(0);
    const Shape source = m_builder.shapeOf(from);
    if (op == "GlobalAveragePool" || op == "ReduceMean") {
        OnnxInts axes = attribute(*m_node, "axes", OnnxInts{});
        if (axes.empty() && !input(1).empty())
            axes = neededInts(1);
        if (op == "ReduceMean" && axes != OnnxInts{2, 3} && axes != OnnxInts{-2, -1})
            throw Error("averages over other than height and width");
        give(m_builder.sumPool(name(), from, {source.h, source.w, 1, 0}));
        return;
    }
    const ConvGeometry g
        = windowOf(*m_node, source, attribute(*m_node, "kernel_shape", OnnxInts{}));
    const bool isEven = g.padTop == g.padLeft && g.padTop == g.padBottom && g.padTop == g.padRight;
    if (!isEven || g.dilation != 1 || attribute(*m_node, "ceil_mode", std::int64_t(0)) != 0)
        throw Error("has padding that differs by side, a dilation, or rounds its size up");
    if (op == "MaxPool") {
        if (g.kernelH != g.kernelW)
            throw Error("has a window that is not square");
        give(m_builder.maxPool(name(), from, {g.kernelH, g.stride, g.padTop}));
        return;
    }
    if (g.padTop > 0 && attribute(*m_node, "count_include_pad", std::int64_t(0)) == 0)
        throw Error("leaves its padding out of the average");
    give(m_builder.sumPool(name(), from, {g.kernelH, g.kernelW, g.stride, g.padTop}));
}

void OnnxImport::readConcat()
{
    const std::int64_t axis = attribute(*m_node, "axis", std::int64_t(1));
    if (axis != 1 && axis != -3)
        throw Error("joins other than channels");
    std::vector<Wire> parts;
    for (int i = 0; i < m_node->input_size(); ++i)
        parts.push_back(wire(i));
    if (std::ranges::any_of(parts, &Wire::isFlat))
        throw Error("joins rows, not maps");
    give(m_builder.concat(name(), parts));
}

} // namespace stair
