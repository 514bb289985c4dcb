#pragma once

#include "core/base/params.h"
#include "core/nn/graph.h"

#include <optional>
#include <string>

namespace stair {

/// A convolution and what follows it: conv - (pool) - batch norm - activation. The convolution has
/// a bias where no batch norm follows, or where `bias` says so.
struct ConvUnit
{
    int channels = 1;
    int kernel = 3;
    int stride = 1;
    int pad = 1;
    int groups = 1; // as many as input channels: depthwise
    bool pool = false; // a 2x2 max pool of stride 2
    bool batchNorm = true;
    bool bias = false;
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

/// A choice between two forms of a part ("stem", "head"), for large and for small images; "auto"
/// takes the large one from `least` rows and columns on. `large` and `small` describe them.
ParamSpec formParam(const std::string& name, const std::string& title, int least,
                    const std::string& large, const std::string& small);

/// Whether the form for large images is wanted.
bool takesLargeForm(const ParamValues& values, const std::string& name, int least,
                    const Shape& image);

/// The parameter "stem" of a network that shrinks images of 224x224 before its first stage.
ParamSpec stemParam(const std::string& large, const std::string& small);
bool hasLargeStem(const ParamValues& values, const Shape& image);

/// Averages the map of `input` down to `side` x `side` pixels; throws Error where that is not the
/// same whole number of pixels each. A map of that size is left alone.
int addAverageTo(Graph& graph, const std::string& name, int input, int side);

/// Throws Error naming the network when the image has fewer than `least` rows or columns.
void requireImage(const std::string& network, const Shape& image, int least);

} // namespace stair
