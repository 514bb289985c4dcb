#include "core/base/error.h"
#include "core/cli/commands.h"
#include "core/cli/inspect_session.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace stair {

namespace {

struct InspectOptions
{
    std::string run;
    std::string checkpoint = "last";
    std::string beside;
    std::string image;
    int sample = -1;
    std::string split = "test";
    std::string layer;
    int filters = 64;
    int filtersFrom = 0;
    int top = 5;
    int threads = 0;
    bool serve = false;
};

Json requestOf(const InspectOptions& options)
{
    Json request = {{"split", options.split},
                    {"layer", options.layer},
                    {"filters", options.filters},
                    {"filters_from", options.filtersFrom},
                    {"top", options.top}};
    if (options.image.empty())
        request["sample"] = options.sample;
    else
        request["image"] = options.image;
    return request;
}

/// A line with an answer, or with what is wrong, to each line with a request, until there is no more.
void serve(InspectSession& session, const Console& console)
{
    for (std::string line; std::getline(std::cin, line);) {
        Json answer;
        try {
            answer = session.answer(parseJson(line, "the request"), false);
        } catch (const Json::exception& error) {
            answer = {{"error", std::string("the request: ") + error.what()}};
        } catch (const Error& error) {
            answer = {{"error", error.what()}};
        }
        console.out << answer.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
    }
}

int inspect(const InspectOptions& options, const Console& console)
{
    if (!options.serve && (options.sample < 0) == options.image.empty())
        throw Error("[inspect] name the image: --sample NUMBER of the data set, or --image FILE");
    InspectSession session(options.run, options.checkpoint, options.beside, options.threads);
    if (options.serve) {
        serve(session, console);
        return 0;
    }
    const Json answer = session.answer(requestOf(options));
    console.result(answer, inspectText(answer));
    return 0;
}

} // namespace

CommandInfo inspectCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<InspectOptions>();
        app.add_option("RUNDIR", options->run, "The run's folder")->required();
        app.add_option("--checkpoint", options->checkpoint, "last, best, or a file")
            ->capture_default_str();
        app.add_option("--beside", options->beside,
                       "Another run of the same data; left out: a quantized run's own weights "
                       "without quantization");
        app.add_option("--image", options->image, "A picture file");
        app.add_option("--sample", options->sample, "An image of the data set by its number")
            ->check(CLI::NonNegativeNumber);
        app.add_option("--split", options->split, "Of --sample: test or train")
            ->capture_default_str();
        app.add_option("--layer", options->layer, "Also tell this layer's result and weights");
        app.add_option("--filters", options->filters, "Outputs whose weights are told")
            ->check(CLI::Range(1, 65536))
            ->capture_default_str();
        app.add_option("--filters-from", options->filtersFrom, "The first of them")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
        app.add_option("--top", options->top, "Classes to tell")
            ->check(CLI::Range(1, 1000))
            ->capture_default_str();
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        app.add_flag("--serve", options->serve,
                     "Answer requests from standard input, one JSON object a line");
        return [options](const Console& console) {
            return inspect(*options, console);
        };
    };
    return {"inspect", "Show what a run's integers and its floats make of one image", describe};
}

} // namespace stair
