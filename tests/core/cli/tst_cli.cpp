#include "core/session/line_reader.h"
#include "core/session/presets.h"
#include "tests/support/stair_process.h"

#include <sys/stat.h>

using namespace stair;

namespace fs = std::filesystem;

namespace {

QString text(const fs::path& path)
{
    return QString::fromStdString(path.string());
}

/// A run of a few steps.
QStringList tinyRun()
{
    return smallRun() << "--set"
                      << "training.epochs=1"
                      << "--set"
                      << "data.params.train=192";
}

Json parse(const QString& json)
{
    return Json::parse(json.toStdString(), nullptr, false);
}

} // namespace

class TestCli : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    fs::path m_run = m_stair.path("run");

private slots:
    void initTestCase()
    {
        const StairProgram::Result result = m_stair.run(tinyRun() << "--out" << text(m_run));
        QVERIFY2(result.code == 0, qPrintable(result.err));
        writeFileAtomically(m_stair.path("broken.json"), "{\n\"name\": oops\n}");
        writeFileAtomically(m_stair.path("misspelt.json"), R"({"quant": {"bits": 4}})");
    }

    void whatIsSaidOfANewRunIsKept()
    {
        const fs::path file = m_stair.path("meta.json");
        writeFileAtomically(file, R"({"sweep": "race-1", "title": "Mine", "unattended": true})");
        const auto result = m_stair.run(tinyRun() << "--out" << text(m_stair.path("said"))
                                                  << "--meta" << text(file));
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const Json meta = readJsonFile(m_stair.path("said") / "meta.json");
        QCOMPARE(meta.at("sweep").get<std::string>(), "race-1");
        QCOMPARE(meta.at("title").get<std::string>(), "Mine");
        QVERIFY(meta.at("unattended").get<bool>());
        QVERIFY(meta.contains("tags"));
    }

    // RUN stands for the finished run.
    void badInputIsOneLineAndCodeTwo_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* arguments, const char* expected) {
            QTest::newRow(*arguments ? arguments : "nothing")
                << QString(arguments) << QString(expected);
        };
        row("", "subcommand is required");
        row("rnu default-float", "did you mean 'run'");
        row("run", "one of SPEC, --resume RUNDIR and --replay RUNDIR");
        row("run default-float --resume RUN", "one of SPEC");
        row("run --resume RUN --out x", "--out is for new runs");
        row("run --resume RUN --set seed=2", "keeps its spec");
        row("run --resume RUN", "is finished");
        row("run --resume nowhere", "holds no run");
        row("run --replay nowhere", "holds no run");
        row("run --resume RUN --meta misspelt.json", "--meta is for new runs");
        row("run default-float --meta misspelt.json", "unknown key 'quant'");
        row("run nowhere.json", "no spec file nowhere.json");
        row("run broken.json", "broken.json: line 2");
        row("run misspelt.json", "unknown key 'bits'");
        row("run RUN", "--replay");
        row("run --resume RUN --seed 2", "keeps its spec");
        row("run default-float --sett seed=2", "--sett");
        row("run default-float --set seed", "key=value");
        row("run default-float --set sed=2", "did you mean 'seed'");
        row("run default-float --set quant.weights.bits=0", "quant.weights.bits");
        row("run default-float --threads many", "--threads");
        row("run default-float --out RUN", "already holds a run");
        row("run default-float --out broken.json", "not an empty folder");
        row("run default-float --out /proc/x", "cannot create the folder /proc/x");
        row("run default-float --set data.validation=0 --set data.params.train=100", "batch");
        row("run default-float --set data.augment.crop=64", "crop");
        row("run default-float --set training.from=nowhere.safetensors", "nowhere.safetensors");
        row("run default-float --set training.from=RUN", "choose a checkpoint of the same network");
        row("run default-float --set data.id=cifar10 --set data.path=nowhere", "nowhere");
        row("run default-2bit --set training.epochs=0 --set training.from=RUN",
            "sets its steps while it trains");
        row("run default-float --set quant.method=ptq --set quant.params.images=0",
            "quant.params.images is 0; it must be from 1 to");
        row("list", "KIND is required");
        row("list network", "network");
        row("summary resnet2", "unknown network or preset 'resnet2'; did you mean 'resnet20'");
        row("summary default-flaot", "did you mean 'default-float'");
        row("summary dai8-resnet20", "is a paper's card");
        row("summary convnet_small --set network.params.widht=2", "unknown key 'widht'");
        row("summary resnet20 --set data.batch=2", "only network.params");
        row("run resnet20", "is a network, no spec");
        row("run dai8-resnet20", "`stair card run dai8-resnet20` trains it");
        row("run dai8", "did you mean the card 'dai8-resnet20'");
        row("summary resnet20 --image 32x32", "height x width x channels");
        row("eval", "RUNDIR is required");
        row("eval RUN --checkpoint step-00000007", "there are");
        row("eval RUN --checkpoint broken.json", "broken.json");
        row("control RUN pause", "not being worked on");
        row("control RUN set x", "KEY=VALUE");
        row("control RUN jump", "jump");
    }

    void badInputIsOneLineAndCodeTwo()
    {
        QFETCH(QString, arguments);
        QFETCH(QString, expected);
        arguments.replace("RUN ", text(m_run) + " ");
        if (arguments.endsWith("RUN"))
            arguments.replace(arguments.size() - 3, 3, text(m_run));
        const StairProgram::Result result = m_stair.run(arguments.split(' ', Qt::SkipEmptyParts));
        const QByteArray said = result.err.toUtf8();
        QVERIFY2(result.code == 2, said);
        QVERIFY2(result.out.isEmpty(), qPrintable(result.out));
        QVERIFY2(result.err.startsWith("stair: ") && result.err.count('\n') == 1, said);
        QVERIFY2(result.err.contains(expected), said);
        QVERIFY(!fs::exists(m_stair.workspace() / "runs")
                || fs::is_empty(m_stair.workspace() / "runs"));
    }

    void helpNamesTheCommands()
    {
        StairProgram::Result result = m_stair.run({"--help"});
        QCOMPARE(result.code, 0);
        for (const char* command : {"run", "list", "summary", "eval", "control"})
            QVERIFY2(result.out.contains(command), command);
        result = m_stair.run({"run", "--help"});
        QCOMPARE(result.code, 0);
        QVERIFY(result.out.contains("--resume"));
        QCOMPARE(m_stair.run({"--version"}).code, 0);
    }

    void listsEveryTable_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("member");
        QTest::newRow("networks") << "networks"
                                  << "resnet20";
        QTest::newRow("datasets") << "datasets"
                                  << "procedural";
        QTest::newRow("methods") << "methods"
                                 << "lsq";
        QTest::newRow("presets") << "presets"
                                 << "default-2bit";
        QTest::newRow("optimizers") << "optimizers"
                                    << "sgd";
        QTest::newRow("schedules") << "schedules"
                                   << "cosine";
        QTest::newRow("cards") << "cards"
                               << "aqe-convnet-d-w2a2";
    }

    void listsEveryTable()
    {
        QFETCH(QString, kind);
        QFETCH(QString, member);
        StairProgram::Result result = m_stair.run({"list", kind});
        QCOMPARE(result.code, 0);
        QVERIFY(result.out.contains(member));
        result = m_stair.run({"list", kind, "--json"});
        const Json rows = parse(result.out);
        QVERIFY(rows.is_array());
        QVERIFY(std::ranges::any_of(
            rows, [&](const Json& row) { return row.at("id") == member.toStdString(); }));
        for (const Json& row : rows)
            QVERIFY(row.contains("title"));
    }

    void methodsTellWidthsUnitsAndSources()
    {
        const QString text = m_stair.run({"list", "methods"}).out;
        for (const char* part :
             {"weights 1 to 7 bits, activations 1 to 8 bits, gradients float, or 1 to 8 bits",
              "weights 8 bits, activations 8 bits, gradients 8 bits",
              "percentile = 99.99, 50 to 100 %: ", "refresh = 10, 1 to 100000 epochs: ",
              "[Zhao et al., arXiv:2102.04782; reconstructed]", "DAI8 (in part reconstructed)",
              "multiplied by probe_every", "without negative values at 4.98"})
            QVERIFY2(text.contains(part), part);
        QVERIFY(!text.contains("[Zhao et al., arXiv:2102.04782]")); // the method's own
    }

    void summariesANetworkOrASpec()
    {
        StairProgram::Result result = m_stair.run({"summary", "resnet20"});
        QCOMPARE(result.code, 0);
        QVERIFY(result.out.contains("stage1"));
        result = m_stair.run({"summary", "resnet20", "--json", "--classes", "100"});
        QVERIFY(parse(result.out).at("parameters").get<int>() > 270000);
        const auto parametersOf = [this](const char* width) {
            const QString json = m_stair
                                     .run({"summary", "convnet_small", "--json", "--set",
                                           QString("network.params.width=") + width})
                                     .out;
            return parse(json).at("parameters").get<int>();
        };
        QVERIFY(4 * parametersOf("0.25") < parametersOf("1"));
        result = m_stair.run({"summary", "default-float", "--json"});
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QVERIFY(parse(result.out).at("macs").get<int>() <= 10000000); // the first minute's promise
    }

    void theRunLeftWhatItShould()
    {
        for (const char* name : {"spec.json", "meta.json", "environment.json", "events.jsonl",
                                 "checkpoints/best.safetensors"})
            QVERIFY2(fs::exists(m_run / name), name);
        QVERIFY(!fs::exists(m_run / "worker.json"));
        const Json environment = readJsonFile(m_run / "environment.json");
        QVERIFY(!environment.at("implementations").empty());
        QCOMPARE(environment.at("threads").get<int>(), 1);
        const std::vector<Json> events = readLines(m_run / "events.jsonl");
        QVERIFY(events.front().at("event") == "started" && events.back().at("event") == "finished");
    }

    void jsonIsOneDocument()
    {
        const StairProgram::Result result = m_stair.run(tinyRun() << "--json");
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const Json document = parse(result.out);
        QVERIFY(document.is_object());
        QVERIFY(document.at("end") == "finished");
        QCOMPARE(document.at("step").get<int>(), 3);
        QVERIFY(document.at("evaluation").at("proved").get<bool>());
        QVERIFY(result.err.contains("epoch 1"));
        const fs::path folder = document.at("run").get<std::string>();
        QCOMPARE(folder.parent_path(), m_stair.workspace() / "runs");
        QVERIFY(folder.filename().string().starts_with("0001-convnet_small-lsq-w2a2"));
        fs::remove_all(m_stair.workspace() / "runs");
    }

    void evaluatesAsTheRunDid()
    {
        Json last;
        for (Json& event : readLines(m_run / "events.jsonl")) {
            if (event.at("event") == "evaluation")
                last = event.at("test");
        }
        for (const char* which : {"last", "best"}) {
            const StairProgram::Result result = m_stair.run(
                {"eval", text(m_run), "--json", "--threads", "1", "--checkpoint", which});
            QVERIFY2(result.code == 0, qPrintable(result.err));
            QCOMPARE(parse(result.out).at("test").dump(), last.dump());
        }
        QVERIFY(m_stair.run({"eval", text(m_run)}).out.contains("computed by integers"));
    }

    void whatIsReconstructedIsSaidBesideResults()
    {
        const fs::path run = m_stair.path("reconstructed");
        StairProgram::Result result = m_stair.run(tinyRun() << "--set"
                                                            << "quant.method=lg_lsq"
                                                            << "--out" << text(run));
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const QString mark = "computed by integers [lg_lsq: reconstructed from the abstract]";
        QCOMPARE(result.out.count(mark), 2); // the evaluation's line and the result
        result = m_stair.run({"eval", text(run)});
        QVERIFY2(result.out.contains(mark), qPrintable(result.out));
        QVERIFY(!m_stair.run({"eval", text(m_run)}).out.contains('['));
    }

    void anotherRunsCheckpointIsRefused()
    {
        const fs::path other = m_stair.path("other");
        QCOMPARE(m_stair
                     .run(tinyRun() << "--set"
                                    << "network.params.width=0.25"
                                    << "--out" << text(other))
                     .code,
                 0);
        const QString file = text(RunFolder::open(other).checkpointFile("last"));
        StairProgram::Result result = m_stair.run({"eval", text(m_run), "--checkpoint", file});
        QCOMPARE(result.code, 2);
        QVERIFY2(result.err.contains("another run"), qPrintable(result.err));
        const QString into = text(m_stair.path("refused"));
        result = m_stair.run(tinyRun() << "--set"
                                       << "training.from=" + file << "--out" << into);
        QCOMPARE(result.code, 2);
        QVERIFY2(result.err.contains("same network"), qPrintable(result.err));
        QVERIFY(!fs::exists(m_stair.path("refused")));
        fs::resize_file(file.toStdString(), 1000);
        result = m_stair.run(tinyRun() << "--set"
                                       << "training.from=" + file << "--out" << into);
        QCOMPARE(result.code, 2);
        QVERIFY2(result.err.contains("cut short"), qPrintable(result.err));
    }

    void trainingGoesOnFromAnotherRun()
    {
        const fs::path tuned = m_stair.path("tuned");
        const StairProgram::Result result
            = m_stair.run(tinyRun() << "--set"
                                    << "training.from=" + text(m_run) << "--out" << text(tuned));
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QCOMPARE(RunFolder::open(tuned).spec().training.from, m_run.string());
    }

    void aTrainedRunIsQuantizedWithoutEpochs()
    {
        const fs::path run = m_stair.path("calibrated");
        QStringList arguments = tinyRun() << "--out" << text(run) << "--json";
        for (const char* assignment : {"quant.method=ptq", "quant.params.images=100",
                                       "quant.weights.bits=4", "training.epochs=0"})
            arguments << "--set" << assignment;
        StairProgram::Result result = m_stair.run(arguments << "--set"
                                                            << "training.from=" + text(m_run));
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const Json told = parse(result.out);
        QCOMPARE(told.at("end").get<std::string>(), std::string("finished"));
        QCOMPARE(told.at("steps").get<int>(), 0);
        QVERIFY(told.at("evaluation").at("proved").get<bool>());
        result = m_stair.run({"eval", text(run), "--json", "--threads", "1"});
        QVERIFY2(result.code == 0, qPrintable(result.err));
        QCOMPARE(parse(result.out).at("test").dump(), told.at("evaluation").at("test").dump());
        result = m_stair.run({"run", "--resume", text(run)});
        QVERIFY2(result.code == 2 && result.err.contains("is finished"), qPrintable(result.err));
    }

    void aSecondWorkerIsRefused()
    {
        const fs::path run = m_stair.path("busy");
        const auto process = m_stair.start(smallRun() << "--set"
                                                      << "training.epochs=1000"
                                                      << "--out" << text(run));
        QTRY_VERIFY_WITH_TIMEOUT(fs::exists(run / "events.jsonl"), 30000);
        const StairProgram::Result second = m_stair.run({"run", "--resume", text(run)});
        QCOMPARE(second.code, 2);
        QVERIFY2(second.err.contains(QString::number(process->processId())),
                 qPrintable(second.err));
        QCOMPARE(m_stair.run({"control", text(run), "pause"}).code, 0);
        QTRY_VERIFY_WITH_TIMEOUT(readLines(run / "events.jsonl").back().at("event") == "paused",
                                 30000);
        QCOMPARE(m_stair.run({"control", text(run), "stop"}).code, 0);
        QCOMPARE(StairProgram::finish(*process).code, 0); // asked to, not interrupted
        QVERIFY(readLines(run / "events.jsonl").back().at("event") == "stopped");
    }

    void whoStopsReadingIsNoReasonToStop()
    {
        const fs::path run = m_stair.path("unread");
        const auto process = m_stair.start(smallRun() << "--out" << text(run));
        QTRY_VERIFY_WITH_TIMEOUT(fs::exists(run / "events.jsonl"), 30000);
        process->closeReadChannel(QProcess::StandardOutput);
        QCOMPARE(StairProgram::finish(*process).code, 0);
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
