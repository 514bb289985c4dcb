#include "core/base/files.h"
#include "tests/widgets/support/small_training.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/panels/race_panel.h"
#include "widgets/plot/line_plot.h"

#include <QComboBox>
#include <QLineEdit>
#include <QProcess>
#include <QSpinBox>

using namespace stair;

namespace {

const QString stairProgram = QStringLiteral(STAIR_BINARY_DIR "/app/stair");
constexpr int patience = 120'000; // ms; sanitizers and busy machines are slow

} // namespace

/// From the form to the result with the real worker.
class TestWindowTraining : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<WindowFixture> m_fixture;

    WindowFixture& fixture() { return *m_fixture; }

    qsizetype points() const
    {
        const auto* plot = m_fixture->window->findChild<LinePlot*>(QStringLiteral("lossPlot"));
        return plot->dataText().count(u'\n');
    }

    template<typename Widget>
    Widget* field(const char* form, const char* name) const
    {
        return m_fixture->window->findChild<QWidget*>(QLatin1String(form))
            ->findChild<Widget*>(QLatin1String(name));
    }

    void choose(const char* form, const char* id) const
    {
        auto* box = field<QComboBox>(form, "choice");
        const int index = box->findData(QLatin1String(id));
        QVERIFY(index >= 0);
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        for (int i = 0; i < index; ++i)
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentIndex(), index);
    }

private slots:
    void init()
    {
        QSettings().clear();
        m_fixture = std::make_unique<WindowFixture>(stairProgram);
    }

    void cleanup() { m_fixture.reset(); }

    void trainsFromTheForm()
    {
        fixture().open(smallTraining("from the form", 2000));
        choose("network", "lenet5");
        choose("method", "minmax");
        field<QComboBox>("quantFields", "weights")->setCurrentText(QStringLiteral("4"));
        field<QComboBox>("quantFields", "activations")->setCurrentText(QStringLiteral("4"));
        QVERIFY2(fixture().button("startButton")->isEnabled(),
                 qPrintable(fixture().notice("formProblem")));
        fixture().click("startButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Running, patience);
        QTRY_VERIFY_WITH_TIMEOUT(points() > 10, patience);
        const qsizetype before = points();
        QTRY_VERIFY_WITH_TIMEOUT(points() > before, patience);

        fixture().click("pauseButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Paused, patience);
        QTest::qWait(100);
        const qsizetype paused = points();
        QTest::qWait(300);
        QCOMPARE(points(), paused);
        fixture().click("pauseButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Running, patience);
        QTRY_VERIFY_WITH_TIMEOUT(points() > paused, patience);

        fixture().click("stopButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Stopped, patience);
        const std::filesystem::path run = fixture().runs() / "0001-lenet5-minmax-w4a4";
        const ExperimentSpec spec = ExperimentSpec::readFile(run / "spec.json");
        QCOMPARE(spec.quant.weightBits, 4);

        // And goes on from the checkpoint.
        QTest::qWait(1500);
        QTRY_COMPARE_WITH_TIMEOUT(fixture().button("pauseButton")->text(),
                                  QStringLiteral("Continue"), patience);
        fixture().click("pauseButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Running, patience);
        fixture().click("stopButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Stopped, patience);
        QCOMPARE(fixture().notice("problem"), QString());
    }

    /// The second seed is started by the window when the first is done.
    void aRaceOverSeedsGoesOnByItself()
    {
        ExperimentSpec spec = smallTraining("race", 3);
        spec.quant.method = "lsq";
        spec.quant.weightBits = spec.quant.activationBits = 2;
        fixture().open(ExperimentSpec::read(spec.toJson(), "race"));
        QTest::keyClick(fixture().window.get(), Qt::Key_R, Qt::ControlModifier);
        auto* seeds = fixture().find<QSpinBox>("raceSeeds");
        QTRY_VERIFY(seeds && seeds->isVisible());
        seeds->setFocus();
        QTest::keyClick(seeds, Qt::Key_Up);
        fixture().click("raceStart");
        const auto* panel = fixture().find<RacePanel>("racePanel");
        QTRY_VERIFY_WITH_TIMEOUT(panel->race().isComplete(), patience);
        QCOMPARE(fixture().list()->model()->rowCount(), 6);
        QCOMPARE(panel->race().lanes.size(), std::size_t(3));
        for (const RaceLane& lane : panel->race().lanes) {
            QCOMPARE(lane.runs.size(), std::size_t(2));
            for (std::size_t i = 0; i < 2; ++i) {
                QCOMPARE(lane.runs[i]->identity().seed, i + 1);
                QCOMPARE(lane.runs[i]->state(), RunState::Finished);
            }
        }
        QTRY_VERIFY(!fixture().find<QLabel>("raceVerdict")->text().isEmpty());
    }

    void aPairGivesItsResults()
    {
        ExperimentSpec quantized = smallTraining("2 bits", 3);
        quantized.quant.method = "minmax";
        quantized.quant.weightBits = quantized.quant.activationBits = 2;
        fixture().open(ExperimentSpec::read(quantized.toJson(), "2 bits"),
                       smallTraining("float", 3));
        fixture().click("startButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().list()->model()->rowCount(), 2, patience);
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Finished, patience);
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(1), RunState::Finished, patience);
        QTRY_VERIFY(fixture().notice("result").contains(QStringLiteral("Float reaches")));
        QVERIFY2(fixture().notice("result").contains(QStringLiteral("integer program")),
                 qPrintable(fixture().notice("result")));
        QCOMPARE(fixture().notice("problem"), QString());
    }

    void followsARunOfTheCommandLine()
    {
        QTemporaryDir home;
        const std::filesystem::path file = pathOf(home.filePath(QStringLiteral("spec.json")));
        writeFileAtomically(file, smallTraining("from the terminal", 2000).toJson().dump());
        const QString run = home.filePath(QStringLiteral("run"));
        QProcess worker;
        worker.setStandardOutputFile(QProcess::nullDevice());
        worker.setStandardErrorFile(QProcess::nullDevice());
        worker.start(stairProgram,
                     {QStringLiteral("run"), QString::fromStdString(file.string()),
                      QStringLiteral("--out"), run});
        QVERIFY(worker.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(run + QStringLiteral("/events.jsonl")),
                                 patience);
        fixture().open(smallTraining("", 1));
        fixture().window->openRun(pathOf(run));
        QTRY_VERIFY_WITH_TIMEOUT(points() > 10, patience);
        const qsizetype before = points();
        QTRY_VERIFY_WITH_TIMEOUT(points() > before, patience);
        fixture().click("stopButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Stopped, patience);
        QTRY_COMPARE_WITH_TIMEOUT(worker.state(), QProcess::NotRunning, patience);
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestWindowTraining>(argc, argv);
}
#include "tst_window_training.moc"
