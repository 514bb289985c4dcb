#include "core/session/line_reader.h"
#include "core/train/checkpoint.h"
#include "tests/support/stair_process.h"

#include <QRandomGenerator>

#include <cstring>

using namespace stair;

namespace fs = std::filesystem;

namespace {

QString text(const fs::path& path)
{
    return QString::fromStdString(path.string());
}

std::int64_t lastStep(LineReader& reader, std::int64_t before)
{
    for (const Json& line : reader.read()) {
        if (line.value("event", "") == "step")
            before = line.at("step").get<std::int64_t>();
    }
    return before;
}

/// Waits until the run has done `step` steps; false when the program ended before.
bool waitForStep(QProcess& process, LineReader& reader, std::int64_t step)
{
    std::int64_t done = 0;
    while ((done = lastStep(reader, done)) < step) {
        if (process.waitForFinished(2))
            return lastStep(reader, done) >= step;
    }
    return true;
}

/// Events without the wall clock. `unbroken`: also without what only a broken run has.
std::vector<std::string> eventsOf(const fs::path& run, bool unbroken)
{
    std::vector<std::string> lines;
    for (Json& line : readLines(run / "events.jsonl")) {
        const std::string kind = line.value("event", "");
        line.erase("t");
        if (!unbroken || (kind != "started" && kind != "notice"))
            lines.push_back(line.dump());
    }
    return lines;
}

/// Says where two final checkpoints differ; empty when every tensor has the same bits.
QString difference(const fs::path& a, const fs::path& b)
{
    const Checkpoint one = Checkpoint::read(RunFolder::open(a).checkpointFile("last"));
    const Checkpoint two = Checkpoint::read(RunFolder::open(b).checkpointFile("last"));
    if (one.step != two.step || one.tensors().size() != two.tensors().size())
        return QString("steps %1 and %2").arg(one.step).arg(two.step);
    for (const auto& [name, tensor] : one.tensors()) {
        const Tensor* other = two.find(name);
        if (!other || other->shape() != tensor.shape()
            || std::memcmp(tensor.data(), other->data(), std::size_t(tensor.size()) * 4) != 0)
            return QString::fromStdString(name);
    }
    return {};
}

} // namespace

class TestResume : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    fs::path m_unbroken = m_stair.path("unbroken");

    /// Resumes the run until it is finished, killing it `kills` times on the way. Returns how
    /// often it was really killed.
    int killAndResume(const fs::path& run, std::unique_ptr<QProcess> process, int kills)
    {
        QRandomGenerator random(1);
        int killed = 0;
        std::int64_t reached = 0;
        for (;;) {
            // What an earlier life wrote is not this one's progress.
            std::error_code failure;
            const auto size = fs::file_size(run / "events.jsonl", failure);
            LineReader reader(run / "events.jsonl", failure ? 0 : std::int64_t(size));
            const bool live
                = killed < kills && waitForStep(*process, reader, reached + 1 + random.bounded(6));
            if (live && process->state() == QProcess::Running) {
                process->kill();
                ++killed;
            }
            const StairProgram::Result result = StairProgram::finish(*process);
            if (result.code == 0)
                return killed;
            if (result.code != -1) // neither killed nor finished
                qFatal("%s", qPrintable(result.err));
            const std::vector<fs::path> files = RunFolder::open(run).checkpoints();
            reached = files.empty() ? 0 : Checkpoint::read(files.back()).step;
            process = m_stair.start({"run", "--resume", text(run)});
        }
    }

private slots:
    void initTestCase()
    {
        const StairProgram::Result result = m_stair.run(smallRun() << "--out" << text(m_unbroken));
        QVERIFY2(result.code == 0, qPrintable(result.err));
    }

    void theSameSpecGivesTheSameRun()
    {
        const fs::path again = m_stair.path("again");
        QCOMPARE(m_stair.run(smallRun() << "--out" << text(again)).code, 0);
        QCOMPARE(difference(m_unbroken, again), QString());
        QVERIFY(eventsOf(m_unbroken, false) == eventsOf(again, false));
        QCOMPARE(readFile(m_unbroken / "layers.jsonl"), readFile(again / "layers.jsonl"));
    }

    void aRunKilledTwentyTimesIsTheSameRun()
    {
        const fs::path run = m_stair.path("killed");
        auto process = m_stair.start(smallRun() << "--out" << text(run));
        const int killed = killAndResume(run, std::move(process), 20);
        qInfo("killed %d times", killed);
        QCOMPARE(killed, 20);
        QCOMPARE(difference(m_unbroken, run), QString());
        QVERIFY(eventsOf(m_unbroken, true) == eventsOf(run, true));
        QCOMPARE(readFile(m_unbroken / "layers.jsonl"), readFile(run / "layers.jsonl"));
        QVERIFY(!fs::exists(run / "worker.json"));
    }

    void aResNet20KilledIsTheSameRun()
    {
        const QStringList arguments = smallRun() << "--set"
                                                 << "network={\"id\":\"resnet20\"}"
                                                 << "--set"
                                                 << "training.epochs=2"
                                                 << "--set"
                                                 << "data.params.size=16";
        const fs::path unbroken = m_stair.path("resnet20");
        QCOMPARE(m_stair.run(arguments + QStringList{"--out", text(unbroken)}).code, 0);
        const fs::path run = m_stair.path("resnet20-killed");
        auto process = m_stair.start(arguments + QStringList{"--out", text(run)});
        QVERIFY(killAndResume(run, std::move(process), 3) >= 2);
        QCOMPARE(difference(unbroken, run), QString());
        QVERIFY(eventsOf(unbroken, true) == eventsOf(run, true));
    }

    void aRunStoppedBySignalsIsTheSameRun()
    {
        const fs::path run = m_stair.path("stopped");
        auto process = m_stair.start(smallRun() << "--out" << text(run));
        LineReader reader(run / "events.jsonl");
        QVERIFY(waitForStep(*process, reader, 33));
        process->terminate();
        StairProgram::Result result = StairProgram::finish(*process);
        QCOMPARE(result.code, 130);
        QVERIFY2(result.out.contains("stopped at step"), qPrintable(result.out));
        QVERIFY(readLines(run / "events.jsonl").back().at("event") == "stopped");
        result = m_stair.run({"run", "--resume", text(run), "--json"});
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QVERIFY(Json::parse(result.out.toStdString()).at("end") == "finished");
        QCOMPARE(difference(m_unbroken, run), QString());
    }

    void aDamagedCheckpointCostsOnlyTime()
    {
        const fs::path run = m_stair.path("damaged");
        auto process = m_stair.start(smallRun() << "--out" << text(run));
        LineReader reader(run / "events.jsonl");
        QVERIFY(waitForStep(*process, reader, 23));
        process->kill();
        StairProgram::finish(*process);
        const fs::path last = RunFolder::open(run).checkpointFile("last");
        fs::resize_file(last, fs::file_size(last) - 1);
        const StairProgram::Result result = m_stair.run({"run", "--resume", text(run)});
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QVERIFY2(result.out.contains("skipped"), qPrintable(result.out));
        QVERIFY(readFile(run / "events.jsonl").find("\"notice\"") != std::string::npos);
        QCOMPARE(difference(m_unbroken, run), QString());
    }

    void anEditedRunCanBeReplayedAndKilled()
    {
        const fs::path run = m_stair.path("edited");
        auto process = m_stair.start(smallRun() << "--out" << text(run));
        LineReader reader(run / "events.jsonl");
        QVERIFY(waitForStep(*process, reader, 20));
        const QString key = "training.optimizer.learning_rate=";
        QCOMPARE(m_stair.run({"control", text(run), "set", key + "0.02"}).code, 0);
        QVERIFY(waitForStep(*process, reader, 60));
        QCOMPARE(m_stair.run({"control", text(run), "set", "quant.weights.bits=3"}).code, 0);
        QCOMPARE(StairProgram::finish(*process).code, 0);
        QVERIFY(!difference(m_unbroken, run).isEmpty());

        const fs::path replayed = m_stair.path("replayed");
        const QStringList replay = {"run", "--replay", text(run), "--out"};
        StairProgram::Result result = m_stair.run(replay + QStringList(text(replayed)));
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QCOMPARE(difference(run, replayed), QString());
        QVERIFY(eventsOf(run, false) == eventsOf(replayed, false));

        // A replay knows the commands only from its script: killed, it must find them again.
        const fs::path broken = m_stair.path("broken");
        process = m_stair.start(replay + QStringList(text(broken)));
        QVERIFY(killAndResume(broken, std::move(process), 6) >= 4);
        QCOMPARE(difference(run, broken), QString());
        QVERIFY(eventsOf(run, true) == eventsOf(broken, true));
    }
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
