#include "core/base/files.h"
#include "core/session/local_launcher.h"
#include "tests/support/error_text.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace stair;

/// The worker here is a shell script that writes down how it was called.
class TestLocalLauncher : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_home;

    std::filesystem::path at(const char* name) const
    {
        return m_home.filePath(QLatin1String(name)).toStdString();
    }

    LocalLauncher launcherOf(const char* script) const
    {
        const QString program = m_home.filePath(QStringLiteral("worker"));
        QFile file(program);
        if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
            qFatal("cannot write the script");
        file.write(QByteArray("#!/bin/sh\n") + script + "\n");
        file.close();
        file.setPermissions(file.permissions() | QFile::ExeOwner);
        return LocalLauncher(program);
    }

private slots:
    void passesSpecFolderAndName()
    {
        const LocalLauncher launcher
            = launcherOf("echo $1 $3 $4 $STAIRCASE_LAUNCHER; cat \"$2\" >&2");
        const Launch launch = launcher.start({{"name", "x"}}, at("runs/0001-a"), 1);
        QVERIFY(launch.pid > 0);
        QTRY_VERIFY(!launch.isAlive());
        const QString expected = QStringLiteral("run --out %1 window\n{\n  \"name\": \"x\"\n}")
                                     .arg(QString::fromStdString(at("runs/0001-a").string()));
        QCOMPARE(launch.lastWords(), expected);
        QVERIFY(std::filesystem::is_empty(launch.folder)); // the run's folder is the worker's own
    }

    void passesWhatIsSaidOfTheRun()
    {
        const LocalLauncher launcher = launcherOf("echo $5; cat \"$6\"");
        const Launch launch
            = launcher.start(Json::object(), at("runs/0007-g"), 1, {{"sweep", "r1"}});
        QTRY_VERIFY(!launch.isAlive());
        QCOMPARE(launch.lastWords(), QStringLiteral("--meta\n{\n  \"sweep\": \"r1\"\n}"));
    }

    void sharesTheCores_data()
    {
        QTest::addColumn<int>("together");
        QTest::addColumn<int>("threads");
        QTest::addColumn<QString>("expected");
        const QString half = QString::number(LocalLauncher::threadsEach(2));
        QTest::addRow("alone, as the spec says") << 1 << 0 << QStringLiteral("0 []");
        QTest::addRow("two divide the cores") << 2 << 0 << half + QStringLiteral(" [passive]");
        QTest::addRow("a fixed count stays") << 2 << 3 << QStringLiteral("3 [passive]");
    }

    void sharesTheCores()
    {
        QFETCH(int, together);
        QFETCH(int, threads);
        qunsetenv("OMP_WAIT_POLICY");
        const LocalLauncher launcher
            = launcherOf("sed -n 's/.*\"threads\": //p' \"$2\" | tr '\\n' ' '; "
                         "echo \"[$OMP_WAIT_POLICY]\"");
        const Launch launch = launcher.start({{"threads", threads}}, at("runs/0002-b"), together);
        QTRY_VERIFY(!launch.isAlive());
        QTEST(launch.lastWords(), "expected");
    }

    void resumesAFolder()
    {
        const LocalLauncher launcher = launcherOf("echo $1 $2 $3");
        const Launch launch = launcher.resume(at("runs/0003-c"), 1);
        QTRY_VERIFY(!launch.isAlive());
        QCOMPARE(launch.lastWords(),
                 QStringLiteral("run --resume %1")
                     .arg(QString::fromStdString(at("runs/0003-c").string())));
    }

    void livesAsLongAsItsProcess()
    {
        const LocalLauncher launcher = launcherOf("read line < \"$2.go\"");
        const std::filesystem::path fifo = at("launch/0004-d.json.go");
        std::filesystem::create_directories(fifo.parent_path());
        QCOMPARE(std::system(("mkfifo " + fifo.string()).c_str()), 0);
        const Launch launch = launcher.start(Json::object(), at("runs/0004-d"), 1);
        QTest::qWait(50);
        QVERIFY(launch.isAlive());
        QFile file(QString::fromStdString(fifo.string()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("go\n");
        file.close();
        QTRY_VERIFY(!launch.isAlive());
    }

    void aMissingProgramIsNamed()
    {
        const LocalLauncher launcher(QStringLiteral("/nowhere/stair"));
        const QString error
            = errorText([&] { launcher.start(Json::object(), at("runs/0005-e"), 1); });
        VERIFY_CONTAINS(error, "/nowhere/stair is not there");
    }

    void aFolderThatCannotBeMadeIsNamed()
    {
        const LocalLauncher launcher = launcherOf("true");
        writeFileAtomically(at("file"), "in the way");
        const QString error
            = errorText([&] { launcher.start(Json::object(), at("file/runs/0006-f"), 1); });
        VERIFY_CONTAINS(error, "file");
    }
};

QTEST_GUILESS_MAIN(TestLocalLauncher)
#include "tst_local_launcher.moc"
