#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_import_graph.h"
#include "core/exchange/onnx_tensors.h"

#include <algorithm>
#include <cmath>

namespace stair {

using Type = onnx::TensorProto;

namespace {

int zeroPointOf(const OnnxConstant& value)
{
    if (value.size() > 1)
        throw Error("has a zero point for each channel");
    if (value.codes.size() != 1)
        throw Error("has a zero point that is no integer");
    const std::int64_t zero = value.codes.front();
    if (zero < -255 || zero > 255)
        throw Error(concat("has the zero point ", zero, ", which is no code"));
    return int(zero);
}

/// A scale, which programs hold as a float.
double scaleOf(const OnnxConstant& value, std::int64_t i)
{
    const double scale = value.real(i);
    if (!std::isfinite(float(scale)) || float(scale) <= 0)
        throw Error(concat("has the scale ", scale, ", which is not positive and finite"));
    return scale;
}

double onlyScaleOf(const OnnxConstant& value)
{
    if (value.size() != 1)
        throw Error("has a scale for each channel, which weights alone may have");
    return scaleOf(value, 0);
}

} // namespace

void OnnxImport::readReshape()
{
    Wire from = wire(0);
    const Shape shape = m_builder.shapeOf(from);
    if (m_node->op_type() == "Reshape") {
        const OnnxInts to = neededInts(1);
        if (to.size() == 5 && to[3] == shape.h && to[4] == shape.w) {
            m_shuffles[output()] = int(std::clamp<std::int64_t>(to[1], 1, shape.c));
            give(from);
            return;
        }
        if (m_shuffles.contains(input(0))) {
            give(m_builder.move(name(), from, ShuffleGeometry{m_shuffles.at(input(0))}));
            return;
        }
        const bool isRow = to.size() >= 2 && (to[1] == shape.size() || to[1] == -1)
            && std::all_of(to.begin() + 2, to.end(), [](std::int64_t dim) { return dim == 1; });
        if (!isRow)
            throw Error("gives another shape than one row an image");
    } else if (m_node->op_type() == "Flatten" && attribute(*m_node, "axis", std::int64_t(1)) != 1) {
        throw Error("gives another shape than one row an image");
    } else if (m_node->op_type() == "Squeeze" && (shape.h != 1 || shape.w != 1)) {
        throw Error("leaves out dimensions that are not 1");
    }
    from.isFlat = true;
    give(from);
}

/// Of channels, or every stride-th pixel.
void OnnxImport::readSlice()
{
    const Wire from = wire(0);
    const Shape shape = m_builder.shapeOf(from);
    const OnnxInts starts = neededInts(1), ends = neededInts(2);
    const OnnxInts axes = input(3).empty() ? OnnxInts{} : neededInts(3);
    const OnnxInts steps = input(4).empty() ? OnnxInts(starts.size(), 1) : neededInts(4);
    const bool fits = !starts.empty() && ends.size() == starts.size()
        && axes.size() == starts.size() && steps.size() == starts.size();
    if (fits && axes == OnnxInts{1} && steps == OnnxInts{1} && starts[0] >= 0
        && starts[0] <= shape.c) {
        const std::int64_t end = std::clamp<std::int64_t>(ends[0], 0, shape.c);
        give(m_builder.move(name(), from, SliceGeometry{int(starts[0]), int(end - starts[0])}));
        return;
    }
    const bool isStride = fits && axes == OnnxInts{2, 3} && starts == OnnxInts{0, 0}
        && ends[0] >= shape.h && ends[1] >= shape.w && steps[0] == steps[1] && steps[0] >= 1
        && steps[0] <= 1 << 16;
    if (!isStride)
        throw Error("takes other than channels, or every so many-th pixel");
    give(m_builder.move(name(), from, ShortcutGeometry{int(steps[0]), shape.c}));
}

/// Zero channels behind the others.
void OnnxImport::readPad()
{
    const Wire from = wire(0);
    const OnnxInts pads = input(1).empty() ? attribute(*m_node, "pads", OnnxInts{}) : neededInts(1);
    const bool isZero = input(2).empty() || needed(2).real(0) == 0;
    OnnxInts others = pads;
    if (others.size() == 8)
        others[5] = 0;
    if (pads.size() != 8 || !isZero || pads[5] < 0 || pads[5] > 1 << 16 || others != OnnxInts(8, 0))
        throw Error("adds other than channels of zeros behind the last");
    const int channels = m_builder.shapeOf(from).c + int(pads[5]);
    give(m_builder.move(name(), from, ShortcutGeometry{1, channels}));
}

void OnnxImport::readTranspose()
{
    if (!m_shuffles.contains(input(0))
        || attribute(*m_node, "perm", OnnxInts{}) != OnnxInts{0, 2, 1, 3, 4})
        throw Error("turns dimensions other than in a channel shuffle");
    m_shuffles[output()] = m_shuffles.at(input(0));
    give(wire(0));
}

/// A table of what the image's bytes stand for.
void OnnxImport::readGather()
{
    Wire image = wire(1);
    const OnnxConstant& table = needed(0);
    if (image.table.empty() || table.dims.size() != 1)
        throw Error("looks up other than the image's bytes");
    for (double& entry : image.table) {
        if (!(entry >= 0 && entry < double(table.size()))) // nor what is no number
            throw Error("looks up beyond its table");
        entry = table.real(std::int64_t(entry));
    }
    if (!table.codes.empty())
        m_zeros[output()] = 0;
    give(image);
}

/// The codes that the type and the zero point of a tensor make, zero point taken off.
Grid OnnxImport::gridOf(int zeroInput, int& zero, int type)
{
    zero = input(zeroInput).empty() ? 0 : zeroPointOf(needed(zeroInput));
    int least = 0, most = 255, bits = 8;
    if (type == Type::INT8) {
        least = -128;
        most = 127;
    } else if (type == onnxInt4 || type == onnxUint4) {
        least = type == onnxInt4 ? -8 : 0;
        most = least + 15;
        bits = 4;
    } else if (type != Type::UINT8) {
        throw Error("has codes that are not of 4 or 8 bits");
    }
    const bool isSigned = least - zero < 0;
    if (least - zero < -128 || most - zero > (isSigned ? 127 : 255))
        throw Error(concat("has the zero point ", zero,
                           ", with which codes do not fit a byte; quantize activations "
                           "symmetrically, or from zero"));
    return {bits, isSigned, least - zero, most - zero};
}

void OnnxImport::readQuantize()
{
    const double scale = onlyScaleOf(needed(1));
    int type = int(attribute(*m_node, "output_dtype", std::int64_t(Type::UINT8)));
    if (const auto stored = m_stored.find(input(2)); stored != m_stored.end())
        type = stored->second->data_type();
    int zero = 0;
    Grid grid = gridOf(2, zero, type);
    const onnx::NodeProto* reader = m_lastReader[output()];
    if (reader && reader->op_type() == "Clip" && m_readers[output()] == 1) {
        const onnx::NodeProto* own = m_node;
        m_node = reader; // the codes' own range
        const auto end = [&](int i) {
            return int(std::fmax(-1024, std::fmin(needed(i).real(0), 1024))) - zero;
        };
        if (!input(1).empty())
            grid.qn = std::max(grid.qn, end(1));
        if (!input(2).empty())
            grid.qp = std::min(grid.qp, end(2));
        m_node = own;
        if (grid.qn >= grid.qp)
            throw Error("gives codes that are clipped to fewer than two");
        while (grid.bits > 1 && grid.qn >= (grid.isSigned ? -(1 << (grid.bits - 2)) : 0)
               && grid.qp < 1 << (grid.bits - (grid.isSigned ? 2 : 1)))
            --grid.bits;
    }
    m_zeros[output()] = zero;
    give(m_builder.quantize(output(), wire(0), grid, scale));
}

/// Stored integers with the node's scales, its zero points taken off.
OnnxConstant OnnxImport::dequantized(OnnxConstant weight)
{
    const OnnxConstant& scale = needed(1);
    if (weight.codes.empty() || weight.isCoded())
        throw Error("reads stored floats");
    if (scale.size() == 0)
        throw Error("has no scale");
    for (std::int64_t i = 0; i < scale.size(); ++i)
        weight.scales.push_back(scaleOf(scale, i));
    const std::int64_t axis = attribute(*m_node, "axis", std::int64_t(1));
    weight.axis = std::size_t(axis < 0 ? axis + std::int64_t(weight.dims.size()) : axis);
    if (attribute(*m_node, "block_size", std::int64_t(0)) != 0
        || (scale.size() > 1
            && (weight.axis >= weight.dims.size() || weight.dims[weight.axis] != scale.size())))
        throw Error("has scales for other than channels");
    if (!input(2).empty()) {
        const OnnxConstant& zero = needed(2);
        if (zero.size() != 1 && zero.size() != scale.size())
            throw Error("has other zero points than scales");
        if (zero.codes.empty())
            throw Error("has a zero point that is no integer");
        for (std::int64_t i = 0; i < weight.size(); ++i)
            weight.codes[std::size_t(i)] -= zero.codes.at(zero.size() == 1 ? 0 : weight.scaleOf(i));
    }
    return weight;
}

void OnnxImport::readDequantize()
{
    if (const OnnxConstant* stored = constant(0)) {
        m_constants[output()] = dequantized(*stored);
        return;
    }
    Wire from = wire(0);
    const double scale = onlyScaleOf(needed(1));
    const int zero = input(2).empty() ? 0 : zeroPointOf(needed(2));
    if (!from.table.empty()) {
        for (double& entry : from.table)
            entry -= zero;
        const auto [least, most] = std::ranges::minmax(from.table);
        give(m_builder.imageCodes(from, Grid::uniform(8, least < 0), scale));
        return;
    }
    if (!m_zeros.contains(input(0)) || m_zeros.at(input(0)) != zero)
        throw Error("reads codes that no QuantizeLinear of its zero point gives");
    if (m_builder.stepOf(from) != float(scale))
        throw Error("has another scale than the codes it reads");
    give(from);
}

} // namespace stair
