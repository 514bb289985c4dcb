#include "core/exchange/qonnx.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_model.h"
#include "core/exchange/onnx_order.h"
#include "core/exchange/real_encoding.h"

namespace stair {

namespace {

using Rule = HardRule::Kind;

constexpr const char* qonnxDomain = "qonnx.custom_op.general";

class QonnxEncoding : public RealEncoding
{
public:
    using RealEncoding::RealEncoding;

private:
    bool foldsAffine() const override { return false; }

    /// The input holds reals already: what each byte stands for is in the metadata's program.
    void addImage() override
    {
        m_graph.input("image", onnx::TensorProto::FLOAT,
                      {-1, m_program.image.c, m_program.image.h, m_program.image.w});
        for (const int id : m_program.imageValues)
            nameOf(id) = value(id).isFloat ? "image" : quantized("image", id, {});
    }

    std::string convolved(const Instruction& in, const std::string& source,
                          const RealAffine*) override
    {
        const Grid& grid = in.weightCodes.grid();
        const std::int64_t each = in.weightCodes.size() / in.conv.outC;
        const bool perChannel = in.weightSteps.size() > 1;
        std::vector<float> reals(std::size_t(in.weightCodes.size()));
        forEachWeight(
            in.conv, value(in.sources.front()).shape, [&](std::int64_t ours, std::int64_t theirs) {
                const std::size_t c = perChannel ? std::size_t(ours / each) : 0;
                reals[std::size_t(theirs)] = in.weightSteps[c] * float(in.weightCodes.at(ours));
            });
        const std::string step = perChannel
            ? floatTensor("weight_scale", in.weightSteps, {in.conv.outC, 1, 1, 1})
            : m_graph.scalar(in.weightSteps.front());
        const std::string weight
            = quant(floatTensor("weight", reals, weightDims(in.conv)), step, grid, "ROUND");
        const std::string result = m_graph.add("Conv", {source, weight});
        setWindow(in.conv);
        return result;
    }

    std::string quantized(const std::string& real, int id, const HardRule& rule) override
    {
        return quant(real, m_graph.scalar(value(id).step), value(id).grid,
                     rule.kind == Rule::Ceil ? "CEIL" : "ROUND");
    }

    std::string quant(const std::string& real, const std::string& step, const Grid& grid,
                      const char* rounding)
    {
        if (grid.kind == Grid::Kind::Odd) {
            const std::string result = m_graph.add("BipolarQuant", {real, step});
            m_graph.setDomain(qonnxDomain);
            return result;
        }
        const std::string result = m_graph.add(
            "Quant", {real, step, m_graph.scalar(0.0f), m_graph.scalar(float(grid.bits))});
        m_graph.setDomain(qonnxDomain);
        m_graph.attribute("signed", grid.isSigned ? 1 : 0);
        m_graph.attribute("narrow", grid.isSigned && grid.qn == -grid.qp ? 1 : 0);
        m_graph.attribute("rounding_mode", rounding);
        return result;
    }
};

/// Whether Quant with zero point 0 has these levels.
bool isQuantGrid(const Grid& g)
{
    if (g.kind == Grid::Kind::Odd)
        return g.bits == 1;
    const int end = 1 << (g.isSigned ? g.bits - 1 : g.bits);
    return g.kind == Grid::Kind::Uniform && g.qp == end - 1
        && (g.isSigned ? g.qn == -end || g.qn == 1 - end : g.qn == 0);
}

} // namespace

std::string qonnxRefusal(const Program& program)
{
    const auto refuse = [](const Instruction& in, const char* what) {
        return concat("layer ", in.name, " ", what,
                      ", which Quant with zero point 0 has not; take "
                      "the integer form");
    };
    for (const Instruction& in : program.instructions) {
        if (in.weightCodes && !isQuantGrid(in.weightCodes.grid()))
            return refuse(in, "has other levels in its weights");
        for (std::size_t i = 0; i < in.outputs.size() && in.compute != Compute::Move; ++i) {
            const ProgramValue& to = program.values[std::size_t(in.outputs[i])];
            const Rule rule = in.epilogue.outputs[i].rule.kind;
            if (to.isFloat)
                continue;
            if (!isQuantGrid(to.grid))
                return refuse(in, "has other levels in its results");
            if (rule == Rule::Thresholds || (rule == Rule::NearestOdd && to.grid.bits > 1))
                return refuse(in, "has a rounding of its own");
        }
    }
    return {};
}

std::string encodeQonnx(const ShippedModel& model)
{
    if (const std::string refusal = qonnxRefusal(model.program); !refusal.empty())
        throw Error(concat("this model has no QONNX form: ", refusal));
    onnx::ModelProto proto;
    startModel(proto, "qonnx", 13);
    auto& import = *proto.add_opset_import();
    import.set_domain(qonnxDomain);
    import.set_version(1);
    QonnxEncoding(model.program, *proto.mutable_graph()).run();
    return finishModel(proto, model);
}

} // namespace stair
