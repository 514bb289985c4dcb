#include "widgets/panels/curves_panel.h"

#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace stair {

using Mark = CurveStyle::Mark;

CurvesPanel::CurvesPanel(QWidget* parent)
    : QWidget(parent)
    , m_marks(new LegendBar)
    , m_smoothing(new QComboBox)
    , m_loss(new LinePlot(tr("Loss"), tr("Cross-entropy (nats)"), 0))
    , m_accuracy(new LinePlot(tr("Accuracy"), tr("Top-1 accuracy (%)"), 100))
{
    m_loss->setObjectName(QStringLiteral("lossPlot"));
    m_accuracy->setObjectName(QStringLiteral("accuracyPlot"));
    m_smoothing->setObjectName(QStringLiteral("smoothing"));
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothing->setToolTip(tr("The bold curves are an exponential moving average of the batches "
                               "over this many steps; the pale ones are the batches themselves."));
    for (const int steps : {0, 10, 30, 100, 300})
        m_smoothing->addItem(steps == 0 ? tr("off") : tr("%1 steps").arg(steps), steps);
    m_smoothing->setCurrentIndex(1);
    connect(m_smoothing, &QComboBox::currentIndexChanged, this, [this] {
        for (Lane& lane : m_lanes)
            restart(lane);
        refresh();
    });

    auto* bar = new QHBoxLayout;
    bar->addWidget(m_marks, 1);
    bar->addWidget(new QLabel(tr("Smoothing")));
    bar->addWidget(m_smoothing);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(bar);
    m_plots = new QBoxLayout(QBoxLayout::TopToBottom);
    m_plots->addWidget(m_loss, 1);
    m_plots->addWidget(m_accuracy, 1);
    layout->addLayout(m_plots, 1);
    linkPlots();
    fillLegend();
}

void CurvesPanel::resizeEvent(QResizeEvent* event)
{
    constexpr double wide = 1.8; // two plots of half the width are then the better shape
    m_plots->setDirection(width() > wide * height() ? QBoxLayout::LeftToRight
                                                    : QBoxLayout::TopToBottom);
    QWidget::resizeEvent(event);
}

void CurvesPanel::linkPlots()
{
    const auto link = [this](LinePlot* from, LinePlot* to) {
        connect(from, &LinePlot::xRangeChanged, to, &LinePlot::setXRange);
        connect(from, &LinePlot::wentLive, to, &LinePlot::goLive);
    };
    link(m_loss, m_accuracy);
    link(m_accuracy, m_loss);
}

void CurvesPanel::setSmoothing(int steps)
{
    m_smoothing->setCurrentIndex(std::max(0, m_smoothing->findData(steps)));
}

void CurvesPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    m_loss->removeCurves();
    m_accuracy->removeCurves();
    m_lanes.clear();
    std::vector<std::string> methods;
    for (const RunLog* run : runs)
        methods.push_back(run->identity().method);
    const std::vector<RunStyle> styles = runStyles(methods);
    for (std::size_t i = 0; i < runs.size(); ++i)
        addLane(*runs[i], styles[i]);
    m_loss->goLive();
    m_accuracy->goLive();
    refresh();
}

void CurvesPanel::addLane(const RunLog& run, RunStyle style)
{
    Lane lane;
    lane.run = &run;
    lane.style = style;
    lane.name = run.identity().name;
    lane.method = run.identity().method;
    const auto add = [&](LinePlot* plot, const QString& what, Mark mark) {
        return plot->addCurve(tr("%1, %2").arg(lane.name, what), {style.hue, style.dash, mark});
    };
    lane.lossRaw = add(m_loss, tr("batch"), Mark::Faint);
    lane.lossSmooth = add(m_loss, tr("batch, smoothed"), Mark::Line);
    lane.lossValidation = add(m_loss, tr("validation"), Mark::Square);
    lane.lossTest = add(m_loss, tr("test"), Mark::Disc);
    lane.accuracyRaw = add(m_accuracy, tr("batch"), Mark::Faint);
    lane.accuracySmooth = add(m_accuracy, tr("batch, smoothed"), Mark::Line);
    lane.running = add(m_accuracy, tr("test with running statistics"), Mark::Triangle);
    lane.validation = add(m_accuracy, tr("validation"), Mark::Square);
    lane.test = add(m_accuracy, tr("test"), Mark::Disc);
    m_lanes.push_back(lane);
}

void CurvesPanel::restart(Lane& lane)
{
    for (const int curve : {lane.lossRaw, lane.lossSmooth, lane.lossValidation, lane.lossTest})
        m_loss->clear(curve);
    for (const int curve :
         {lane.accuracyRaw, lane.accuracySmooth, lane.running, lane.validation, lane.test})
        m_accuracy->clear(curve);
    lane.steps = 0;
    lane.evaluations = 0;
    lane.loss = Smoother(m_smoothing->currentData().toDouble());
    lane.accuracy = Smoother(m_smoothing->currentData().toDouble());
    lane.generation = lane.run->generation();
}

void CurvesPanel::takeSteps(Lane& lane)
{
    const std::vector<StepPoint>& steps = lane.run->steps();
    for (; lane.steps < steps.size(); ++lane.steps) {
        const StepPoint& point = steps[lane.steps];
        const double percent = 100 * point.accuracy;
        m_loss->append(lane.lossRaw, point.step, point.loss);
        m_loss->append(lane.lossSmooth, point.step, lane.loss.add(point.loss));
        m_accuracy->append(lane.accuracyRaw, point.step, percent);
        m_accuracy->append(lane.accuracySmooth, point.step, lane.accuracy.add(percent));
    }
}

void CurvesPanel::takeEvaluations(Lane& lane)
{
    const std::vector<EvaluationPoint>& evaluations = lane.run->evaluations();
    for (; lane.evaluations < evaluations.size(); ++lane.evaluations) {
        const EvaluationPoint& point = evaluations[lane.evaluations];
        m_loss->append(lane.lossTest, point.step, point.loss);
        m_accuracy->append(lane.test, point.step, 100 * point.test);
        if (point.validationLoss)
            m_loss->append(lane.lossValidation, point.step, *point.validationLoss);
        if (point.validation)
            m_accuracy->append(lane.validation, point.step, 100 * *point.validation);
        if (point.running)
            m_accuracy->append(lane.running, point.step, 100 * *point.running);
    }
}

bool CurvesPanel::identityChanged() const
{
    return std::ranges::any_of(m_lanes, [](const Lane& lane) {
        return lane.name != lane.run->identity().name || lane.method != lane.run->identity().method;
    });
}

void CurvesPanel::refresh()
{
    double limit = 0;
    for (Lane& lane : m_lanes) {
        if (lane.generation != lane.run->generation())
            restart(lane);
        takeSteps(lane);
        takeEvaluations(lane);
        limit = std::max(limit, lane.run->progress().steps);
    }
    m_loss->setXLimit(limit);
    m_accuracy->setXLimit(limit);
    m_loss->refresh();
    m_accuracy->refresh();
}

void CurvesPanel::fillLegend()
{
    m_marks->setEntries({{tr("batch, smoothed"), {0, 0, Mark::Line}},
                         {tr("test"), {0, 0, Mark::Disc}},
                         {tr("validation"), {0, 0, Mark::Square}},
                         {tr("test, running means"), {0, 0, Mark::Triangle}}});
}

} // namespace stair
