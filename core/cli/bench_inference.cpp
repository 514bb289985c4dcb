#include "core/cli/bench_inference.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/cli/text_format.h"
#include "core/exchange/model_file.h"
#include "core/exchange/onnx_qdq.h"
#include "core/infer/inference_bench.h"
#include "core/ops/runtime.h"
#include "core/session/shipping.h"

#include <algorithm>
#include <filesystem>

namespace stair {

namespace {

std::string column(double value, int digits, std::size_t width)
{
    const std::string text = fixedText(value, digits);
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string layerText(const Json& layer)
{
    const auto number = [&layer](const char* key) {
        return layer.at(key).get<double>();
    };
    return concat("\n", column(number("float_ms"), 3, 10), column(number("integer_ms"), 3, 12),
                  column(number("float_gops"), 1, 12), column(number("integer_gops"), 1, 14),
                  column(number("float_kb"), 1, 10), column(number("integer_kb"), 1, 12), "  ",
                  layer.at("name").get<std::string>(), " (", layer.at("way").get<std::string>(),
                  ")");
}

std::string runText(const Json& run)
{
    const auto speed = [&run](const char* side) {
        return concat(fixedText(run[side]["ms"].get<double>(), 2), " ms, ",
                      fixedText(run[side]["images_per_s"].get<double>(), 1), " images/s");
    };
    std::string text
        = concat("batch ", run["batch"].get<int>(), ": float ", speed("float"), "; integers ",
                 speed("integer"), "; ", fixedText(run["ratio"].get<double>(), 2),
                 " times\n  float ms  integer ms  float GOP/s  integer GOP/s  float KB "
                 " integer KB  layer");
    for (const Json& layer : run["layers"])
        text += layerText(layer);
    return text;
}

ShippedModel modelOf(const InferenceOptions& options, Runtime& runtime)
{
    if (options.model.empty()) {
        ShippedModel model;
        model.program
            = untrainedProgram(options.network, options.quant, options.imageSize, runtime);
        return model;
    }
    if (std::filesystem::is_directory(options.model))
        return shipRun(RunFolder::open(options.model), "last", options.threads, 1);
    return readModel(options.model);
}

} // namespace

int benchInference(const InferenceOptions& options, const Console& console)
{
    if (!options.qdq.empty() && std::filesystem::exists(options.qdq))
        throw Error(concat(options.qdq, " is there already; choose another name for --qdq"));
    Runtime runtime(options.threads);
    const ShippedModel model = modelOf(options, runtime);
    if (!options.qdq.empty())
        writeFileAtomically(options.qdq, encodeOnnxQdq(model));
    std::vector<int> batches{options.batch};
    if (options.batch != 1)
        batches.push_back(1);
    Json result = runInferenceBench(model.program, runtime, batches, options.rounds);
    result["model"] = options.model.empty() ? options.network : options.model;
    std::string text
        = concat(result["model"].get<std::string>(), ", ", result["isa"].get<std::string>(), ", ",
                 runtime.threads(), " threads");
    for (const Json& run : result["runs"])
        text += "\n" + runText(run);
    console.result(result, text);
    return 0;
}

} // namespace stair
