#include "core/base/files.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"

using namespace stair;

namespace {

constexpr int patience = 60'000; // ms
const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

} // namespace

/// Reports are written while the window goes on, and are not lost when it closes.
class TestWindowReport : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<WindowFixture> m_fixture;
    std::unique_ptr<ActedRun> m_run;

    MainWindow& window() { return *m_fixture->window; }

    /// A run in training that the window shows; its folder.
    std::filesystem::path openReported()
    {
        const auto folder = m_fixture->runs() / "0001-a";
        m_run = std::make_unique<ActedRun>(folder, tinySpec("to be reported", true));
        m_run->start();
        m_run->train(0, 40);
        m_fixture->open(tinySpec("", true));
        window().openRun(folder);
        return folder;
    }

    QAction* action(const char* id) { return window().actions().find(QLatin1String(id)); }

private slots:
    void init()
    {
        QSettings().clear();
        m_fixture = std::make_unique<WindowFixture>(fakeStair);
    }

    void cleanup()
    {
        m_run.reset();
        m_fixture.reset();
    }

    /// The window says where it goes and when it is there; what fails is said as well.
    void aReportIsWrittenInTheBackground()
    {
        const auto folder = openReported();
        window().frame().showLayout("train"); // its curves are in it
        const auto home = m_fixture->runs().parent_path();
        for (const char* name : {"report.html", "report.pdf"}) {
            action("analyse.report")->trigger();
            m_fixture->chooseFile(home / name);
            QVERIFY2(m_fixture->notice("reportNotice").contains("being written"), // not yet there
                     qPrintable(m_fixture->notice("reportNotice")));
            QTRY_VERIFY2_WITH_TIMEOUT(m_fixture->notice("reportNotice").contains("is written"),
                                      qPrintable(m_fixture->notice("reportNotice")), patience);
        }
        QVERIFY(readFile(home / "report.html").find("to be reported") != std::string::npos);
        QVERIFY(readFile(home / "report.html").find("data:image/png;base64,") != std::string::npos);
        QVERIFY(readFile(home / "report.pdf").starts_with("%PDF-"));

        action("analyse.report")->trigger();
        std::filesystem::rename(folder / "spec.json", folder / "spec.away");
        m_fixture->chooseFile(home / "none.pdf");
        QTRY_VERIFY2(m_fixture->notice("problem").contains("0001-a"),
                     qPrintable(m_fixture->notice("problem")));
        QCOMPARE(m_fixture->notice("reportNotice"), QString());
        QVERIFY(!std::filesystem::exists(home / "none.pdf"));

        // An error that is not read yet stays while other things succeed.
        std::filesystem::rename(folder / "spec.away", folder / "spec.json");
        window().openRun(folder);
        QVERIFY(m_fixture->notice("problem").contains("0001-a"));
        writeFileAtomically(home / "bad.json", R"({"nmae": "x"})");
        window().openPaths({home / "bad.json"});
        QVERIFY(m_fixture->notice("problem").contains("nmae"));
        action("analyse.report")->trigger();
        m_fixture->chooseFile(home / "again.html");
        QTRY_VERIFY_WITH_TIMEOUT(m_fixture->notice("reportNotice").contains("is written"),
                                 patience);
        QVERIFY(m_fixture->notice("problem").contains("nmae"));
        window().openRun(folder);
        QCOMPARE(m_fixture->notice("problem"), QString());
    }

    /// The window asks, and closes by itself when the report is there; it stays where that fails.
    void closingWaitsForAReport()
    {
        const auto folder = openReported();
        const auto home = m_fixture->runs().parent_path();
        const auto closeWhileWriting = [&](const char* name, const char* choice) {
            QString question;
            WindowFixture::answer(choice, question);
            m_fixture->chooseFile(home / name);
            window().close();
            QCOMPARE(question, "A report is still being written.");
        };
        action("analyse.report")->trigger();
        closeWhileWriting("cancelled.html", "Cancel");
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(home / "cancelled.html"), patience);
        QTest::qWait(50); // that it is there comes as an event
        QVERIFY(window().isVisible());

        action("analyse.report")->trigger();
        std::filesystem::rename(folder / "spec.json", folder / "spec.away");
        closeWhileWriting("none.html", "Close when it is written");
        QTRY_VERIFY_WITH_TIMEOUT(m_fixture->notice("problem").contains("0001-a"), patience);
        QVERIFY(window().isVisible());
        std::filesystem::rename(folder / "spec.away", folder / "spec.json");
        window().openRun(folder);

        action("analyse.report")->trigger();
        closeWhileWriting("last.html", "Close when it is written");
        QTRY_VERIFY_WITH_TIMEOUT(!window().isVisible(), patience);
        QVERIFY(std::filesystem::exists(home / "last.html"));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestWindowReport>(argc, argv);
}
#include "tst_window_report.moc"
