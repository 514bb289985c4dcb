#include "widgets/models/run_log.h"

#include "core/base/error.h"
#include "core/session/run_folder.h"
#include "core/session/step_line.h"

#include <cmath>

namespace stair {

namespace {

double number(const Json& object, const char* key, double fallback = 0)
{
    const auto entry = object.find(key);
    if (entry == object.end())
        return fallback;
    // JSON knows no NaN and no infinity: a loss that is none comes as null.
    return entry->is_number() ? entry->get<double>() : std::nan("");
}

std::optional<double> share(const Json& event, const char* set, const char* key)
{
    const auto entry = event.find(set);
    if (entry == event.end() || !entry->is_object())
        return std::nullopt;
    return number(*entry, key);
}

QString text(const Json& object, const char* key)
{
    const auto entry = object.find(key);
    return entry != object.end() && entry->is_string()
        ? QString::fromStdString(entry->get<std::string>())
        : QString();
}

/// What an accuracy is of: the images, how they are cut and mirrored, the network. The batch is no
/// part of it, nor the place of the files, unless that alone says which images they are.
Json taskOf(const ExperimentSpec& spec)
{
    const Json all = spec.toJson();
    Json task = {{"data", all.at("data")}, {"network", all.at("network")}};
    task["data"].erase("batch");
    if (spec.data.id != "idx")
        task["data"].erase("path");
    return task;
}

bool isStepLine(std::string_view line)
{
    return line.starts_with(R"({"event":"step")");
}

} // namespace

RunLog::RunLog(std::filesystem::path folder)
    : m_folder(std::move(folder))
    , m_tail(m_folder / "events.jsonl")
{
    m_specName = QString::fromStdString(m_folder.filename().string());
    readSpec();
    checkMeta();
    showTitle();
}

void RunLog::readSpec()
{
    std::error_code none;
    if (m_specRead || !std::filesystem::exists(m_folder / "spec.json", none))
        return;
    const bool isKnown = !m_identity.network.empty();
    m_specTime = std::filesystem::last_write_time(m_folder / "spec.json", none);
    m_specRead = true;
    try {
        const ExperimentSpec spec = RunFolder::open(m_folder).spec();
        if (!spec.name.empty())
            m_specName = QString::fromStdString(spec.name);
        showTitle();
        m_identity.method = spec.quant.method;
        m_identity.weightBits = spec.quant.isFloat() ? 32 : spec.quant.weightBits;
        m_identity.activationBits = spec.quant.isFloat() ? 32 : spec.quant.activationBits;
        m_identity.network = spec.network.id;
        m_identity.data = spec.data.id;
        m_identity.epochs = spec.training.epochs;
        m_identity.seed = spec.seed;
        m_identity.threads = spec.threads;
        m_identity.validation = spec.data.validation;
        m_identity.task = taskOf(spec);
        m_identity.hasWeightHashes = spec.weightHashes;
        if (!spec.quant.isFloat() && isCoded(spec.quant.weightBits))
            m_identity.weights = weightGrid(spec.quant, spec.quant.weightBits);
        m_identity.error.clear();
        m_specProblem.clear();
    } catch (const std::exception& error) {
        (isKnown ? m_specProblem : m_identity.error) = QString::fromUtf8(error.what());
    }
}

bool RunLog::checkSpec()
{
    std::error_code error;
    const auto time = std::filesystem::last_write_time(m_folder / "spec.json", error);
    if (error || !m_specRead || time == m_specTime)
        return false;
    m_specRead = false;
    readSpec();
    return true;
}

void RunLog::showTitle()
{
    m_identity.name = m_meta.title.empty() ? m_specName : QString::fromStdString(m_meta.title);
}

bool RunLog::checkMeta()
{
    const std::filesystem::path file = m_folder / "meta.json";
    const bool specChanged = checkSpec();
    std::error_code error;
    const auto time = std::filesystem::last_write_time(file, error);
    if (error || time == m_metaTime)
        return specChanged;
    m_metaTime = time;
    const RunMeta before = m_meta;
    try {
        m_meta = RunMeta::read(file);
    } catch (const std::exception&) { // half written or damaged: what was known stays
    }
    showTitle();
    return specChanged || m_meta != before;
}

void RunLog::editMeta(const RunMeta& before, const RunMeta& after)
{
    const std::filesystem::path file = m_folder / "meta.json";
    std::error_code error;
    const RunMeta there = std::filesystem::exists(file, error) ? RunMeta::read(file) : m_meta;
    const RunMeta meta = there.edited(before, after);
    meta.write(file);
    m_metaTime = std::filesystem::last_write_time(file, error);
    m_meta = meta;
    showTitle();
}

void RunLog::setDepth(Depth depth)
{
    if (depth == m_depth)
        return;
    m_depth = depth;
    if (depth == Depth::Summary) { // what is known of the run stays
        m_steps = {};
        m_evaluations = {};
        m_weights.clear();
        ++m_generation;
        return;
    }
    if (!m_known && m_tail.position() > 0)
        m_known = Known{m_tail.position(), m_phase, m_progress, m_trace};
    m_tail.rewind();
    restart();
}

void RunLog::restart()
{
    m_steps.clear();
    m_evaluations.clear();
    m_weights.clear();
    m_progress = {};
    m_phase = Phase::Silent;
    m_lastStep.clear();
    m_trace.clear();
    m_traceStride = 1;
    m_traceSeen = 0;
    ++m_generation;
}

bool RunLog::poll(std::chrono::milliseconds budget)
{
    const bool hadSpec = m_specRead;
    readSpec();
    bool changed = hadSpec != m_specRead;
    const EventTail::Sink sink{.restart =
                                   [&] {
                                       m_known.reset();
                                       restart();
                                       changed = true;
                                   },
                               .line =
                                   [&](std::string_view line) {
                                       changed = true;
                                       if (m_depth == Depth::Summary && isStepLine(line))
                                           m_lastStep = line;
                                       else
                                           take(line);
                                   }};
    const bool isBehind = m_tail.poll(sink, budget);
    if (!m_lastStep.empty()) {
        const Phase phase = m_phase;
        take(m_lastStep);
        m_lastStep.clear();
        if (phase != Phase::Silent)
            m_phase = phase; // the step line may be older than the event that set it
    }
    if (m_known && (!isBehind || m_tail.position() >= m_known->position)) {
        catchUp();
        changed = true;
    }
    return changed;
}

void RunLog::catchUp()
{
    if (m_phase != m_known->phase)
        m_asked.clear();
    m_known.reset();
}

void RunLog::take(std::string_view line)
{
    const Phase before = m_phase;
    if (const std::optional<StepReport> step = readStepLine(line)) {
        takeStep(*step);
    } else if (const Json event = Json::parse(line, nullptr, false); event.is_object()) {
        try {
            takeEvent(event);
        } catch (const Json::exception&) { // a damaged line costs itself alone
        }
    }
    if (m_phase != before && !m_known) // what is read again answers no command
        m_asked.clear();
}

void RunLog::takeEvent(const Json& event)
{
    const QString kind = text(event, "event");
    if (kind == u"step") {
        takeStep(stepOf(event));
        if (m_depth == Depth::Curves)
            m_weights.add(event); // a line with hashes is never read the short way
    } else if (kind == u"evaluation") {
        takeEvaluation(event);
    } else if (kind == u"started") {
        m_phase = Phase::Running;
        m_progress.step = number(event, "step");
        m_progress.steps = number(event, "steps");
        m_progress.reason.clear();
    } else if (kind == u"notice") {
        m_progress.notice = text(event, "text");
    } else if (kind == u"paused") {
        m_phase = Phase::Paused;
        m_progress.reason = text(event, "reason");
    } else if (kind == u"resumed") {
        m_phase = Phase::Running;
        m_progress.reason.clear();
    } else if (kind == u"finished") {
        m_phase = Phase::Finished;
        m_progress.remaining = 0;
    } else if (kind == u"stopped") {
        m_phase = Phase::Stopped;
    } else if (kind == u"failed") {
        m_phase = Phase::Failed;
        m_progress.reason = text(event, "error");
    }
}

void RunLog::takeStep(const StepReport& report)
{
    m_progress.step = double(report.step);
    m_progress.epoch = report.epoch;
    m_progress.loss = report.loss;
    m_progress.accuracy = report.accuracy;
    m_progress.learningRate = report.learningRate;
    m_progress.gradientNorm = report.gradientNorm;
    m_progress.elapsed = report.elapsedSeconds;
    m_progress.imagesPerSecond = report.imagesPerSecond;
    m_progress.remaining = report.remainingSeconds;
    if (m_phase == Phase::Silent)
        m_phase = Phase::Running;
    if (m_depth == Depth::Curves)
        m_steps.push_back({m_progress.step, report.loss, report.accuracy, m_progress.elapsed,
                           report.learningRate, report.gradientNorm});
}

void RunLog::takeEvaluation(const Json& event)
{
    EvaluationPoint point;
    point.step = number(event, "step");
    point.epoch = int(number(event, "epoch"));
    point.test = share(event, "test", "top1").value_or(0);
    point.testImages = std::int64_t(share(event, "test", "images").value_or(0));
    point.loss = share(event, "test", "loss").value_or(0);
    point.validation = share(event, "validation", "top1");
    point.validationLoss = share(event, "validation", "loss");
    if (event.contains("test_running"))
        point.running = number(event, "test_running");
    if (event.contains("blended"))
        point.blended = number(event, "blended");
    point.elapsed = m_progress.elapsed;
    point.best = event.value("best", false);
    point.proved = event.value("proved", false);
    if (point.best || !m_progress.best)
        m_progress.best = point;
    m_progress.last = point;
    traceAccuracy(point.test);
    if (m_depth == Depth::Curves)
        m_evaluations.push_back(point);
}

void RunLog::traceAccuracy(double accuracy)
{
    if (m_traceSeen++ % m_traceStride != 0)
        return;
    m_trace.push_back(accuracy);
    if (m_trace.size() <= traceLength)
        return;
    for (std::size_t i = 0; 2 * i < m_trace.size(); ++i)
        m_trace[i] = m_trace[2 * i];
    m_trace.resize((m_trace.size() + 1) / 2);
    m_traceStride *= 2;
}

bool RunLog::checkWorker()
{
    const Phase now = phase();
    const bool ended = now == Phase::Finished || now == Phase::Stopped || now == Phase::Failed;
    if (ended && !m_launched)
        return false;
    const RunState before = state();
    try {
        m_hasWorker = m_specRead && RunFolder::open(m_folder).hasWorker();
    } catch (const std::exception&) {
        m_hasWorker = false;
    }
    if (m_hasWorker)
        m_launched = false;
    return state() != before;
}

RunState RunLog::state() const
{
    if (!m_identity.error.isEmpty())
        return RunState::Unreadable;
    switch (phase()) {
    case Phase::Finished:
        return RunState::Finished;
    case Phase::Stopped:
        return m_launched ? RunState::Starting : RunState::Stopped;
    case Phase::Failed:
        return m_launched ? RunState::Starting : RunState::Failed;
    case Phase::Silent:
        return m_launched || m_hasWorker ? RunState::Starting : RunState::Interrupted;
    case Phase::Running:
        return m_hasWorker || m_launched ? RunState::Running : RunState::Interrupted;
    case Phase::Paused:
        return m_hasWorker || m_launched ? RunState::Paused : RunState::Interrupted;
    }
    return RunState::Interrupted;
}

bool RunLog::isActive() const
{
    const RunState now = state();
    return now == RunState::Starting || now == RunState::Running || now == RunState::Paused;
}

} // namespace stair
