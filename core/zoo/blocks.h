#pragma once

#include "core/base/params.h"
#include "core/nn/graph.h"

#include <optional>
#include <string>

namespace stair {

/// A convolution and what follows it: conv - (pool) - batch norm - activation. The convolution has
/// a bias only where no batch norm follows.
struct ConvUnit
{
    int channels = 1;
    int kernel = 3;
    int stride = 1;
    int pad = 1;
    bool pool = false; // a 2x2 max pool of stride 2
    bool batchNorm = true;
    std::optional<Op> activation = Op::Relu;
};

/// Adds the unit after `input`; nodes are PART.convN, PART.poolN, PART.bnN, PART.actN with N = `suffix`.
int addConvUnit(Graph& graph, const std::string& part, const std::string& suffix, int input,
                const ConvUnit& unit);

/// The same for a linear layer: linear - batch norm - activation.
struct LinearUnit
{
    int outputs = 1;
    bool batchNorm = true;
    std::optional<Op> activation = Op::Relu;
};

/// Nodes are PART.linear, PART.bn, PART.act.
int addLinearUnit(Graph& graph, const std::string& part, int input, const LinearUnit& unit);

/// The usual end, "head.pool" and "head.linear": global average pool, linear layer with bias.
int addPooledHead(Graph& graph, int input, int classes);

/// Channels of a network made `width` times as wide: rounded, at least 1.
int scaled(int channels, double width);

/// The parameter "width" that `scaled` takes.
ParamSpec widthParam();

/// Throws Error naming the network when the image has fewer than `least` rows or columns.
void requireImage(const std::string& network, const Shape& image, int least);

} // namespace stair
