#include "core/session/stop_signals.h"

#include <QTest>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace stair;

class TestStopSignals : public QObject
{
    Q_OBJECT

private slots:
    void aSignalAsksForAStop_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGHUP") << SIGHUP;
    }

    void aSignalAsksForAStop()
    {
        QFETCH(int, signal);
        const StopSignals stopSignals;
        QVERIFY(!stopSignals.token().stop_requested());
        QCOMPARE(stopSignals.caught(), 0);
        std::raise(signal);
        QTRY_VERIFY(stopSignals.token().stop_requested());
        QCOMPARE(stopSignals.caught(), signal);
    }

    void aReaderThatLeavesIsNoReason()
    {
        const StopSignals stopSignals;
        std::raise(SIGPIPE);
        QVERIFY(!stopSignals.token().stop_requested());
    }

    void theSecondOfAKindEndsTheProcess()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            const StopSignals stopSignals;
            std::raise(SIGINT);
            std::raise(SIGINT);
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGINT);
    }

    void whatWasBeforeComesBack()
    {
        const auto before = std::signal(SIGTERM, SIG_IGN);
        {
            const StopSignals stopSignals;
        }
        std::raise(SIGTERM); // ignored again
        std::signal(SIGTERM, before);
    }
};

QTEST_GUILESS_MAIN(TestStopSignals)
#include "tst_stop_signals.moc"
