#include "core/base/concat.h"
#include "core/cli/commands.h"
#include "core/cli/text_format.h"
#include "core/exchange/model_file.h"
#include "core/session/event_lines.h"
#include "core/session/experiment.h"
#include "core/session/run_folder.h"
#include "core/train/evaluator.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct EvalOptions
{
    std::string run;
    std::string checkpoint = "last";
    int threads = 0;
};

/// An exported model on the test images that its run was judged by.
int evaluateFile(const EvalOptions& options, const Console& console)
{
    const ShippedModel model = readModel(options.run);
    const ExperimentSpec spec = ExperimentSpec::read(model.origin.spec, options.run);
    const Dataset data = openData(spec.data, std::filesystem::path(options.run).parent_path());
    if (data.hash != model.origin.dataHash)
        console.notes() << "The data set is not the one that the model was trained on" << std::endl;
    Runtime runtime(options.threads);
    const Metrics test = evaluateProgram(model.program, runtime, data.test, nullptr,
                                         spec.data.augment, data.classes());
    const bool proved = model.program.floatLayers().empty();
    console.result({{"test", toJson(test, true)},
                    {"proved", proved},
                    {"step", model.origin.step},
                    {"data_hash", data.hash}},
                   concat("step ", model.origin.step, ": test top-1 ", percentText(test.top1),
                          proved ? ", computed by integers" : ", computed partly in float",
                          "; top-5 ", percentText(test.top5), ", loss ", fixedText(test.loss, 4),
                          ", ", test.images, " images"));
    return 0;
}

int evaluate(const EvalOptions& options, const Console& console)
{
    if (std::filesystem::is_regular_file(options.run))
        return evaluateFile(options, console);
    const RunFolder folder = RunFolder::open(options.run);
    const Checkpoint checkpoint = Checkpoint::read(folder.checkpointFile(options.checkpoint));
    ExperimentSpec spec = folder.spec();
    spec.threads = options.threads;
    Experiment experiment(spec, folder.path());
    experiment.trainer.restore(checkpoint);
    const Json line = evaluationLine(experiment.trainer.evaluate());
    const Json& test = line.at("test");
    console.result(line,
                   concat("step ", checkpoint.step, ": ", evaluationText(line), "; top-5 ",
                          percentText(test.at("top5").get<double>()), ", loss ",
                          fixedText(test.at("loss").get<double>(), 4), ", ",
                          test.at("images").get<std::int64_t>(), " images"));
    return 0;
}

} // namespace

CommandInfo evalCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<EvalOptions>();
        app.add_option("RUNDIR", options->run, "The run's folder, or an exported model")
            ->required();
        app.add_option("--checkpoint", options->checkpoint, "last, best, or a file")
            ->capture_default_str();
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return evaluate(*options, console);
        };
    };
    return {"eval", "Evaluate a run's checkpoint as the run itself does, or an exported model",
            describe};
}

} // namespace stair
