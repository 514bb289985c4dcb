#include "core/session/measured_map.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/session/line_reader.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

std::int64_t packedSize(std::int64_t weights, int bits)
{
    return (weights * bits + 7) / 8;
}

/// Null: not measured.
const Json* cellOf(const std::vector<Json>& lines, const std::string& layer, int bits)
{
    const auto found = std::ranges::find_if(lines, [&](const Json& line) {
        return line.value("event", "") == "cell" && line.value("mode", "") == "only"
            && line.value("layer", "") == layer && line.value("bits", 0) == bits;
    });
    return found == lines.end() ? nullptr : &*found;
}

MeasuredLayer readLayer(const Json& json, const std::vector<Json>& lines, MeasuredMap& map)
{
    MeasuredLayer layer{.name = json.at("name").get<std::string>(),
                        .weightBits = json.at("weights").get<int>(),
                        .activationBits = json.at("activations").get<int>(),
                        .options = {}};
    const auto weights = json.at("count").get<std::int64_t>();
    layer.options.push_back({0, packedSize(weights, layer.weightBits), 0});
    for (const int bits : map.widths) {
        const Json* cell = cellOf(lines, layer.name, bits);
        if (!cell) {
            ++map.missing;
            continue;
        }
        const auto lost = std::llround(cell->at("drop").get<double>() * map.images);
        layer.options.push_back({bits, packedSize(weights, bits), lost});
    }
    return layer;
}

} // namespace

std::vector<std::vector<WidthOption>> MeasuredMap::options() const
{
    std::vector<std::vector<WidthOption>> all;
    for (const MeasuredLayer& layer : layers)
        all.push_back(layer.options);
    return all;
}

MeasuredMap measuredMap(const std::vector<Json>& lines)
{
    const Json header = lines.empty() ? Json::object() : lines.front();
    if (header.value("event", "") != "sensitivity")
        throw Error("[map] the file does not begin as a sensitivity map does; measure it with "
                    "`stair sensitivity RUNDIR --restart`");
    try {
        MeasuredMap map;
        map.checkpoint = header.at("checkpoint").get<std::string>();
        map.step = header.at("step").get<std::int64_t>();
        map.split = header.at("split").get<std::string>();
        map.images = header.at("images").get<int>();
        map.calibrationImages = header.at("calibration_images").get<int>();
        map.widths = header.at("widths").get<std::vector<int>>();
        const auto modes = header.at("modes").get<std::vector<std::string>>();
        if (std::ranges::find(modes, "only") == modes.end())
            throw Error("[map] it has no cells of the mode 'only', of one layer at a time; "
                        "measure them with `stair sensitivity RUNDIR --restart`");
        for (const Json& layer : header.at("layers"))
            map.layers.push_back(readLayer(layer, lines, map));
        return map;
    } catch (const Json::exception&) {
        throw Error("[map] it is of another version of the program; measure it anew with `stair "
                    "sensitivity RUNDIR --restart`");
    }
}

MeasuredMap readMeasuredMap(const std::filesystem::path& file)
{
    std::error_code none;
    if (!std::filesystem::exists(file, none))
        throw Error(concat("[map] there is no ", file.string(),
                           " yet; measure it first with `stair sensitivity RUNDIR`"));
    const MeasuredMap map = measuredMap(readLines(file));
    if (map.missing > 0)
        throw Error(concat("[map] ", map.missing, " of ", map.layers.size() * map.widths.size(),
                           " cells of ", file.string(),
                           " are missing; `stair sensitivity RUNDIR` with the options that began "
                           "it goes on"));
    return map;
}

} // namespace stair
