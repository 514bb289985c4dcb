#include "core/base/concat.h"
#include "core/base/params.h"
#include "core/cli/card_text.h"
#include "core/cli/commands.h"
#include "core/data/datasets.h"
#include "core/quant/methods.h"
#include "core/quant/quant_spec.h"
#include "core/session/presets.h"
#include "core/train/optimizers.h"
#include "core/train/schedules.h"
#include "core/zoo/networks.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <memory>

namespace stair {

namespace {

/// One row of any table, as a JSON object: id, title, and what else the table has.
template<typename Row>
Json describeRow(const Row& row)
{
    Json json = {{"id", row.id}, {"title", row.title}};
    if constexpr (requires { row.help; })
        json["help"] = row.help;
    if constexpr (requires { row.source; })
        json["source"] = row.source;
    if constexpr (requires { row.needsPath; })
        json["needs_path"] = row.needsPath;
    if constexpr (requires { row.weightBits; }) {
        json["weight_bits"] = {row.weightBits.least, row.weightBits.most};
        json["activation_bits"] = {row.activationBits.least, row.activationBits.most};
        if (row.quantizes()) {
            json["gradient_bits"] = {row.gradientBits.least, row.gradientBits.most};
            json["gradient_default"] = row.gradientDefault;
        }
    }
    if constexpr (requires { row.params; })
        json["params"] = describe(row.params);
    if constexpr (requires { row.spec; })
        json["spec"] = row.spec;
    return json;
}

template<typename Row>
std::function<Json()> table(const std::vector<Row>& (*rows)())
{
    return [rows] {
        Json list = Json::array();
        for (const Row& row : rows())
            list.push_back(describeRow(row));
        return list;
    };
}

const std::vector<std::pair<std::string, std::function<Json()>>>& tables()
{
    static const std::vector<std::pair<std::string, std::function<Json()>>> list = {
        {"networks", table(networks)},
        {"datasets", table(datasets)},
        {"methods", table(methods)},
        {"presets", table(presets)},
        {"optimizers", table(optimizers)},
        {"schedules", table(schedules)},
        {"cards", cardRows},
    };
    return list;
}

/// A limit: a whole number without exponent, any other as JSON has it.
std::string numberText(const Json& number)
{
    const auto value = number.get<double>();
    return std::abs(value) < 1e15 && std::floor(value) == value
        ? std::to_string(static_cast<long long>(value))
        : number.dump();
}

/// `source`: of the row, which a parameter's own stands beside where it is another.
std::string paramText(const Json& param, const std::string& source)
{
    std::string range, from;
    if (param.contains("least"))
        range = concat(", ", numberText(param["least"]), " to ", numberText(param["most"]));
    for (const Json& choice : param.value("choices", Json::array()))
        range += concat(range.empty() ? ", one of " : " ", choice.get<std::string>());
    if (const auto unit = param.value("unit", std::string()); !unit.empty())
        range += " " + unit;
    if (const auto own = param.value("source", std::string()); !own.empty() && own != source)
        from = concat(" [", own, "]");
    return concat("      ", param["name"].get<std::string>(), " = ", param["default"].dump(), range,
                  ": ", param["help"].get<std::string>(), from, "\n");
}

/// "weights 1 to 7 bits, activations 1 to 8 bits, gradients float, or 1 to 8 bits"
std::string widthText(const Json& row)
{
    const auto range = [&row](const char* key) {
        const int least = row[key][0].get<int>(), most = row[key][1].get<int>();
        return least == most ? concat(least) : concat(least, " to ", most);
    };
    std::string gradients;
    if (row.contains("gradient_bits"))
        gradients = concat(row["gradient_default"] == floatBits ? ", gradients float, or "
                                                                : ", gradients ",
                           range("gradient_bits"), " bits");
    return concat("      weights ", range("weight_bits"), " bits, activations ",
                  range("activation_bits"), " bits", gradients, "\n");
}

std::string toText(const Json& rows)
{
    std::size_t width = 0;
    for (const Json& row : rows)
        width = std::max(width, row["id"].get<std::string>().size());
    std::string text;
    for (const Json& row : rows) {
        const auto id = row["id"].get<std::string>();
        text += concat(id, std::string(width + 2 - id.size(), ' '), row["title"].get<std::string>(),
                       "\n");
        for (const char* key : {"help", "source"}) {
            if (const std::string line = row.value(key, ""); !line.empty())
                text += concat("      ", line, "\n");
        }
        if (row.contains("weight_bits"))
            text += widthText(row);
        for (const Json& param : row.value("params", Json::array()))
            text += paramText(param, row.value("source", std::string()));
    }
    if (!text.empty())
        text.pop_back();
    return text;
}

int list(const std::string& kind, const Console& console)
{
    for (const auto& [name, rows] : tables()) {
        if (name == kind) {
            const Json document = rows();
            console.result(document, kind == "cards" ? cardTable() : toText(document));
        }
    }
    return 0;
}

} // namespace

CommandInfo listCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto kind = std::make_shared<std::string>();
        std::vector<std::string> names;
        for (const auto& [name, rows] : tables())
            names.push_back(name);
        app.add_option("KIND", *kind, "What to list")->required()->check(CLI::IsMember(names));
        return [kind](const Console& console) {
            return list(*kind, console);
        };
    };
    return {"list", "List what a spec may name, with parameters and their ranges", describe};
}

} // namespace stair
