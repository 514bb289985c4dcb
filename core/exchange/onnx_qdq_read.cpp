#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_model.h"
#include "core/exchange/onnx_order.h"
#include "core/exchange/onnx_qdq.h"
#include "core/exchange/onnx_tensors.h"
#include "core/exchange/program_text.h"
#include "core/lower/program_check.h"
#include "core/lower/real_affine.h"

#include <map>

namespace stair {

namespace {

/// Takes a program's numbers out of the graph that QdqEncoding made of it: scales and biases are in
/// the weights' tensors, so m and b come out of them again.
class QdqDecoding
{
public:
    QdqDecoding(const onnx::GraphProto& graph, Program& program)
        : m_program(program)
    {
        for (const onnx::TensorProto& tensor : graph.initializer())
            m_tensors.emplace(tensor.name(), &tensor);
    }

    void run()
    {
        takeImage();
        for (Instruction& in : m_program.instructions) {
            if (in.compute == Compute::Move)
                continue;
            const std::size_t channels = std::size_t(in.computed.c);
            RealAffine affine{std::vector<double>(channels, 1), std::vector<double>(channels, 0)};
            const bool folds = in.weightCodes && !in.poolBefore;
            if (in.weightCodes)
                takeCodes(in, folds ? &affine : nullptr);
            else if (in.compute == Compute::Conv)
                takeReals(in);
            if (!folds) {
                affine.m = reals(in.name + ".m", std::move(affine.m));
                affine.b = reals(in.name + ".b", std::move(affine.b));
            }
            setRealAffine(m_program, in, affine);
        }
    }

private:
    const onnx::TensorProto& tensor(const std::string& name, std::int64_t size) const
    {
        const auto found = m_tensors.find(name);
        if (found == m_tensors.end() || sizeOf(dimsOf(*found->second)) != size)
            throw Error(concat("it lacks the tensor ", name));
        return *found->second;
    }

    /// As many reals as in `absent`, which stands for a tensor that was left out.
    std::vector<double> reals(const std::string& name, std::vector<double> absent) const
    {
        return m_tensors.contains(name) ? realsOf(tensor(name, std::int64_t(absent.size())))
                                        : absent;
    }

    void takeImage()
    {
        const std::int64_t entries = std::int64_t(m_program.image.c) * 256;
        for (const int id : m_program.imageValues) {
            if (m_program.values[std::size_t(id)].isFloat) {
                const auto table = realsOf(tensor("image.table", entries));
                m_program.imageTable.assign(table.begin(), table.end());
                continue;
            }
            m_program.imageCodes.clear();
            for (const std::int64_t code : integersOf(tensor("image.codes", entries)))
                m_program.imageCodes.push_back(std::uint8_t(code));
        }
    }

    /// Codes that were turned beyond the grid are turned back, and with them the channel's scale.
    static void turnBack(Instruction& in, std::vector<double>& scales)
    {
        const Grid& grid = in.weightCodes.grid();
        const std::int64_t each = in.weightCodes.size() / in.conv.outC;
        for (int c = 0; c < in.conv.outC; ++c) {
            const std::span codes(in.weightCodes.data() + c * each, std::size_t(each));
            const auto isBeside = [&grid](std::uint8_t code) {
                return std::int8_t(code) < grid.qn || std::int8_t(code) > grid.qp;
            };
            if (!grid.isSigned || std::ranges::none_of(codes, isBeside))
                continue;
            for (std::uint8_t& code : codes)
                code = std::uint8_t(-std::int8_t(code));
            scales[std::size_t(c)] *= -1;
        }
    }

    /// A negative multiplier has turned the codes' signs and stays positive, or the sums' signs.
    void takeCodes(Instruction& in, RealAffine* folded)
    {
        const std::size_t channels = std::size_t(in.conv.outC);
        const auto codes = integersOf(tensor(in.name + ".weight", in.weightCodes.size()));
        forEachWeight(in.conv, sourceOf(in).shape, [&](std::int64_t ours, std::int64_t theirs) {
            in.weightCodes.data()[ours] = std::uint8_t(codes[std::size_t(theirs)]);
        });
        auto scales = realsOf(tensor(in.name + ".weight_scale", std::int64_t(channels)));
        turnBack(in, scales);
        const auto signs = reals(in.name + ".sign", std::vector<double>(channels, 1));
        for (std::size_t c = 0; folded && c < channels; ++c)
            folded->m[c]
                = signs[c] * scales[c] / double(in.weightSteps[in.weightSteps.size() > 1 ? c : 0]);
        if (!folded)
            return;
        const std::string name = in.name + ".bias";
        if (!m_tensors.contains(name + "_scale")) {
            folded->b = realsOf(tensor(name, std::int64_t(channels)));
            return;
        }
        const auto units = realsOf(tensor(name + "_scale", std::int64_t(channels)));
        const auto biases = integersOf(tensor(name, std::int64_t(channels)));
        for (std::size_t c = 0; c < channels; ++c)
            folded->b[c] = double(biases[c]) * units[c];
    }

    void takeReals(Instruction& in)
    {
        const auto weights = realsOf(tensor(in.name + ".weight", in.realWeight.size()));
        forEachWeight(in.conv, sourceOf(in).shape, [&](std::int64_t ours, std::int64_t theirs) {
            in.realWeight.data()[ours] = float(weights[std::size_t(theirs)]);
        });
    }

    const ProgramValue& sourceOf(const Instruction& in) const
    {
        return m_program.values[std::size_t(in.sources.front())];
    }

    Program& m_program;
    std::map<std::string, const onnx::TensorProto*> m_tensors;
};

} // namespace

ShippedModel readOnnxQdq(const std::filesystem::path& path)
{
    const OnnxFile file = OnnxFile::read(path);
    const auto fail = [&](const std::string& what) {
        throw Error(
            concat("the ONNX file ", path.string(), " ", what, "; export it again from its run"));
    };
    if (file.form != "qdq")
        fail(concat("is of the form '", file.form, "', not 'qdq'"));
    if (!file.isIntact)
        fail("has been changed since it was written");
    ShippedModel model;
    try {
        model.program = programFromText(file.model.at("program"));
        model.origin = Origin::from(file.model.at("origin"));
        QdqDecoding(file.proto.graph(), model.program).run();
        checkProgram(model.program);
    } catch (const Json::exception&) {
        fail("is damaged: its description cannot be read");
    } catch (const Error& error) {
        fail(concat("is damaged: ", error.what()));
    }
    return model;
}

} // namespace stair
