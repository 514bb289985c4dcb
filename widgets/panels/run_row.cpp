#include "widgets/panels/run_row.h"

#include "widgets/models/run_text.h"
#include "widgets/plot/legend_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>

#include <algorithm>

namespace stair {

namespace {

/// A label as wide as the longest text it will ever have to show, so that nothing moves.
QLabel* fixedLabel(const QStringList& samples, const char* name)
{
    auto* label = new QLabel;
    label->setObjectName(QLatin1String(name));
    int width = 0;
    for (const QString& sample : samples)
        width = std::max(width, label->fontMetrics().horizontalAdvance(sample));
    label->setFixedWidth(width + 4);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return label;
}

/// `text` in a field of `width` figures: figure spaces are as wide as digits.
QString padded(const QString& text, qsizetype width)
{
    return text.rightJustified(width, QChar(0x2007));
}

QString nameText(const RunIdentity& identity)
{
    return RunRow::tr("%1 (%2)").arg(identity.name, methodText(identity));
}

} // namespace

RunRow::RunRow(const RunLog& run, RunStyle style, QWidget* parent)
    : QWidget(parent)
    , m_run(run)
    , m_style(style)
    , m_name(new LegendBar)
    , m_progress(new QProgressBar)
    , m_state(fixedLabel({tr("0:00:00 left"), tr("interrupted"), tr("unreadable")}, "state"))
    , m_best(fixedLabel({percentText(1)}, "best"))
{
    m_progress->setObjectName(QStringLiteral("progress"));
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(110, 8);
    m_best->setToolTip(
        tr("Top-1 accuracy on the test images at the evaluation that was best on the "
           "validation images; without those, at the latest one"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    row->addWidget(m_name, 1);
    row->addWidget(m_progress);
    row->addWidget(m_state);
    row->addWidget(m_best);
    refresh();
}

void RunRow::refreshProgress()
{
    const RunProgress& progress = m_run.progress();
    const bool done = m_run.state() == RunState::Finished;
    const double share = done ? 1
        : progress.steps > 0  ? std::clamp(progress.step / progress.steps, 0.0, 1.0)
                              : 0;
    m_progress->setValue(int(1000 * share));
    m_progress->setToolTip(tr("Step %1 of %2, epoch %3 of %4")
                               .arg(countText(progress.step), countText(progress.steps))
                               .arg(progress.epoch)
                               .arg(m_run.identity().epochs));
}

void RunRow::refresh()
{
    const QString name = nameText(m_run.identity());
    if (m_name->entries().empty() || m_name->entries().front().text != name)
        m_name->setEntries({{name, {m_style.hue, m_style.dash, CurveStyle::Mark::Line}}});
    refreshProgress();
    const RunProgress& progress = m_run.progress();
    const bool training = m_run.state() == RunState::Running && m_run.asked().empty();
    m_state->setText(training && progress.remaining >= 0
                         ? tr("%1 left").arg(durationText(progress.remaining))
                         : stateText(m_run));
    m_state->setToolTip(tr("%1. Time left is the worker's own estimate, evaluations included.")
                            .arg(stateText(m_run)));
    m_best->setText(progress.best ? percentText(progress.best->test) : QString());
}

QString figuresText(const RunLog& run)
{
    const RunProgress& now = run.progress();
    if (now.steps <= 0)
        return run.isActive() ? RunRow::tr("waiting for the first step") : QString();
    const QString total = countText(now.steps);
    const QString epochs = QString::number(run.identity().epochs);
    const QStringList parts = {
        RunRow::tr("step %1 / %2").arg(padded(countText(now.step), total.size()), total),
        RunRow::tr("epoch %1 / %2").arg(padded(QString::number(now.epoch), epochs.size()), epochs),
        RunRow::tr("loss %1").arg(padded(QString::number(now.loss, 'f', 3), 6)),
        RunRow::tr("batch %1").arg(padded(percentText(now.accuracy), 7)),
        RunRow::tr("rate %1").arg(QString::number(now.learningRate, 'e', 1)),
        RunRow::tr("%1 images/s").arg(padded(countText(now.imagesPerSecond), 6)),
    };
    return parts.join(QStringLiteral("   "));
}

} // namespace stair
