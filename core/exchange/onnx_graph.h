#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace stair {

/// Builds an ONNX graph node by node. Everything belongs to a layer, whose name begins the names of
/// its nodes and tensors, so that a difference can be told by layer.
class OnnxGraph
{
public:
    using Names = std::vector<std::string>;

    explicit OnnxGraph(onnx::GraphProto& graph)
        : m_graph(graph)
    {
    }

    /// What follows belongs to this layer.
    void startLayer(const std::string& name);

    /// Adds a node with one output, named `output` or after layer and operation, and returns that name.
    std::string add(const char* op, const Names& inputs, const std::string& output = {});

    /// Another name for what the node added last gives.
    void nameLast(const std::string& output);

    /// Attributes and domain of the node added last.
    void attribute(const char* name, std::int64_t value);
    void attribute(const char* name, const std::vector<std::int64_t>& values);
    void attribute(const char* name, const char* text);
    void setDomain(const char* domain);

    /// Tensors of the layer: "<layer>.<name>". They return the whole name.
    std::string tensor(const std::string& name, std::span<const float> values,
                       const std::vector<std::int64_t>& dims);
    std::string tensor(const std::string& name, std::span<const std::int8_t> values,
                       const std::vector<std::int64_t>& dims);
    std::string tensor(const std::string& name, std::span<const std::uint8_t> values,
                       const std::vector<std::int64_t>& dims);
    std::string tensor(const std::string& name, std::span<const std::int32_t> values,
                       const std::vector<std::int64_t>& dims);
    std::string tensor(const std::string& name, std::span<const std::int64_t> values,
                       const std::vector<std::int64_t>& dims);

    /// Codes of 4 bits, two a byte, the first in the lower half. `type`: ONNX's number of it.
    std::string nibbles(const std::string& name, const std::vector<std::int8_t>& codes,
                        const std::vector<std::int64_t>& dims, int type);

    /// Rank-0 constants, shared by all layers.
    std::string scalar(float value);
    std::string scalar(std::uint8_t value);
    std::string scalar(std::int8_t value);
    std::string scalar(std::int32_t value);

    /// Declares a graph input or output; a dim of -1 is the number of images.
    void input(const std::string& name, int type, const std::vector<std::int64_t>& dims);
    void output(const std::string& name, int type, const std::vector<std::int64_t>& dims);

private:
    template<typename T>
    std::string put(const std::string& name, int type, std::span<const T> values,
                    const std::vector<std::int64_t>& dims);
    template<typename T>
    std::string putScalar(const std::string& name, int type, T value);

    onnx::GraphProto& m_graph;
    std::string m_layer;
    std::map<std::string, int> m_counts; // by operation, within the layer
    std::set<std::string> m_scalars;
};

} // namespace stair
