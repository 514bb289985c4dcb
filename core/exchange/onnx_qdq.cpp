#include "core/exchange/onnx_qdq.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_model.h"
#include "core/exchange/onnx_order.h"
#include "core/exchange/onnx_tensors.h"
#include "core/exchange/real_encoding.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stair {

namespace {

using Rule = HardRule::Kind;

constexpr double mostMoved = 1.0 / 200; // of a layer's codes, by rounding its biases

/// Weights that int4 holds. Activations of 4 bits are bytes behind a Clip: of int4 ones ONNX Runtime 1.30
/// writes beside its memory.
bool isNibble(const Grid& grid)
{
    return grid.bits == 4 && grid.kind == Grid::Kind::Uniform && grid.isSigned && grid.qp <= 7
        && grid.qn >= -8;
}

class QdqEncoding : public RealEncoding
{
public:
    QdqEncoding(const Program& program, onnx::GraphProto& proto, QdqBias bias)
        : RealEncoding(program, proto)
        , m_bias(bias)
        , m_codes(program.values.size())
    {
    }

    /// Declares the codes as outputs too.
    void giveCodes()
    {
        m_graph.startLayer("codes");
        for (int id = 0; id < int(m_codes.size()); ++id) {
            if (m_codes[std::size_t(id)].empty())
                continue;
            const int type
                = value(id).grid.isSigned ? onnx::TensorProto::INT8 : onnx::TensorProto::UINT8;
            const std::string name = onnxValueName(m_program, id);
            m_graph.add("Cast", {m_codes[std::size_t(id)]}, name);
            m_graph.attribute("to", type);
            const Shape& s = value(id).shape;
            m_graph.output(name, type, {-1, s.c, s.h, s.w});
        }
    }

private:
    bool foldsAffine() const override { return true; }
    void addImage() override
    {
        const int c = m_program.image.c;
        m_graph.input("image", onnx::TensorProto::UINT8,
                      {-1, c, m_program.image.h, m_program.image.w});
        std::vector<std::int32_t> offsets;
        for (int i = 0; i < c; ++i)
            offsets.push_back(256 * i);
        const std::string numbers = m_graph.add("Cast", {"image"});
        m_graph.attribute("to", onnx::TensorProto::INT32);
        const std::string entries = m_graph.add(
            "Add",
            {numbers,
             m_graph.tensor("offsets", std::span<const std::int32_t>(offsets), {1, c, 1, 1})});
        for (const int id : m_program.imageValues) {
            if (value(id).isFloat) {
                nameOf(id) = m_graph.add(
                    "Gather", {floatTensor("table", m_program.imageTable, {256 * c}), entries});
                continue;
            }
            const auto* codes = reinterpret_cast<const std::int8_t*>(m_program.imageCodes.data());
            const std::string table = value(id).grid.isSigned
                ? m_graph.tensor("codes", std::span(codes, m_program.imageCodes.size()), {256 * c})
                : m_graph.tensor("codes", std::span<const std::uint8_t>(m_program.imageCodes),
                                 {256 * c});
            m_codes[std::size_t(id)] = m_graph.add("Gather", {table, entries});
            nameOf(id) = m_graph.add("DequantizeLinear",
                                     {m_codes[std::size_t(id)], m_graph.scalar(value(id).step)});
        }
    }

    /// Scales must be positive: a negative multiplier turns the codes' signs, or, where a turned code
    /// does not fit, the sums'.
    std::string convolved(const Instruction& in, const std::string& source,
                          const RealAffine* folds) override
    {
        const std::size_t outputs = std::size_t(in.conv.outC);
        std::vector<float> scales;
        std::vector<int> signs;
        for (std::size_t c = 0; c < outputs; ++c) {
            const double step = in.weightSteps[in.weightSteps.size() > 1 ? c : 0];
            const double scale = step * (folds ? folds->m[c] : 1);
            scales.push_back(scale == 0 ? float(step) : float(std::abs(scale)));
            signs.push_back(scale < 0 ? -1 : scale > 0 ? 1 : 0);
        }
        const bool turnsCodes = turnedCodesFit(in, signs);
        const std::string weight = weights(in, scales, turnsCodes ? signs : std::vector<int>());
        OnnxGraph::Names inputs{source, weight};
        const std::string whole
            = folds && turnsCodes ? wholeBias(in, *folds, scales) : std::string();
        if (!whole.empty())
            inputs.push_back(whole);
        std::string sum = m_graph.add("Conv", inputs);
        setWindow(in.conv);
        if (!turnsCodes)
            sum = m_graph.add("Mul", {sum, channelTensor("sign", {signs.begin(), signs.end()})});
        if (!folds || !whole.empty())
            return sum;
        return m_graph.add("Add", {sum, channelTensor("bias", {folds->b.begin(), folds->b.end()})});
    }

    std::string channelTensor(const std::string& name, const std::vector<float>& values)
    {
        return floatTensor(name, values, {1, std::int64_t(values.size()), 1, 1});
    }

    static std::size_t channelOf(const Instruction& in, std::int64_t ours)
    {
        return std::size_t(ours / (in.weightCodes.size() / in.conv.outC));
    }

    bool turnedCodesFit(const Instruction& in, const std::vector<int>& signs) const
    {
        const Grid& grid = in.weightCodes.grid();
        const int most = isNibble(grid) ? 7 : 127;
        if (grid.kind == Grid::Kind::Odd && std::ranges::find(signs, 0) != signs.end())
            return false; // it has no zero
        for (std::int64_t i = 0; i < in.weightCodes.size(); ++i) {
            if (in.weightCodes.at(i) * signs[channelOf(in, i)] > most)
                return false;
        }
        return true;
    }

    /// The dequantized weights, of codes times their channel's sign.
    std::string weights(const Instruction& in, const std::vector<float>& scales,
                        const std::vector<int>& signs)
    {
        std::vector<std::int8_t> codes(std::size_t(in.weightCodes.size()));
        forEachWeight(in.conv, value(in.sources.front()).shape,
                      [&](std::int64_t ours, std::int64_t theirs) {
                          const int sign = signs.empty() ? 1 : signs[channelOf(in, ours)];
                          codes[std::size_t(theirs)] = std::int8_t(in.weightCodes.at(ours) * sign);
                      });
        const Dims dims = weightDims(in.conv);
        const std::string stored = isNibble(in.weightCodes.grid())
            ? m_graph.nibbles("weight", codes, dims, onnxInt4)
            : m_graph.tensor("weight", std::span<const std::int8_t>(codes), dims);
        const std::string weight = m_graph.add(
            "DequantizeLinear",
            {stored, floatTensor("weight_scale", scales, {std::int64_t(scales.size())})});
        m_graph.attribute("axis", std::int64_t(0));
        return weight;
    }

    /// The finest step to which the layer's results are rounded; 0: one stays real, so that no runtime
    /// takes the layer as integers. Of the logits, which are not rounded, infinity.
    float finestStep(const Instruction& in) const
    {
        float finest = std::numeric_limits<float>::infinity();
        for (const int id : in.outputs) {
            if (!value(id).isFloat)
                finest = std::min(finest, value(id).step);
            else if (id != m_program.logits)
                finest = 0;
        }
        return finest;
    }

    /// The biases as int32 in units of the accumulators; empty where they are to stay in floats. A bias
    /// that is rounded by a hundredth of a result's step moves a hundredth of the codes: little where a
    /// sum has many products, much in depthwise and narrow 1x1 layers.
    std::string wholeBias(const Instruction& in, const RealAffine& folds,
                          const std::vector<float>& scales)
    {
        if (m_bias == QdqBias::Floats)
            return {};
        const float step = value(in.sources.front()).step;
        const double finest = double(finestStep(in));
        double moved = 0;
        std::vector<std::int32_t> codes;
        std::vector<float> units;
        for (std::size_t c = 0; c < scales.size(); ++c) {
            units.push_back(step * scales[c]);
            const double code = std::nearbyint(folds.b[c] / double(units.back()));
            if (!std::isnormal(units.back()) || !(std::abs(code) <= 2e9))
                return {};
            moved += std::abs(folds.b[c] - code * double(units.back())) / finest;
            codes.push_back(std::int32_t(code));
        }
        if (!(moved <= mostMoved * double(codes.size())))
            return {};
        const std::int64_t count = std::int64_t(codes.size());
        const std::string result
            = m_graph.add("DequantizeLinear",
                          {m_graph.tensor("bias", std::span<const std::int32_t>(codes), {count}),
                           floatTensor("bias_scale", units, {count})});
        m_graph.attribute("axis", std::int64_t(0));
        return result;
    }

    std::string quantized(const std::string& real, int id, const HardRule&) override
    {
        const Grid& grid = value(id).grid;
        const std::string step = m_graph.scalar(value(id).step);
        std::string& codes = m_codes[std::size_t(id)];
        const std::string zero
            = grid.isSigned ? m_graph.scalar(std::int8_t(0)) : m_graph.scalar(std::uint8_t(0));
        codes = m_graph.add("QuantizeLinear", {real, step, zero});
        const bool isWhole = grid.isSigned ? grid.qn <= -128 && grid.qp >= 127 : grid.qp >= 255;
        if (!isWhole && grid.isSigned)
            codes = m_graph.add("Clip",
                                {codes, m_graph.scalar(std::int8_t(grid.qn)),
                                 m_graph.scalar(std::int8_t(grid.qp))});
        else if (!isWhole)
            codes = m_graph.add("Clip",
                                {codes, m_graph.scalar(std::uint8_t(grid.qn)),
                                 m_graph.scalar(std::uint8_t(grid.qp))});
        return m_graph.add("DequantizeLinear", {codes, step, zero});
    }

    QdqBias m_bias;
    std::vector<std::string> m_codes; // by value: its tensor of codes, where it is quantized
};

} // namespace

std::string qdqRefusal(const Program& program)
{
    for (const Instruction& in : program.instructions) {
        for (std::size_t i = 0; i < in.outputs.size() && in.compute != Compute::Move; ++i) {
            const ProgramValue& to = program.values[std::size_t(in.outputs[i])];
            const Rule rule = in.epilogue.outputs[i].rule.kind;
            if (!to.isFloat && (rule != Rule::NearestEven || to.grid.kind != Grid::Kind::Uniform))
                return concat("layer ", in.name,
                              " does not round to the nearest of an even grid, "
                              "which QuantizeLinear can; take the integer form");
        }
    }
    return {};
}

QdqBias qdqBias(const Program& program)
{
    const bool isBytes = std::ranges::all_of(program.values, [](const ProgramValue& value) {
        return value.isFloat || value.grid.bits == 8;
    });
    return isBytes ? QdqBias::Integers : QdqBias::Floats;
}

std::string encodeOnnxQdq(const ShippedModel& model, OnnxOutputs outputs)
{
    return encodeOnnxQdq(model, outputs, qdqBias(model.program));
}

std::string encodeOnnxQdq(const ShippedModel& model, OnnxOutputs outputs, QdqBias bias)
{
    const Program& program = model.program;
    if (const std::string refusal = qdqRefusal(program); !refusal.empty())
        throw Error(concat("this model has no QDQ form: ", refusal));
    const bool hasNibbles = std::ranges::any_of(program.instructions, [](const Instruction& in) {
        return in.weightCodes && isNibble(in.weightCodes.grid());
    });
    onnx::ModelProto proto;
    startModel(proto, "qdq", hasNibbles ? 21 : 13);
    QdqEncoding encoding(program, *proto.mutable_graph(), bias);
    encoding.run();
    if (outputs == OnnxOutputs::Everything)
        encoding.giveCodes();
    return finishModel(proto, model);
}

} // namespace stair
