#include "core/exchange/real_encoding.h"

#include "core/exchange/onnx_order.h"

#include <algorithm>
#include <cmath>

namespace stair {

RealEncoding::RealEncoding(const Program& program, onnx::GraphProto& proto)
    : m_program(program)
    , m_graph(proto)
    , m_names(program.values.size())
{
}

void RealEncoding::run()
{
    m_graph.startLayer("image");
    addImage();
    for (const Instruction& in : m_program.instructions) {
        m_graph.startLayer(in.name);
        if (in.compute == Compute::Move)
            for (std::size_t i = 0; i < in.sources.size(); ++i)
                addMove(in, in.sources[i], in.outputs[i]);
        else
            addLayer(in);
    }
    m_graph.startLayer("logits");
    m_graph.add("Flatten", {nameOf(m_program.logits)}, "logits");
    m_graph.output("logits", onnx::TensorProto::FLOAT, {-1, value(m_program.logits).shape.c});
}

RealEncoding::Dims RealEncoding::weightDims(const ConvGeometry& g)
{
    return {g.outC, g.inC / g.groups, g.kernelH, g.kernelW};
}

void RealEncoding::setWindow(const ConvGeometry& g)
{
    m_graph.attribute("dilations", Dims{g.dilation, g.dilation});
    m_graph.attribute("group", g.groups);
    m_graph.attribute("kernel_shape", Dims{g.kernelH, g.kernelW});
    m_graph.attribute("pads", Dims{g.padTop, g.padLeft, g.padBottom, g.padRight});
    m_graph.attribute("strides", Dims{g.stride, g.stride});
}

std::string RealEncoding::floatTensor(const std::string& name, const std::vector<float>& values,
                                      const Dims& dims)
{
    return m_graph.tensor(name, std::span<const float>(values), dims);
}

void RealEncoding::addLayer(const Instruction& in)
{
    const RealAffine own = realAffine(m_program, in, 0);
    // Over negative multipliers a maximum does not commute with batch norm.
    const bool folds = in.weightCodes && !in.poolBefore;
    std::string real = layerResult(in, folds ? &own : nullptr);
    if (in.poolBefore)
        real = maxPool(*in.poolBefore, real);
    if (!folds || !foldsAffine())
        real = applied(own, real);
    if (in.skip >= 0)
        real = m_graph.add("Add", {real, nameOf(in.skip)});
    real = activated(in.epilogue.activation, real);
    for (std::size_t i = 0; i < in.outputs.size(); ++i) {
        const int id = in.outputs[i];
        nameOf(id) = value(id).isFloat ? real : quantized(real, id, in.epilogue.outputs[i].rule);
    }
}

std::string RealEncoding::layerResult(const Instruction& in, const RealAffine* folds)
{
    const std::string source = nameOf(in.sources.front());
    switch (in.compute) {
    case Compute::Conv:
        return in.weightCodes ? convolved(in, seenBy(in), folds) : floatConv(in);
    case Compute::SumPool: {
        const std::string mean = m_graph.add("AveragePool", {source});
        m_graph.attribute("count_include_pad", 1);
        m_graph.attribute("kernel_shape", Dims{in.sum.kernelH, in.sum.kernelW});
        m_graph.attribute("pads", Dims{in.sum.pad, in.sum.pad, in.sum.pad, in.sum.pad});
        m_graph.attribute("strides", Dims{in.sum.stride, in.sum.stride});
        return mean;
    }
    case Compute::Concat: {
        OnnxGraph::Names parts;
        for (const int id : in.sources)
            parts.push_back(nameOf(id));
        const std::string whole = m_graph.add("Concat", parts);
        m_graph.attribute("axis", 1);
        return whole;
    }
    case Compute::Add: {
        std::string sum = source;
        for (std::size_t i = 1; i < in.sources.size(); ++i)
            sum = m_graph.add("Add", {sum, nameOf(in.sources[i])});
        return sum;
    }
    default:
        return source;
    }
}

std::string RealEncoding::seenBy(const Instruction& in)
{
    const int source = in.sources.front();
    if (value(source).shape.c == in.conv.inC)
        return nameOf(source);
    const Dims row{-1, in.conv.inC, 1, 1};
    return m_graph.add("Reshape", {nameOf(source), shapeTensor("row", row)});
}

std::string RealEncoding::floatConv(const Instruction& in)
{
    std::vector<float> weights(std::size_t(in.realWeight.size()));
    forEachWeight(in.conv, value(in.sources.front()).shape,
                  [&](std::int64_t ours, std::int64_t theirs) {
                      weights[std::size_t(theirs)] = in.realWeight.data()[ours];
                  });
    const std::string result
        = m_graph.add("Conv", {seenBy(in), floatTensor("weight", weights, weightDims(in.conv))});
    setWindow(in.conv);
    return result;
}

std::string RealEncoding::channels(const std::string& name, const std::vector<double>& values)
{
    return floatTensor(name, {values.begin(), values.end()},
                       {1, std::int64_t(values.size()), 1, 1});
}

std::string RealEncoding::applied(const RealAffine& affine, std::string real)
{
    const auto isPlain = [](double m) {
        return std::abs(m - 1) < 1e-6;
    };
    if (!std::ranges::all_of(affine.m, isPlain))
        real = m_graph.add("Mul", {real, channels("m", affine.m)});
    if (std::ranges::any_of(affine.b, [](double b) { return b != 0; }))
        real = m_graph.add("Add", {real, channels("b", affine.b)});
    return real;
}

std::string RealEncoding::activated(const Activation& activation, const std::string& real)
{
    if (activation == Activation::none())
        return real;
    if (activation == Activation::relu())
        return m_graph.add("Relu", {real});
    OnnxGraph::Names inputs{real, m_graph.scalar(activation.low)};
    if (!std::isinf(activation.high))
        inputs.push_back(m_graph.scalar(activation.high));
    return m_graph.add("Clip", inputs);
}

std::string RealEncoding::maxPool(const PoolGeometry& g, const std::string& from)
{
    const std::string result = m_graph.add("MaxPool", {from});
    m_graph.attribute("kernel_shape", Dims{g.kernel, g.kernel});
    m_graph.attribute("pads", Dims{g.pad, g.pad, g.pad, g.pad});
    m_graph.attribute("strides", Dims{g.stride, g.stride});
    return result;
}

std::string RealEncoding::shapeTensor(const std::string& name, const Dims& dims)
{
    return m_graph.tensor(name, std::span<const std::int64_t>(dims), {std::int64_t(dims.size())});
}

std::string RealEncoding::cut(const std::string& from, const std::string& suffix,
                              const Dims& starts, const Dims& ends, const Dims& axes,
                              const Dims& steps)
{
    return m_graph.add("Slice",
                       {from, shapeTensor("starts" + suffix, starts),
                        shapeTensor("ends" + suffix, ends), shapeTensor("axes" + suffix, axes),
                        shapeTensor("steps" + suffix, steps)});
}

void RealEncoding::addMove(const Instruction& in, int from, int to)
{
    const std::string suffix = to == in.outputs.front() ? "" : std::to_string(to);
    const Shape& s = value(from).shape;
    std::string result;
    if (const auto* pool = std::get_if<PoolGeometry>(&in.move)) {
        result = maxPool(*pool, nameOf(from));
    } else if (const auto* shortcut = std::get_if<ShortcutGeometry>(&in.move)) {
        const std::string kept = cut(nameOf(from), suffix, {0, 0}, {s.h, s.w}, {2, 3},
                                     {shortcut->stride, shortcut->stride});
        result = m_graph.add(
            "Pad",
            {kept, shapeTensor("pads" + suffix, {0, 0, 0, 0, 0, shortcut->outC - s.c, 0, 0}),
             m_graph.scalar(0.0f)});
    } else if (const auto* slice = std::get_if<SliceGeometry>(&in.move)) {
        result
            = cut(nameOf(from), suffix, {slice->first}, {slice->first + slice->channels}, {1}, {1});
    } else {
        const int groups = std::get<ShuffleGeometry>(in.move).groups;
        const std::string rows = m_graph.add(
            "Reshape",
            {nameOf(from), shapeTensor("rows" + suffix, {-1, groups, s.c / groups, s.h, s.w})});
        const std::string columns = m_graph.add("Transpose", {rows});
        m_graph.attribute("perm", Dims{0, 2, 1, 3, 4});
        result
            = m_graph.add("Reshape", {columns, shapeTensor("whole" + suffix, {-1, s.c, s.h, s.w})});
    }
    nameOf(to) = result;
}

} // namespace stair
