#include "core/exchange/onnx_integer.h"

#include "core/base/concat.h"
#include "core/exchange/onnx_graph.h"
#include "core/exchange/onnx_model.h"
#include "core/exchange/onnx_order.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

using Dims = std::vector<std::int64_t>;

constexpr std::int64_t opset = 13;
constexpr int largestPair = 32'767; // 2 |x| |w| that 16 bits hold

/// Writes the nodes of a program.
class Encoding
{
public:
    Encoding(const Program& program, onnx::GraphProto& proto)
        : m_program(program)
        , m_graph(proto)
    {
    }

    void run(OnnxOutputs outputs)
    {
        addImage();
        for (const Instruction& in : m_program.instructions)
            addInstruction(in);
        m_graph.startLayer("logits");
        const std::int64_t classes = value(m_program.logits).shape.c;
        m_graph.add("Flatten", {nameOf(m_program.logits)}, "logits");
        m_graph.output("logits", onnx::TensorProto::FLOAT, {-1, classes});
        if (outputs == OnnxOutputs::Everything) {
            for (int id = 0; id < int(m_program.values.size()); ++id)
                m_graph.output(nameOf(id), typeOf(id), dimsOf(value(id).shape));
        }
    }

private:
    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }
    std::string nameOf(int id) const { return onnxValueName(m_program, id); }
    int typeOf(int id) const
    {
        return value(id).isFloat ? onnx::TensorProto::FLOAT : onnx::TensorProto::UINT8;
    }
    static Dims dimsOf(const Shape& s) { return {-1, s.c, s.h, s.w}; }

    /// Each byte is looked up in its channel's table.
    void addImage()
    {
        m_graph.startLayer("image");
        const int channels = m_program.image.c;
        m_graph.input("image", onnx::TensorProto::UINT8, dimsOf(m_program.image));
        std::vector<std::int32_t> offsets;
        for (int c = 0; c < channels; ++c)
            offsets.push_back(256 * c);
        const std::string numbers = cast("image", onnx::TensorProto::INT32);
        const std::string entries
            = m_graph.add("Add",
                          {numbers,
                           m_graph.tensor("offsets", std::span<const std::int32_t>(offsets),
                                          {1, channels, 1, 1})});
        for (const int id : m_program.imageValues)
            m_graph.add("Gather", {imageTable(id), entries}, nameOf(id));
    }

    std::string imageTable(int id)
    {
        if (value(id).isFloat)
            return m_graph.tensor("table", std::span<const float>(m_program.imageTable),
                                  {std::int64_t(m_program.imageTable.size())});
        std::vector<std::uint8_t> codes = m_program.imageCodes;
        for (std::uint8_t& code : codes)
            code = std::uint8_t(code + carriedZero(value(id).grid));
        return m_graph.tensor("codes", std::span<const std::uint8_t>(codes),
                              {std::int64_t(codes.size())});
    }

    void addInstruction(const Instruction& in)
    {
        m_graph.startLayer(in.name);
        if (in.compute == Compute::Move) {
            for (std::size_t i = 0; i < in.sources.size(); ++i)
                addMove(in, in.sources[i], in.outputs[i]);
            return;
        }
        std::string acc = accumulator(in);
        if (in.poolBefore)
            acc = maxPool(*in.poolBefore, acc);
        if (in.skip >= 0)
            addJoin(in, acc);
        else
            addOutputs(in, acc);
    }

    std::string accumulator(const Instruction& in)
    {
        const int source = in.sources.front();
        switch (in.compute) {
        case Compute::Conv:
            return in.weightCodes ? integerConv(in) : floatConv(in);
        case Compute::SumPool:
            return value(source).isFloat ? floatSum(in) : integerSum(in);
        case Compute::Concat: {
            OnnxGraph::Names parts;
            for (const int id : in.sources)
                parts.push_back(codesAsFloats(id));
            const std::string whole = m_graph.add("Concat", parts);
            m_graph.attribute("axis", 1);
            return whole;
        }
        case Compute::Add: {
            std::string sum = codesAsFloats(source);
            for (std::size_t i = 1; i < in.sources.size(); ++i)
                sum = m_graph.add("Add", {sum, codesAsFloats(in.sources[i])});
            return sum;
        }
        default:
            return codesAsFloats(source);
        }
    }

    /// A linear layer is a 1x1 convolution over its flattened source.
    std::string seenBy(const Instruction& in, int source)
    {
        if (value(source).shape.c == in.conv.inC)
            return nameOf(source);
        const Dims whole{-1, in.conv.inC, 1, 1};
        return m_graph.add("Reshape", {nameOf(source), shapeTensor("row", whole)});
    }

    std::string integerConv(const Instruction& in)
    {
        const int source = in.sources.front();
        const Grid& from = value(source).grid;
        const Grid& grid = in.weightCodes.grid();
        const int largest = from.isSigned ? 255 : from.qp;
        const bool shifts = 2 * largest * grid.maxMagnitude() > largestPair;
        const OnnxGraph::Names inputs{seenBy(in, source), weightTensor(in, shifts),
                                      m_graph.scalar(std::uint8_t(carriedZero(from)))};
        OnnxGraph::Names all = inputs;
        if (shifts)
            all.push_back(m_graph.scalar(std::uint8_t(carriedWeightZero)));
        const std::string acc = m_graph.add("ConvInteger", all);
        setWindow(in.conv);
        return cast(acc, onnx::TensorProto::FLOAT);
    }

    std::string floatConv(const Instruction& in)
    {
        const int source = in.sources.front();
        std::string real = seenBy(in, source);
        if (!value(source).isFloat)
            real = m_graph.add(
                "Mul", {unshifted(real, value(source).grid), m_graph.scalar(value(source).step)});
        std::vector<float> weights(std::size_t(in.realWeight.size()));
        forEachWeight(in.conv, value(in.sources.front()).shape,
                      [&](std::int64_t from, std::int64_t to) {
                          weights[std::size_t(to)] = in.realWeight.data()[from];
                      });
        const std::string acc = m_graph.add(
            "Conv",
            {real, m_graph.tensor("weight", std::span<const float>(weights), weightDims(in.conv))});
        setWindow(in.conv);
        return acc;
    }

    static Dims weightDims(const ConvGeometry& g)
    {
        return {g.outC, g.inC / g.groups, g.kernelH, g.kernelW};
    }

    std::string weightTensor(const Instruction& in, bool shifts)
    {
        std::vector<std::uint8_t> weights(std::size_t(in.weightCodes.size()));
        forEachWeight(
            in.conv, value(in.sources.front()).shape, [&](std::int64_t from, std::int64_t to) {
                weights[std::size_t(to)]
                    = std::uint8_t(in.weightCodes.at(from) + (shifts ? carriedWeightZero : 0));
            });
        const Dims dims = weightDims(in.conv);
        if (shifts)
            return m_graph.tensor("weight", std::span<const std::uint8_t>(weights), dims);
        const auto* codes = reinterpret_cast<const std::int8_t*>(weights.data());
        return m_graph.tensor("weight", std::span(codes, weights.size()), dims);
    }

    void setWindow(const ConvGeometry& g)
    {
        m_graph.attribute("dilations", {g.dilation, g.dilation});
        m_graph.attribute("group", g.groups);
        m_graph.attribute("kernel_shape", {g.kernelH, g.kernelW});
        m_graph.attribute("pads", {g.padTop, g.padLeft, g.padBottom, g.padRight});
        m_graph.attribute("strides", {g.stride, g.stride});
    }

    /// The sum over a window, as int32: over the whole map, or a convolution with ones.
    std::string integerSum(const Instruction& in)
    {
        const int source = in.sources.front();
        const Shape& s = value(source).shape;
        const Grid& grid = value(source).grid;
        std::string sum;
        if (in.sum.kernelH == s.h && in.sum.kernelW == s.w && in.sum.pad == 0) {
            std::string codes = cast(nameOf(source), onnx::TensorProto::INT32);
            if (carriedZero(grid))
                codes = m_graph.add("Sub", {codes, m_graph.scalar(carriedZero(grid))});
            const std::vector<std::int64_t> axes{2, 3};
            sum = m_graph.add(
                "ReduceSum",
                {codes, m_graph.tensor("axes", std::span<const std::int64_t>(axes), {2})});
            m_graph.attribute("keepdims", 1);
        } else {
            const std::vector<std::int8_t> ones(std::size_t(s.c * in.sum.pixels()), 1);
            sum = m_graph.add("ConvInteger",
                              {nameOf(source),
                               m_graph.tensor("ones", std::span<const std::int8_t>(ones),
                                              {s.c, 1, in.sum.kernelH, in.sum.kernelW}),
                               m_graph.scalar(std::uint8_t(carriedZero(grid)))});
            setWindow(windowOf(in.sum, s.c));
        }
        return cast(sum, onnx::TensorProto::FLOAT);
    }

    std::string floatSum(const Instruction& in)
    {
        const int source = in.sources.front();
        const int channels = value(source).shape.c;
        const std::vector<float> ones(std::size_t(channels * in.sum.pixels()), 1);
        const std::string sum
            = m_graph.add("Conv",
                          {nameOf(source),
                           m_graph.tensor("ones", std::span<const float>(ones),
                                          {channels, 1, in.sum.kernelH, in.sum.kernelW})});
        setWindow(windowOf(in.sum, channels));
        return sum;
    }

    static ConvGeometry windowOf(const SumWindow& w, int channels)
    {
        ConvGeometry g
            = ConvGeometry::square(channels, channels, w.kernelH, w.stride, w.pad, channels);
        g.kernelW = w.kernelW;
        return g;
    }

    std::string cast(const std::string& from, int type)
    {
        const std::string result = m_graph.add("Cast", {from});
        m_graph.attribute("to", type);
        return result;
    }

    /// Codes as whole floats.
    std::string unshifted(const std::string& codes, const Grid& grid)
    {
        const std::string floats = cast(codes, onnx::TensorProto::FLOAT);
        return carriedZero(grid)
            ? m_graph.add("Sub", {floats, m_graph.scalar(float(carriedZero(grid)))})
            : floats;
    }

    std::string codesAsFloats(int id)
    {
        return value(id).isFloat ? nameOf(id) : unshifted(nameOf(id), value(id).grid);
    }

    std::string channelTensor(const std::string& name, const std::vector<float>& values)
    {
        return m_graph.tensor(name, std::span<const float>(values),
                              {1, std::int64_t(values.size()), 1, 1});
    }

    std::string shapeTensor(const std::string& name, const Dims& dims)
    {
        return m_graph.tensor(name, std::span<const std::int64_t>(dims),
                              {std::int64_t(dims.size())});
    }

    std::string affine(const std::string& acc, const std::string& suffix,
                       const std::vector<float>& m, const std::vector<float>& b)
    {
        const std::string scaled = m_graph.add("Mul", {acc, channelTensor("m" + suffix, m)});
        return m_graph.add("Add", {scaled, channelTensor("b" + suffix, b)});
    }

    std::string clip(const std::string& x, float low, float high)
    {
        if (std::isinf(low) && std::isinf(high))
            return x;
        OnnxGraph::Names inputs{x, std::isinf(low) ? std::string() : m_graph.scalar(low)};
        if (!std::isinf(high))
            inputs.push_back(m_graph.scalar(high));
        return m_graph.add("Clip", inputs);
    }

    void addJoin(const Instruction& in, const std::string& acc)
    {
        const Epilogue& e = in.epilogue;
        const std::string main = affine(acc, "", e.m, e.b);
        std::string skip = codesAsFloats(in.skip);
        if (!value(in.skip).isFloat)
            skip = m_graph.add("Mul", {skip, m_graph.scalar(e.skipStep)});
        const std::string sum = m_graph.add("Add", {main, skip});
        const std::string real = clip(sum, e.activation.low, e.activation.high);
        for (std::size_t i = 0; i < in.outputs.size(); ++i) {
            const EpilogueOutput& output = e.outputs[i];
            if (value(in.outputs[i]).isFloat)
                addFloats(output, real, in.outputs[i]);
            else
                addCodes(output, m_graph.add("Mul", {real, m_graph.scalar(output.inverseStep)}),
                         in.outputs[i]);
        }
    }

    void addOutputs(const Instruction& in, const std::string& acc)
    {
        const Activation& activation = in.epilogue.activation;
        for (std::size_t i = 0; i < in.outputs.size(); ++i) {
            const EpilogueOutput& output = in.epilogue.outputs[i];
            const std::string t
                = affine(acc, i > 0 ? std::to_string(i + 1) : "", output.m, output.b);
            if (value(in.outputs[i]).isFloat)
                addFloats(output, clip(t, activation.low, activation.high), in.outputs[i]);
            else
                addCodes(output, t, in.outputs[i]);
        }
    }

    void addFloats(const EpilogueOutput& output, const std::string& t, int id)
    {
        if (output.isHalf) {
            constexpr float mostHalf = 65504;
            cast(cast(clip(t, -mostHalf, mostHalf), onnx::TensorProto::FLOAT16),
                 onnx::TensorProto::FLOAT);
            rename(id);
        } else {
            m_graph.add("Identity", {t}, nameOf(id));
        }
    }

    /// q = clamp(R(t), low, high), carried as uint8.
    void addCodes(const EpilogueOutput& output, const std::string& t, int id)
    {
        const float low = float(output.low), high = float(output.high);
        const int zero = carriedZero(value(id).grid);
        switch (output.rule.kind) {
        case HardRule::Kind::NearestEven:
            m_graph.add(
                "QuantizeLinear",
                {clip(t, low, high), m_graph.scalar(1.0f), m_graph.scalar(std::uint8_t(zero))},
                nameOf(id));
            return;
        case HardRule::Kind::Ceil:
            store(clip(m_graph.add("Ceil", {t}), low, high), id);
            return;
        case HardRule::Kind::Sign: {
            const auto carried = [&](int code) {
                return m_graph.scalar(
                    std::uint8_t(std::clamp(code, output.low, output.high) + zero));
            };
            const std::string isPositive = m_graph.add("GreaterOrEqual", {t, m_graph.scalar(0.0f)});
            m_graph.add("Where", {isPositive, carried(1), carried(-1)}, nameOf(id));
            return;
        }
        case HardRule::Kind::NearestOdd: {
            // 2 floor(floor(t) / 2) + 1, brought in range first: far floats are all even.
            const std::string whole = m_graph.add("Floor", {clip(t, low - 1, high + 1)});
            const std::string pair
                = m_graph.add("Floor", {m_graph.add("Mul", {whole, m_graph.scalar(0.5f)})});
            const std::string odd = m_graph.add(
                "Add", {m_graph.add("Mul", {pair, m_graph.scalar(2.0f)}), m_graph.scalar(1.0f)});
            store(clip(odd, low, high), id);
            return;
        }
        case HardRule::Kind::Thresholds:
            store(clip(passed(output.rule, t), low, high), id);
            return;
        }
    }

    /// The code behind the thresholds that lie below t: the first, and a jump at each.
    std::string passed(const HardRule& rule, const std::string& t)
    {
        std::string sum;
        for (std::size_t i = 0; i < rule.thresholds.size(); ++i) {
            const std::string above
                = cast(m_graph.add("Greater", {t, m_graph.scalar(rule.thresholds[i])}),
                       onnx::TensorProto::FLOAT);
            const std::string jump
                = m_graph.add("Mul", {above, m_graph.scalar(rule.codes[i + 1] - rule.codes[i])});
            sum = m_graph.add("Add",
                              {sum.empty() ? m_graph.scalar(rule.codes.front()) : sum, jump});
        }
        return sum;
    }

    /// Whole floats within the grid, as codes.
    void store(const std::string& codes, int id)
    {
        const int zero = carriedZero(value(id).grid);
        const std::string shifted
            = zero ? m_graph.add("Add", {codes, m_graph.scalar(float(zero))}) : codes;
        cast(shifted, onnx::TensorProto::UINT8);
        rename(id);
    }

    /// The last node gives this value.
    void rename(int id) { m_graph.nameLast(nameOf(id)); }

    std::string maxPool(const PoolGeometry& g, const std::string& from)
    {
        const std::string result = m_graph.add("MaxPool", {from});
        m_graph.attribute("kernel_shape", {g.kernel, g.kernel});
        m_graph.attribute("pads", {g.pad, g.pad, g.pad, g.pad});
        m_graph.attribute("strides", {g.stride, g.stride});
        return result;
    }

    void addMove(const Instruction& in, int from, int to)
    {
        const std::string suffix = to == in.outputs.front() ? "" : std::to_string(to);
        if (const auto* pool = std::get_if<PoolGeometry>(&in.move))
            maxPool(*pool, nameOf(from));
        else if (const auto* shortcut = std::get_if<ShortcutGeometry>(&in.move))
            padShortcut(*shortcut, from, suffix);
        else if (const auto* slice = std::get_if<SliceGeometry>(&in.move))
            cut("channels" + suffix, nameOf(from), {slice->first}, {slice->first + slice->channels},
                {1}, {1});
        else
            shuffle(std::get<ShuffleGeometry>(in.move), from, suffix);
        rename(to);
    }

    std::string cut(const std::string& name, const std::string& from, const Dims& starts,
                    const Dims& ends, const Dims& axes, const Dims& steps)
    {
        return m_graph.add("Slice",
                           {from, shapeTensor(name + "_starts", starts),
                            shapeTensor(name + "_ends", ends), shapeTensor(name + "_axes", axes),
                            shapeTensor(name + "_steps", steps)});
    }

    void padShortcut(const ShortcutGeometry& g, int from, const std::string& suffix)
    {
        const ProgramValue& source = value(from);
        const std::string kept
            = cut("pixels" + suffix, nameOf(from), {0, 0}, {source.shape.h, source.shape.w}, {2, 3},
                  {g.stride, g.stride});
        const std::string zero = source.isFloat
            ? m_graph.scalar(0.0f)
            : m_graph.scalar(std::uint8_t(carriedZero(source.grid)));
        m_graph.add("Pad",
                    {kept,
                     shapeTensor("pads" + suffix, {0, 0, 0, 0, 0, g.outC - source.shape.c, 0, 0}),
                     zero});
    }

    void shuffle(const ShuffleGeometry& g, int from, const std::string& suffix)
    {
        const Shape& s = value(from).shape;
        const std::string rows = m_graph.add(
            "Reshape",
            {nameOf(from), shapeTensor("rows" + suffix, {-1, g.groups, s.c / g.groups, s.h, s.w})});
        const std::string columns = m_graph.add("Transpose", {rows});
        m_graph.attribute("perm", {0, 2, 1, 3, 4});
        m_graph.add("Reshape", {columns, shapeTensor("whole" + suffix, {-1, s.c, s.h, s.w})});
    }

    const Program& m_program;
    OnnxGraph m_graph;
};

} // namespace

std::string onnxValueName(const Program& program, int value)
{
    return concat(program.values[std::size_t(value)].name, ":", value);
}

std::string encodeOnnxInteger(const ShippedModel& model, OnnxOutputs outputs)
{
    onnx::ModelProto proto;
    startModel(proto, "integer", opset);
    Encoding(model.program, *proto.mutable_graph()).run(outputs);
    return finishModel(proto, model);
}

} // namespace stair
