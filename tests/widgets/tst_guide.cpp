#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/theme.h"

#include <QDockWidget>
#include <QPushButton>
#include <QToolButton>

using namespace stair;

namespace {

const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

} // namespace

/// The guided first run, followed as a user would.
class TestGuide : public QObject
{
    Q_OBJECT

    std::unique_ptr<WindowFixture> m_fixture;

    MainWindow& window() { return *m_fixture->window; }
    bool isShown() const { return !m_fixture->find<QWidget>("guide")->isHidden(); }
    QString place() const { return m_fixture->find<QLabel>("guidePlace")->text(); }
    QString text() const { return m_fixture->find<QLabel>("guideText")->text(); }

    void save(const char* name)
    {
        QTest::qWait(50);
        QVERIFY(savePicture(window(), QStringLiteral("guide-") + name));
    }

private slots:
    void init()
    {
        QSettings().clear();
        applyTheme(Theme::Light);
        m_fixture = std::make_unique<WindowFixture>(fakeStair);
    }

    void cleanup() { m_fixture.reset(); }

    void leadsFromStartToWhatTheResultsMean()
    {
        m_fixture->open(tinySpec("2 bits", true), tinySpec("float", false));
        QVERIFY(isShown());
        QVERIFY(!QApplication::activeModalWidget());
        QVERIFY2(place().contains("1 of 4") && text().contains("Press Start training"),
                 qPrintable(text()));
        QCOMPARE(nameless(*m_fixture->find<QWidget>("guide")), QString());
        save("1");
        QTest::qWait(1200);
        QVERIFY(place().contains("1 of 4")); // waits for the user

        m_fixture->click("startButton");
        QVERIFY2(place().contains("2 of 4") && text().contains("Watch the curves"),
                 qPrintable(text()));
        save("2");
        QTRY_VERIFY_WITH_TIMEOUT(place().contains("3 of 4"), 30'000);
        // The numbers that the runs really reached.
        QVERIFY2(text().contains(m_fixture->notice("result")), qPrintable(text()));
        QVERIFY2(text().contains("a gap of 6.8 points"), qPrintable(text()));
        save("3");
        applyTheme(Theme::Dark);
        save("3-dark");

        m_fixture->click("guideNext");
        QVERIFY2(place().contains("4 of 4") && text().contains("rounding lab"), qPrintable(text()));
        save("4-dark");
        m_fixture->click("guideLab");
        QVERIFY(!isShown());
        auto* lab = m_fixture->find<QDockWidget>("lab");
        QTRY_VERIFY(lab->isVisible() && !lab->visibleRegion().isEmpty());
    }

    void aStoppedRunIsToldAndTriedAgain()
    {
        ExperimentSpec spec = tinySpec("long", true);
        spec.training.epochs = 100;
        m_fixture->open(spec);
        m_fixture->click("startButton");
        QTRY_COMPARE(m_fixture->state(0), RunState::Running);
        m_fixture->click("stopButton");
        QTRY_VERIFY2(text().contains("ended before its last epoch"), qPrintable(text()));
        QVERIFY(place().contains("2 of 4"));
        m_fixture->click("startButton");
        QTRY_VERIFY2(text().contains("Watch the curves"), qPrintable(text()));
        QTRY_COMPARE(m_fixture->state(0), RunState::Running);
        m_fixture->click("stopButton");
        QTRY_COMPARE(m_fixture->state(0), RunState::Stopped);
    }

    void closedOnceItStaysAway()
    {
        m_fixture->open(tinySpec("", true));
        QVERIFY(isShown());
        QTest::mouseClick(m_fixture->find<QToolButton>("guideClose"), Qt::LeftButton);
        QVERIFY(!isShown());
        m_fixture->open(tinySpec("", true));
        QVERIFY(!isShown());
        // But Help brings it back, with the default experiment.
        m_fixture->type(m_fixture->find<QLineEdit>("name"), "mine");
        window().actions().find("help.guide")->trigger();
        QVERIFY(isShown());
        QVERIFY(place().contains("1 of 4"));
        QCOMPARE(m_fixture->find<QLineEdit>("name")->text(), QString());
    }

    void aWorkspaceWithRunsHasNone()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("first", false));
        m_fixture->open(tinySpec("", true));
        QVERIFY(!isShown());
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestGuide>(argc, argv);
}
#include "tst_guide.moc"
