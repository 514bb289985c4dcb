#include "core/base/concat.h"
#include "core/cli/bench_inference.h"
#include "core/cli/commands.h"
#include "core/cli/method_options.h"
#include "core/cli/text_format.h"
#include "core/ops/integer/kernel_bench.h"
#include "core/ops/runtime.h"
#include "core/session/spec_source.h"
#include "core/session/time_trial.h"
#include "core/train/step_bench.h"
#include "core/zoo/networks.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <memory>

namespace stair {

namespace {

struct BenchOptions
{
    StepBench bench;
    std::string method = "float";
    int bits = 4;
    bool kernels = false;
    bool inference = false;
    std::string model;
    std::string qdq;
    std::string spec;
    double seconds = 2;
};

std::string toText(const Json& result)
{
    std::string text
        = concat(result["network"].get<std::string>(), " ", result["method"].get<std::string>(),
                 ": ", fixedText(result["images_per_s"].get<double>(), 1), " images/s (best ",
                 fixedText(result["best_images_per_s"].get<double>(), 1), "), ",
                 result["peak_rss_mib"].get<std::int64_t>(), " MiB at most\n",
                 "  forward ms  backward ms  layer");
    for (const Json& layer : result["layers"]) {
        const std::string forward = fixedText(layer["forward_ms"].get<double>(), 3);
        const std::string backward = fixedText(layer["backward_ms"].get<double>(), 3);
        text += concat("\n", std::string(12 - std::min<std::size_t>(12, forward.size()), ' '),
                       forward, std::string(13 - std::min<std::size_t>(13, backward.size()), ' '),
                       backward, "  ", layer["name"].get<std::string>());
    }
    if (result.contains("loader")) {
        const Json& loader = result["loader"];
        text += concat("\nloader: waits ", fixedText(loader["wait_ms"].get<double>(), 3),
                       " ms, works ", fixedText(loader["work_ms"].get<double>(), 3),
                       " ms a batch: at most ", fixedText(loader["share"].get<double>() * 100, 2),
                       " % of a step");
    }
    return text;
}

std::string kernelsToText(const Json& result)
{
    std::string text = concat("convolutions 3x3, ", result["isa"].get<std::string>(),
                              ", bits counted by ", result["counting"].get<std::string>(), ", ",
                              result["threads"].get<int>(), " threads");
    for (const Json& shape : result["shapes"]) {
        text += concat("\n", shape["shape"].get<std::string>());
        for (const auto& [name, ms] : shape["ms"].items())
            text += concat("\n  ", name,
                           std::string(18 - std::min<std::size_t>(17, name.size()), ' '),
                           fixedText(ms.get<double>(), 3), " ms, ",
                           fixedText(shape["times_f32"][name].get<double>(), 2), " x f32, ",
                           fixedText(shape["times_int8"][name].get<double>(), 2), " x int8");
    }
    return text;
}

/// Steps of a spec with its own data: what an epoch of it takes here.
int timeEpoch(const BenchOptions& options, const Console& console)
{
    ExperimentSpec spec = loadSpec(options.spec, {});
    if (options.bench.threads > 0)
        spec.threads = options.bench.threads;
    const TimeTrial trial = timeSpec(spec, options.seconds);
    const double epoch = trial.cost().epoch;
    console.result({{"epoch_s", epoch},
                    {"evaluation_s", trial.evaluationSeconds},
                    {"step_ms", std::round(trial.stepSeconds * 1e6) / 1e3},
                    {"steps_per_epoch", trial.stepsPerEpoch},
                    {"steps", trial.steps}},
                   concat("an epoch of ", trial.stepsPerEpoch, " steps takes about ",
                          fixedText(epoch, 2), " s: ", fixedText(trial.stepSeconds * 1000, 2),
                          " ms a step, measured over ", trial.steps, " steps; an evaluation about ",
                          fixedText(trial.evaluationSeconds, 2), " s, measured over some batches"));
    return 0;
}

int runBench(BenchOptions options, const std::vector<std::string>& rest, const Console& console)
{
    if (!options.spec.empty())
        return timeEpoch(options, console);
    if (options.kernels) {
        Runtime runtime(options.bench.threads);
        const Json result = runKernelBench(runtime, options.bench.steps);
        console.result(result, kernelsToText(result));
        return 0;
    }
    const MethodInfo& info = method(options.method);
    network(options.bench.network);
    options.bench.quant.method = info.id;
    options.bench.quant.params = methodOptions(info, rest);
    checkParams(info, options.bench.quant.params, widestGrid);
    if (info.quantizes()) {
        checkBits(info, QuantizerKind::Weight, options.bits);
        checkBits(info, QuantizerKind::Activation, options.bits);
        options.bench.quant.weightBits = options.bench.quant.activationBits = options.bits;
        options.bench.quant.gradientBits = info.gradientDefault;
    }
    if (options.inference)
        return benchInference({.model = options.model,
                               .network = options.bench.network,
                               .quant = options.bench.quant,
                               .imageSize = options.bench.imageSize,
                               .batch = options.bench.batch,
                               .rounds = options.bench.steps,
                               .threads = options.bench.threads,
                               .qdq = options.qdq},
                              console);
    const Json result = runStepBench(options.bench);
    console.result(result, toText(result));
    return 0;
}

} // namespace

CommandInfo benchCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<BenchOptions>();
        StepBench& bench = options->bench;
        app.add_option("--network", bench.network, "A network's id")->capture_default_str();
        app.add_option("--method", options->method, "A method's id")->capture_default_str();
        app.add_option("--bits", options->bits, "Width of weights and activations")
            ->capture_default_str();
        app.add_option("--batch", bench.batch, "Images a step")
            ->check(CLI::Range(1, 65536))
            ->capture_default_str();
        app.add_option("--steps", bench.steps, "Steps counted, after two others")
            ->check(CLI::Range(1, 1'000'000))
            ->capture_default_str();
        app.add_option("--threads", bench.threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024))
            ->capture_default_str();
        app.add_option("--image", bench.imageSize, "Height and width of the images")
            ->check(CLI::Range(1, 4096))
            ->capture_default_str();
        app.add_flag(
            "--loader", bench.loader,
            "Take batches from the loader, with padding, crop and flip, and tell its cost");
        app.add_flag("--kernels", options->kernels,
                     "Time single convolutions instead: f32, int8, and those on bit planes");
        CLI::Option* spec
            = app.add_option("--spec", options->spec,
                             "Time an epoch of this spec, a file or a preset's id, with its data "
                             "and its threads, by some of its steps");
        app.add_option("--seconds", options->seconds,
                       "With --spec: time steps for so long, ten at least")
            ->check(CLI::Range(0.01, 3600.0))
            ->needs(spec)
            ->capture_default_str();
        CLI::Option* inference = app.add_flag(
            "--inference", options->inference,
            "Time the integer program layer by layer instead, against the same layers in float, "
            "with the batch and with one image");
        app.add_option("--model", options->model,
                       "With --inference: a run's folder or an exported file, not a network")
            ->needs(inference);
        app.add_option("--qdq", options->qdq,
                       "With --inference: also write the program as QDQ ONNX to this file")
            ->needs(inference);
        app.allow_extras();
        return [options, &app](const Console& console) {
            return runBench(*options, app.remaining(), console);
        };
    };
    return {"bench", "Time whole training steps on a synthetic batch in memory", describe};
}

} // namespace stair
