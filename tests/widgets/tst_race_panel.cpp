#include "core/session/local_launcher.h"
#include "tests/widgets/support/acted_race.h"
#include "tests/widgets/support/picture.h"
#include "widgets/main/theme.h"
#include "widgets/models/race_method_model.h"
#include "widgets/panels/race_panel.h"
#include "widgets/plot/line_plot.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>

using namespace stair;
using namespace std::chrono_literals;

/// The race's panel and models over runs that are acted.
class TestRacePanel : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<RunListModel> m_runs;
    std::unique_ptr<RacePanel> m_panel;

    std::filesystem::path runs() const { return pathOf(m_home->path()) / "runs"; }

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }

    QString cell(int lane, int column) const
    {
        return m_panel->model().index(lane, column).data().toString();
    }

    /// What the window does each second, and the runs' series.
    void look()
    {
        m_runs->rescan();
        for (int row = 0; row < m_runs->rowCount(); ++row) {
            RunLog* run = m_runs->log(m_runs->index(row));
            run->setDepth(RunLog::Depth::Curves);
            while (run->poll(500ms)) { }
        }
        m_panel->findRaces();
        QTest::qWait(220); // it draws no more often
        m_panel->refresh();
    }

    void save(const QString& name) const
    {
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, name));
    }

    static ExperimentSpec base() { return tinySpec("base", true); }

private slots:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        std::filesystem::create_directories(runs());
        m_runs = std::make_unique<RunListModel>(runs());
        applyTheme(Theme::Light);
        m_panel = std::make_unique<RacePanel>(*m_runs);
        m_panel->resize(1000, 620);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        QApplication::setActiveWindow(m_panel.get()); // an X server may have no window manager
    }

    void cleanup()
    {
        m_panel.reset();
        m_runs.reset();
    }

    void modelsKeepTheirRules()
    {
        RaceModel board;
        QAbstractItemModelTester boardTester(
            &board, QAbstractItemModelTester::FailureReportingMode::QtTest);
        ActedRace race(runs(), {"Three", {"minmax", "asr", "aqe"}, {1}});
        race.finishAll();
        look();
        board.setRace(racesOf(*m_runs).front());
        QCOMPARE(board.rowCount(), 3);
        board.refresh();
        board.setSpread(RaceSpread::Deviation);
        board.setRace({});
        QCOMPARE(board.rowCount(), 0);

        RaceMethodModel methods;
        QAbstractItemModelTester methodTester(
            &methods, QAbstractItemModelTester::FailureReportingMode::QtTest);
        methods.setEntrants(raceEntrants(base(), 2, 2));
        QCOMPARE(methods.chosen(), (std::vector<std::string>{"minmax", "asr", "aqe"}));
        QVERIFY(methods.setData(methods.index(1, 0), Qt::Unchecked, Qt::CheckStateRole));
        QCOMPARE(methods.chosen().size(), std::size_t(2));
    }

    void anEmptyPanelSaysWhatItIsFor()
    {
        QSignalSpy wanted(m_panel.get(), &RacePanel::setupWanted);
        QVERIFY(find<QPushButton>("raceOpen")->isVisible());
        save("race-empty");
        QTest::mouseClick(find<QPushButton>("raceOpen"), Qt::LeftButton);
        QCOMPARE(wanted.size(), 1);
        QVERIFY(!find<QToolButton>("raceStop")->isVisible());
    }

    void whoCannotRaceSaysWhy_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("problem"); // empty: it can
        QTest::newRow("BNN has one bit") << 2 << "bnn"
                                         << "'bnn' takes 1";
        QTest::newRow("BNN at one bit") << 1 << "bnn"
                                        << "";
        QTest::newRow("STE has no one bit") << 1 << "minmax"
                                            << "'minmax' takes 2 to 8";
        QTest::newRow("AQE ends at three") << 4 << "aqe"
                                           << "'aqe' takes 1 to 3";
        QTest::newRow("ASR at two") << 2 << "asr"
                                    << "";
        QTest::newRow("float has no widths") << 2 << "float"
                                             << "";
    }

    void whoCannotRaceSaysWhy()
    {
        QFETCH(int, bits);
        QFETCH(QString, method);
        QFETCH(QString, problem);
        for (const RaceEntrant& entrant : raceEntrants(base(), bits, bits)) {
            if (entrant.method != method.toStdString())
                continue;
            QCOMPARE(entrant.problem.isEmpty(), problem.isEmpty());
            QVERIFY2(entrant.problem.contains(problem), qPrintable(entrant.problem));
            return;
        }
        QFAIL("no such method");
    }

    void aLaneTrainsTheSameExperiment()
    {
        ExperimentSpec spec = base();
        spec.quant.first = EndPolicy::Float;
        const ExperimentSpec lane = raceSpec(spec, "aqe", 2, 3);
        QVERIFY(lane.weightHashes);
        QCOMPARE(lane.quant.activationBits, 3);
        Json expected = spec.toJson(), own = lane.toJson();
        for (const char* key : {"method", "params", "weights", "activations"}) {
            expected["quant"].erase(key);
            own["quant"].erase(key);
        }
        expected["statistics"] = own["statistics"];
        QCOMPARE(QString::fromStdString(own.dump(1)), QString::fromStdString(expected.dump(1)));
        QVERIFY(raceSpec(spec, "float", 2, 2).quant.isFloat());
    }

    void chosenByKeysAndMouse()
    {
        m_panel->openSetup();
        m_panel->setExperiment(base(), {});
        QCOMPARE(nameless(*m_panel), QString());
        auto* table = find<QTableView>("raceMethods");
        QTRY_VERIFY(table->hasFocus());
        const auto rowOf = [&](const char* id) {
            for (int row = 0; row < table->model()->rowCount(); ++row) {
                if (static_cast<RaceMethodModel*>(table->model())->entrant(row).method == id)
                    return row;
            }
            return -1;
        };
        save("race-setup");
        // By keys to AQE, and off it; by mouse onto LSQ's box.
        table->setCurrentIndex(table->model()->index(0, 0));
        for (int i = 0; i < rowOf("aqe"); ++i)
            QTest::keyClick(table, Qt::Key_Down);
        QVERIFY(find<QLabel>("raceHelp")->text().contains("h(x)"));
        QTest::keyClick(table, Qt::Key_Space);
        const QRect box = table->visualRect(table->model()->index(rowOf("lsq"), 0));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          QPoint(box.left() + 10, box.center().y()));
        find<QSpinBox>("raceSeeds")->setFocus();
        QTest::keyClick(find<QSpinBox>("raceSeeds"), Qt::Key_Up);
        QVERIFY2(find<QLabel>("racePlan")->text().startsWith("6 runs: 3 lanes side by side"),
                 qPrintable(find<QLabel>("racePlan")->text()));
        QSignalSpy started(m_panel.get(), &RacePanel::startWanted);
        QTest::mouseClick(find<QPushButton>("raceStart"), Qt::LeftButton);
        QCOMPARE(started.size(), 1);
        const auto race = started.front().front().value<RaceStart>();
        QCOMPARE(race.record.methods, (std::vector<std::string>{"minmax", "lsq", "asr"}));
        QCOMPARE(race.record.seeds, (std::vector<std::uint64_t>{1, 2}));
        QCOMPARE(QString::fromStdString(race.record.title), QString("Min-max, LSQ, ASR, W2A2"));
        for (const ExperimentSpec& spec : race.specs)
            QCOMPARE(spec.threads, LocalLauncher::threadsEach(3));
    }

    void fewerThanTwoCannotRace()
    {
        m_panel->openSetup();
        m_panel->setExperiment(base(), {});
        find<QSpinBox>("raceWeights")->setValue(8); // AQE ends at 3
        auto* methods = static_cast<RaceMethodModel*>(find<QTableView>("raceMethods")->model());
        QCOMPARE(methods->chosen(), (std::vector<std::string>{"minmax", "asr"}));
        for (int row = 0; row < methods->rowCount(); ++row)
            methods->setData(methods->index(row, 0), Qt::Unchecked, Qt::CheckStateRole);
        QVERIFY(!find<QPushButton>("raceStart")->isEnabled());
        QVERIFY(find<QLabel>("racePlan")->text().contains("two methods"));
        m_panel->setExperiment(std::nullopt, "the batch is 0");
        QVERIFY(find<QLabel>("racePlan")->text().contains("the batch is 0"));
        QTest::mouseClick(find<QPushButton>("raceCancel"), Qt::LeftButton);
        QVERIFY(find<QPushButton>("raceOpen")->isVisible());
    }

    void theScoreboardOfOneSeed()
    {
        ActedRace race(runs(), {"Three", {"minmax", "asr", "aqe"}, {1}});
        race.finishAll();
        look();
        QCOMPARE(m_panel->model().rowCount(), 3);
        QCOMPARE(cell(0, RaceModel::Rank), QString("2"));
        QCOMPARE(cell(1, RaceModel::Rank), QString("1"));
        QCOMPARE(cell(2, RaceModel::Rank), QString("3"));
        QCOMPARE(cell(1, RaceModel::Accuracy), QString("86.5 %"));
        QCOMPARE(cell(1, RaceModel::Blended), QString("90.5 %"));
        QCOMPARE(cell(0, RaceModel::Blended), QString("–"));
        QCOMPARE(cell(1, RaceModel::Spread), QString("N = 1"));
        QCOMPARE(cell(1, RaceModel::Time), QString("0:01"));
        QCOMPARE(cell(0, RaceModel::Parting), QString("(the first lane)"));
        QCOMPARE(cell(1, RaceModel::Parting), QString("step 7"));
        QCOMPARE(cell(2, RaceModel::Parting), QString("the start"));
        const QString help
            = m_panel->model().index(2, RaceModel::Parting).data(Qt::ToolTipRole).toString();
        QVERIFY2(help.contains("Another grid: the integers −1 to 1 here, −2 to 1"),
                 qPrintable(help));
        const QString verdict = find<QLabel>("raceVerdict")->text();
        QVERIFY2(verdict.startsWith("ASR"), qPrintable(verdict));
        QVERIFY2(verdict.contains("wins with 86.5 %"), qPrintable(verdict));
        QVERIFY2(verdict.contains("One seed cannot tell"), qPrintable(verdict));
        QVERIFY(!find<QToolButton>("raceContinue")->isVisible());
        QVERIFY(!find<QToolButton>("raceStop")->isVisible());
    }

    void theScoreboardOverSeeds()
    {
        ActedRace race(runs(), {"Seeds", {"minmax", "asr", "float"}, {1, 2, 3}});
        race.finishAll();
        look();
        QCOMPARE(cell(2, RaceModel::Rank), QString("1"));
        QCOMPARE(cell(2, RaceModel::Parting), QString("has no integers"));
        // 0.004 (1 - exp(-4)) apart: deviation 0.39 points, interval 4.303 / sqrt(3) of it
        QCOMPARE(cell(0, RaceModel::Spread), QString("± 1.0 (N = 3)"));
        find<QComboBox>("raceSpread")->setFocus();
        QTest::keyClick(find<QComboBox>("raceSpread"), Qt::Key_Down);
        QCOMPARE(cell(0, RaceModel::Spread), QString("± 0.4 (N = 3)"));
        const QString verdict = find<QLabel>("raceVerdict")->text();
        QVERIFY2(verdict.contains("Seed by seed the difference is"), qPrintable(verdict));
        QVERIFY2(verdict.contains("more than chance"), qPrintable(verdict));
        QVERIFY(verdict.contains("N = 3"));
    }

    // Seed 2 is at its first epoch: that does not pull the mean down.
    void aRunThatIsHalfDoneDoesNotCountBesideOneThatIsDone()
    {
        ActedRace race(runs(), {"Half", {"minmax", "asr"}, {1, 2}});
        for (const char* method : {"minmax", "asr"}) {
            for (const std::uint64_t seed : {1, 2}) {
                ActedRun& run = race.begin(method, seed);
                run.work();
                run.start();
                run.train(0, seed == 1 ? run.steps() : 45);
                if (seed == 1)
                    run.finish(run.steps());
            }
        }
        look();
        QCOMPARE(cell(1, RaceModel::Accuracy), QString("86.5 %"));
        QCOMPARE(cell(1, RaceModel::Spread), QString("N = 1"));
        QCOMPARE(cell(1, RaceModel::State), QString("running (seed 2 of 2)"));
    }

    void lanesOverEpochsAndOverTime()
    {
        ActedRace race(runs(), {"Three", {"minmax", "asr", "aqe"}, {1}});
        race.finishAll();
        look();
        QCOMPARE(m_panel->lanes().size(), std::size_t(3));
        const auto lastX = [this] { // of the first lane's own test curve
            const QStringList lines
                = m_panel->lanes().front()->plot()->dataText().split('\n', Qt::SkipEmptyParts);
            return lines.back().section(',', -2, -2).toDouble();
        };
        QCOMPARE(lastX(), 3.0); // epochs
        find<QComboBox>("raceOver")->setFocus();
        QTest::keyClick(find<QComboBox>("raceOver"), Qt::Key_Down);
        QCOMPARE(lastX(), 1.2); // seconds: 120 steps of 0.01
        const auto most = [this] {
            double most = 0;
            for (const QString& line : m_panel->lanes().front()->plot()->dataText().split('\n'))
                most = std::max(most, line.section(',', -1).toDouble());
            return most;
        };
        QVERIFY(most() > 50); // percent
        find<QComboBox>("raceWhat")->setFocus();
        QTest::keyClick(find<QComboBox>("raceWhat"), Qt::Key_Down);
        QVERIFY(most() < 5); // nats
        for (const RaceLaneWidget* lane : m_panel->lanes()) {
            QTRY_VERIFY(lane->isVisible());
            QVERIFY(!lane->accessibleName().isEmpty());
        }
    }

    /// The lanes, what they show and where they are zoomed to stay when another seed begins.
    void aSeedThatArrivesLeavesTheLanesAsTheyAre()
    {
        ActedRace race(runs(), {"Two", {"minmax", "asr"}, {1, 2}});
        const auto begin = [&](const char* method, std::uint64_t seed) {
            ActedRun& run = race.begin(method, seed);
            run.start();
            run.train(0, run.steps());
            run.finish(run.steps());
        };
        begin("minmax", 1);
        look();
        const std::vector<RaceLaneWidget*> lanes = m_panel->lanes();
        QCOMPARE(lanes.size(), std::size_t(2));
        QCOMPARE(lanes[1]->accessibleName(), QString("Lane of ASR (reconstructed)"));
        LinePlot* plot = lanes[0]->plot();
        plot->setXRange(0.5, 1.5); // the first epoch's end is in it
        QVERIFY(plot->dataText().contains("\"seed 1, test\",1,"));
        QVERIFY(!plot->dataText().contains("seed 2"));
        begin("asr", 1);
        begin("minmax", 2);
        look();
        QVERIFY(m_panel->lanes() == lanes);
        QVERIFY(!plot->isLive());
        QCOMPARE(plot->xRange(), std::pair(0.5, 1.5));
        QCOMPARE(lanes[1]->accessibleName(), QString("Lane of ASR (reconstructed) W2A2"));
        QVERIFY(plot->dataText().contains("\"seed 1, test\",1,"));
        QVERIFY(plot->dataText().contains("\"seed 2, test\",1,"));
        QVERIFY(plot->dataText().contains("\"ASR (reconstructed) W2A2, test\",1,"));

        std::filesystem::remove_all(runs() / "0003-convnet_a-minmax"); // seed 2
        look();
        QVERIFY(m_panel->lanes() == lanes);
        QVERIFY(!plot->dataText().contains("seed 2"));
    }

    void aFailedLaneSaysSoAndTheOthersGoOn()
    {
        ActedRace race(runs(), {"Three", {"minmax", "asr", "aqe"}, {1, 2}});
        ActedRun& first = race.begin("minmax", 1);
        ActedRun& second = race.begin("asr", 1);
        ActedRun& third = race.begin("aqe", 1);
        for (ActedRun* run : {&first, &second, &third}) {
            run->work();
            run->start();
            run->train(0, 50);
        }
        third.write(failedLine(50, "the disk is full; free space on it and continue"));
        third.rest();
        look();
        QCOMPARE(cell(2, RaceModel::State), QString("failed (seed 1 of 2)"));
        QCOMPARE(cell(0, RaceModel::State), QString("running (seed 1 of 2)"));
        const auto* complaint
            = m_panel->lanes()[2]->findChild<QLabel*>(QStringLiteral("laneComplaint"));
        QVERIFY(complaint->text().contains("the disk is full"));
        QVERIFY(find<QLabel>("raceVerdict")->text().contains("leads so far"));
        QVERIFY(find<QToolButton>("raceStop")->isVisible());
        // 70 steps of 0.01 s are left, and another run of 1.2 s.
        QCOMPARE(raceLaneRemaining(m_panel->race().lanes[0]), 0.7 + 1.2);
        save("race-failed");
    }

    void aStoppedRaceCanBeContinued()
    {
        ActedRace race(runs(), {"Two", {"minmax", "asr"}, {1}});
        for (const char* method : {"minmax", "asr"}) {
            ActedRun& run = race.begin(method, 1);
            run.start();
            run.train(0, 45);
            run.write(endLine("stopped", 45, 0.45));
        }
        look();
        QSignalSpy wanted(m_panel.get(), &RacePanel::continueWanted);
        QVERIFY(find<QToolButton>("raceContinue")->isVisible());
        QTest::mouseClick(find<QToolButton>("raceContinue"), Qt::LeftButton);
        QCOMPARE(wanted.size(), 1);
        m_panel->setDriven(true); // as the window answers
        QVERIFY(!find<QToolButton>("raceContinue")->isVisible());
    }

    void anEarlierRaceIsPickedAndOneThatIsDeletedGoes()
    {
        ActedRace early(runs(), {"Early", {"minmax", "aqe"}, {1}}, "2026-01-01 00:00:00");
        early.finishAll();
        ActedRace late(runs(), {"Late", {"lsq", "asr", "aqe"}, {1}}, "2026-02-02 00:00:00");
        late.finishAll();
        look();
        auto* box = find<QComboBox>("raceChoice");
        QCOMPARE(box->count(), 2);
        QCOMPARE(box->currentText(), QString("Late (2026-02-02 00:00:00)"));
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(m_panel->race().record.title, "Early");
        QCOMPARE(m_panel->model().rowCount(), 2);
        for (const char* name : {"0001-convnet_a-minmax", "0002-convnet_a-aqe"})
            std::filesystem::remove_all(runs() / name);
        look();
        QCOMPARE(m_panel->race().record.title, "Late");
        QCOMPARE(box->count(), 1);
    }

    void aLanesRunsAreSelectedFromTheBoard()
    {
        ActedRace race(runs(), {"Two", {"minmax", "asr"}, {1, 2}});
        race.finishAll();
        look();
        QSignalSpy wanted(m_panel.get(), &RacePanel::runsWanted);
        auto* board = find<QTableView>("raceBoard");
        board->setFocus();
        board->setCurrentIndex(board->model()->index(1, 0));
        QTest::keyClick(board, Qt::Key_Return);
        QCOMPARE(wanted.size(), 1);
        const auto runs = wanted.front().front().value<std::vector<RunLog*>>();
        QCOMPARE(runs.size(), std::size_t(2));
        QCOMPARE(runs.front()->identity().method, "asr");
    }

    void picturesInEachTheme_data()
    {
        QTest::addColumn<int>("theme");
        QTest::addColumn<QString>("name");
        QTest::newRow("light") << int(Theme::Light) << "race-light";
        QTest::newRow("dark") << int(Theme::Dark) << "race-dark";
    }

    void picturesInEachTheme()
    {
        QFETCH(int, theme);
        QFETCH(QString, name);
        applyTheme(Theme(theme));
        ActedRace race(runs(), {"STE, ASR and AQE at 2 bits", {"minmax", "asr", "aqe"}, {1, 2}});
        for (const std::uint64_t seed : {1, 2}) {
            for (const char* method : {"minmax", "asr", "aqe"}) {
                ActedRun& run = race.begin(method, seed);
                run.start();
                run.train(0, seed == 1 ? run.steps() : 70);
                if (seed == 1)
                    run.finish(run.steps());
                else
                    run.work();
            }
        }
        look();
        save(name);
        m_panel->openSetup();
        m_panel->setExperiment(base(), {});
        save(name + "-setup");
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestRacePanel>(argc, argv);
}
#include "tst_race_panel.moc"
