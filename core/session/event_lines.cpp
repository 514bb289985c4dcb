#include "core/session/event_lines.h"

#include <chrono>

namespace stair {

namespace {

double unixTime()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return double(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) / 1000;
}

} // namespace

Json startedLine(std::int64_t step, std::int64_t steps, bool resumed)
{
    return {{"event", "started"},
            {"step", step},
            {"steps", steps},
            {"resumed", resumed},
            {"t", {{"time", unixTime()}}}};
}

Json stepLine(const StepReport& report)
{
    return {{"event", "step"},
            {"step", report.step},
            {"epoch", report.epoch},
            {"loss", report.loss},
            {"accuracy", report.accuracy},
            {"learning_rate", report.learningRate},
            {"gradient_norm", report.gradientNorm},
            {"t",
             {{"elapsed", report.elapsedSeconds},
              {"images_per_s", report.imagesPerSecond},
              {"remaining", report.remainingSeconds}}}};
}

Json evaluationLine(const EvaluationReport& report)
{
    Json line = {{"event", "evaluation"}, {"step", report.step}, {"epoch", report.epoch}};
    if (report.validation)
        line["validation"] = toJson(*report.validation, false);
    line["test"] = toJson(report.test, true);
    if (report.testRunning)
        line["test_running"] = *report.testRunning;
    if (report.blended)
        line["blended"] = *report.blended;
    line["best"] = report.best;
    line["proved"] = report.proved;
    line["t"] = {{"seconds", report.seconds}};
    return line;
}

Json noticeLine(std::int64_t step, const std::string& text)
{
    return {{"event", "notice"}, {"step", step}, {"text", text}};
}

Json commandLine(std::int64_t step, const Json& command)
{
    return {{"event", "command"}, {"step", step}, {"command", command}};
}

Json pausedLine(std::int64_t step, const std::string& reason)
{
    return {{"event", "paused"}, {"step", step}, {"reason", reason}};
}

Json resumedLine(std::int64_t step)
{
    return {{"event", "resumed"}, {"step", step}};
}

Json checkpointLine(std::int64_t step, const std::string& file, bool best)
{
    return {{"event", "checkpoint"}, {"step", step}, {"file", file}, {"best", best}};
}

Json endLine(const std::string& event, std::int64_t step, double elapsedSeconds)
{
    return {{"event", event},
            {"step", step},
            {"t", {{"time", unixTime()}, {"elapsed", elapsedSeconds}}}};
}

Json failedLine(std::int64_t step, const std::string& error)
{
    return {{"event", "failed"}, {"step", step}, {"error", error}};
}

Json layersLine(const LayersReport& report)
{
    Json quantizers = Json::array();
    for (const QuantizerReport& q : report.quantizers) {
        quantizers.push_back({{"name", q.name},
                              {"kind", q.kind},
                              {"bits", q.bits},
                              {"step_size", q.step},
                              {"saturated", q.saturated},
                              {"masked", q.masked},
                              {"zero", q.zero},
                              {"levels_used", q.levelsUsed},
                              {"levels", q.levels},
                              {"mse", q.meanSquaredError},
                              {"sqnr_db", q.sqnr},
                              {"cosine", q.cosine},
                              {"slopes", q.slopes}});
        if (q.flips)
            quantizers.back()["flips"] = *q.flips;
    }
    Json gradients = Json::array();
    for (const GradientReport& g : report.gradients) {
        Json line = {{"name", g.name}, {"norm", g.norm}, {"bins", g.bins}};
        if (g.clip) {
            line["gaussian"] = g.clip->gaussian;
            line["clip"] = g.clip->clip;
            line["data_clip"] = g.clip->dataClip;
        }
        gradients.push_back(std::move(line));
    }
    return {{"step", report.step},
            {"quantizers", std::move(quantizers)},
            {"gradients", std::move(gradients)}};
}

std::string toLine(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace stair
