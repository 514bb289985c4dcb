#include "core/exchange/onnx_graph.h"

#include "core/base/concat.h"

#include <bit>

namespace stair {

namespace {

void setType(onnx::ValueInfoProto& info, const std::string& name, int type,
             const std::vector<std::int64_t>& dims)
{
    info.set_name(name);
    auto& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (const std::int64_t dim : dims) {
        auto& entry = *tensor.mutable_shape()->add_dim();
        if (dim < 0)
            entry.set_dim_param("N");
        else
            entry.set_dim_value(dim);
    }
}

} // namespace

void OnnxGraph::startLayer(const std::string& name)
{
    m_layer = name;
    m_counts.clear();
}

std::string OnnxGraph::add(const char* op, const Names& inputs, const std::string& output)
{
    const int count = ++m_counts[op];
    const std::string name = concat(m_layer, "/", op, count > 1 ? std::to_string(count) : "");
    onnx::NodeProto& node = *m_graph.add_node();
    node.set_name(name);
    node.set_op_type(op);
    for (const std::string& input : inputs)
        node.add_input(input);
    node.add_output(output.empty() ? name : output);
    return node.output(0);
}

void OnnxGraph::nameLast(const std::string& output)
{
    m_graph.mutable_node(m_graph.node_size() - 1)->set_output(0, output);
}

void OnnxGraph::attribute(const char* name, std::int64_t value)
{
    auto& entry = *m_graph.mutable_node(m_graph.node_size() - 1)->add_attribute();
    entry.set_name(name);
    entry.set_type(onnx::AttributeProto::INT);
    entry.set_i(value);
}

void OnnxGraph::attribute(const char* name, const std::vector<std::int64_t>& values)
{
    auto& entry = *m_graph.mutable_node(m_graph.node_size() - 1)->add_attribute();
    entry.set_name(name);
    entry.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values)
        entry.add_ints(value);
}

void OnnxGraph::attribute(const char* name, const char* text)
{
    auto& entry = *m_graph.mutable_node(m_graph.node_size() - 1)->add_attribute();
    entry.set_name(name);
    entry.set_type(onnx::AttributeProto::STRING);
    entry.set_s(text);
}

void OnnxGraph::setDomain(const char* domain)
{
    m_graph.mutable_node(m_graph.node_size() - 1)->set_domain(domain);
}

template<typename T>
std::string OnnxGraph::put(const std::string& name, int type, std::span<const T> values,
                           const std::vector<std::int64_t>& dims)
{
    onnx::TensorProto& tensor = *m_graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t dim : dims)
        tensor.add_dims(dim);
    tensor.set_raw_data(values.data(), values.size_bytes());
    return name;
}

std::string OnnxGraph::tensor(const std::string& name, std::span<const float> values,
                              const std::vector<std::int64_t>& dims)
{
    return put(m_layer + "." + name, onnx::TensorProto::FLOAT, values, dims);
}

std::string OnnxGraph::tensor(const std::string& name, std::span<const std::int8_t> values,
                              const std::vector<std::int64_t>& dims)
{
    return put(m_layer + "." + name, onnx::TensorProto::INT8, values, dims);
}

std::string OnnxGraph::tensor(const std::string& name, std::span<const std::uint8_t> values,
                              const std::vector<std::int64_t>& dims)
{
    return put(m_layer + "." + name, onnx::TensorProto::UINT8, values, dims);
}

std::string OnnxGraph::tensor(const std::string& name, std::span<const std::int32_t> values,
                              const std::vector<std::int64_t>& dims)
{
    return put(m_layer + "." + name, onnx::TensorProto::INT32, values, dims);
}

std::string OnnxGraph::tensor(const std::string& name, std::span<const std::int64_t> values,
                              const std::vector<std::int64_t>& dims)
{
    return put(m_layer + "." + name, onnx::TensorProto::INT64, values, dims);
}

std::string OnnxGraph::nibbles(const std::string& name, const std::vector<std::int8_t>& codes,
                               const std::vector<std::int64_t>& dims, int type)
{
    std::vector<std::uint8_t> bytes((codes.size() + 1) / 2, 0);
    for (std::size_t i = 0; i < codes.size(); ++i)
        bytes[i / 2] |= std::uint8_t((codes[i] & 15) << (i % 2 * 4));
    return put(m_layer + "." + name, type, std::span<const std::uint8_t>(bytes), dims);
}

template<typename T>
std::string OnnxGraph::putScalar(const std::string& name, int type, T value)
{
    if (m_scalars.insert(name).second)
        put(name, type, std::span<const T>(&value, 1), {});
    return name;
}

std::string OnnxGraph::scalar(float value)
{
    // Named by its bits: two floats that print alike stay two.
    const std::string name
        = concat("float ", value, " 0x", std::hex, std::bit_cast<std::uint32_t>(value));
    return putScalar(name, onnx::TensorProto::FLOAT, value);
}

std::string OnnxGraph::scalar(std::uint8_t value)
{
    return putScalar(concat("uint8 ", int(value)), onnx::TensorProto::UINT8, value);
}

std::string OnnxGraph::scalar(std::int8_t value)
{
    return putScalar(concat("int8 ", int(value)), onnx::TensorProto::INT8, value);
}

std::string OnnxGraph::scalar(std::int32_t value)
{
    return putScalar(concat("int32 ", value), onnx::TensorProto::INT32, value);
}

void OnnxGraph::input(const std::string& name, int type, const std::vector<std::int64_t>& dims)
{
    setType(*m_graph.add_input(), name, type, dims);
}

void OnnxGraph::output(const std::string& name, int type, const std::vector<std::int64_t>& dims)
{
    setType(*m_graph.add_output(), name, type, dims);
}

} // namespace stair
