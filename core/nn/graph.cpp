#include "core/nn/graph.h"

#include "core/base/assert.h"
#include "core/base/error.h"

#include <algorithm>
#include <utility>

namespace stair {

namespace {

Node makeNode(const std::string& name, Op op, std::vector<int> inputs)
{
    Node node;
    node.name = name;
    node.op = op;
    node.inputs = std::move(inputs);
    return node;
}

void checkConv(const ConvGeometry& g)
{
    const bool positive = g.inC > 0 && g.outC > 0 && g.kernelH > 0 && g.kernelW > 0 && g.stride > 0
        && g.dilation > 0 && g.groups > 0;
    const bool padded = g.padTop >= 0 && g.padLeft >= 0 && g.padBottom >= 0 && g.padRight >= 0;
    require(positive && padded,
            "a convolution's sizes are positive and its padding is not negative");
    if (g.inC % g.groups != 0 || g.outC % g.groups != 0)
        throw Error(concat("[conv] ", g.groups, " groups do not divide ", g.inC, " input and ",
                           g.outC, " output channels; choose a width they divide"));
}

void checkPool(const PoolGeometry& g)
{
    require(g.kernel > 0 && g.stride > 0 && g.pad >= 0 && g.pad < g.kernel,
            "a pooling window has a size and a stride and covers at least one pixel");
}

} // namespace

const char* toString(Op op)
{
    switch (op) {
    case Op::Input:
        return "input";
    case Op::Conv:
        return "conv";
    case Op::Linear:
        return "linear";
    case Op::BatchNorm:
        return "batch_norm";
    case Op::Relu:
        return "relu";
    case Op::Relu6:
        return "relu6";
    case Op::HardTanh:
        return "hard_tanh";
    case Op::Add:
        return "add";
    case Op::MaxPool:
        return "max_pool";
    case Op::AvgPool:
        return "avg_pool";
    case Op::GlobalAvgPool:
        return "global_avg_pool";
    case Op::PadShortcut:
        return "pad_shortcut";
    case Op::Concat:
        return "concat";
    case Op::Slice:
        return "slice";
    case Op::ChannelShuffle:
        return "channel_shuffle";
    }
    throw InternalError("an operation without a name");
}

Graph::Graph(const Shape& image)
{
    if (image.h < 1 || image.w < 1 || image.c < 1)
        throw Error(concat("[network] an image of ", image.h, "x", image.w, "x", image.c,
                           " has no pixels; height, width and channels must be at least 1"));
    Node input;
    input.name = "input";
    input.shape = image.withImages(1);
    m_nodes.push_back(std::move(input));
}

int Graph::conv(const std::string& name, int input, const ConvGeometry& geometry, bool bias)
{
    Node node = makeNode(name, Op::Conv, {input});
    node.conv = geometry;
    node.bias = bias;
    return append(std::move(node));
}

int Graph::linear(const std::string& name, int input, int outputs, bool bias)
{
    require(input >= 0 && input <= output(), "a node's inputs are earlier nodes");
    Node node = makeNode(name, Op::Linear, {input});
    node.conv = ConvGeometry::linear(int(this->node(input).shape.size()), outputs);
    node.bias = bias;
    return append(std::move(node));
}

int Graph::batchNorm(const std::string& name, int input)
{
    return append(makeNode(name, Op::BatchNorm, {input}));
}

int Graph::activation(const std::string& name, Op op, int input)
{
    require(op == Op::Relu || op == Op::Relu6 || op == Op::HardTanh,
            "an activation is relu, relu6 or hard_tanh");
    return append(makeNode(name, op, {input}));
}

int Graph::add(const std::string& name, int main, int skip)
{
    return append(makeNode(name, Op::Add, {main, skip}));
}

int Graph::maxPool(const std::string& name, int input, const PoolGeometry& geometry)
{
    Node node = makeNode(name, Op::MaxPool, {input});
    node.pool = geometry;
    return append(std::move(node));
}

int Graph::avgPool(const std::string& name, int input, const PoolGeometry& geometry)
{
    Node node = makeNode(name, Op::AvgPool, {input});
    node.pool = geometry;
    return append(std::move(node));
}

int Graph::globalAvgPool(const std::string& name, int input)
{
    return append(makeNode(name, Op::GlobalAvgPool, {input}));
}

int Graph::padShortcut(const std::string& name, int input, const ShortcutGeometry& geometry)
{
    require(geometry.stride > 0, "a shortcut's stride is positive");
    Node node = makeNode(name, Op::PadShortcut, {input});
    node.shortcut = geometry;
    return append(std::move(node));
}

int Graph::concatChannels(const std::string& name, const std::vector<int>& inputs)
{
    require(!inputs.empty(), "a concat has inputs");
    return append(makeNode(name, Op::Concat, inputs));
}

int Graph::slice(const std::string& name, int input, const SliceGeometry& geometry)
{
    Node node = makeNode(name, Op::Slice, {input});
    node.slice = geometry;
    return append(std::move(node));
}

int Graph::shuffle(const std::string& name, int input, const ShuffleGeometry& geometry)
{
    Node node = makeNode(name, Op::ChannelShuffle, {input});
    node.shuffle = geometry;
    return append(std::move(node));
}

void Graph::setAuxiliary(const AuxiliaryHead& head)
{
    require(head.node > 0 && head.node <= output() && readers(head.node).empty(),
            "an auxiliary head ends with a node that nobody reads");
    m_auxiliary = head;
}

std::vector<int> Graph::readers(int id) const
{
    std::vector<int> found;
    for (int reader = id + 1; reader <= output(); ++reader) {
        if (std::ranges::count(node(reader).inputs, id) > 0)
            found.push_back(reader);
    }
    return found;
}

int Graph::append(Node node)
{
    const bool taken = std::ranges::count(m_nodes, node.name, &Node::name) > 0;
    if (node.name.empty() || taken)
        throw InternalError(concat("a network's node names are unique: '", node.name, "'"));
    for (const int input : node.inputs)
        require(input >= 0 && input <= output(), "a node's inputs are earlier nodes");
    try {
        node.shape = inferredShape(node);
    } catch (const Error& error) {
        throw Error(concat("layer '", node.name, "': ", error.what()));
    }
    m_nodes.push_back(std::move(node));
    return output();
}

Shape Graph::inferredShape(const Node& node) const
{
    const Shape& src = this->node(node.inputs.front()).shape;
    switch (node.op) {
    case Op::Conv:
        checkConv(node.conv);
        return node.conv.outputShape(src);
    case Op::Linear:
        checkConv(node.conv);
        return {1, 1, 1, node.conv.outC};
    case Op::MaxPool:
    case Op::AvgPool:
        checkPool(node.pool);
        return node.pool.outputShape(src);
    case Op::GlobalAvgPool:
        return {1, 1, 1, src.c};
    case Op::PadShortcut:
        return node.shortcut.outputShape(src);
    case Op::Slice:
        return node.slice.outputShape(src);
    case Op::ChannelShuffle:
        return node.shuffle.outputShape(src);
    case Op::Concat:
        return concatShape(node);
    case Op::Add:
        if (src != this->node(node.inputs.back()).shape)
            throw Error(concat("[add] the branches differ: ", toString(src), " and ",
                               toString(this->node(node.inputs.back()).shape),
                               "; give both the same stride and channels"));
        return src;
    default:
        return src;
    }
}

Shape Graph::concatShape(const Node& node) const
{
    Shape shape = this->node(node.inputs.front()).shape;
    shape.c = 0;
    for (const int input : node.inputs) {
        const Shape& part = this->node(input).shape;
        if (part.h != shape.h || part.w != shape.w)
            throw Error(concat("[concat] the inputs differ: ", part.h, "x", part.w, " and ",
                               shape.h, "x", shape.w, " pixels; give all the same stride"));
        shape.c += part.c;
    }
    return shape;
}

} // namespace stair
