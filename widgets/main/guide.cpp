#include "widgets/main/guide.h"

#include "widgets/main/action_registry.h"
#include "widgets/models/run_list_model.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/guide_strip.h"

#include <QAction>
#include <QSettings>

#include <algorithm>

namespace stair {

namespace {

constexpr const char* closedKey = "guide/closed";

QString placeText(int step)
{
    return Guide::tr("First run, %1 of 4").arg(step);
}

} // namespace

Guide::Guide(GuideStrip* strip, RunListModel& model, QObject* parent)
    : QObject(parent)
    , m_strip(strip)
    , m_model(model)
{
    connect(m_strip, &GuideStrip::clicked, this, &Guide::press);
    connect(m_strip, &GuideStrip::closed, this, &Guide::close);
}

void Guide::setActions(const ActionRegistry& actions)
{
    m_lab = actions.find(QStringLiteral("analyse.lab"));
    m_race = actions.find(QStringLiteral("run.race"));
}

void Guide::beginIfNew()
{
    if (m_model.rowCount() == 0 && !QSettings().value(QLatin1String(closedKey)).toBool())
        begin();
}

void Guide::begin()
{
    m_runs.clear();
    go(Step::Start);
}

void Guide::started(const std::vector<std::filesystem::path>& runs)
{
    if (runs.empty() || (m_step != Step::Start && m_step != Step::Watch))
        return;
    m_runs = runs;
    go(Step::Watch);
}

void Guide::go(Step step)
{
    m_step = step;
    switch (step) {
    case Step::Closed:
        m_strip->hide();
        break;
    case Step::Start:
        m_strip->show(placeText(1),
                      tr("The form holds a ready experiment: a small network, once in float and "
                         "once at 2 bits, on images that the program draws itself. Press Start "
                         "training."));
        break;
    case Step::Watch:
        showWatch();
        break;
    case Step::Result:
        showResult();
        break;
    case Step::Next:
        showNext();
        break;
    }
}

std::vector<const RunLog*> Guide::runs() const
{
    std::vector<const RunLog*> found;
    for (const std::filesystem::path& folder : m_runs)
        if (const RunLog* run = m_model.log(m_model.indexOf(folder)))
            found.push_back(run);
    return found;
}

void Guide::look()
{
    if (m_step != Step::Watch)
        return;
    const std::vector<const RunLog*> all = runs();
    const bool isDone = !all.empty() && std::ranges::all_of(all, [](const RunLog* run) {
        return run->state() == RunState::Finished;
    });
    go(isDone ? Step::Result : all.empty() ? Step::Start : Step::Watch);
}

void Guide::showWatch()
{
    const std::vector<const RunLog*> all = runs();
    const bool trains = std::ranges::any_of(all, [](const RunLog* run) { return run->isActive(); });
    const QString text = trains || all.empty()
        ? tr("Watch the curves: the loss falls and the accuracy rises while it trains, batch by "
             "batch. Select a run on the left to see it alone; the Train layout adds histograms "
             "of its weights and gradients.")
        : tr("The training ended before its last epoch. Select the run and press Continue, or "
             "press Start training once more.");
    if (text != m_strip->text() || m_strip->isHidden())
        m_strip->show(placeText(2), text);
}

void Guide::showResult()
{
    const std::vector<const RunLog*> all = runs();
    const auto quantized
        = std::ranges::find_if(all, [](const RunLog* run) { return !run->identity().isFloat(); });
    QString text = explainResults(all);
    if (all.size() == 2 && quantized != all.end())
        text += QLatin1Char(' ')
            + tr("The gap is what %1 costs here, and no simulation of it: this is the program that "
                 "would be shipped, on images that training has not seen.")
                  .arg(methodText((*quantized)->identity()));
    m_strip->show(placeText(3), text);
    m_strip->addButton(QStringLiteral("guideNext"), tr("Next"));
}

void Guide::showNext()
{
    m_strip->show(placeText(4),
                  m_race ? tr("The estimator decides how large the gap is. The rounding lab draws "
                              "what each one does to values and gradients; a race trains several "
                              "side by side.")
                         : tr("The estimator decides how large the gap is. The rounding lab draws "
                              "what each one does to values and gradients; another method in the "
                              "form, started beside this one, shows what it gains."));
    if (m_race)
        m_strip->addButton(QStringLiteral("guideRace"), tr("Race estimators"));
    if (m_lab)
        m_strip->addButton(QStringLiteral("guideLab"), tr("Open the rounding lab"));
}

void Guide::press(const QString& button)
{
    if (button == QLatin1String("guideNext")) {
        go(Step::Next);
        return;
    }
    close();
    (button == QLatin1String("guideRace") ? m_race : m_lab)->trigger();
}

void Guide::close()
{
    QSettings().setValue(QLatin1String(closedKey), true);
    go(Step::Closed);
}

} // namespace stair
