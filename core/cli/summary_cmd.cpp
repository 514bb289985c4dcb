#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/cli/commands.h"
#include "core/nn/summary.h"
#include "core/session/experiment.h"
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

Graph findGraph(const SummaryOptions& options)
{
    for (const NetworkInfo& info : networks()) {
        if (info.id == options.name)
            return info.build(readImage(options.image), options.classes, ParamValues(info.params));
    }
    return graphOfSpec(loadSpec(options.name, {}));
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
        return [options](const Console& console) {
            return summary(*options, console);
        };
    };
    return {"summary", "Show a network's layers, parameters and multiply-accumulates", describe};
}

} // namespace stair
