#include "widgets/panels/run_row.h"

#include "widgets/models/run_text.h"
#include "widgets/plot/legend_bar.h"

#include <QGridLayout>
#include <QLabel>
#include <QLocale>
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
    QString padded(const QString& text, int width)
    {
        return text.rightJustified(width, QChar(0x2007));
    }

} // namespace

RunRow::RunRow(const RunLog& run, RunStyle style, bool alone, QWidget* parent)
    : QWidget(parent)
    , m_run(run)
    , m_style(style)
    , m_name(new LegendBar)
    , m_progress(new QProgressBar)
    , m_left(fixedLabel({tr("0:00:00 left")}, "timeLeft"))
    , m_state(fixedLabel({tr("interrupted"), tr("unreadable")}, "state"))
    , m_best(fixedLabel({tr("best %1").arg(percentText(1))}, "best"))
    , m_figures(new QLabel)
{
    m_name->setMinimumWidth(150);
    m_progress->setObjectName(QStringLiteral("progress"));
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(8);
    m_left->setToolTip(tr("Time left, evaluations included: the worker's own estimate"));
    m_best->setToolTip(
        tr("Top-1 accuracy on the test images at the evaluation that was best on the "
           "validation images; without those, at the latest one"));
    m_figures->setObjectName(QStringLiteral("figures"));
    m_figures->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(2);
    grid->addWidget(m_name, 0, 0);
    grid->addWidget(m_progress, 0, 1);
    grid->addWidget(m_left, 0, 2);
    grid->addWidget(m_state, 0, 3);
    grid->addWidget(m_best, 0, 4);
    grid->addWidget(m_figures, 1, 0, 1, 5);
    grid->setColumnStretch(0, 3);
    grid->setColumnStretch(1, 2);
    m_figures->setVisible(alone);
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
    const bool knows = m_run.isActive() && progress.remaining >= 0;
    m_left->setText(knows ? tr("%1 left").arg(durationText(progress.remaining)) : QString());
}

void RunRow::refresh()
{
    const QString name = m_run.identity().name;
    if (m_name->entries().empty() || m_name->entries().front().text != name)
        m_name->setEntries({{name, {m_style.hue, m_style.dash, CurveStyle::Mark::Line}}});
    refreshProgress();
    m_state->setText(stateText(m_run));
    const std::optional<EvaluationPoint>& best = m_run.progress().best;
    m_best->setText(best ? tr("best %1").arg(percentText(best->test)) : QString());
    if (!m_figures->isHidden())
        m_figures->setText(figures());
}

QString RunRow::figures() const
{
    const RunProgress& now = m_run.progress();
    if (now.steps <= 0)
        return tr("waiting for the first step");
    const QString total = countText(now.steps);
    const QString epochs = QString::number(m_run.identity().epochs);
    const QStringList parts = {
        tr("step %1 / %2").arg(padded(countText(now.step), int(total.size())), total),
        tr("epoch %1 / %2").arg(padded(QString::number(now.epoch), int(epochs.size())), epochs),
        tr("loss %1").arg(padded(QString::number(now.loss, 'f', 3), 6)),
        tr("batch %1").arg(padded(percentText(now.accuracy), 7)),
        tr("rate %1").arg(QString::number(now.learningRate, 'e', 2)),
        tr("|gradient| %1").arg(QString::number(now.gradientNorm, 'e', 2)),
        tr("%1 images/s").arg(padded(countText(now.imagesPerSecond), 6)),
    };
    return parts.join(QStringLiteral("    "));
}

} // namespace stair
