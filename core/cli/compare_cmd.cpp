#include "core/analysis/model_comparison.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/cli/commands.h"
#include "core/cli/text_format.h"
#include "core/exchange/model_file.h"
#include "core/session/experiment.h"
#include "core/session/shipping.h"
#include "core/session/spec_difference.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace stair {

namespace {

struct CompareOptions
{
    std::string first;
    std::string second;
    std::string checkpoint = "last";
    int images = 1000;
    int threads = 0;
};

constexpr int proofSamples = 1;
constexpr std::size_t flippedInText = 10;

ShippedModel openModel(const std::string& path, const CompareOptions& options)
{
    if (std::filesystem::is_regular_file(path))
        return readModel(path);
    return shipRun(RunFolder::open(path), options.checkpoint, options.threads, proofSamples);
}

/// JSON has no infinity: null.
Json finite(double value)
{
    return std::isfinite(value) ? Json(value) : Json();
}

Json toJson(const ModelComparison& comparison, const std::vector<SpecDifference>& settings,
            const ShippedModel& first, const std::string& dataHash)
{
    Json document = {{"first", toJson(comparison.first, true)},
                     {"second", toJson(comparison.second, true)},
                     {"classes", first.origin.classNames},
                     {"data_hash", dataHash},
                     {"settings", Json::array()},
                     {"values", Json::array()},
                     {"flipped", Json::array()}};
    for (const SpecDifference& setting : settings)
        document["settings"].push_back(
            {{"key", setting.key}, {"first", setting.first}, {"second", setting.second}});
    for (const ValueDifference& value : comparison.values)
        document["values"].push_back(
            {{"name", value.name},
             {"sqnr_db", finite(value.sqnr)},
             {"cosine", finite(value.cosine)},
             {"codes_unlike", value.codesUnlike < 0 ? Json() : Json(value.codesUnlike)}});
    for (const FlippedSample& sample : comparison.flipped)
        document["flipped"].push_back({{"image", sample.image},
                                       {"label", sample.label},
                                       {"first", sample.first},
                                       {"second", sample.second},
                                       {"parts_at", sample.partsAt}});
    return document;
}

std::string toText(const ModelComparison& comparison, const std::vector<SpecDifference>& settings,
                   const std::vector<std::string>& names)
{
    const auto className = [&](int c) {
        return std::size_t(c) < names.size() ? names[std::size_t(c)] : std::to_string(c);
    };
    std::string text = concat(
        comparison.first.images, " test images: ", percentText(comparison.first.top1), " and ",
        percentText(comparison.second.top1), "; ", comparison.flipped.size(), " told differently");
    std::vector<std::vector<std::string>> rows;
    for (const SpecDifference& setting : settings)
        rows.push_back({setting.key, setting.first, "|", setting.second});
    text += rows.empty() ? std::string("; their settings are the same") : "\n" + tableText(rows, 4);
    rows = {{"value", "SQNR dB", "cosine"}};
    for (const ValueDifference& value : comparison.values)
        rows.push_back({value.name,
                        std::isfinite(value.sqnr) ? fixedText(value.sqnr, 1) : std::string("equal"),
                        fixedText(value.cosine, 4)});
    text += "\n" + tableText(rows, 1);
    for (std::size_t i = 0; i < std::min(flippedInText, comparison.flipped.size()); ++i) {
        const FlippedSample& sample = comparison.flipped[i];
        text += concat("\n  image ", sample.image, ", ", className(sample.label), ": ",
                       className(sample.first), " | ", className(sample.second),
                       sample.partsAt.empty() ? "" : ", they part at ", sample.partsAt);
    }
    return text;
}

int compare(const CompareOptions& options, const Console& console)
{
    const ShippedModel first = openModel(options.first, options);
    const ShippedModel second = openModel(options.second, options);
    if (first.origin.dataHash != second.origin.dataHash)
        throw Error("the two models were trained on different data; compare two of one data set");
    const ExperimentSpec spec = ExperimentSpec::read(first.origin.spec, options.first);
    const Dataset data = openData(spec.data, std::filesystem::path(options.first).parent_path());
    std::vector<std::uint32_t> indices(std::size_t(std::min(options.images, data.test.count())));
    std::iota(indices.begin(), indices.end(), 0u);
    Runtime runtime(options.threads);
    const ModelComparison comparison
        = compareModels(first.program, second.program, runtime, data.test, indices,
                        spec.data.augment, data.classes());
    const std::vector<SpecDifference> settings
        = specDifferences(first.origin.spec, second.origin.spec);
    console.result(toJson(comparison, settings, first, data.hash),
                   toText(comparison, settings, data.classNames));
    return 0;
}

} // namespace

CommandInfo compareCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<CompareOptions>();
        app.add_option("FIRST", options->first, "A run's folder, or an exported model")->required();
        app.add_option("SECOND", options->second, "Another of the same data")->required();
        app.add_option("--checkpoint", options->checkpoint, "Of runs: last, best, or a file")
            ->capture_default_str();
        app.add_option("--images", options->images, "Test images to look at")
            ->check(CLI::Range(1, 1'000'000))
            ->capture_default_str();
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return compare(*options, console);
        };
    };
    return {"compare", "Tell where two models differ: settings, layers, classified images",
            describe};
}

} // namespace stair
