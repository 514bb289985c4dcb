#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/cli/commands.h"
#include "core/nn/summary.h"
#include "core/session/cards.h"
#include "core/session/experiment.h"
#include "core/session/presets.h"
#include "core/session/spec_source.h"
#include "core/zoo/networks.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace stair {

namespace {

struct SummaryOptions
{
    std::string name;
    std::string image = "32x32x3";
    int classes = 10;
    std::vector<std::string> assignments;
};

Shape readImage(const std::string& text)
{
    Shape shape{1, 0, 0, 0};
    char rest = 0;
    if (std::sscanf(text.c_str(), "%dx%dx%d%c", &shape.h, &shape.w, &shape.c, &rest) != 3
        || std::min({shape.h, shape.w, shape.c}) < 1
        || std::max({shape.h, shape.w, shape.c}) > 65536)
        throw Error(concat("--image ", text, ": write height x width x channels, as in 32x32x3"));
    return shape;
}

Graph graphOfSpec(const ExperimentSpec& spec)
{
    const Dataset data = openData(spec.data, std::filesystem::current_path());
    const ImageSize size = outputSize(spec.data.augment, data.train.height, data.train.width);
    return network(spec.network.id)
        .build({1, size.height, size.width, data.train.channels}, data.classes(),
               spec.network.params);
}

/// A network alone, with its parameters as they would stand in a spec.
Graph graphOfNetwork(const NetworkInfo& info, const SummaryOptions& options)
{
    Json json = {{"network", {{"id", info.id}}}};
    for (const std::string& assignment : options.assignments) {
        if (!assignment.starts_with("network.params."))
            throw Error(concat("--set ", assignment,
                               ": with a network's id only network.params.NAME=VALUE can be set"));
        assign(json, assignment);
    }
    const ExperimentSpec spec = ExperimentSpec::read(json, "network " + info.id);
    return info.build(readImage(options.image), options.classes, spec.network.params);
}

Graph findGraph(const SummaryOptions& options)
{
    std::vector<std::string> known;
    for (const NetworkInfo& info : networks()) {
        if (info.id == options.name)
            return graphOfNetwork(info, options);
        known.push_back(info.id);
    }
    for (const PresetInfo& preset : presets())
        known.push_back(preset.id);
    const bool isCard = std::ranges::find(cards(), options.name, &PaperCard::id) != cards().end();
    if (!namesSpec(options.name) && !isCard)
        throw Error(concat("there is no spec file ", options.name, ", and it is an ",
                           unknownName("network or preset", options.name, known)));
    return graphOfSpec(loadSpec(options.name, options.assignments));
}

int summary(const SummaryOptions& options, const Console& console)
{
    const NetworkSummary table = summarize(findGraph(options));
    console.result(toJson(table), toText(table));
    return 0;
}

} // namespace

CommandInfo summaryCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<SummaryOptions>();
        app.add_option("SPEC", options->name, "A spec file, a preset's id, or a network's id")
            ->required();
        app.add_option("--image", options->image, "For a network's id: the image it sees")
            ->capture_default_str();
        app.add_option("--classes", options->classes, "For a network's id: how many classes")
            ->check(CLI::Range(1, 65535))
            ->capture_default_str();
        app.add_option("--set", options->assignments,
                       "Change the spec, or a network's parameters: network.params.width=0.25 ...")
            ->type_name("KEY=VALUE")
            ->take_all()
            ->expected(1);
        return [options](const Console& console) {
            return summary(*options, console);
        };
    };
    return {"summary", "Show a network's layers, parameters and multiply-accumulates", describe};
}

} // namespace stair
