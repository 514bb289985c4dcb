#include "core/session/line_reader.h"
#include "core/session/resume.h"
#include "core/session/run_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_run.h"

#include <QTest>

using namespace stair;

namespace fs = std::filesystem;

namespace {

Json set(double value)
{
    return {{"command", "set"}, {"key", "k"}, {"value", value}};
}

/// Goes from one step to another, a checkpoint every second step, commands where asked for.
void work(const RunFolder& run, int from, int to, const std::map<int, Json>& commands = {})
{
    RunWriter writer(run);
    writer.started(from, 100, from > 0);
    for (int step = from; step < to; ++step) {
        if (commands.contains(step))
            writer.onCommand(step, commands.at(step));
        StepReport report;
        report.step = step + 1;
        writer.onStep(report);
        LayersReport layers;
        layers.step = step + 1;
        writer.onLayers(layers);
        Checkpoint checkpoint;
        checkpoint.step = step + 1;
        if ((step + 1) % 2 == 0)
            writer.onCheckpoint(checkpoint, step + 1 == 4);
    }
}

std::vector<std::int64_t> steps(const fs::path& log, const char* event)
{
    std::vector<std::int64_t> list;
    for (const Json& line : readLines(log)) {
        if (line.value("event", "layers") == event)
            list.push_back(line.at("step").get<std::int64_t>());
    }
    return list;
}

void cutShort(const fs::path& file)
{
    fs::resize_file(file, fs::file_size(file) / 2);
}

using Steps = std::vector<std::int64_t>;

} // namespace

class TestResumePoint : public QObject
{
    Q_OBJECT

private slots:
    void isTheNewestCheckpoint()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        work(run, 0, 7);
        const ResumePoint point = findResumePoint(run);
        QCOMPARE(point.step(), 6);
        QVERIFY(point.notices.empty());
        rewind(run, point);
        QVERIFY(steps(run.eventsFile(), "step") == Steps({1, 2, 3, 4, 5, 6}));
        QVERIFY(steps(run.layersFile(), "layers") == Steps({1, 2, 3, 4, 5, 6}));
        // As if it had never gone beyond: the checkpoint's own line is the last.
        QCOMPARE(readLines(run.eventsFile()).back().dump(),
                 std::string(R"({"event":"checkpoint","step":6,)"
                             R"("file":"step-00000006.safetensors","best":false})"));
    }

    void isThePreviousOneWhenTheNewestIsDamaged()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        work(run, 0, 7);
        cutShort(run.checkpointFile("last"));
        const ResumePoint point = findResumePoint(run);
        QCOMPARE(point.step(), 4);
        QCOMPARE(point.notices.size(), std::size_t(1));
        VERIFY_CONTAINS(QString::fromStdString(point.notices[0]), "step-00000006.safetensors");
        QCOMPARE(run.checkpoints().size(), std::size_t(2)); // finding changes nothing
        rewind(run, point);
        QCOMPARE(run.checkpoints().size(), std::size_t(1));
        QVERIFY(steps(run.eventsFile(), "step") == Steps({1, 2, 3, 4}));
        QVERIFY(readLines(run.eventsFile()).back().at("best").get<bool>());
    }

    void isTheBestWhenNoOtherCanBeRead()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        work(run, 0, 9);
        for (const fs::path& file : run.checkpoints())
            cutShort(file);
        const ResumePoint point = findResumePoint(run);
        QCOMPARE(point.step(), 4);
        QCOMPARE(point.file, run.bestCheckpoint());
        QCOMPARE(point.damaged.size(), std::size_t(2));
    }

    void isTheBeginningWhenThereIsNone()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        work(run, 0, 1, {{0, set(1)}});
        const ResumePoint point = findResumePoint(run);
        QVERIFY(!point.checkpoint);
        QCOMPARE(point.step(), 0);
        QCOMPARE(point.script.size(), std::size_t(1));
        QCOMPARE(point.notices.size(), std::size_t(1));
        rewind(run, point);
        QVERIFY(readLines(run.eventsFile()).empty());
        QVERIFY(readLines(run.layersFile()).empty());
    }

    // Killed at 7 with a command at 6; killed again before step 6 was reached.
    void commandsOutliveASecondKill()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        work(run, 0, 7, {{1, set(1)}, {5, set(2)}, {6, set(3)}});
        cutShort(run.checkpointFile("last")); // back to 4
        ResumePoint point = findResumePoint(run);
        QVERIFY(point.script == std::vector<ScriptedCommand>({{5, set(2)}, {6, set(3)}}));
        rewind(run, point);
        work(run, 4, 5);
        point = findResumePoint(run);
        QCOMPARE(point.step(), 4);
        QVERIFY(point.script == std::vector<ScriptedCommand>({{5, set(2)}, {6, set(3)}}));
        rewind(run, point);
        work(run, 4, 7, {{5, set(2)}, {6, set(3)}});
        QVERIFY(steps(run.eventsFile(), "command") == Steps({1, 5, 6}));
        // Now step 6 has its checkpoint and the command of step 5 is in it.
        point = findResumePoint(run);
        QCOMPARE(point.step(), 6);
        QVERIFY(point.script == std::vector<ScriptedCommand>({{6, set(3)}}));
    }

    void piecesOfUnfinishedFilesGo()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        work(run, 0, 2);
        writeFileAtomically(run.checkpointFolder() / "step-00000009.safetensors.part77", "x");
        rewind(run, findResumePoint(run));
        QCOMPARE(std::distance(fs::directory_iterator(run.checkpointFolder()), {}), 1);
    }

    void aFinishedRunIsRefused()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        work(run, 0, 2);
        {
            RunWriter writer(run);
            writer.finished(2);
        }
        VERIFY_CONTAINS(errorText([&] { findResumePoint(run); }), "is finished; --replay");
    }
};

QTEST_GUILESS_MAIN(TestResumePoint)
#include "tst_resume_point.moc"
