#include "core/session/worker_lock.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_run.h"

#include <QTest>

#include <csignal>
#include <ctime>
#include <sys/wait.h>
#include <unistd.h>

using namespace stair;

namespace fs = std::filesystem;

namespace {

WorkerInfo own(const fs::path& folder)
{
    const WorkerLock lock(folder, "test");
    return WorkerInfo::read(readJsonFile(folder / "worker.json"));
}

void leave(const fs::path& folder, const WorkerInfo& info)
{
    writeFileAtomically(folder / "worker.json", info.toJson().dump());
}

/// A child process that takes the lock and tells; exits with 0 if it got it.
pid_t lockInChild(const fs::path& folder, bool stay)
{
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    int code = 1;
    try {
        const WorkerLock lock(folder, "child");
        code = 0;
        writeFileAtomically(folder / "held", "");
        while (stay)
            ::pause();
        ::usleep(300000);
    } catch (const Error&) {
    }
    ::_exit(code);
}

} // namespace

class TestWorkerLock : public QObject
{
    Q_OBJECT

private slots:
    void isHeldByOne()
    {
        const TempFolder folder;
        {
            const WorkerLock lock(folder.path(), "terminal");
            QVERIFY(liveWorker(folder / "worker.json").has_value());
            const QString text = errorText([&] { WorkerLock(folder.path(), "window"); });
            VERIFY_CONTAINS(text, QString::number(::getpid()));
            VERIFY_CONTAINS(text, "(terminal)");
            VERIFY_CONTAINS(text, "stop it first");
            QVERIFY(fs::exists(folder / "worker.json"));
        }
        QVERIFY(!fs::exists(folder / "worker.json"));
        const WorkerLock again(folder.path(), "terminal");
    }

    void whoHeldItBeforeIsTakenOverOrRefused_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<bool>("refused");
        QTest::newRow("this very process") << "" << true;
        QTest::newRow("a pid that was used again") << "ticks" << false;
        QTest::newRow("before the last boot") << "boot" << false;
        QTest::newRow("a pid that is not used") << "pid" << false;
        QTest::newRow("another host, heard of lately") << "host" << true;
        QTest::newRow("another host, silent") << "silent host" << false;
    }

    void whoHeldItBeforeIsTakenOverOrRefused()
    {
        QFETCH(QString, change);
        QFETCH(bool, refused);
        const TempFolder folder;
        WorkerInfo info = own(folder.path());
        QVERIFY(info.startTicks > 0);
        if (change == "ticks")
            info.startTicks += 1;
        if (change == "boot")
            info.boot = "another";
        if (change == "pid")
            info.pid = 1 << 30;
        if (change.contains("host"))
            info.host = "far-away";
        if (change == "silent host")
            info.heartbeat = std::time(nullptr) - 3600;
        leave(folder.path(), info);
        QCOMPARE(liveWorker(folder / "worker.json").has_value(), refused);
        QCOMPARE(!errorText([&] { WorkerLock(folder.path(), "test"); }).isEmpty(), refused);
    }

    void aFileThatMakesNoSenseHoldsNothing_data()
    {
        QTest::addColumn<QByteArray>("content");
        for (const char* content : {"", "{", "[]", "{}", "{\"pid\":\"x\"}", "5"})
            QTest::newRow(*content ? content : "empty") << QByteArray(content);
    }

    void aFileThatMakesNoSenseHoldsNothing()
    {
        QFETCH(QByteArray, content);
        const TempFolder folder;
        writeFileAtomically(folder / "worker.json", content.toStdString());
        QVERIFY(!liveWorker(folder / "worker.json"));
        const WorkerLock lock(folder.path(), "test");
    }

    void aKilledWorkerHoldsNothing()
    {
        const TempFolder folder;
        const pid_t child = lockInChild(folder.path(), true);
        QTRY_VERIFY(fs::exists(folder / "held"));
        QVERIFY(liveWorker(folder / "worker.json").has_value());
        VERIFY_CONTAINS(errorText([&] { WorkerLock(folder.path(), "test"); }),
                        QString::number(child));
        ::kill(child, SIGKILL);
        // Its parent has not asked for it yet: a zombie with the pid and start time of worker.json.
        QTRY_VERIFY(!liveWorker(folder / "worker.json"));
        {
            const WorkerLock lock(folder.path(), "test");
        }
        ::waitpid(child, nullptr, 0);
    }

    void ofManyAtOnceOneGetsIt()
    {
        for (int round = 0; round < 5; ++round) {
            const TempFolder folder;
            std::vector<pid_t> children;
            for (int i = 0; i < 8; ++i)
                children.push_back(lockInChild(folder.path(), false));
            int winners = 0;
            for (const pid_t child : children) {
                int status = 0;
                ::waitpid(child, &status, 0);
                winners += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : 0;
            }
            QCOMPARE(winners, 1);
        }
    }

    void aFolderThatIsNotThereIsNamed()
    {
        VERIFY_CONTAINS(errorText([] { WorkerLock("/nowhere/at/all", "test"); }),
                        "/nowhere/at/all");
    }
};

QTEST_GUILESS_MAIN(TestWorkerLock)
#include "tst_worker_lock.moc"
