#include "widgets/models/inspected.h"

#include <QByteArray>
#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace stair {

namespace {

constexpr int rowLength = 32; // of a result with one pixel a channel

QString tr(const char* text)
{
    return QCoreApplication::translate("Inspected", text);
}

QString textOf(const Json& json)
{
    return QString::fromStdString(json.get<std::string>());
}

/// A tensor's values in its own order: reals, and the codes behind them.
struct Flat
{
    explicit Flat(const Json& tensor)
        : shape(tensor.at("shape").get<std::vector<int>>())
    {
        const QByteArray bytes = QByteArray::fromBase64(
            QByteArray::fromStdString(tensor.at("data").get<std::string>()));
        const std::string type = tensor.at("type").get<std::string>();
        if (type == "f4") {
            reals.resize(std::size_t(bytes.size()) / sizeof(float));
            std::memcpy(reals.data(), bytes.data(), reals.size() * sizeof(float));
            return;
        }
        const auto steps = tensor.at("steps").get<std::vector<float>>();
        const std::size_t each
            = std::size_t(shape[1]) * std::size_t(shape[2]) * std::size_t(shape[3]);
        for (std::size_t i = 0; i < std::size_t(bytes.size()); ++i) {
            const char byte = bytes[qsizetype(i)];
            codes.push_back(type == "i1" ? int(std::int8_t(byte)) : int(std::uint8_t(byte)));
            reals.push_back(steps[steps.size() == 1 ? 0 : i / each] * float(codes.back()));
        }
    }

    std::vector<int> shape;
    std::vector<float> reals;
    std::vector<int> codes;
};

QString unitOf(const Json& tensor)
{
    if (!tensor.contains("bits"))
        return tr("float");
    const auto steps = tensor.at("steps").get<std::vector<double>>();
    const QString bits = tr("%1-bit codes").arg(tensor.at("bits").get<int>());
    return steps.size() == 1 ? tr("%1, step %2").arg(bits).arg(steps.front(), 0, 'g', 3)
                             : tr("%1, a step each output").arg(bits);
}

/// Fills tile `t` pixel by pixel: `at(t, y, x)` is the place in the tensor, -1 where there is none.
template<typename Place>
void fill(TileValues& tiles, const Flat& flat, const Place& at)
{
    for (int t = 0; t < tiles.count; ++t)
        for (int y = 0; y < tiles.height; ++y)
            for (int x = 0; x < tiles.width; ++x) {
                const std::int64_t i = at(t, y, x);
                const bool exists = i >= 0 && std::size_t(i) < flat.reals.size();
                tiles.values.push_back(exists ? flat.reals[std::size_t(i)]
                                              : std::numeric_limits<float>::quiet_NaN());
                if (!flat.codes.empty())
                    tiles.codes.push_back(exists ? flat.codes[std::size_t(i)] : 0);
            }
}

TileValues describedBy(const Json& tensor)
{
    TileValues tiles;
    tiles.least = tensor.at("least").get<double>();
    tiles.most = tensor.at("most").get<double>();
    tiles.unit = unitOf(tensor);
    return tiles;
}

TileValues resultTiles(const Json& tensor)
{
    if (tensor.is_null())
        return {};
    const Flat flat(tensor);
    TileValues tiles = describedBy(tensor);
    const int h = flat.shape[1], w = flat.shape[2], c = flat.shape[3];
    if (h * w == 1) {
        tiles.isOne = true;
        tiles.count = 1;
        tiles.width = std::min(c, rowLength);
        tiles.height = (c + tiles.width - 1) / tiles.width;
        fill(tiles, flat, [&](int, int y, int x) { return std::int64_t(y) * tiles.width + x; });
        return tiles;
    }
    tiles.count = c;
    tiles.height = h;
    tiles.width = w;
    fill(tiles, flat, [&](int t, int y, int x) { return (std::int64_t(y) * w + x) * c + t; });
    return tiles;
}

TileValues weightTiles(const Json& tensor, int firstOutput)
{
    if (tensor.is_null())
        return {};
    const Flat flat(tensor);
    TileValues tiles = describedBy(tensor);
    const int o = flat.shape[0], h = flat.shape[1], w = flat.shape[2], in = flat.shape[3];
    tiles.inputs = in;
    tiles.firstOutput = firstOutput;
    if (h * w == 1) {
        tiles.isOne = true;
        tiles.count = 1;
        tiles.height = o;
        tiles.width = in;
        fill(tiles, flat, [&](int, int y, int x) { return std::int64_t(y) * in + x; });
        return tiles;
    }
    tiles.count = o * in;
    tiles.height = h;
    tiles.width = w;
    fill(tiles, flat, [&](int t, int y, int x) {
        return ((std::int64_t(t / in) * h + y) * w + x) * in + t % in;
    });
    return tiles;
}

std::optional<double> sqnrOf(const Json& pair)
{
    if (!pair.contains("sqnr_db"))
        return {};
    const Json& value = pair.at("sqnr_db");
    return value.is_null() ? std::numeric_limits<double>::infinity() : value.get<double>();
}

void readClasses(const Json& sides, Inspected& inspected)
{
    for (std::size_t side = 0; side < std::min<std::size_t>(2, sides.size()); ++side)
        for (const Json& entry : sides[side].at("classes")) {
            const int index = entry.at("class").get<int>();
            auto known = std::ranges::find(inspected.classes, index, &ClassGuess::index);
            if (known == inspected.classes.end()) {
                inspected.classes.push_back({index, textOf(entry.at("name")), {-1, -1}});
                known = inspected.classes.end() - 1;
            }
            known->probability[side] = entry.at("probability").get<double>();
        }
}

} // namespace

QString TileValues::tileName(int tile) const
{
    if (inputs > 0)
        return tr("output %1, input %2").arg(firstOutput + tile / inputs).arg(tile % inputs);
    return tr("channel %1").arg(tile);
}

QString TileValues::describe(int tile, int y, int x) const
{
    const std::size_t at
        = (std::size_t(tile) * std::size_t(height) + std::size_t(y)) * std::size_t(width)
        + std::size_t(x);
    if (tile < 0 || tile >= count || std::isnan(values[at]))
        return {};
    const QString where = !isOne ? tr("%1, row %2, column %3").arg(tileName(tile)).arg(y).arg(x)
        : inputs > 0             ? tr("output %1, input %2").arg(firstOutput + y).arg(x)
                                 : tr("channel %1").arg(y * width + x);
    const QString value = QString::number(double(values[at]), 'g', 4);
    return codes.empty() ? tr("%1: %2").arg(where, value)
                         : tr("%1: %2 (code %3)").arg(where, value).arg(codes[at]);
}

TileValues differenceOf(const TileValues& a, const TileValues& b)
{
    if (a.values.size() != b.values.size() || a.count != b.count || a.isEmpty())
        return {};
    TileValues d = a;
    d.codes.clear();
    d.unit = tr("difference");
    d.least = d.most = 0;
    for (std::size_t i = 0; i < d.values.size(); ++i) {
        d.values[i] = a.values[i] - b.values[i];
        if (std::isnan(d.values[i]))
            continue;
        d.least = std::min(d.least, double(d.values[i]));
        d.most = std::max(d.most, double(d.values[i]));
    }
    return d;
}

Inspected Inspected::from(const Json& answer)
{
    Inspected inspected;
    const Json& sides = answer.at("sides");
    for (const Json& side : sides)
        inspected.sides += textOf(side.at("what"));
    inspected.isProved = sides.at(0).at("float_layers").empty();
    inspected.label = answer.at("image").value("label", -1);
    readClasses(sides, inspected);
    for (const Json& layer : answer.at("layers"))
        inspected.layers += textOf(layer);
    inspected.layerProblem = QString::fromStdString(answer.value("layer_error", ""));
    const Json& layer = answer.at("layer");
    if (layer.is_null())
        return inspected;
    inspected.layer = textOf(layer.at("name"));
    const Json& result = layer.at("result");
    const Json& weights = layer.at("weights");
    inspected.resultSqnr = sqnrOf(result);
    inspected.outputs = layer.at("outputs").get<int>();
    const int firstOutput = layer.at("filters_from").get<int>();
    for (std::size_t side = 0; side < std::min<std::size_t>(2, sides.size()); ++side) {
        inspected.result[side] = resultTiles(result.at("each").at(side));
        if (!weights.is_null())
            inspected.weights[side] = weightTiles(weights.at("each").at(side), firstOutput);
    }
    if (!weights.is_null())
        inspected.weightSqnr = sqnrOf(weights);
    return inspected;
}

} // namespace stair
