#include "widgets/panels/race_lane.h"

#include "widgets/panels/curve_quantities.h"

#include "core/analysis/seed_statistics.h"
#include "widgets/models/race_text.h"
#include "widgets/models/run_text.h"
#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace stair {

using Mark = CurveStyle::Mark;

namespace {

constexpr double smoothing = 10; // steps that the batches' mean remembers

/// 0 to 1 over all seeds.
double progressOf(const RaceLane& lane)
{
    double done = 0;
    for (const RunLog* run : lane.runs) {
        if (!run)
            continue;
        const RunProgress& progress = run->progress();
        if (run->state() == RunState::Finished)
            done += 1;
        else if (progress.steps > 0)
            done += std::clamp(progress.step / progress.steps, 0.0, 1.0);
    }
    return done / double(lane.runs.size());
}

} // namespace

double raceLaneRemaining(const RaceLane& lane)
{
    double left = 0, whole = 0;
    int known = 0, waiting = 0;
    bool isOn = false;
    for (const RunLog* run : lane.runs) {
        if (!run) {
            ++waiting;
            continue;
        }
        const RunProgress& progress = run->progress();
        if (run->isActive()) {
            if (progress.remaining < 0 || progress.elapsed <= 0)
                return -1;
            left += progress.remaining;
            isOn = true;
        }
        if (progress.elapsed > 0) {
            whole += progress.elapsed + std::max(0.0, progress.remaining);
            ++known;
        }
    }
    return isOn && known > 0 ? left + waiting * whole / known : -1;
}

RaceLaneWidget::RaceLaneWidget(const Race& race, std::size_t lane, RaceView view, QWidget* parent)
    : QWidget(parent)
    , m_race(race)
    , m_place(lane)
    , m_view(view)
    , m_name(new LegendBar)
    , m_best(new QLabel)
    , m_progress(new QProgressBar)
    , m_state(new QLabel)
    , m_complaint(new QLabel)
    , m_plot(view.showsLoss ? new LinePlot(tr("Loss"), tr("Loss (nats)"), 0)
                            : new LinePlot(tr("Accuracy"), tr("Top-1 (%)"), 100))
{
    m_plot->setXAxis(view.overTime ? tr("Training time (s)") : tr("Epoch"),
                     view.overTime ? tr("second") : tr("epoch"));
    m_plot->setMinimumSize(170, 130);
    m_plot->setMeaning(
        curveQuantity(view.showsLoss ? QStringLiteral("loss") : QStringLiteral("accuracy")).tip);
    m_best->setObjectName(QStringLiteral("laneBest"));
    m_best->setToolTip(tr("Accuracy on the test images by the shipped program, the mean over the "
                          "seeds so far"));
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(8);
    m_state->setObjectName(QStringLiteral("laneState"));
    m_state->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_complaint->setObjectName(QStringLiteral("laneComplaint"));
    m_complaint->setWordWrap(true);
    m_complaint->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_complaint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    // Kept free in every lane, so that the plots stay side by side; the tool tip has all of it.
    m_complaint->setFixedHeight(2 * fontMetrics().lineSpacing());
    auto* head = new QHBoxLayout;
    head->addWidget(m_name, 1);
    head->addWidget(m_best);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addLayout(head);
    layout->addWidget(m_progress);
    layout->addWidget(m_state);
    layout->addWidget(m_complaint);
    layout->addWidget(m_plot, 1);
    for (std::size_t other = 0; other < m_race.lanes.size(); ++other) {
        if (other != m_place)
            addCurves(other);
    }
    addCurves(m_place); // over the others
    nameAll();
    refresh();
}

/// One for each seed, whether it has begun or not.
void RaceLaneWidget::addCurves(std::size_t lane)
{
    const RunStyle style = m_race.lanes[lane].style;
    for (std::size_t seed = 0; seed < m_race.lanes[lane].runs.size(); ++seed) {
        Curves curves;
        curves.lane = lane;
        curves.seed = seed;
        curves.run = m_race.lanes[lane].runs[seed];
        curves.isOwn = lane == m_place;
        if (curves.isOwn)
            curves.batch = m_plot->addCurve({}, {style.hue, style.dash, Mark::Line});
        curves.test = m_plot->addCurve(
            {}, {style.hue, style.dash, curves.isOwn ? Mark::Disc : Mark::Faint});
        m_curves.push_back(curves);
    }
}

/// A lane has its method's name until a run tells the widths.
void RaceLaneWidget::nameAll()
{
    const QString& title = lane().title;
    setAccessibleName(tr("Lane of %1").arg(title));
    m_plot->setAccessibleName(m_view.showsLoss ? tr("Loss of %1").arg(title)
                                               : tr("Accuracy of %1").arg(title));
    m_progress->setAccessibleName(tr("Progress of %1").arg(title));
    m_name->setEntries({{title, {lane().style.hue, lane().style.dash, Mark::Line}}});
    for (const Curves& curves : m_curves) {
        const QString seed = tr("seed %1").arg(m_race.record.seeds[curves.seed]);
        const QString whose = curves.isOwn ? seed : m_race.lanes[curves.lane].title;
        m_plot->rename(curves.test, tr("%1, test").arg(whose));
        if (curves.isOwn)
            m_plot->rename(curves.batch, tr("%1, batch").arg(seed));
    }
}

void RaceLaneWidget::setRuns(const Race& race)
{
    m_race = race;
    nameAll();
    for (Curves& curves : m_curves) {
        const RunLog* run = m_race.lanes[curves.lane].runs[curves.seed];
        if (run == curves.run)
            continue;
        curves.run = run;
        forget(curves);
    }
}

double RaceLaneWidget::at(const RunLog& run, double step, double elapsed) const
{
    if (m_view.overTime)
        return elapsed;
    return run.progress().steps > 0 ? step * run.identity().epochs / run.progress().steps : 0;
}

void RaceLaneWidget::forget(Curves& curves)
{
    if (curves.batch >= 0)
        m_plot->clear(curves.batch);
    m_plot->clear(curves.test);
    curves.steps = curves.evaluations = 0;
    curves.smoother = Smoother(smoothing);
    curves.generation = -1;
}

void RaceLaneWidget::take(Curves& curves)
{
    if (!curves.run)
        return;
    const RunLog& run = *curves.run;
    if (curves.generation != run.generation()) {
        forget(curves);
        curves.generation = run.generation();
    }
    for (; curves.isOwn && curves.steps < run.steps().size(); ++curves.steps) {
        const StepPoint& point = run.steps()[curves.steps];
        const double y = m_view.showsLoss ? point.loss : 100 * point.accuracy;
        m_plot->append(curves.batch, at(run, point.step, point.elapsed), curves.smoother.add(y));
    }
    for (; curves.evaluations < run.evaluations().size(); ++curves.evaluations) {
        const EvaluationPoint& point = run.evaluations()[curves.evaluations];
        m_plot->append(curves.test, at(run, point.step, point.elapsed),
                       m_view.showsLoss ? point.loss : 100 * point.test);
    }
}

/// What a run of the lane has to say beyond its numbers.
QString RaceLaneWidget::complaint() const
{
    QStringList words;
    for (const RunLog* run : lane().runs) {
        if (!run)
            continue;
        const RunProgress& progress = run->progress();
        const QString name = tr("Seed %1").arg(run->identity().seed);
        const QString step = countText(progress.step);
        switch (run->state()) {
        case RunState::Failed:
            words += tr("%1 failed at step %2: %3").arg(name, step, progress.reason);
            break;
        case RunState::Interrupted:
            words += tr("%1 was interrupted at step %2: its worker is gone.").arg(name, step);
            break;
        case RunState::Stopped:
            words += tr("%1 was stopped at step %2.").arg(name, step);
            break;
        case RunState::Paused:
            words += tr("%1 is paused at step %2. %3").arg(name, step, progress.reason);
            break;
        case RunState::Unreadable:
            words += tr("%1 cannot be read: %2").arg(name, run->identity().error);
            break;
        default:
            if (!progress.notice.isEmpty())
                words += tr("%1: %2").arg(name, progress.notice);
        }
    }
    return words.join(QLatin1Char('\n'));
}

void RaceLaneWidget::showProgress()
{
    const double left = raceLaneRemaining(lane());
    const QString state = raceStateText(lane());
    m_state->setText(left >= 0 ? tr("%1, %2 left").arg(state, durationText(left)) : state);
    m_state->setToolTip(m_state->text());
    m_progress->setValue(int(std::lround(1000 * progressOf(lane()))));
    std::vector<double> reached;
    for (const std::optional<EvaluationPoint>& best : lane().reached()) {
        if (best)
            reached.push_back(best->test);
    }
    m_best->setText(reached.empty() ? QString() : percentText(seedStatistics(reached).mean));
    const QString words = complaint();
    m_complaint->setText(words);
    m_complaint->setToolTip(words);
}

void RaceLaneWidget::refresh()
{
    double limit = 0;
    for (Curves& curves : m_curves) {
        take(curves);
        if (curves.run && !m_view.overTime)
            limit = std::max(limit, double(curves.run->identity().epochs));
    }
    m_plot->setXLimit(limit);
    m_plot->refresh();
    showProgress();
}

} // namespace stair
