#include "core/session/event_lines.h"
#include "core/session/line_reader.h"
#include "core/session/resume.h"
#include "core/session/run_writer.h"
#include "tests/support/temp_run.h"

#include <QTest>

#include <limits>

using namespace stair;

namespace fs = std::filesystem;

namespace {

StepReport stepReport(std::int64_t step)
{
    return {.step = step,
            .steps = 10,
            .epoch = 1,
            .loss = 0.5,
            .accuracy = 0.25,
            .learningRate = 0.125,
            .gradientNorm = 2,
            .elapsedSeconds = 1.5,
            .imagesPerSecond = 100,
            .remainingSeconds = 3};
}

Metrics metrics()
{
    return {.images = 4, .loss = 0.5, .top1 = 0.75, .top5 = 1, .confusion = {2, 1, 0, 1}};
}

Checkpoint checkpointAt(std::int64_t step)
{
    Checkpoint checkpoint;
    checkpoint.step = step;
    checkpoint.add("w", Tensor(Shape{1, 1, 1, 4}));
    return checkpoint;
}

/// The log's lines without their wall clock, as text.
std::vector<std::string> linesOf(const fs::path& file)
{
    std::vector<std::string> lines;
    for (Json& line : readLines(file)) {
        line.erase("t");
        lines.push_back(line.dump());
    }
    return lines;
}

} // namespace

class TestRunWriter : public QObject
{
    Q_OBJECT

private slots:
    void writesTheLinesAsTheyAreDescribed()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        {
            RunWriter writer(run);
            writer.started(0, 10, false);
            writer.onStep(stepReport(1));
            writer.onEvaluation({.step = 1,
                                 .epoch = 1,
                                 .validation = metrics(),
                                 .test = metrics(),
                                 .testRunning = 0.5,
                                 .best = true,
                                 .proved = true,
                                 .seconds = 2});
            writer.onEvaluation(
                {.step = 1, .epoch = 1, .validation = {}, .test = metrics(), .testRunning = {}});
            writer.onNotice(1, "a \"text\"\nof two lines");
            writer.onCommand(1, {{"command", "set"}});
            writer.onPaused(1, "why");
            writer.onResumed(1);
            writer.onCheckpoint(checkpointAt(1), true);
            writer.failed(1, "reason");
            writer.stopped(1);
            writer.finished(1);
        }
        const std::string test
            = R"(,"test":{"images":4,"loss":0.5,"top1":0.75,"top5":1.0,"confusion":[[2,1],[0,1]]})";
        const std::vector<std::string> expected
            = {R"({"event":"started","step":0,"steps":10,"resumed":false})",
               R"({"event":"step","step":1,"epoch":1,"loss":0.5,"accuracy":0.25)"
               R"(,"learning_rate":0.125,"gradient_norm":2.0})",
               R"({"event":"evaluation","step":1,"epoch":1)"
               R"(,"validation":{"images":4,"loss":0.5,"top1":0.75,"top5":1.0})"
                   + test + R"(,"test_running":0.5,"best":true,"proved":true})",
               R"({"event":"evaluation","step":1,"epoch":1)" + test
                   + R"(,"best":false,"proved":false})",
               "{\"event\":\"notice\",\"step\":1,\"text\":\"a \\\"text\\\"\\nof two lines\"}",
               R"({"event":"command","step":1,"command":{"command":"set"}})",
               R"({"event":"paused","step":1,"reason":"why"})",
               R"({"event":"resumed","step":1})",
               R"({"event":"checkpoint","step":1,"file":"step-00000001.safetensors","best":true})",
               R"({"event":"failed","step":1,"error":"reason"})",
               R"({"event":"stopped","step":1})",
               R"({"event":"finished","step":1})"};
        QVERIFY(linesOf(run.eventsFile()) == expected);
    }

    void wallClockStandsUnderT()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        RunWriter writer(run);
        writer.started(0, 10, false);
        writer.onStep(stepReport(1));
        writer.finished(1);
        const std::vector<Json> lines = readLines(run.eventsFile());
        QVERIFY(lines[0].at("t").at("time").get<double>() > 1.6e9);
        QCOMPARE(lines[1].at("t").dump(),
                 std::string(R"({"elapsed":1.5,"images_per_s":100.0,"remaining":3.0})"));
        QCOMPARE(lines[2].at("t").at("elapsed").get<double>(), 1.5);
    }

    void layersHaveTheirOwnLog()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        RunWriter writer(run);
        LayersReport report;
        report.step = 50;
        report.quantizers.push_back({.name = "conv1.weight",
                                     .kind = "weight",
                                     .bits = 2,
                                     .step = 0.5,
                                     .saturated = 0.25,
                                     .masked = 0.125,
                                     .zero = 0.5,
                                     .levelsUsed = 3,
                                     .levels = {1, 2, 1, 0},
                                     .meanSquaredError = 0.5,
                                     .sqnr = 3,
                                     .cosine = 0.75,
                                     .flips = 0.5,
                                     .slopes = {0, 4},
                                     .leastCode = -2,
                                     .gridLevels = 4});
        QuantizerReport activation;
        activation.name = "act1";
        activation.kind = "activation";
        activation.codeStep = 0.25;
        activation.values = ValueBins(-1, 2, 2);
        report.quantizers.push_back(activation);
        report.gradients.push_back({.name = "conv1.weight",
                                    .norm = 2,
                                    .bins = {0, 1},
                                    .values = ValueBins(-2, 2, 4),
                                    .clip = {}});
        report.gradients.push_back(
            {.name = "conv2.weight",
             .norm = 1,
             .bins = {2},
             .clip = GradientClip{.gaussian = 0.25, .clip = 0.5, .dataClip = 1}});
        writer.onLayers(report);
        writer.finished(50);
        const std::vector<std::string> expected = {
            R"({"step":50,"quantizers":[{"name":"conv1.weight","kind":"weight","bits":2)"
            R"(,"step_size":0.5,"saturated":0.25,"masked":0.125,"zero":0.5,"levels_used":3)"
            R"(,"grid_levels":4,"least_code":-2,"levels":[1,2,1,0],"mse":0.5,"sqnr_db":3.0,"cosine":0.75,"slopes":[0,4],"flips":0.5},)"
            R"({"name":"act1","kind":"activation","bits":0,"step_size":0.0,"saturated":0.0,"masked":0.0)"
            R"(,"zero":0.0,"levels_used":0,"grid_levels":0,"least_code":0,"levels":[],"mse":0.0,"sqnr_db":0.0,"cosine":0.0,"slopes":[])"
            R"(,"code_step":0.25,"values":{"from":-1.0,"width":1.5,"counts":[0,0]}}])"
            R"(,"gradients":[{"name":"conv1.weight","norm":2.0,"bins":[0,1])"
            R"(,"values":{"from":-2.0,"width":1.0,"counts":[0,0,0,0]}},)"
            R"({"name":"conv2.weight","norm":1.0,"bins":[2],"gaussian":0.25,"clip":0.5,"data_clip":1.0}]})"};
        QVERIFY(linesOf(run.layersFile()) == expected);
        const Json read = Json::parse(expected.front());
        QVERIFY(layersLine(layersOf(read)) == read);
        // A line with holes costs what is missing.
        const LayersReport damaged = layersOf(Json::parse(
            R"({"step":"x","quantizers":[{"name":3,"levels":[1,null],"values":{"from":1}},7]})"));
        QCOMPARE(damaged.quantizers.size(), std::size_t(2));
        QVERIFY(damaged.quantizers[0].values.counts.empty() && damaged.gradients.empty());
    }

    void whatIsNotANumberIsNull()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        RunWriter writer(run);
        StepReport report = stepReport(1);
        report.loss = std::numeric_limits<double>::quiet_NaN();
        report.gradientNorm = std::numeric_limits<double>::infinity();
        writer.onStep(report);
        writer.onNotice(1, "not UTF-8: \xff");
        writer.finished(1);
        const std::vector<Json> lines = readLines(run.eventsFile());
        QCOMPARE(lines.size(), std::size_t(3));
        QVERIFY(lines[0].at("loss").is_null() && lines[0].at("gradient_norm").is_null());
    }

    // What the checkpoint says of the logs is what they were when it was written.
    void aCheckpointKnowsTheLogsBeforeIt()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        RunWriter writer(run);
        writer.started(0, 10, false);
        writer.onStep(stepReport(1));
        writer.onCheckpoint(checkpointAt(1), false);
        writer.onStep(stepReport(2));
        writer.stopped(2);
        const Checkpoint stored = Checkpoint::read(run.checkpointFile("last"));
        const auto events = stored.state.at("logs").at("events").get<std::size_t>();
        const std::string log = readFile(run.eventsFile());
        QCOMPARE(std::ranges::count(log.substr(0, events), '\n'), 2);
        QVERIFY(log.substr(events).starts_with(R"({"event":"checkpoint","step":1)"));
    }

    void keepsTheLastTwoAndTheBest()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        RunWriter writer(run);
        for (int step = 1; step <= 6; ++step)
            writer.onCheckpoint(checkpointAt(step), step == 2 || step == 3);
        const std::vector<fs::path> files = run.checkpoints();
        QCOMPARE(files.size(), std::size_t(2));
        QCOMPARE(Checkpoint::read(files[0]).step, 5);
        QCOMPARE(Checkpoint::read(files[1]).step, 6);
        QCOMPARE(Checkpoint::read(run.bestCheckpoint()).step, 3);
        writer.onCheckpoint(checkpointAt(6), true); // the same step again, now the best
        QCOMPARE(Checkpoint::read(run.bestCheckpoint()).step, 6);
        writer.onCheckpoint(checkpointAt(6), true);
        int others = 0;
        for (const fs::directory_entry& entry : fs::directory_iterator(run.checkpointFolder()))
            others += entry.path().extension() == ".safetensors" ? 0 : 1;
        QCOMPARE(others, 0);
    }
};

QTEST_GUILESS_MAIN(TestRunWriter)
#include "tst_run_writer.moc"
