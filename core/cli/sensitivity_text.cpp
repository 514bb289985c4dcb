#include "core/cli/sensitivity_text.h"

#include "core/base/concat.h"
#include "core/cli/text_format.h"

#include <algorithm>

namespace stair {

namespace {

using Row = std::vector<std::string>;

std::string widthText(const Json& bits)
{
    return bits.get<int>() >= 16 ? concat("float", bits.get<int>()) : concat(bits.get<int>());
}

std::string cellText(const std::vector<Json>& lines, const Json& mode, const Json& layer,
                     const Json& bits)
{
    const auto found = std::ranges::find_if(lines, [&](const Json& line) {
        return line.value("event", "") == "cell" && line.at("mode") == mode
            && line.at("layer") == layer && line.at("bits") == bits;
    });
    return found == lines.end() ? "" : fixedText(100 * found->at("drop").get<double>(), 2);
}

std::string modeTable(const Json& header, const std::vector<Json>& lines, const Json& mode)
{
    std::vector<Row> rows = {{"layer", "base W/A"}};
    for (const Json& bits : header.at("widths"))
        rows.front().push_back(concat(bits.get<int>(), " bits"));
    for (const Json& layer : header.at("layers")) {
        Row row = {layer.at("name").get<std::string>(),
                   concat(widthText(layer.at("weights")), "/", widthText(layer.at("activations")))};
        for (const Json& bits : header.at("widths"))
            row.push_back(cellText(lines, mode, layer.at("name"), bits));
        rows.push_back(row);
    }
    return tableText(rows, 2);
}

} // namespace

std::string sensitivityText(const Json& header, const std::vector<Json>& lines,
                            const Json& correlations)
{
    std::string text;
    for (const Json& mode : header.at("modes")) {
        const std::string id = mode.get<std::string>();
        text += concat("points of top-1 lost, ", id, ":\n", modeTable(header, lines, mode), "\n");
        const Json coefficients = correlations.value(id, Json::object());
        std::string ranks;
        for (const auto& [proxy, rho] : coefficients.items())
            ranks += concat(ranks.empty() ? "" : ", ", proxy, " ",
                            rho.is_null() ? "-" : fixedText(rho.get<double>(), 3));
        if (!ranks.empty())
            text += concat("rank correlation with the accuracy lost (Spearman): ", ranks, "\n");
    }
    if (!text.empty())
        text.pop_back();
    return text;
}

} // namespace stair
