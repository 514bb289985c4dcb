#include "widgets/panels/run_panel.h"

#include "widgets/models/run_text.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/panels/run_row.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace stair {

namespace {

/// A button for an action whose words change: wide enough for all of them.
QToolButton* actionButton(QAction* action, const QStringList& words)
{
    auto* button = new QToolButton;
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setDefaultAction(action);
    int width = 0;
    for (const QString& word : words)
        width = std::max(width, button->fontMetrics().horizontalAdvance(word));
    button->setMinimumWidth(width + button->iconSize().width() + 24);
    return button;
}

/// What a run has to say beyond its numbers; empty when all is well.
QString complaint(const RunLog& run)
{
    const RunProgress& progress = run.progress();
    const QString name = run.identity().name;
    switch (run.state()) {
    case RunState::Unreadable:
        return run.identity().error;
    case RunState::Failed:
        return RunPanel::tr("%1 failed at step %2: %3")
            .arg(name, countText(progress.step), progress.reason);
    case RunState::Interrupted:
        return RunPanel::tr("%1 was interrupted at step %2: its worker is gone without a last "
                            "word. Continue goes on from the last checkpoint.")
            .arg(name, countText(progress.step));
    case RunState::Paused:
        return progress.reason.isEmpty()
            ? QString()
            : RunPanel::tr("%1 is paused at step %2: %3")
                  .arg(name, countText(progress.step), progress.reason);
    default:
        return progress.notice;
    }
}

} // namespace

RunPanel::RunPanel(QAction* pauseResume, QAction* stop, QAction* linkSteps, QWidget* parent)
    : QWidget(parent)
    , m_pages(new QStackedWidget)
    , m_figures(new QLabel)
    , m_notice(new NoticeStrip)
    , m_result(new NoticeStrip)
    , m_curves(new CurvesPanel(linkSteps))
{
    m_figures->setObjectName(QStringLiteral("figures"));
    m_figures->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_notice->setObjectName(QStringLiteral("notice"));
    m_result->setObjectName(QStringLiteral("result"));
    m_notice->setClosable(true);
    auto* empty = new QLabel(tr("Loss and accuracy appear here while a run trains.\n\n"
                                "Press Start, select a run on the left, or drop a run's folder "
                                "on the window."));
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    m_pages->addWidget(empty);
    m_pages->addWidget(buildRuns(pauseResume, stop));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->addWidget(m_pages, 1);
    connect(m_curves, &CurvesPanel::layerSelected, this, &RunPanel::layerSelected);
}

void RunPanel::selectLayer(const QString& layer)
{
    m_curves->selectLayer(layer);
}

QWidget* RunPanel::buildRuns(QAction* pauseResume, QAction* stop)
{
    auto* page = new QWidget;
    auto* head = new QHBoxLayout;
    m_rowLayout = new QVBoxLayout;
    m_rowLayout->setSpacing(2);
    head->addLayout(m_rowLayout, 1);
    head->addSpacing(12);
    QToolButton* pause = actionButton(pauseResume, {tr("Pause"), tr("Resume"), tr("Continue")});
    pause->setObjectName(QStringLiteral("pauseButton"));
    head->addWidget(pause, 0, Qt::AlignTop);
    QToolButton* halt = actionButton(stop, {tr("Stop")});
    halt->setObjectName(QStringLiteral("stopButton"));
    head->addWidget(halt, 0, Qt::AlignTop);

    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(head);
    layout->addWidget(m_figures);
    layout->addWidget(m_notice);
    layout->addWidget(m_result);
    layout->addWidget(m_curves, 1);
    return page;
}

void RunPanel::setRuns(const std::vector<const RunLog*>& runs)
{
    m_shown = runs;
    for (RunRow* row : m_rows)
        delete row;
    m_rows.clear();
    std::vector<std::string> methods;
    for (const RunLog* run : runs)
        methods.push_back(run->identity().method);
    const std::vector<RunStyle> styles = runStyles(methods);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        m_rows.push_back(new RunRow(*runs[i], styles[i]));
        m_rowLayout->addWidget(m_rows.back());
    }
    m_figures->setVisible(runs.size() == 1);
    m_curves->setRuns(runs);
    m_pages->setCurrentIndex(runs.empty() ? 0 : 1);
    refresh();
}

void RunPanel::refresh()
{
    if (m_curves->identityChanged())
        setRuns(std::vector(m_shown)); // with its method's colour
    for (RunRow* row : m_rows)
        row->refresh();
    if (m_shown.size() == 1)
        refreshFigures();
    refreshNotices();
    m_curves->refresh();
}

void RunPanel::refreshFigures()
{
    const RunLog& run = *m_shown.front();
    m_figures->setText(figuresText(run));
    m_figures->setToolTip(tr("The latest step: cross-entropy and top-1 accuracy of its batch in "
                             "training's own forward pass, learning rate, and the recent speed. "
                             "Norm of all gradients: %1. Trained for %2.")
                              .arg(QString::number(run.progress().gradientNorm, 'g', 4),
                                   durationText(run.progress().elapsed)));
}

void RunPanel::refreshNotices()
{
    QStringList complaints;
    bool failed = false;
    for (const RunLog* run : m_shown) {
        if (!run->specProblem().isEmpty())
            complaints += tr("The spec of %1 was changed and cannot be read any more; it is shown "
                             "as it was. %2")
                              .arg(run->identity().name, run->specProblem());
        const QString text = complaint(*run);
        if (!text.isEmpty())
            complaints += text;
        failed = failed || run->state() == RunState::Failed || run->state() == RunState::Unreadable;
    }
    m_notice->say(failed ? NoticeStrip::Kind::Error : NoticeStrip::Kind::Warning,
                  complaints.join(QLatin1Char('\n')));
    m_result->say(NoticeStrip::Kind::Result, explainResults(m_shown));
}

} // namespace stair
