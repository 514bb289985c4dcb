#include "core/session/file_controls.h"
#include "tests/support/temp_run.h"

#include <QElapsedTimer>
#include <QTest>

using namespace stair;

namespace {

Json set(double value)
{
    return {{"command", "set"}, {"key", "k"}, {"value", value}};
}

Json commandAt(std::int64_t step, const Json& command)
{
    return {{"event", "command"}, {"step", step}, {"command", command}};
}

} // namespace

class TestFileControls : public QObject
{
    Q_OBJECT

private slots:
    void handsOutEachCommandOnce()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        FileControls controls(run, 0);
        QVERIFY(controls.poll(1).empty());
        run.command({{"command", "pause"}});
        run.command({{"command", "resume"}});
        const std::vector<Json> commands = controls.poll(2);
        QCOMPARE(commands.size(), std::size_t(2));
        QCOMPARE(commands[1].at("command").get<std::string>(), std::string("resume"));
        QVERIFY(controls.poll(3).empty());
        run.command({{"command", "stop"}});
        QCOMPARE(controls.wait(3).size(), std::size_t(1));
    }

    void leavesOutWhatCameBeforeAndWhatIsNoCommand()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        run.command({{"command", "stop"}});
        FileControls controls(run, std::int64_t(std::filesystem::file_size(run.controlFile())));
        run.command({{"comand", "stop"}});
        run.command({{"command", 5}});
        run.command({{"command", "pause"}});
        QCOMPARE(controls.poll(1).size(), std::size_t(1));
    }

    // A command recorded when s steps were done is given before step s + 1.
    void givesTheScriptAtItsSteps()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        FileControls controls(run, 0, {{0, set(1)}, {2, set(2)}, {2, set(3)}});
        run.command({{"command", "pause"}});
        QCOMPARE(controls.poll(1).size(), std::size_t(2)); // the first, and the file's
        QCOMPARE(controls.poll(2).size(), std::size_t(0));
        const std::vector<Json> third = controls.poll(3);
        QCOMPARE(third.size(), std::size_t(2));
        QCOMPARE(third[1].at("value").get<double>(), 3.0);
        QVERIFY(controls.poll(4).empty());
    }

    void waitingIsShort()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        FileControls controls(run, 0);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(controls.wait(1).empty());
        QVERIFY(timer.elapsed() >= 100);
        QVERIFY(timer.elapsed() < 2000); // a fifth of a second on a machine with time
    }

    void aScriptIsWhatChangesTheComputation()
    {
        const std::vector<Json> events = {{{"event", "started"}, {"step", 0}},
                                          commandAt(5, set(1)),
                                          commandAt(7, {{"command", "pause"}}),
                                          commandAt(9, set(3)),
                                          commandAt(8, set(2)),
                                          commandAt(9, {{"command", "stop"}})};
        const std::vector<ScriptedCommand> all = scriptOf(events, 0);
        QCOMPARE(all.size(), std::size_t(3));
        QCOMPARE(all[1].command.at("value").get<double>(), 2.0); // in order of steps
        const std::vector<ScriptedCommand> later = scriptOf(events, 8);
        QCOMPARE(later.size(), std::size_t(2)); // one of that very step is among them
    }

    void aGuardsPauseIsPassedAgain()
    {
        const auto paused = [](int step, const char* reason) {
            return Json{{"event", "paused"}, {"step", step}, {"reason", reason}};
        };
        const auto resumed = [](int step) {
            return Json{{"event", "resumed"}, {"step", step}};
        };
        const std::vector<Json> events = {paused(3, "paused by command"),
                                          resumed(3),
                                          paused(5, "dead: every code ..."),
                                          resumed(5),
                                          paused(6, "one step"),
                                          resumed(6)};
        const std::vector<ScriptedCommand> script = scriptOf(events, 0);
        QCOMPARE(script.size(), std::size_t(1));
        QCOMPARE(script[0].step, 5);
        QVERIFY(script[0].command == Json({{"command", "resume"}}));
    }

    void aCheckpointsOwnCommandsAreNotGivenAgain()
    {
        const std::vector<Json> earlier = {commandAt(4, set(1)), commandAt(8, set(2))};
        const std::vector<Json> later = {commandAt(8, set(3))};
        const TempFolder folder;
        const std::filesystem::path file = folder / "script.jsonl";
        writeScript(file, {{8, set(2)}, {8, set(3)}, {9, set(4)}});
        const std::vector<ScriptedCommand> script = pendingScript(file, earlier, later, 8);
        QCOMPARE(script.size(), std::size_t(2));
        QVERIFY(script[0].command == set(3));
        QVERIFY(script[1].command == set(4));
    }
};

QTEST_GUILESS_MAIN(TestFileControls)
#include "tst_file_controls.moc"
