#include "widgets/models/run_text.h"

#include "core/base/error.h"
#include "core/quant/methods.h"
#include "core/session/spec_difference.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("stair", text);
}

QString widthText(const RunIdentity& identity)
{
    if (identity.weightBits == identity.activationBits)
        return tr("%1-bit").arg(identity.weightBits);
    return tr("W%1A%2").arg(identity.weightBits).arg(identity.activationBits);
}

bool hasResult(const RunLog& run)
{
    return run.state() == RunState::Finished && run.progress().best.has_value();
}

QString provenanceText(const EvaluationPoint& point)
{
    return point.proved ? tr("was computed by the integer program")
                        : tr("was computed by the lowered program, in which some layers are float");
}

/// Why the accuracies of two runs of one network on one data set do not compare; empty: they do.
QString whyApart(const RunLog& reference, const RunLog& quantized)
{
    const std::int64_t first = reference.progress().best->testImages;
    const std::int64_t second = quantized.progress().best->testImages;
    if (first != second)
        return tr("they were judged on %1 and %2 test images")
            .arg(countText(double(first)), countText(double(second)));
    QStringList keys;
    for (const SpecDifference& d :
         specDifferences(reference.identity().task, quantized.identity().task))
        keys += tr("%1 (%2 and %3)")
                    .arg(QString::fromStdString(d.key), QString::fromStdString(d.first),
                         QString::fromStdString(d.second));
    return keys.isEmpty() ? QString()
                          : tr("they differ in %1").arg(keys.join(QStringLiteral(", ")));
}

/// The float run of the same network on the same data set: the first that compares, else the first;
/// null: there is none.
const RunLog* referenceOf(const RunLog& quantized, const std::vector<const RunLog*>& done)
{
    const RunLog* found = nullptr;
    for (const RunLog* run : done) {
        if (!run->identity().isFloat() || run->identity().data != quantized.identity().data
            || run->identity().network != quantized.identity().network)
            continue;
        if (whyApart(*run, quantized).isEmpty())
            return run;
        if (!found)
            found = run;
    }
    return found;
}

/// What became of the run behind its best evaluation, where that is far below; empty where it is not.
QString fallText(const RunLog& run)
{
    constexpr double far = 0.05; // of the images
    const RunProgress& progress = run.progress();
    if (!progress.last || progress.last->test > progress.best->test - far)
        return {};
    return tr(" It fell behind that: its last evaluation, at step %1, gives %2.")
        .arg(countText(progress.last->step), percentText(progress.last->test));
}

/// A float and a quantized run whose accuracies compare.
QString explainPair(const RunLog& reference, const RunLog& quantized)
{
    const EvaluationPoint& ours = *quantized.progress().best;
    const double share = ours.test;
    // Of the figures as they are shown, so that the reader's own subtraction agrees.
    const auto tenths = [](double value) {
        return std::round(1000 * value);
    };
    const double gap = (tenths(reference.progress().best->test) - tenths(share)) / 10;
    const QString width = widthText(quantized.identity());
    const QString points = QString::number(std::abs(gap), 'f', 1);
    const QString comparison = gap >= 0.05 ? tr("a gap of %1 points").arg(points)
        : gap <= -0.05                     ? tr("%1 points more than float").arg(points)
                                           : tr("no gap");
    return tr("Float reaches %1 on %2 test images, %3 reaches %4: %5. The %3 figure %6.")
               .arg(percentText(reference.progress().best->test),
                    countText(double(ours.testImages)), width, percentText(share), comparison,
                    provenanceText(ours))
        + fallText(quantized);
}

QString explainOne(const RunLog& run)
{
    const EvaluationPoint& point = *run.progress().best;
    const QString result = tr("%1 reaches %2 on %3 test images (epoch %4)")
                               .arg(methodText(run.identity()), percentText(point.test),
                                    countText(double(point.testImages)))
                               .arg(point.epoch);
    if (run.identity().isFloat())
        return tr("%1, computed in float.").arg(result) + fallText(run);
    return tr("%1. The figure %2.").arg(result, provenanceText(point)) + fallText(run);
}

} // namespace

QString percentText(double share)
{
    return QString::number(100 * share, 'f', 1) + tr(" %");
}

QString durationText(double seconds)
{
    if (seconds < 0 || !std::isfinite(seconds))
        return QStringLiteral("–");
    const auto whole = qint64(std::llround(seconds));
    const QString tail = QStringLiteral(":%1").arg(whole % 60, 2, 10, QLatin1Char('0'));
    if (whole < 3600)
        return QString::number(whole / 60) + tail;
    return QStringLiteral("%1:%2").arg(whole / 3600).arg(whole / 60 % 60, 2, 10, QLatin1Char('0'))
        + tail;
}

QString countText(double count)
{
    QString digits = QString::number(qint64(std::llround(count)));
    for (qsizetype i = digits.size() - 3; i > 0; i -= 3)
        digits.insert(i, QChar(0x2009));
    return digits;
}

QString methodText(const RunIdentity& identity)
{
    if (identity.isFloat())
        return tr("Float");
    QString title = QString::fromStdString(identity.method);
    try {
        title = QString::fromStdString(method(identity.method).title);
    } catch (const Error&) {
        // A newer program's method: its id says enough.
    }
    return QStringLiteral("%1 W%2A%3")
        .arg(title)
        .arg(identity.weightBits)
        .arg(identity.activationBits);
}

QString stateText(RunState state)
{
    switch (state) {
    case RunState::Starting:
        return tr("starting");
    case RunState::Running:
        return tr("running");
    case RunState::Paused:
        return tr("paused");
    case RunState::Stopped:
        return tr("stopped");
    case RunState::Finished:
        return tr("finished");
    case RunState::Failed:
        return tr("failed");
    case RunState::Interrupted:
        return tr("interrupted");
    case RunState::Unreadable:
        return tr("unreadable");
    }
    return {};
}

QString stateText(const RunLog& run)
{
    if (run.asked() == "pause")
        return tr("pausing");
    if (run.asked() == "stop")
        return tr("stopping");
    return stateText(run.state());
}

QString raceTitle(const RunMeta& meta)
{
    return tr("%1 (%2)").arg(QString::fromStdString(meta.race->title),
                             QString::fromStdString(meta.sweep));
}

QString explainResults(const std::vector<const RunLog*>& runs)
{
    std::vector<const RunLog*> done;
    std::ranges::copy_if(runs, std::back_inserter(done),
                         [](const RunLog* run) { return hasResult(*run); });
    QStringList sentences;
    std::vector<const RunLog*> told; // float runs that stand in a pair's sentence
    for (const RunLog* run : done) {
        if (run->identity().isFloat())
            continue;
        const RunLog* reference = referenceOf(*run, done);
        const QString apart = reference ? whyApart(*reference, *run) : QString();
        if (!reference) {
            sentences += explainOne(*run);
        } else if (!apart.isEmpty()) {
            sentences
                += tr("%1 What the widths cost against float cannot be told of these runs: %2.")
                       .arg(explainOne(*run), apart);
        } else {
            sentences += explainPair(*reference, *run);
            told.push_back(reference);
        }
    }
    for (const RunLog* run : done)
        if (run->identity().isFloat() && std::ranges::find(told, run) == told.end())
            sentences += explainOne(*run);
    return sentences.join(QLatin1Char(' '));
}

} // namespace stair
