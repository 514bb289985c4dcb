#include "core/exchange/onnx_import.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_import_graph.h"
#include "core/exchange/onnx_model.h"
#include "core/exchange/onnx_tensors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace stair {

namespace {

using Type = onnx::TensorProto;

/// The first input that is no stored tensor.
const onnx::ValueInfoProto& inputOf(const onnx::GraphProto& graph)
{
    for (const auto& input : graph.input()) {
        const bool isStored = std::ranges::any_of(
            graph.initializer(), [&](const Type& tensor) { return tensor.name() == input.name(); });
        if (!isStored)
            return input;
    }
    throw Error("it has no input");
}

Shape shapeOfInput(const onnx::ValueInfoProto& input)
{
    const auto& dims = input.type().tensor_type().shape().dim();
    const auto extent = [&](int i) {
        return i < dims.size() && dims[i].dim_value() > 0 && dims[i].dim_value() <= 1 << 16
            ? int(dims[i].dim_value())
            : 0;
    };
    const Shape shape{1, extent(2), extent(3), extent(1)};
    if (dims.size() != 4 || shape.size() == 0)
        throw Error(concat("its input '", input.name(),
                           "' is not of images (N, C, H, W) with a fixed size"));
    return shape;
}

Shape imageOf(const onnx::GraphProto& graph, int channels)
{
    const Shape shape = shapeOfInput(inputOf(graph));
    if (shape.c != channels)
        throw Error(concat("its images have ", shape.c, " channels, the data ", channels));
    if (graph.output_size() == 0)
        throw Error("it has no output");
    return shape;
}

OnnxConstant constantOf(const Type& tensor)
{
    OnnxConstant result;
    result.dims = dimsOf(tensor);
    if (tensor.data_type() == Type::FLOAT || tensor.data_type() == Type::DOUBLE)
        result.reals = realsOf(tensor);
    else
        result.codes = integersOf(tensor);
    return result;
}

/// Whether a Cast to the type leaves numbers as they are; none are given where they are reals.
template<typename Numbers>
bool keeps(std::int64_t type, const Numbers& wholes)
{
    if (type == Type::FLOAT || type == Type::DOUBLE || type == Type::FLOAT16
        || type == Type::BFLOAT16)
        return true;
    const bool isInteger
        = type == Type::UINT8 || type == Type::INT8 || type == Type::INT32 || type == Type::INT64;
    const double least = type == Type::UINT8 ? 0 : type == Type::INT8 ? -128 : -0x1p31;
    const double most = type == Type::UINT8 ? 255 : type == Type::INT8 ? 127 : 0x1p31 - 1;
    return isInteger && !wholes.empty() && std::ranges::all_of(wholes, [&](auto number) {
               const double n = double(number);
               return n == std::nearbyint(n) && (type == Type::INT64 || (n >= least && n <= most));
           });
}

} // namespace

std::int64_t OnnxConstant::size() const
{
    return sizeOf(dims);
}

std::size_t OnnxConstant::scaleOf(std::int64_t i) const
{
    if (scales.size() == 1)
        return 0;
    const OnnxInts inner(dims.begin() + std::ptrdiff_t(axis) + 1, dims.end());
    return std::size_t(i / sizeOf(inner) % dims[axis]);
}

double OnnxConstant::real(std::int64_t i) const
{
    if (!reals.empty())
        return reals[std::size_t(i)];
    const auto code = double(codes.at(std::size_t(i)));
    return isCoded() ? code * scales[scaleOf(i)] : code;
}

OnnxImport::OnnxImport(const onnx::GraphProto& graph, const Normalisation& normalisation)
    : m_graph(graph)
    , m_builder(imageOf(graph, int(normalisation.mean.size())))
{
    for (const Type& tensor : graph.initializer())
        m_stored.emplace(tensor.name(), &tensor);
    for (const onnx::NodeProto& node : graph.node()) {
        for (const std::string& input : node.input()) {
            ++m_readers[input];
            m_lastReader[input] = &node;
        }
    }
    for (const auto& output : graph.output())
        ++m_readers[output.name()];
    const auto& input = inputOf(graph);
    Wire image;
    image.table.assign(std::size_t(shapeOfInput(input).c) * 256, 0);
    const std::vector<float> reals = normalisation.table();
    const bool isBytes = input.type().tensor_type().elem_type() == Type::UINT8;
    for (std::size_t i = 0; i < image.table.size(); ++i)
        image.table[i] = isBytes ? double(i % 256) : double(reals[i]);
    m_wires[input.name()] = image;
}

Program OnnxImport::run()
{
    for (const onnx::NodeProto& node : m_graph.node()) {
        m_node = &node;
        try {
            if (node.output_size() == 0)
                throw Error("gives nothing");
            read();
        } catch (const Error& error) {
            throw Error(
                concat("node '",
                       node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name(),
                       "' (", node.op_type(), ") ", error.what()));
        }
    }
    return m_builder.finish(m_wires.at(m_graph.output(0).name()));
}

const std::string& OnnxImport::input(int i) const
{
    static const std::string absent;
    return i < m_node->input_size() ? m_node->input(i) : absent;
}

const OnnxConstant* OnnxImport::constant(int i)
{
    const std::string& name = input(i);
    if (const auto made = m_constants.find(name); made != m_constants.end())
        return &made->second;
    const auto stored = m_stored.find(name);
    return stored == m_stored.end() ? nullptr : &(m_constants[name] = constantOf(*stored->second));
}

const OnnxConstant& OnnxImport::needed(int i)
{
    const OnnxConstant* found = constant(i);
    if (!found)
        throw Error(concat("computes its input ", i + 1, " while it runs; it must be stored"));
    return *found;
}

ProgramBuilder::Wire OnnxImport::wire(int i)
{
    const auto found = m_wires.find(input(i));
    if (found == m_wires.end())
        throw Error(concat("reads '", input(i), "', which nothing before it gives"));
    Wire result = found->second;
    result.isSole = m_readers[input(i)] == 1;
    return result;
}

/// The layer's name: that of the node, without what our own exports put behind it.
std::string OnnxImport::name() const
{
    const std::string& whole = m_node->name().empty() ? output() : m_node->name();
    const std::size_t slash = whole.rfind('/');
    return slash == std::string::npos || slash == 0 ? whole : whole.substr(0, slash);
}

void OnnxImport::read()
{
    using Reader = void (OnnxImport::*)();
    static const std::map<std::string, Reader> readers = {
        {"Conv", &OnnxImport::readConv},
        {"Gemm", &OnnxImport::readLinear},
        {"MatMul", &OnnxImport::readLinear},
        {"BatchNormalization", &OnnxImport::readNorm},
        {"Add", &OnnxImport::readAdd},
        {"Sub", &OnnxImport::readScaling},
        {"Mul", &OnnxImport::readScaling},
        {"Div", &OnnxImport::readScaling},
        {"Relu", &OnnxImport::readClamp},
        {"Clip", &OnnxImport::readClamp},
        {"MaxPool", &OnnxImport::readPool},
        {"AveragePool", &OnnxImport::readPool},
        {"GlobalAveragePool", &OnnxImport::readPool},
        {"ReduceMean", &OnnxImport::readPool},
        {"Concat", &OnnxImport::readConcat},
        {"Flatten", &OnnxImport::readReshape},
        {"Reshape", &OnnxImport::readReshape},
        {"Squeeze", &OnnxImport::readReshape},
        {"Slice", &OnnxImport::readSlice},
        {"Pad", &OnnxImport::readPad},
        {"Transpose", &OnnxImport::readTranspose},
        {"Gather", &OnnxImport::readGather},
        {"Constant", &OnnxImport::readConstant},
        {"QuantizeLinear", &OnnxImport::readQuantize},
        {"DequantizeLinear", &OnnxImport::readDequantize},
        {"Identity", &OnnxImport::readSame},
        {"Dropout", &OnnxImport::readSame},
        {"Cast", &OnnxImport::readSame},
        {"Softmax", &OnnxImport::readSame},
    };
    const auto reader = readers.find(m_node->op_type());
    if (reader == readers.end())
        throw Error("is no operation that a program here has");
    // What computes on codes as if they were reals would be read wrongly.
    constexpr std::array onCodes = {"DequantizeLinear", "Clip",    "MaxPool",  "Reshape",
                                    "Flatten",          "Squeeze", "Identity", "Dropout"};
    const auto zero = m_zeros.find(input(0));
    if (zero != m_zeros.end() && std::ranges::find(onCodes, m_node->op_type()) == onCodes.end())
        throw Error("computes on codes; only behind a DequantizeLinear it can be read");
    (this->*reader->second)();
    if (zero != m_zeros.end() && m_node->op_type() != "DequantizeLinear")
        m_zeros[output()] = zero->second;
}

/// What changes no number, or only turns the logits into probabilities: the program gives logits.
void OnnxImport::readSame()
{
    const OnnxConstant* value = constant(0);
    if (m_node->op_type() == "Softmax"
        && (output() != m_graph.output(0).name() || m_readers[output()] != 1))
        throw Error("is not the last operation, where alone it can be left out");
    if (m_node->op_type() == "Cast") {
        const auto type = attribute(*m_node, "to", std::int64_t(Type::UNDEFINED));
        const bool isKept = value ? keeps(type, value->isCoded() ? OnnxInts{} : value->codes)
                                  : keeps(type, wire(0).table);
        if (!isKept)
            throw Error("casts to a type that does not keep what it reads");
    }
    if (value)
        m_constants[output()] = OnnxConstant(*value);
    else
        give(wire(0));
}

void OnnxImport::readConstant()
{
    for (const onnx::AttributeProto& entry : m_node->attribute()) {
        if (entry.name() == "value")
            m_constants[output()] = constantOf(entry.t());
    }
    if (!m_constants.contains(output()))
        throw Error("holds no tensor");
}

Program importOnnx(const std::filesystem::path& path, const Normalisation& normalisation)
{
    const onnx::ModelProto proto = parseOnnx(path);
    try {
        return OnnxImport(proto.graph(), normalisation).run();
    } catch (const Error& error) {
        throw Error(concat("the ONNX file ", path.string(), " cannot be read: ", error.what()));
    } catch (const std::out_of_range&) {
        throw Error(concat("the ONNX file ", path.string(),
                           " cannot be read: numbers or its output are missing"));
    }
}

} // namespace stair
