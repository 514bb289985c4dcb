#include "core/base/files.h"
#include "core/session/run_folder.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/small_training.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/selection.h"
#include "widgets/main/theme.h"
#include "widgets/plot/line_plot.h"

#include <QScopeGuard>
#include <QSpinBox>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sys/mount.h>

using namespace stair;

namespace fs = std::filesystem;

namespace {

const QString stairProgram = QStringLiteral(STAIR_BINARY_DIR "/app/stair");
constexpr int patience = 400'000; // ms: busy machines are slow

/// Trains for as long as a test needs.
ExperimentSpec longSpec(const std::string& name)
{
    return smallTraining(name, 100'000);
}

} // namespace

/// What goes wrong while the window is open, with the real worker: it is told in words, and
/// everything else goes on.
class TestMisfortunes : public QObject
{
    Q_OBJECT

    std::unique_ptr<WindowFixture> m_fixture;

    WindowFixture& fixture() { return *m_fixture; }

    fs::path startLong(const char* name)
    {
        fixture().open(longSpec(name));
        fixture().click("startButton");
        return waitForRun();
    }

    fs::path waitForRun()
    {
        const auto isTraining = [&] {
            return fixture().state(0) == RunState::Running;
        };
        for (int i = 0; i < patience / 50 && !isTraining(); ++i)
            QTest::qWait(50);
        return pathOf(
            fixture().list()->model()->index(0, 0).data(RunListModel::FolderRole).toString());
    }

    static pid_t workerOf(const fs::path& run)
    {
        return readJsonFile(run / "worker.json").at("pid").get<pid_t>();
    }

    static void kill(const fs::path& run, int signal) { ::kill(workerOf(run), signal); }

    /// The window does what is asked of it: another run trains and is stopped.
    void everythingElseGoesOn()
    {
        QVERIFY(!QApplication::activeModalWidget());
        fixture().type(fixture().find<QLineEdit>("name"), "after the misfortune");
        QVERIFY(fixture().button("startButton")->isEnabled());
        fixture().click("startButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Running, patience);
        auto* plot = fixture().find<LinePlot>("lossPlot");
        QTRY_VERIFY_WITH_TIMEOUT(plot->dataText().count(u'\n') > 5, patience);
        fixture().click("stopButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Stopped, patience);
    }

private slots:
    void init()
    {
        QSettings().clear();
        applyTheme(Theme::Light);
        m_fixture = std::make_unique<WindowFixture>(stairProgram);
    }

    void cleanup()
    {
        if (m_fixture->window)
            for (RunLog* run : m_fixture->window->selection().runs())
                if (fs::exists(run->folder() / "worker.json"))
                    kill(run->folder(), SIGKILL);
        m_fixture.reset();
    }

    void theWorkerIsKilled()
    {
        const fs::path run = startLong("to be killed");
        QCOMPARE(fixture().state(0), RunState::Running);
        kill(run, SIGKILL);
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Interrupted, patience);
        QVERIFY2(fixture().notice("notice").contains("was interrupted at step"),
                 qPrintable(fixture().notice("notice")));
        QTRY_VERIFY2(fixture().notice("problem").contains("ended without a word"),
                     qPrintable(fixture().notice("problem")));
        QTest::qWait(50);
        QVERIFY(savePicture(*fixture().window, "misfortune-killed"));
        everythingElseGoesOn();
    }

    void itsFolderIsDeleted()
    {
        const fs::path run = startLong("to be deleted");
        const pid_t worker = workerOf(run);
        for (std::error_code busy; fs::exists(run);) // the worker writes there meanwhile
            fs::remove_all(run, busy);
        QTRY_VERIFY2_WITH_TIMEOUT(fixture().notice("problem").contains("is gone"),
                                  qPrintable(fixture().notice("problem")), patience);
        QCOMPARE(fixture().list()->model()->rowCount(), 0);
        // It ends by itself at the next checkpoint: an epoch here is ten steps.
        QTRY_VERIFY_WITH_TIMEOUT(::kill(worker, 0) != 0, patience);
        everythingElseGoesOn();
    }

    void aRunThatIsShownIsDeleted()
    {
        ActedRun acted(fixture().runs() / "0001-a", longSpec("shown"));
        acted.start();
        acted.train(0, 20);
        acted.finish(20);
        fixture().open(longSpec("the form"));
        fixture().window->openRun(fixture().runs() / "0001-a");
        fs::remove_all(fixture().runs() / "0001-a");
        QTRY_VERIFY2(fixture().notice("problem").contains("the folder of shown is gone"),
                     qPrintable(fixture().notice("problem")));
        everythingElseGoesOn();
    }

    /// What the user throws away is no misfortune.
    void deletingInTheWindowIsNone()
    {
        qputenv("XDG_DATA_HOME", (fixture().runs().parent_path() / "data").c_str());
        ActedRun acted(fixture().runs() / "0001-a", longSpec("shown"));
        acted.finish(0);
        fixture().open(longSpec("the form"));
        fixture().window->openRun(fixture().runs() / "0001-a");
        QString question;
        WindowFixture::answer("Move to trash", question);
        fixture().window->actions().find("run.delete")->trigger();
        QTRY_COMPARE(fixture().list()->model()->rowCount(), 0);
        QTest::qWait(1200);
        QCOMPARE(fixture().notice("problem"), QString());
        qunsetenv("XDG_DATA_HOME");
    }

    void theDiskIsFull()
    {
        const fs::path workspace = fixture().runs().parent_path();
        if (::mount("tmpfs", workspace.c_str(), "tmpfs", 0, "size=2m") != 0)
            QSKIP(qPrintable(QStringLiteral("needs to mount a small file system: %1")
                                 .arg(QString::fromUtf8(std::strerror(errno)))));
        const auto unmount = qScopeGuard([&] { ::umount2(workspace.c_str(), MNT_DETACH); });
        startLong("on a small disk");
        QCOMPARE(fixture().state(0), RunState::Running);
        const auto fill = [&] {
            std::ofstream filler(workspace / "filler", std::ios::binary | std::ios::app);
            const std::string piece(4096, 'x');
            while (filler.write(piece.data(), std::streamsize(piece.size())).flush()) { }
        };
        fill();
        fixture().find<QSpinBox>("epochs")->setValue(7); // the session is to be saved too
        QTRY_VERIFY2_WITH_TIMEOUT(fixture().state(0) == RunState::Failed
                                      || fixture().state(0) == RunState::Interrupted,
                                  "the worker ends", patience);
        QTRY_VERIFY2(
            (fixture().notice("notice") + fixture().notice("problem")).contains("No space left"),
            qPrintable(fixture().notice("notice") + fixture().notice("problem")));
        QVERIFY(!QApplication::activeModalWidget());
        // Another start is refused in words as long as it is full; what could not be written whole is
        // gone and has left room.
        fill();
        fixture().click("startButton");
        QTRY_VERIFY2(fixture().notice("problem").contains("No space left"),
                     qPrintable(fixture().notice("problem")));
        fs::remove(workspace / "filler");
        fixture().find<QSpinBox>("epochs")->setValue(100'000);
        everythingElseGoesOn();
        fixture().window.reset(); // before its disk goes
    }

    void theSpecOfAShownRunIsMadeNonsense()
    {
        const fs::path run = startLong("to be spoiled");
        writeFileAtomically(run / "spec.json", "{\"nmae\": \"x\"");
        QTRY_VERIFY2_WITH_TIMEOUT(
            fixture().notice("notice").contains("was changed and cannot be read any more"),
            qPrintable(fixture().notice("notice")), patience);
        QCOMPARE(fixture().state(0), RunState::Running); // its worker has its own
        QTest::qWait(50);
        QVERIFY(savePicture(*fixture().window, "misfortune-spec"));
        // What needs the spec says so, and changes nothing.
        const QString name = fixture().find<QLineEdit>("name")->text();
        fixture().window->actions().find("run.duplicate")->trigger();
        QVERIFY2(fixture().notice("problem").contains("spec.json"),
                 qPrintable(fixture().notice("problem")));
        QCOMPARE(fixture().find<QLineEdit>("name")->text(), name);
        // It can be mended.
        writeFileAtomically(run / "spec.json", longSpec("mended").toJson().dump());
        QTRY_COMPARE_WITH_TIMEOUT(fixture().notice("notice"), QString(), patience);
        fixture().click("stopButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture().state(0), RunState::Stopped, patience);
        everythingElseGoesOn();
    }

    void aRunComesWithANonsenseSpec()
    {
        fixture().open(longSpec("the form"));
        fs::create_directories(fixture().runs() / "0001-bad");
        writeFileAtomically(fixture().runs() / "0001-bad" / "spec.json", R"({"nmae": "x"})");
        QTRY_COMPARE(fixture().list()->model()->rowCount(), 1);
        fixture().window->openRun(fixture().runs() / "0001-bad");
        QCOMPARE(fixture().state(0), RunState::Unreadable);
        QTRY_VERIFY2(fixture().notice("notice").contains("nmae"),
                     qPrintable(fixture().notice("notice")));
        everythingElseGoesOn();
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestMisfortunes>(argc, argv);
}
#include "tst_misfortunes.moc"
