#include "widgets/forms/experiment_editor.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/main_window.h"
#include "widgets/main/race_desk.h"
#include "widgets/panels/race_panel.h"
#include "widgets/panels/run_list.h"

#include <QAction>

namespace stair {

void MainWindow::createRaceActions()
{
    m_actions->add({"run.race", tr("Race methods…"), "Run", Qt::CTRL | Qt::Key_R,
                    tr("Trains the experiment in the form once with each of several methods"), 4},
                   [this] { setUpRace(); });
    m_stopRace = m_actions->add({"run.stopRace",
                                 tr("Stop race"),
                                 "Run",
                                 {},
                                 tr("Stops all runs of the race that is shown, after a checkpoint"),
                                 4},
                                [this] { stopRace(); });
    m_stopRace->setEnabled(false);
}

void MainWindow::wireRace()
{
    connect(m_race, &RacePanel::setupWanted, this, &MainWindow::setUpRace);
    connect(m_race, &RacePanel::startWanted, this, [this](const RaceStart& race) {
        m_race->showRace(m_races->start(race));
        watchRace();
    });
    connect(m_race, &RacePanel::stopWanted, this, &MainWindow::stopRace);
    connect(m_race, &RacePanel::continueWanted, this, &MainWindow::continueRace);
    connect(m_race, &RacePanel::runsWanted, this, [this](const std::vector<RunLog*>& runs) {
        std::vector<std::filesystem::path> folders;
        for (const RunLog* run : runs)
            folders.push_back(run->folder());
        m_list->select(folders);
    });
    connect(m_races, &RaceDesk::problem, this,
            [this](const QString& problem) { report(problem, QStringLiteral("races")); });
    connect(m_editor, &ExperimentEditor::changed, this, &MainWindow::offerExperiment);
}

void MainWindow::setUpRace()
{
    if (m_frame->currentLayout() != QLatin1String("compare"))
        m_frame->showLayout("compare");
    m_frame->showDock("race");
    m_race->openSetup();
    offerExperiment();
}

void MainWindow::offerExperiment()
{
    const QString problem = m_editor->problem();
    if (problem.isEmpty())
        m_race->setExperiment(m_editor->specs().back(), {});
    else
        m_race->setExperiment(std::nullopt, problem);
}

void MainWindow::stopRace()
{
    m_races->stop(m_race->race());
    watchRace();
}

void MainWindow::continueRace()
{
    try {
        m_races->goOn(m_race->race());
    } catch (const std::exception& error) {
        report(QString::fromUtf8(error.what()));
    }
    watchRace();
}

void MainWindow::watchRace()
{
    m_races->watch();
    m_race->findRaces();
    if (!m_race->awaited().empty() && !m_races->drives(m_race->awaited()))
        m_race->giveUpWaiting();
    const Race& race = m_race->race();
    m_race->setDriven(m_races->drives(race.id));
    m_stopRace->setEnabled(!race.id.empty() && (race.isActive() || m_races->drives(race.id)));
    if (m_race->isVisible())
        m_race->refresh();
}

} // namespace stair
