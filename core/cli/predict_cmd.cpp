#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/cli/commands.h"
#include "core/cli/ranking.h"
#include "core/exchange/model_file.h"
#include "core/exchange/onnx_import.h"
#include "core/session/image_files.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct PredictOptions
{
    std::string model;
    std::vector<std::string> images;
    std::vector<float> mean, deviation;
    int top = 3;
    int threads = 0;
};

/// With a normalisation the file may be another program's.
ShippedModel openModel(const PredictOptions& options)
{
    if (options.mean.size() != options.deviation.size())
        throw Error("--mean and --deviation go together, one value a channel each");
    if (options.mean.empty())
        return readModel(options.model);
    ShippedModel model;
    model.program = importOnnx(options.model, {options.mean, options.deviation});
    return model;
}

int predict(const PredictOptions& options, const Console& console)
{
    const ShippedModel model = openModel(options);
    Runtime runtime(options.threads);
    Engine engine(model.program, runtime);
    Json document = Json::array();
    std::string text;
    for (const std::string& file : options.images) {
        const std::vector<std::uint8_t> pixels = readImageFile(file, model.program.image);
        const Tensor& logits = engine.run({pixels.data(), model.program.image.withImages(1)});
        const Json classes = ranking(logits.values(), model.origin.classNames, options.top);
        document.push_back({{"image", file}, {"classes", classes}});
        text += concat(text.empty() ? "" : "\n", file, ": ", rankingText(classes));
    }
    console.result(document, text);
    return 0;
}

} // namespace

CommandInfo predictCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<PredictOptions>();
        app.add_option("MODEL", options->model, "A packed or ONNX file")->required();
        app.add_option("IMAGE", options->images, "Picture files")->required();
        app.add_option("--top", options->top, "Classes to tell")
            ->check(CLI::Range(1, 1000))
            ->capture_default_str();
        app.add_option("--mean", options->mean,
                       "For another program's ONNX file: "
                       "of byte / 255, a value a channel")
            ->delimiter(',')
            ->allow_extra_args(false);
        app.add_option("--deviation", options->deviation, "What byte / 255 - mean is divided by")
            ->delimiter(',')
            ->allow_extra_args(false);
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return predict(*options, console);
        };
    };
    return {"predict", "Classify pictures with an exported model", describe};
}

} // namespace stair
