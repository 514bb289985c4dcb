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
    int groups = 1; // as many as input channels: depthwise
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

/// The skip of a residual block, "PART.shortcut": `input` itself, or where stride or channels change
/// a 1x1 convolution and batch norm.
int addProjection(Graph& graph, const std::string& part, int input, int channels, int stride);

/// Channels of a network made `width` times as wide: rounded, at least 1.
int scaled(int channels, double width);

/// The parameter "width" that `scaled` takes.
ParamSpec widthParam();

/// The parameter "stem" of a network whose paper has images of 224x224: how it begins. `large` and
/// `small` say what the two stems are.
ParamSpec stemParam(const std::string& large, const std::string& small);

/// Whether the stem for large images is wanted; "auto" goes by the image.
bool hasLargeStem(const ParamValues& values, const Shape& image);

/// Throws Error naming the network when the image has fewer than `least` rows or columns.
void requireImage(const std::string& network, const Shape& image, int least);

} // namespace stair
