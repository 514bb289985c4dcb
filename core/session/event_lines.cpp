#include "core/session/event_lines.h"

#include <chrono>
#include <cstdio>

namespace stair {

namespace {

double unixTime()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return double(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) / 1000;
}

Json binsJson(const ValueBins& bins)
{
    return {{"from", bins.from}, {"width", bins.width}, {"counts", bins.counts}};
}

Json hashesJson(const std::vector<WeightHash>& hashes)
{
    Json json = Json::object();
    for (const WeightHash& row : hashes) {
        char digits[17];
        std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(row.hash));
        json[row.layer] = digits;
    }
    return json;
}

// What is missing or null (not a number) reads as nothing: a damaged line costs itself alone.

double numberAt(const Json& row, const char* key)
{
    const auto entry = row.find(key);
    return entry != row.end() && entry->is_number() ? entry->get<double>() : 0;
}

std::string textAt(const Json& row, const char* key)
{
    const auto entry = row.find(key);
    return entry != row.end() && entry->is_string() ? entry->get<std::string>() : std::string();
}

std::vector<std::int64_t> countsAt(const Json& row, const char* key)
{
    std::vector<std::int64_t> counts;
    const auto entry = row.find(key);
    if (entry == row.end() || !entry->is_array())
        return counts;
    counts.reserve(entry->size());
    for (const Json& count : *entry)
        counts.push_back(count.is_number() ? count.get<std::int64_t>() : 0);
    return counts;
}

ValueBins binsAt(const Json& row, const char* key)
{
    ValueBins bins;
    const auto entry = row.find(key);
    if (entry == row.end() || !entry->is_object() || !(numberAt(*entry, "width") > 0))
        return bins;
    bins.from = numberAt(*entry, "from");
    bins.width = numberAt(*entry, "width");
    bins.counts = countsAt(*entry, "counts");
    return bins;
}

QuantizerReport quantizerOf(const Json& row)
{
    QuantizerReport report;
    report.name = textAt(row, "name");
    report.kind = textAt(row, "kind");
    report.bits = int(numberAt(row, "bits"));
    report.step = numberAt(row, "step_size");
    report.saturated = numberAt(row, "saturated");
    report.masked = numberAt(row, "masked");
    report.zero = numberAt(row, "zero");
    report.levelsUsed = int(numberAt(row, "levels_used"));
    report.levels = countsAt(row, "levels");
    report.meanSquaredError = numberAt(row, "mse");
    report.sqnr = numberAt(row, "sqnr_db");
    report.cosine = numberAt(row, "cosine");
    report.slopes = countsAt(row, "slopes");
    report.leastCode = int(numberAt(row, "least_code"));
    report.gridLevels = int(numberAt(row, "grid_levels"));
    report.values = binsAt(row, "values");
    if (row.contains("code_step"))
        report.codeStep = numberAt(row, "code_step");
    if (row.contains("flips"))
        report.flips = numberAt(row, "flips");
    return report;
}

GradientReport gradientOf(const Json& row)
{
    GradientReport report;
    report.name = textAt(row, "name");
    report.norm = numberAt(row, "norm");
    report.bins = countsAt(row, "bins");
    report.values = binsAt(row, "values");
    if (row.contains("clip"))
        report.clip = GradientClip{numberAt(row, "gaussian"), numberAt(row, "clip"),
                                   numberAt(row, "data_clip")};
    return report;
}

} // namespace

LayersReport layersOf(const Json& line)
{
    LayersReport report;
    report.step = std::int64_t(numberAt(line, "step"));
    if (const auto rows = line.find("quantizers"); rows != line.end() && rows->is_array()) {
        for (const Json& row : *rows)
            report.quantizers.push_back(quantizerOf(row));
    }
    if (const auto rows = line.find("gradients"); rows != line.end() && rows->is_array()) {
        for (const Json& row : *rows)
            report.gradients.push_back(gradientOf(row));
    }
    return report;
}

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
    Json line = {{"event", "step"},
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
    if (!report.weights.empty())
        line["weights"] = hashesJson(report.weights);
    return line;
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
                              {"grid_levels", q.gridLevels},
                              {"least_code", q.leastCode},
                              {"levels", q.levels},
                              {"mse", q.meanSquaredError},
                              {"sqnr_db", q.sqnr},
                              {"cosine", q.cosine},
                              {"slopes", q.slopes}});
        if (q.codeStep)
            quantizers.back()["code_step"] = *q.codeStep;
        if (!q.values.counts.empty())
            quantizers.back()["values"] = binsJson(q.values);
        if (q.flips)
            quantizers.back()["flips"] = *q.flips;
    }
    Json gradients = Json::array();
    for (const GradientReport& g : report.gradients) {
        Json line = {{"name", g.name}, {"norm", g.norm}, {"bins", g.bins}};
        if (!g.values.counts.empty())
            line["values"] = binsJson(g.values);
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
