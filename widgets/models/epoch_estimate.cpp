#include "widgets/models/epoch_estimate.h"

#include "core/base/files.h"
#include "widgets/models/run_text.h"

#include <cmath>

namespace stair {

namespace {

constexpr int restMs = 700; // after the last edit
constexpr const char* timedFor = "1.5"; // seconds

/// Rounded to two figures.
double rough(double value)
{
    if (value <= 0)
        return 0;
    const double unit = std::pow(10, std::floor(std::log10(value)) - 1);
    return std::round(value / unit) * unit;
}

} // namespace

std::string stepSignature(const ExperimentSpec& spec)
{
    ExperimentSpec plain = spec;
    plain.name.clear();
    plain.seed = 1;
    plain.training.epochs = std::min(spec.training.epochs, 1);
    plain.training.evaluateEvery = 1;
    plain.training.patience = 0;
    plain.training.budgetSeconds = 0;
    plain.training.checkpointEvery = 0;
    plain.training.guards = {};
    const ExperimentSpec defaults;
    plain.training.schedule = defaults.training.schedule;
    plain.training.scheduleParams = defaults.training.scheduleParams;
    plain.quant.schedule = {};
    return plain.toJson().dump();
}

QString roughDurationText(double seconds)
{
    const auto tr = [](const char* text) {
        return EpochEstimate::tr(text);
    };
    if (seconds < 100)
        return tr("%1 s").arg(rough(seconds), 0, 'g', 3);
    const auto whole
        = std::llround(seconds < 3600 ? seconds / 10 : seconds / 60) * (seconds < 3600 ? 10 : 60);
    return whole < 3600 ? tr("%1 min %2 s").arg(whole / 60).arg(whole % 60)
                        : tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60);
}

EpochEstimate::EpochEstimate(const QString& program, QObject* parent)
    : QObject(parent)
    , m_job(program)
{
    m_pause.setSingleShot(true);
    m_pause.setInterval(restMs);
    connect(&m_pause, &QTimer::timeout, this, &EpochEstimate::begin);
    connect(&m_job, &StairJob::finished, this, &EpochEstimate::take);
}

void EpochEstimate::request(const ExperimentSpec& spec)
{
    const std::string signature = stepSignature(spec);
    if (m_spec && signature == m_wanted)
        return;
    m_spec = spec;
    m_wanted = signature;
    if (m_job.isRunning() && m_timed != signature)
        m_job.cancel();
    if (!m_known.contains(signature))
        m_pause.start();
    emit changed();
}

void EpochEstimate::forget()
{
    if (!m_spec)
        return;
    m_spec.reset();
    m_wanted.clear();
    m_pause.stop();
    if (m_job.isRunning())
        m_job.cancel();
    emit changed();
}

void EpochEstimate::setBusy(bool busy)
{
    if (busy == m_isBusy)
        return;
    m_isBusy = busy;
    if (busy && m_job.isRunning())
        m_job.cancel();
    if (!busy && m_spec && !m_known.contains(m_wanted))
        m_pause.start();
    emit changed();
}

void EpochEstimate::begin()
{
    if (m_isBusy || m_job.isRunning() || !m_spec || m_spec->training.epochs == 0)
        return; // take() comes back here when the job has ended
    const std::filesystem::path file = m_folder.filePath("spec.json").toStdString();
    try {
        writeFileAtomically(file, m_spec->toJson().dump());
    } catch (const std::exception& error) {
        m_known[m_wanted].problem = QString::fromUtf8(error.what());
        emit changed();
        return;
    }
    m_timed = m_wanted;
    m_job.start({QStringLiteral("bench"), QStringLiteral("--spec"),
                 QString::fromStdString(file.string()), QStringLiteral("--seconds"),
                 QLatin1String(timedFor)});
}

void EpochEstimate::take(const StairJob::Outcome& outcome)
{
    if (outcome.code == 0 && outcome.document.contains("epoch_s"))
        m_known[m_timed] = {outcome.document.at("epoch_s").get<double>(),
                            outcome.document.at("steps").get<int>(),
                            {}};
    else if (!outcome.isCancelled)
        m_known[m_timed].problem
            = outcome.complaint.isEmpty() ? tr("no result") : outcome.complaint;
    if (m_spec && !m_isBusy && !m_known.contains(m_wanted) && !m_pause.isActive())
        m_pause.start();
    emit changed();
}

QString EpochEstimate::text() const
{
    if (!m_spec)
        return {};
    if (m_spec->training.epochs == 0)
        return tr("No epochs: nothing is trained.");
    const auto known = m_known.find(m_wanted);
    if (known != m_known.end() && !known->second.problem.isEmpty())
        return tr("Time per epoch not measured: %1").arg(known->second.problem);
    if (known != m_known.end())
        return tr("About %1 per epoch here (measured, %2 steps).")
            .arg(roughDurationText(known->second.seconds))
            .arg(known->second.steps);
    return m_isBusy ? tr("Time per epoch here: measured when nothing trains.")
                    : tr("Time per epoch here: measuring");
}

std::optional<double> EpochEstimate::seconds() const
{
    const auto known = m_known.find(m_wanted);
    return m_spec && known != m_known.end() && known->second.problem.isEmpty()
        ? std::optional(known->second.seconds)
        : std::nullopt;
}

} // namespace stair
