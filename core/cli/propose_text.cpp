#include "core/cli/propose_text.h"

#include "core/base/concat.h"
#include "core/cli/text_format.h"

#include <cmath>

namespace stair {

namespace {

using Row = std::vector<std::string>;

std::string uniformName(const Json& row)
{
    return concat("uniform ", row.at("bits").get<int>(), " bits",
                  row.at("ends") == "kept" ? ", ends as they are" : "");
}

std::string sizeOf(const Json& row)
{
    return sizeText(row.at("bytes").get<std::int64_t>());
}

std::string accuracyOf(const Json& row)
{
    return percentText(row.at("top1").get<double>());
}

/// Of the difference between two accuracies on these images, as if they were independent: on the
/// same images it is smaller.
double standardError(const Json& row)
{
    const double p = row.at("top1").get<double>();
    return std::sqrt(2 * p * (1 - p) / row.at("images").get<double>());
}

std::string widthsTable(const Json& document)
{
    std::vector<Row> rows = {{"layer", "now W/A", "proposed", "size", "lost alone"}};
    for (const Json& layer : document.at("layers"))
        rows.push_back(
            {layer.at("layer").get<std::string>(),
             concat(layer.at("weights").get<int>(), "/", layer.at("activations").get<int>()),
             layer.at("bits").is_null() ? "as it is" : concat(layer.at("bits").get<int>(), " bits"),
             sizeOf(layer), fixedText(100 * layer.at("drop").get<double>(), 2)});
    return tableText(rows, 1);
}

std::string checkTable(const Json& document)
{
    std::vector<Row> rows = {{"on the test split", "size", "top-1"}};
    const auto add = [&rows](const std::string& name, const Json& row) {
        rows.push_back({name, sizeOf(row), accuracyOf(row)});
    };
    add("proposal", document.at("proposal"));
    for (const Json& row : document.at("uniform"))
        add(uniformName(row), row);
    add("the run itself", document.at("base"));
    return tableText(rows, 1);
}

} // namespace

std::string verdictText(const Json& document)
{
    const Json& proposal = document.at("proposal");
    const Json* beaten = nullptr; // the most accurate of them
    for (const Json& row : document.at("uniform")) {
        if (row.at("verdict") == "better")
            return concat("None was found that is better than a uniform width: ", uniformName(row),
                          " is better than the proposal, with ", sizeOf(row), " and top-1 ",
                          accuracyOf(row), " against ", sizeOf(proposal), " and ",
                          accuracyOf(proposal), ".");
        if (row.at("verdict") == "equal")
            return concat("None was found that is better than a uniform width: the proposal does "
                          "as well as ",
                          uniformName(row), ", with ", sizeOf(row), " and top-1 ", accuracyOf(row),
                          ".");
        if (row.at("verdict") == "beaten"
            && (!beaten || row.at("top1").get<double>() > beaten->at("top1").get<double>()))
            beaten = &row;
    }
    if (!beaten)
        return "None was found that is better than a uniform width: each of those is "
               "either smaller or more accurate than the proposal.";
    const double gain = proposal.at("top1").get<double>() - beaten->at("top1").get<double>();
    const bool isSmaller
        = proposal.at("bytes").get<std::int64_t>() < beaten->at("bytes").get<std::int64_t>();
    return concat("Better than ", uniformName(*beaten), ": ",
                  isSmaller ? (gain > 0 ? "smaller and more accurate" : "smaller, as accurate")
                            : "more accurate at the same size",
                  ", with ", sizeOf(proposal), " and top-1 ", accuracyOf(proposal), " against ",
                  sizeOf(*beaten), " and ", accuracyOf(*beaten), ".",
                  gain > 0 && gain < standardError(proposal)
                      ? concat(" The difference of ", fixedText(100 * gain, 2),
                               " points is within one standard error on ",
                               proposal.at("images").get<std::int64_t>(), " images.")
                      : "");
}

std::string proposalText(const Json& document)
{
    const Json& proposal = document.at("proposal");
    std::string text
        = concat(widthsTable(document), "\nproposed for ",
                 sizeText(document.at("budget").get<std::int64_t>()), ": ", sizeOf(proposal),
                 ". Each layer alone loses what the map says; together they are "
                 "taken to lose the sum, ",
                 fixedText(100 * proposal.at("summed_drop").get<double>(), 2),
                 " points of top-1, which holds only roughly.\n\n", checkTable(document), "\n",
                 document.at("verdict").get<std::string>());
    if (document.contains("warning"))
        text += concat("\n", document.at("warning").get<std::string>());
    return text;
}

} // namespace stair
