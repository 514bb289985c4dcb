#include "core/cli/text_format.h"
#include "core/session/cards.h"
#include "core/session/line_reader.h"
#include "core/train/schedules.h"
#include "tests/support/error_text.h"
#include "tests/support/stair_process.h"

#include <csignal>

using namespace stair;

namespace fs = std::filesystem;

namespace {

QString text(const fs::path& path)
{
    return QString::fromStdString(path.string());
}

/// `stair card run` on drawn images and a narrow network, one thread.
QStringList smallCard(const char* name, const char* budget)
{
    QStringList arguments = {"card", "run", name, "--budget", budget, "--threads", "1"};
    for (const char* assignment :
         {"data.id=procedural", "data.path=", "data.params.train=320", "data.params.test=64",
          "data.batch=32", "data.validation=64", "network.params.width=0.125"})
        arguments << "--set" << assignment;
    return arguments;
}

Json parse(const QString& json)
{
    return Json::parse(json.toStdString(), nullptr, false);
}

std::vector<fs::path> runsIn(const StairProgram& stair)
{
    std::vector<fs::path> runs;
    for (const auto& entry : fs::directory_iterator(stair.workspace() / "runs"))
        runs.push_back(entry.path());
    std::ranges::sort(runs);
    return runs;
}

} // namespace

class TestCard : public QObject
{
    Q_OBJECT

private slots:
    void durations_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<double>("seconds"); // 0: refused
        const auto row = [](const char* text, double seconds) {
            QTest::newRow(*text ? text : "nothing") << std::string(text) << seconds;
        };
        row("90", 90);
        row("90s", 90);
        row("10m", 600);
        row("1h", 3600);
        row("1.5h", 5400);
        row("0.5", 0.5);
        for (const char* bad : {"", "0", "0m", "-5", "+5", "m", "10 m", "10x", "10ms", "1h30m",
                                "1e3", "nan", "inf", "0x10", ".", "1.2.3", "999999999h"})
            row(bad, 0);
    }

    void durations()
    {
        QFETCH(std::string, text);
        QFETCH(double, seconds);
        if (seconds > 0)
            QCOMPARE(readDuration(text), seconds);
        else
            VERIFY_CONTAINS(errorText([&] { readDuration(text); }), "10m");
    }

    void badInputIsOneLineAndCodeTwo_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* arguments, const char* expected) {
            QTest::newRow(arguments) << QString(arguments) << QString(expected);
        };
        row("card", "subcommand is required");
        row("card rnu", "subcommand is required");
        row("card run", "NAME is required");
        row("card run aqe-convnet-d-w2a", "did you mean 'aqe-convnet-d-w2a2'");
        row("card show lsq-vgg_smal-w2a2", "did you mean 'lsq-vgg_small-w2a2'");
        row("card run aqe-convnet-d-w2a2 --budget 0", "'0' is no time");
        row("card run aqe-convnet-d-w2a2 --budget soon", "write seconds");
        row("card run aqe-convnet-d-w2a2 --budget -1", "'-1' is no time");
        row("card run aqe-convnet-d-w2a2", "set STAIRCASE_DATA");
        row("card run aqe-convnet-d-w2a2 --set quant.method=asq", "did you mean");
        row("card run aqe-convnet-d-w2a2 --from nowhere", "leave --from out");
        row("card run aqe-convnet-d-w2a2 --threads many", "--threads");
        row("card run aqe-convnet-d-w2a2 --seed -2", "--seed");
        row("card list --budget 10m", "--budget");
        row("card run lsq-vgg_small-w2a2 --set training.epochs=0", "training.epochs is 0");
        row("card run lsq-vgg_small-w2a2 --from run --set training.epochs=0 --set quant.method=ptq "
            "--set data.id=procedural --set data.path=",
            "a card trains");
        row("card run lsq-vgg_small-w2a2 --from nowhere.safetensors --budget 2s --set "
            "data.id=procedural --set data.path=",
            "nowhere.safetensors");
    }

    void badInputIsOneLineAndCodeTwo()
    {
        QFETCH(QString, arguments);
        QFETCH(QString, expected);
        qunsetenv("STAIRCASE_DATA");
        const StairProgram stair;
        const StairProgram::Result result = stair.run(arguments.split(' '));
        const QByteArray said = result.err.toUtf8();
        QVERIFY2(result.code == 2, said);
        QVERIFY2(result.err.startsWith("stair: ") && result.err.count('\n') == 1, said);
        QVERIFY2(result.err.contains(expected), said);
        QVERIFY(!fs::exists(stair.workspace() / "runs"));
    }

    void listsAndShows()
    {
        const StairProgram stair;
        const QString listed = stair.run({"card", "list"}).out;
        QVERIFY(listed.contains("aqe-convnet-d-w2a2") && listed.contains("87.10 %"));
        QCOMPARE(listed, stair.run({"list", "cards"}).out);
        QVERIFY(!stair.run({"list", "presets"}).out.contains("aqe-convnet"));
        QCOMPARE(parse(stair.run({"card", "list", "--json"}).out).size(), cards().size());

        const QString shown = stair.run({"card", "show", "lg_lsq-vgg_small-w3a3"}).out;
        for (const char* part : {"reconstructed from the abstract", "RECONSTRUCTED", "no figure",
                                 "yardstick", "93.98 %", "of another paper", "departures"})
            QVERIFY2(shown.contains(part), part);
        QVERIFY(stair.run({"card", "show", "aqe-convnet-d-w2a2"})
                    .out.contains("91.00 % reported for float [EXACT: read in"));
        const Json json = parse(stair.run({"card", "show", "bcgd-vgg11-w1a4", "--json"}).out);
        QVERIFY(json.at("figure").at("reported").is_null());
        QVERIFY(json.at("spec").is_object());
    }

    void reportsReachedAgainstReported()
    {
        const StairProgram stair;
        const fs::path run = stair.path("run");
        // A constant alpha, so that the best evaluation has soft values as well.
        QStringList arguments = smallCard("aqe-convnet-d-w2a2", "4s");
        arguments << "--set"
                  << "quant.params.end_alpha=0.5"
                  << "--json"
                  << "--seed"
                  << "7"
                  << "--out" << text(run);
        const StairProgram::Result result = stair.run(arguments);
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QVERIFY(result.err.contains("87.10 %") && result.err.contains("departures"));
        QVERIFY2(result.err.contains("of 200 epochs"), qPrintable(result.err));
        const Json document = parse(result.out);
        QCOMPARE(document.at("reported").get<double>(), 0.871);
        const double reached = document.at("reached").get<double>();
        QCOMPARE(document.at("difference").get<double>(), reached - 0.871);
        QVERIFY(document.at("proved").get<bool>());
        QVERIFY(document.at("blended").is_number());
        QVERIFY(document.at("seconds").get<double>() < 60); // of 4, on a busy machine
        QCOMPARE(document.at("card").at("id").get<std::string>(), "aqe-convnet-d-w2a2");
        QCOMPARE(document.at("changed").size(), std::size_t(10));
        QCOMPARE(document.at("runs").size(), std::size_t(1));
        const Json part = document.at("runs").front();
        QCOMPARE(part.at("run").get<std::string>(), run.string());
        QCOMPARE(part.at("evaluation").at("test").at("top1").get<double>(), reached);

        const ExperimentSpec spec = RunFolder::open(run).spec();
        QCOMPARE(spec.seed, std::uint64_t(7));
        QCOMPARE(spec.training.epochs, part.at("epochs").get<int>());
        QVERIFY(spec.training.epochs < 200);
        QVERIFY(spec.training.budgetSeconds > 0 && spec.training.budgetSeconds <= 4);
        constexpr std::int64_t perEpoch = 8;
        const std::int64_t steps = part.at("steps").get<std::int64_t>();
        const double lastRate
            = schedule(spec.training.schedule)
                  .factor(spec.training.scheduleParams, steps - 1, steps, perEpoch);
        QVERIFY(std::abs(lastRate - std::pow(0.97, 199)) < 1e-6);
    }

    void trainsAFloatStartFirst()
    {
        const StairProgram stair;
        StairProgram::Result result = stair.run(smallCard("llsq-vgg_small-w4a4", "8s") << "--json");
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QVERIFY2(result.err.contains("one is trained first"), qPrintable(result.err));
        const Json runs = parse(result.out).at("runs");
        QCOMPARE(runs.size(), std::size_t(2));
        QVERIFY(runs[0].at("part") == "float_start" && runs[1].at("part") == "card");
        QCOMPARE(runs[0].at("recipe_epochs").get<int>(), 200);
        QCOMPARE(runs[1].at("recipe_epochs").get<int>(), 100);
        const RunFolder start = RunFolder::open(runs[0].at("run").get<std::string>());
        const RunFolder own = RunFolder::open(runs[1].at("run").get<std::string>());
        QVERIFY(start.spec().quant.isFloat());
        QCOMPARE(start.spec().training.optimizerParams.real("learning_rate"), 0.1);
        QCOMPARE(own.spec().training.from, start.path().string());
        QCOMPARE(own.spec().training.optimizerParams.real("learning_rate"), 0.0002);

        // The same float run again, given by hand; and words for what is printed.
        result
            = stair.run(smallCard("lg_lsq-vgg_small-w4a4", "3s") << "--from" << text(start.path()));
        QVERIFY2(result.code == 0, qPrintable(result.err));
        for (const char* part :
             {"no figure", "to the yardstick", "reconstructed from the abstract",
              "by the integer program", "changed", "data.id=procedural", "of 100 epochs"})
            QVERIFY2(result.out.contains(part), part);
        QVERIFY(!result.out.contains("one is trained first"));
        QCOMPARE(runsIn(stair).size(), std::size_t(3));
    }

    void aChosenFolderMayEndWithASlash_data()
    {
        QTest::addColumn<QString>("end");
        QTest::newRow("plain") << "";
        QTest::newRow("slash") << "/";
        QTest::newRow("slashes") << "//";
    }

    void aChosenFolderMayEndWithASlash()
    {
        QFETCH(QString, end);
        const StairProgram stair;
        const QStringList arguments = smallCard("llsq-vgg_small-w4a4", "3s");
        const StairProgram::Result result
            = stair.run(arguments + QStringList{"--out", text(stair.path("chosen")) + end});
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const RunFolder start = RunFolder::open(stair.path("chosen-float"));
        const RunFolder own = RunFolder::open(stair.path("chosen"));
        QVERIFY(start.spec().quant.isFloat() && !own.spec().quant.isFloat());
        QCOMPARE(own.spec().training.from, start.path().string());
    }

    void aBudgetTooSmallForAnEpochIsSaidAndKept()
    {
        const StairProgram stair;
        const StairProgram::Result result
            = stair.run(smallCard("aqe-convnet-d-w1a1", "2s") << "--set"
                                                              << "data.params.train=6000"
                                                              << "--set"
                                                              << "network.params.width=1");
        QVERIFY2(result.code == 0, qPrintable(result.err));
        for (const char* part : {"not even one epoch fits", "1 of 200 epochs, stopped at step"})
            QVERIFY2(result.out.contains(part), qPrintable(result.out));
    }

    void aSignalLeavesWhatCanGoOn()
    {
        const StairProgram stair;
        const auto process
            = stair.start(smallCard("lsq-vgg_small-w2a2", "60s") << "--set"
                                                                 << "training.epochs=100000"
                                                                 << "--seed"
                                                                 << "9"
                                                                 << "--out"
                                                                 << "my run");
        const fs::path folder = stair.path("my run-float"); // still the float start
        QTRY_VERIFY_WITH_TIMEOUT(readLines(folder / "events.jsonl").size() > 3, 60000);
        ::kill(pid_t(process->processId()), SIGINT);
        const StairProgram::Result result = StairProgram::finish(*process);
        QCOMPARE(result.code, 130);
        QVERIFY(!fs::exists(stair.path("my run")));
        const QString run = "'" + text(folder) + "'";
        QVERIFY2(result.out.contains("stair run --resume " + run), qPrintable(result.out));
        const QString again = "`stair card run lsq-vgg_small-w2a2 --from " + run
            + " --budget 60s --set data.id=procedural --set data.path= ";
        QVERIFY2(result.out.contains(again), qPrintable(result.out));
        const QString rest = " --set training.epochs=100000 --set seed=9 --set threads=1 "
                             "--out 'my run'`";
        QVERIFY2(result.out.contains(rest), qPrintable(result.out));
        QVERIFY(readLines(folder / "events.jsonl").back().at("event") == "stopped");
    }

    // Weights that grow ten thousandfold at each step: soon every loss is refused.
    void aRunThatItsGuardsGiveUpHasFailed()
    {
        const StairProgram stair;
        const fs::path run = stair.path("run");
        const QStringList arguments = smallCard("aqe-convnet-d-float", "20s")
            << "--set"
            << R"(network={"id": "mlp", "params": {"batch_norm": false}})"
            << "--set"
            << R"(training.optimizer={"id": "sgd", "learning_rate": 1000, "weight_decay": 10})"
            << "--out" << text(run);
        StairProgram::Result result = stair.run(arguments);
        QVERIFY2(result.code == 1, qPrintable(result.err));
        QVERIFY2(result.err.startsWith("stair: the run was given up at step ")
                     && result.err.count('\n') == 1,
                 qPrintable(result.err));
        QVERIFY2(result.out.contains("stair run --resume " + text(run)), qPrintable(result.out));

        // Resumed, it does not wait for anybody either.
        const auto pauses = [&run] {
            return std::ranges::count_if(readLines(run / "events.jsonl"), [](const Json& event) {
                return event.at("event") == "paused";
            });
        };
        const auto before = pauses();
        QVERIFY(RunFolder::open(run).isUnattended());
        result = stair.run({"run", "--resume", text(run)});
        QVERIFY2(result.code == 1, qPrintable(result.err));
        QVERIFY2(result.out.contains("given up by its guards"), qPrintable(result.out));
        QVERIFY(pauses() > before);
        QVERIFY(readLines(run / "events.jsonl").back().at("event") == "stopped");
    }
};

QTEST_GUILESS_MAIN(TestCard)
#include "tst_card.moc"
