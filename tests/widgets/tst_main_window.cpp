#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/thread_clock.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/dock_frame.h"
#include "widgets/panels/bits_map_panel.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/plot/line_plot.h"

#include <QDropEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QProcess>
#include <QSpinBox>

#include <fstream>

using namespace stair;

namespace {

const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

} // namespace

/// The window with a worker that acts; see tst_window_training for the real one.
class TestMainWindow : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<WindowFixture> m_fixture;

    WindowFixture& fixture() { return *m_fixture; }

    qsizetype points(const char* plot) const
    {
        const auto* line = m_fixture->window->findChild<LinePlot*>(QLatin1String(plot));
        return line->dataText().count(u'\n');
    }

private slots:
    void init()
    {
        QSettings().clear();
        m_fixture = std::make_unique<WindowFixture>(fakeStair);
    }

    void cleanup() { m_fixture.reset(); }

    void startsPausesResumesAndStops()
    {
        ExperimentSpec spec = tinySpec("long", true);
        spec.training.epochs = 200;
        fixture().open(spec);
        QVERIFY(!fixture().button("pauseButton")->isEnabled());
        fixture().click("startButton");
        QTRY_COMPARE(fixture().state(0), RunState::Running);
        QTRY_VERIFY(points("lossPlot") > 50);
        const qsizetype before = points("accuracyPlot");
        QTRY_VERIFY(points("accuracyPlot") > before);

        QCOMPARE(fixture().button("pauseButton")->text(), QStringLiteral("Pause"));
        fixture().click("pauseButton");
        QTRY_COMPARE(fixture().state(0), RunState::Paused);
        QTest::qWait(60);
        const qsizetype paused = points("lossPlot");
        QTest::qWait(150);
        QCOMPARE(points("lossPlot"), paused);

        QTRY_COMPARE(fixture().button("pauseButton")->text(), QStringLiteral("Resume"));
        QTest::keyClick(fixture().window.get(), Qt::Key_Space, Qt::ControlModifier);
        QTRY_COMPARE(fixture().state(0), RunState::Running);
        QTRY_VERIFY(points("lossPlot") > paused);

        QTRY_COMPARE(fixture().button("pauseButton")->text(), QStringLiteral("Pause"));
        fixture().list()->setFocus();
        QTest::keyClick(fixture().list(), Qt::Key_Space); // alone it acts in the list only
        QTRY_COMPARE(fixture().state(0), RunState::Paused);

        fixture().click("stopButton");
        QTRY_COMPARE(fixture().state(0), RunState::Stopped);
        QVERIFY(!fixture().button("stopButton")->isEnabled());
        QTRY_COMPARE(fixture().button("pauseButton")->text(), QStringLiteral("Continue"));
    }

    void aPairTrainsTogetherAndIsExplained()
    {
        fixture().open(tinySpec("two bits", true), tinySpec("in float", false));
        fixture().click("startButton");
        QTRY_COMPARE(fixture().list()->model()->rowCount(), 2);
        QCOMPARE(fixture().list()->selectionModel()->selectedIndexes().size(), 2);
        QTRY_COMPARE(fixture().state(0), RunState::Finished);
        QTRY_COMPARE(fixture().state(1), RunState::Finished);
        QTRY_VERIFY(!fixture().notice("result").isEmpty());
        const QString result = fixture().notice("result");
        QVERIFY2(result.contains(QStringLiteral("a gap of 6.8 points")), qPrintable(result));
        QVERIFY2(result.contains(QStringLiteral("integer program")), qPrintable(result));
        QCOMPARE(fixture().notice("problem"), QString());
    }

    void startNeedsAValidForm()
    {
        fixture().open(tinySpec("", true));
        auto* rate = fixture().window->findChild<QLineEdit*>(QStringLiteral("learning_rate"));
        rate->selectAll();
        QTest::keyClicks(rate, QStringLiteral("much"));
        QVERIFY(!fixture().button("startButton")->isEnabled());
        QVERIFY(fixture().notice("formProblem").contains(QStringLiteral("learning_rate")));
        rate->selectAll();
        QTest::keyClicks(rate, QStringLiteral("0.1"));
        QVERIFY(fixture().button("startButton")->isEnabled());
        QCOMPARE(fixture().notice("formProblem"), QString());
    }

    void misfortunesAreToldInPlace_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("notice");
        QTest::addColumn<QString>("expected");
        QTest::addRow("refused before the first step")
            << QStringLiteral("refused") << QStringLiteral("problem")
            << QStringLiteral("choose a smaller batch");
        QTest::addRow("failed on the way") << QStringLiteral("fails") << QStringLiteral("notice")
                                           << QStringLiteral("step 20: the disk is full");
        QTest::addRow("killed") << QStringLiteral("vanishes") << QStringLiteral("notice")
                                << QStringLiteral("interrupted at step 20");
    }

    void misfortunesAreToldInPlace()
    {
        QFETCH(QString, name);
        QFETCH(QString, notice);
        QFETCH(QString, expected);
        fixture().open(tinySpec(name.toStdString(), true));
        fixture().click("startButton");
        QTRY_VERIFY2(fixture().notice(notice.toLatin1()).contains(expected),
                     qPrintable(fixture().notice(notice.toLatin1())));
        QVERIFY(!QApplication::activeModalWidget());
        QVERIFY(fixture().button("startButton")->isEnabled());
    }

    void aMissingWorkerIsNamed()
    {
        m_fixture = std::make_unique<WindowFixture>(QStringLiteral("/nowhere/stair"));
        fixture().open(tinySpec("", true));
        fixture().click("startButton");
        QVERIFY(fixture().notice("problem").contains(QStringLiteral("/nowhere/stair")));
    }

    void opensAndFollowsARunFromElsewhere()
    {
        QTemporaryDir elsewhere;
        ActedRun run(pathOf(elsewhere.path()) / "run", tinySpec("from the terminal", true));
        run.work();
        run.start();
        run.train(0, 30);
        fixture().open(tinySpec("", true));
        fixture().window->openRun(pathOf(elsewhere.path()) / "run");
        QCOMPARE(fixture().list()->model()->rowCount(), 1);
        QTRY_COMPARE(fixture().state(0), RunState::Running);
        QTRY_COMPARE(points("lossPlot"), 61); // a header, and each step twice: as it is, smoothed
        run.train(30, 60);
        QTRY_COMPARE(points("lossPlot"), 123); // and an evaluation on two sets
        run.train(60, 120);
        run.finish(120);
        run.rest();
        QTRY_COMPARE(fixture().state(0), RunState::Finished);
        QTRY_VERIFY(fixture().notice("result").contains(QStringLiteral("integer program")));

        fixture().window->openRun(pathOf(elsewhere.path()));
        QVERIFY(fixture().notice("problem").contains(QStringLiteral("holds no run")));
        QCOMPARE(fixture().list()->model()->rowCount(), 1);
    }

    void aDroppedFolderOpens()
    {
        QTemporaryDir elsewhere;
        const ActedRun run(pathOf(elsewhere.path()) / "run", tinySpec("dropped", false));
        fixture().open(tinySpec("", true));
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(elsewhere.filePath(QStringLiteral("run")))});
        QDragEnterEvent enter(QPoint(900, 400), Qt::CopyAction, &data, Qt::LeftButton,
                              Qt::NoModifier);
        QApplication::sendEvent(fixture().window.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(900, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(fixture().window.get(), &drop);
        QCOMPARE(fixture().list()->model()->rowCount(), 1);
        QCOMPARE(fixture().list()->selectionModel()->selectedIndexes().size(), 1);
    }

    void runsOfTheWorkspaceAppearByThemselves()
    {
        fixture().open(tinySpec("", true));
        QCOMPARE(fixture().list()->model()->rowCount(), 0);
        ActedRun first(fixture().runs() / "0001-a", tinySpec("first", false));
        QTRY_COMPARE(fixture().list()->model()->rowCount(), 1);
        const ActedRun second(fixture().runs() / "0002-b", tinySpec("second", false));
        QTRY_COMPARE(fixture().list()->model()->rowCount(), 2);

        auto* filter = fixture().window->findChild<QLineEdit*>(QStringLiteral("runFilter"));
        QTest::keyClicks(filter, QStringLiteral("FIRST"));
        QCOMPARE(fixture().list()->model()->rowCount(), 1);
        const QRect row = fixture().list()->visualRect(fixture().list()->model()->index(0, 0));
        QTest::mouseClick(fixture().list()->viewport(), Qt::LeftButton, {}, row.center());
        first.start();
        first.train(0, 10);
        QTRY_COMPARE(points("lossPlot"), 21);
        std::filesystem::remove_all(fixture().runs() / "0001-a");
        QTRY_COMPARE(fixture().list()->model()->rowCount(), 0);
    }

    void closingAsksWhileARunTrains_data()
    {
        QTest::addColumn<QString>("choice");
        QTest::addColumn<bool>("closes");
        QTest::addColumn<int>("state");
        QTest::addRow("keep") << QStringLiteral("Keep it running") << true
                              << int(RunState::Running);
        QTest::addRow("stop") << QStringLiteral("Stop it") << true << int(RunState::Stopped);
        QTest::addRow("cancel") << QStringLiteral("Cancel") << false << int(RunState::Running);
    }

    void closingAsksWhileARunTrains()
    {
        QFETCH(QString, choice);
        QFETCH(bool, closes);
        QFETCH(int, state);
        ExperimentSpec spec = tinySpec("long", false);
        spec.training.epochs = 100;
        fixture().open(spec);
        fixture().click("startButton");
        QTRY_COMPARE(fixture().state(0), RunState::Running);
        QString question;
        WindowFixture::answer(choice, question);
        QCOMPARE(fixture().window->close(), closes);
        QCOMPARE(question, QStringLiteral("A run is still training."));
        QTest::qWait(100);

        // The next window finds the run as it was left.
        fixture().open(spec);
        QTRY_COMPARE(int(fixture().state(0)), state);
        if (RunState(state) == RunState::Running)
            fixture().click("stopButton");
        QTRY_COMPARE(fixture().state(0), RunState::Stopped);
        QVERIFY(fixture().window->close()); // nothing to ask about
    }

    /// The bar is 50 ms; test machines are shared and slow, so the bound is wider.
    void aLongRunOpensWithoutStalls()
    {
        QTemporaryDir elsewhere;
        ExperimentSpec spec = tinySpec("long", false);
        spec.training.epochs = 2000;
        ActedRun run(pathOf(elsewhere.path()) / "run", spec);
        run.start();
        run.train(0, run.steps());
        run.finish(run.steps());
        fixture().open(tinySpec("", true));
        QTest::qWait(200);

        double worst = 0, worstWall = 0;
        ThreadClock since; // computed, not waited for: others may use the machine
        QTimer pulse;
        connect(&pulse, &QTimer::timeout, this, [&] {
            worst = std::max(worst, since.ms());
            worstWall = std::max(worstWall, since.wallMs());
            since.start();
        });
        pulse.start(1);
        fixture().window->openRun(pathOf(elsewhere.path()) / "run");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Finished, 60'000);
        pulse.stop();
        qInfo("worst stall while %d steps were read: %.0f ms computed, %.0f ms passed", run.steps(),
              worst, worstWall);
        QVERIFY(worst < 150);
        QVERIFY(worstWall < 400);
        QTRY_COMPARE(points("lossPlot"), 1 + 2 * run.steps() + 2 * 2000);
    }

    /// The map of a float run is of its network at 8 bits: so is the fork, but for what was chosen.
    void aFloatRunForksAtEightBits()
    {
        const ActedRun run(fixture().runs() / "0001-a", tinySpec("in float", false));
        const auto checkpoints = fixture().runs() / "0001-a" / "checkpoints";
        std::filesystem::create_directories(checkpoints);
        std::ofstream(checkpoints / "step-00000010.safetensors") << "weights";
        fixture().open(tinySpec("", true));
        fixture().window->frame().showDock("map");
        emit fixture().window->findChild<BitsMapPanel*>()->forkWanted(fixture().runs() / "0001-a",
                                                                      {{"conv2", 3, 3}});
        QCOMPARE(fixture().notice("problem"), QString());
        const ExperimentSpec spec
            = fixture().window->findChild<ExperimentEditor*>()->specs().back();
        QCOMPARE(spec.quant.method, std::string("lsq"));
        QCOMPARE(spec.quant.weightBits, 8);
        QCOMPARE(spec.quant.activationBits, 8);
        QCOMPARE(spec.quant.layers.size(), std::size_t(1));
        QCOMPARE(spec.quant.layers[0].weightBits, 3);
        QVERIFY(QString::fromStdString(spec.training.from).endsWith("step-00000010.safetensors"));
    }

    void theFormIsAsItWasLeft()
    {
        fixture().open(tinySpec("", true));
        auto* epochs = fixture().window->findChild<QSpinBox*>(QStringLiteral("epochs"));
        epochs->setValue(42);
        QVERIFY(fixture().window->close());
        fixture().open(tinySpec("", true));
        epochs = fixture().window->findChild<QSpinBox*>(QStringLiteral("epochs"));
        QCOMPARE(epochs->value(), 42);
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestMainWindow>(argc, argv);
}
#include "tst_main_window.moc"
