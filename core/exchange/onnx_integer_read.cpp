#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/onnx_model.h"
#include "core/exchange/onnx_order.h"
#include "core/exchange/program_text.h"
#include "core/lower/program_check.h"

#include <cstring>
#include <map>

namespace stair {

namespace {

/// Takes a program's tensors back out of a graph.
class Decoding
{
public:
    Decoding(const onnx::GraphProto& graph, Program& program)
        : m_program(program)
    {
        for (const onnx::TensorProto& tensor : graph.initializer())
            m_tensors.emplace(tensor.name(), &tensor);
    }

    void run()
    {
        takeImage();
        for (Instruction& in : m_program.instructions) {
            takeWeights(in);
            takeMultipliers(in);
        }
    }

private:
    template<typename T>
    std::vector<T> values(const std::string& name, std::size_t count) const
    {
        const auto found = m_tensors.find(name);
        if (found == m_tensors.end() || found->second->raw_data().size() != count * sizeof(T))
            throw Error(concat("it lacks the tensor ", name));
        std::vector<T> values(count);
        std::memcpy(values.data(), found->second->raw_data().data(), count * sizeof(T));
        return values;
    }

    void takeImage()
    {
        const std::size_t entries = std::size_t(m_program.image.c) * 256;
        for (const int id : m_program.imageValues) {
            const ProgramValue& value = m_program.values[std::size_t(id)];
            if (value.isFloat) {
                m_program.imageTable = values<float>("image.table", entries);
                continue;
            }
            m_program.imageCodes = values<std::uint8_t>("image.codes", entries);
            for (std::uint8_t& code : m_program.imageCodes)
                code = std::uint8_t(code - carriedZero(value.grid));
        }
    }

    void takeWeights(Instruction& in)
    {
        if (in.compute != Compute::Conv)
            return;
        const Shape& source = m_program.values[std::size_t(in.sources.front())].shape;
        const std::string name = in.name + ".weight";
        if (!in.weightCodes) {
            const auto stored = values<float>(name, std::size_t(in.realWeight.size()));
            forEachWeight(in.conv, source, [&](std::int64_t ours, std::int64_t theirs) {
                in.realWeight.data()[ours] = stored[std::size_t(theirs)];
            });
            return;
        }
        const auto stored = values<std::uint8_t>(name, std::size_t(in.weightCodes.size()));
        const bool shifts = m_tensors.at(name)->data_type() == onnx::TensorProto::UINT8;
        forEachWeight(in.conv, source, [&](std::int64_t ours, std::int64_t theirs) {
            in.weightCodes.data()[ours]
                = std::uint8_t(stored[std::size_t(theirs)] - (shifts ? carriedWeightZero : 0));
        });
    }

    void takeMultipliers(Instruction& in)
    {
        const std::size_t channels = std::size_t(in.computed.c);
        const std::size_t pairs = multipliersOf(in).size() / (2 * channels);
        std::vector<float> all;
        for (std::size_t i = 0; i < pairs; ++i) {
            const std::string suffix = i > 0 ? std::to_string(i + 1) : "";
            for (const char* name : {".m", ".b"}) {
                const auto part = values<float>(in.name + name + suffix, channels);
                all.insert(all.end(), part.begin(), part.end());
            }
        }
        setMultipliers(in, all);
    }

    Program& m_program;
    std::map<std::string, const onnx::TensorProto*> m_tensors;
};

/// "stage1.conv1" of "stage1.conv1.weight" and "stage1.conv1/Mul"; "image" and "logits" are layers too.
std::string layerOf(const std::string& name, const Program& program)
{
    std::vector<std::string> layers{"image", "logits"};
    for (const Instruction& in : program.instructions)
        layers.push_back(in.name);
    std::string best;
    for (const std::string& layer : layers) {
        const bool begins = name.starts_with(layer)
            && (name.size() == layer.size() || name[layer.size()] == '/'
                || name[layer.size()] == '.');
        if (begins && layer.size() > best.size())
            best = layer;
    }
    return best.empty() ? name : best;
}

/// The name of the first element that differs between two lists, or empty.
template<typename List>
std::string firstUnlike(const List& file, const List& ours)
{
    for (int i = 0; i < std::min(file.size(), ours.size()); ++i) {
        if (file[i].SerializeAsString() != ours[i].SerializeAsString())
            return ours[i].name();
    }
    if (file.size() == ours.size())
        return {};
    return file.size() > ours.size() ? file[ours.size()].name() : ours[file.size()].name();
}

} // namespace

ShippedModel readOnnxInteger(const std::filesystem::path& path, Damage damage)
{
    const OnnxFile file = OnnxFile::read(path);
    const auto fail = [&](const std::string& what) {
        throw Error(
            concat("the ONNX file ", path.string(), " ", what, "; export it again from its run"));
    };
    if (file.form != "integer")
        fail(concat("is of the form '", file.form, "', which is not read back"));
    if (damage == Damage::Refused && !file.isIntact)
        fail("has been changed since it was written (stair verify says where)");
    ShippedModel model;
    model.isIntact = file.isIntact;
    try {
        model.program
            = programFromText(file.model.at("program"), std::int64_t(file.proto.ByteSizeLong()));
        model.origin = Origin::from(file.model.at("origin"));
        model.proof = proofFrom(file.model.at("proof"), model.program);
        Decoding(file.proto.graph(), model.program).run();
        checkProgram(model.program);
    } catch (const Json::exception&) {
        fail("is damaged: its description cannot be read");
    } catch (const Error& error) {
        fail(concat("is damaged: ", error.what()));
    }
    return model;
}

std::string graphDifference(const std::filesystem::path& path, const ShippedModel& model)
{
    const OnnxFile file = OnnxFile::read(path);
    const bool hasAll = file.proto.graph().output_size() > 1;
    onnx::ModelProto ours;
    ours.ParseFromString(
        encodeOnnxInteger(model, hasAll ? OnnxOutputs::Everything : OnnxOutputs::Logits));
    const onnx::GraphProto& theirs = file.proto.graph();
    std::string name = firstUnlike(theirs.initializer(), ours.graph().initializer());
    if (name.empty())
        name = firstUnlike(theirs.node(), ours.graph().node());
    if (!name.empty())
        return concat("layer ", layerOf(name, model.program), ": '", name,
                      "' is not what its program gives");
    return theirs.SerializeAsString() == ours.graph().SerializeAsString()
        ? std::string()
        : "graph: its inputs or outputs are not what its program gives";
}

} // namespace stair
