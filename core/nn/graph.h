#pragma once

#include "core/ops/geometry.h"

#include <optional>
#include <string>
#include <vector>

namespace stair {

enum class Op
{
    Input,
    Conv, // optional bias
    Linear, // flattens its input in NHWC order; optional bias
    BatchNorm,
    Relu,
    Relu6,
    HardTanh, // max(-1, min(1, x))
    Add, // two inputs of one shape: a residual join
    MaxPool,
    AvgPool,
    GlobalAvgPool,
    PadShortcut, // every stride-th pixel, zero channels appended: a shortcut without weights
    Concat, // the channels of all inputs, one input after the other
    Slice, // some of the channels
    ChannelShuffle,
};

/// "conv", "batch_norm", "max_pool" ...: saved in reports, never renamed.
const char* toString(Op op);

/// One operation of a network. Its id is its index in the graph; inputs are ids of earlier nodes.
struct Node
{
    std::string name; // "stage2.block0.conv1": unique, stable, saved in checkpoints
    Op op = Op::Input;
    std::vector<int> inputs;
    Shape shape; // of the output for one image (n = 1), inferred when the node is added
    ConvGeometry conv; // Conv; for Linear the equivalent 1x1 convolution
    PoolGeometry pool; // MaxPool and AvgPool
    ShortcutGeometry shortcut; // PadShortcut
    SliceGeometry slice; // Slice
    ShuffleGeometry shuffle; // ChannelShuffle
    bool bias = false; // Conv and Linear
};

/// A second classifier, of an inner map. It helps in training and is left out of the lowered program
/// (Szegedy et al. 2014).
struct AuxiliaryHead
{
    int node = -1; // gives its logits
    double weight = 0; // of its loss
};

/// A network's operations in an order in which they can be computed: what it is, without weights.
/// The last node gives the logits (1 x 1 x 1 x classes). A value type. The adders return the new
/// node's id and throw Error when shapes do not fit, naming the node; a name used twice and an
/// input that is not an earlier node are InternalErrors.
class Graph
{
public:
    /// Starts with the node "input" (id 0). The number of images in `image` is not used.
    explicit Graph(const Shape& image);

    int conv(const std::string& name, int input, const ConvGeometry& geometry, bool bias = false);
    int linear(const std::string& name, int input, int outputs, bool bias = true);
    int batchNorm(const std::string& name, int input);
    int activation(const std::string& name, Op op, int input); // Relu, Relu6 or HardTanh
    int add(const std::string& name, int main, int skip);
    int maxPool(const std::string& name, int input, const PoolGeometry& geometry);
    int avgPool(const std::string& name, int input, const PoolGeometry& geometry);
    int globalAvgPool(const std::string& name, int input);
    int padShortcut(const std::string& name, int input, const ShortcutGeometry& geometry);
    int concatChannels(const std::string& name, const std::vector<int>& inputs);
    int slice(const std::string& name, int input, const SliceGeometry& geometry);
    int shuffle(const std::string& name, int input, const ShuffleGeometry& geometry);

    /// Takes `node`, which no other node reads, for the auxiliary head's logits.
    void setAuxiliary(const AuxiliaryHead& head);
    const std::optional<AuxiliaryHead>& auxiliary() const { return m_auxiliary; }

    const std::vector<Node>& nodes() const { return m_nodes; }
    const Node& node(int id) const { return m_nodes.at(std::size_t(id)); }
    int output() const { return int(m_nodes.size()) - 1; }
    int classes() const { return m_nodes.back().shape.c; }
    const Shape& image() const { return m_nodes.front().shape; }

    /// Ids of the nodes that read `id`, in order, each once.
    std::vector<int> readers(int id) const;

private:
    /// Infers the node's shape from its inputs and takes it in.
    int append(Node node);
    Shape inferredShape(const Node& node) const;
    Shape concatShape(const Node& node) const;

    std::vector<Node> m_nodes;
    std::optional<AuxiliaryHead> m_auxiliary;
};

} // namespace stair
