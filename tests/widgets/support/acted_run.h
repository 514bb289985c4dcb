#pragma once

#include "core/session/event_lines.h"
#include "core/session/event_log.h"
#include "core/session/run_folder.h"
#include "core/session/worker_lock.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace stair {

/// A run's folder written by a test instead of a trainer: curves that look like training.
class ActedRun
{
public:
    static constexpr int stepsPerEpoch = 40;

    ActedRun(const std::filesystem::path& folder, const ExperimentSpec& spec,
             const Json& meta = Json::object())
        : m_folder(RunFolder::create(folder, spec.toJson(), false, meta))
        , m_spec(spec)
        , m_log(m_folder.eventsFile())
    {
    }

    const RunFolder& folder() const { return m_folder; }
    const ExperimentSpec& spec() const { return m_spec; }
    int steps() const { return m_spec.training.epochs * stepsPerEpoch; }

    /// While it works the folder has a worker: this process.
    void work() { m_lock = std::make_unique<WorkerLock>(m_folder.path(), "test"); }
    void rest() { m_lock.reset(); }

    void write(const Json& line) { m_log.append(toLine(line) + "\n"); }
    void cutTo(std::int64_t bytes) { m_log.truncateTo(bytes); }
    std::int64_t size() const { return m_log.offset(); }

    void start() { write(startedLine(0, steps(), false)); }

    /// Steps from + 1 to `to`, with an evaluation at the end of each epoch.
    void train(int from, int to)
    {
        for (int step = from + 1; step <= to; ++step) {
            write(stepLine(report(step)));
            if (step % stepsPerEpoch == 0)
                write(evaluationLine(evaluation(step)));
        }
    }

    void finish(int step) { write(endLine("finished", step, step * 0.01)); }

    StepReport report(int step) const
    {
        StepReport report;
        report.step = step;
        report.steps = steps();
        report.epoch = (step - 1) / stepsPerEpoch + 1;
        const double phase = double(m_spec.seed) - 1;
        const double noise
            = 0.25 * std::sin(step * 12.9898 + phase) * std::sin(step * 4.1414 + phase);
        report.loss = 0.15 + (2.2 + noise) * std::exp(-step * 3.0 / steps()) + 0.05 * noise;
        report.accuracy = std::clamp(accuracy(step) + 0.3 * noise, 0.0, 1.0);
        report.learningRate = 0.1 * 0.5 * (1 + std::cos(3.14159 * step / steps()));
        report.gradientNorm = 1.5 + noise;
        report.elapsedSeconds = step * 0.01;
        report.imagesPerSecond = 3200 + 100 * noise;
        report.remainingSeconds = (steps() - step) * 0.01;
        if (m_spec.weightHashes)
            report.weights = {{"stem.conv.weight", 1 + std::uint64_t(step)},
                              {"stage1.conv1.weight", secondHash(step)}};
        return report;
    }

    EvaluationReport evaluation(int step) const
    {
        EvaluationReport report;
        report.step = step;
        report.epoch = step / stepsPerEpoch;
        report.test = metrics(accuracy(step) - 0.02, 2000);
        if (m_spec.data.validation > 0)
            report.validation = metrics(accuracy(step), m_spec.data.validation);
        if (!m_spec.quant.isFloat())
            report.testRunning = report.test.top1 - 0.03;
        if (m_spec.quant.method == "asr" || m_spec.quant.method == "aqe")
            report.blended = report.test.top1 + 0.04;
        report.best = true;
        report.proved = !m_spec.quant.isFloat();
        return report;
    }

private:
    /// AQE's integers are others from the start, ASR's from step 7 on.
    std::uint64_t secondHash(int step) const
    {
        const std::string& method = m_spec.quant.method;
        const bool other = method == "aqe" || (method == "asr" && step >= 7);
        return std::uint64_t(step) << (other ? 8 : 4);
    }

    double accuracy(int step) const
    {
        const std::string& method = m_spec.quant.method;
        const double own = m_spec.quant.isFloat() ? 0.95
            : method == "asr"                     ? 0.90
            : method == "aqe"                     ? 0.84
                                                  : 0.88;
        const double most = own + (method == "asr" ? 0.006 : 0.004) * (double(m_spec.seed) - 1);
        return most - (most - 0.1) * std::exp(-step * 4.0 / steps());
    }

    static Metrics metrics(double top1, std::int64_t images)
    {
        Metrics metrics;
        metrics.images = images;
        metrics.loss = 2.3 * (1 - top1) + 0.1;
        metrics.top1 = top1;
        metrics.top5 = std::min(1.0, top1 + 0.1);
        return metrics;
    }

    RunFolder m_folder;
    ExperimentSpec m_spec;
    EventLog m_log;
    std::unique_ptr<WorkerLock> m_lock;
};

} // namespace stair
