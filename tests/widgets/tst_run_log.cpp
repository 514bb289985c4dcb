#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/models/bits_map_model.h"
#include "widgets/models/run_list_model.h"
#include "widgets/models/run_text.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include <fstream>

using namespace stair;
using namespace std::chrono_literals;

class TestRunLog : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_home;

    std::filesystem::path at(const char* name) const
    {
        return pathOf(m_home->filePath(QLatin1String(name)));
    }

private slots:
    void init() { m_home = std::make_unique<QTemporaryDir>(); }

    void followsAGrowingRun()
    {
        ActedRun run(at("1"), tinySpec("w2a2", true));
        RunLog log(at("1"));
        log.setDepth(RunLog::Depth::Curves);
        QCOMPARE(log.identity().name, QStringLiteral("w2a2"));
        QCOMPARE(log.identity().weightBits, 2);
        run.work();
        run.start();
        run.train(0, 50);
        QVERIFY(log.poll(1s));
        QVERIFY(log.checkWorker());
        QCOMPARE(log.state(), RunState::Running);
        QCOMPARE(log.steps().size(), std::size_t(50));
        QCOMPARE(log.progress().step, 50.0);
        QCOMPARE(log.progress().steps, 120.0);
        QCOMPARE(log.evaluations().size(), std::size_t(1));
        const EvaluationPoint& point = log.evaluations().front();
        QVERIFY(point.validation && point.running && point.proved && point.best);
        QCOMPARE(point.testImages, 2000);
        QVERIFY(!log.poll(1s));

        run.write(pausedLine(50, "weights saturate"));
        QVERIFY(log.poll(1s));
        QCOMPARE(log.state(), RunState::Paused);
        QCOMPARE(log.progress().reason, QStringLiteral("weights saturate"));
        run.write(resumedLine(50));
        run.train(50, 120);
        run.finish(120);
        log.poll(1s);
        QCOMPARE(log.state(), RunState::Finished);
    }

    void aResumedRunStartsItsCurvesAgain()
    {
        ActedRun run(at("1"), tinySpec("a", false));
        run.start();
        run.train(0, 40);
        const std::int64_t checkpoint = run.size();
        run.train(40, 70);
        RunLog log(at("1"));
        log.setDepth(RunLog::Depth::Curves);
        log.poll(1s);
        QCOMPARE(log.steps().size(), std::size_t(70));
        const int generation = log.generation();
        run.cutTo(checkpoint);
        run.write(startedLine(40, 120, true));
        run.train(40, 45);
        QVERIFY(log.poll(1s));
        QCOMPARE(log.steps().size(), std::size_t(45));
        QVERIFY(log.generation() != generation);
    }

    /// A run that is no longer shown does not look for a moment as if it had never begun.
    void goingBackToASummaryLosesTheSeriesAlone()
    {
        ActedRun run(at("1"), tinySpec("a", false));
        run.start();
        run.train(0, 80);
        RunLog log(at("1"));
        log.setDepth(RunLog::Depth::Curves);
        log.poll(1s);
        const int generation = log.generation();
        log.setDepth(RunLog::Depth::Summary);
        QVERIFY(log.steps().empty());
        QVERIFY(log.evaluations().empty());
        QVERIFY(log.generation() != generation);
        QCOMPARE(log.progress().step, 80.0);
        QCOMPARE(log.trace().size(), std::size_t(2));
        QVERIFY(log.progress().best.has_value());
        run.train(80, 120);
        run.finish(120);
        QVERIFY(log.poll(1s));
        QCOMPARE(log.progress().step, 120.0);
        QCOMPARE(log.trace().size(), std::size_t(3));
        QCOMPARE(log.state(), RunState::Finished);
        log.setDepth(RunLog::Depth::Curves);
        log.poll(1s);
        QCOMPARE(log.steps().size(), std::size_t(120));
        QCOMPARE(log.trace().size(), std::size_t(3));
    }

    /// While a long log is read again for its curves, nothing is said anew.
    void goingToCurvesKeepsWhatIsKnown()
    {
        ExperimentSpec spec = tinySpec("a", false);
        spec.training.epochs = 50;
        ActedRun run(at("1"), spec);
        const int steps = run.steps();
        run.start();
        run.train(0, steps);
        run.finish(steps);
        RunLog log(at("1"));
        while (log.poll(1s)) { }
        QCOMPARE(log.state(), RunState::Finished);
        const std::vector<double> trace = log.trace();
        const double best = log.progress().best->test;
        const auto isAsKnown = [&] {
            return log.state() == RunState::Finished && log.progress().step == steps
                && log.progress().best->test == best && log.trace() == trace;
        };
        log.setDepth(RunLog::Depth::Curves);
        QVERIFY(isAsKnown());
        int polls = 0;
        for (; log.poll(0ms); ++polls)
            QVERIFY(isAsKnown());
        QVERIFY(polls > 2);
        QVERIFY(isAsKnown());
        QCOMPARE(log.steps().size(), std::size_t(steps));

        // Turned back half-way, and on again.
        log.setDepth(RunLog::Depth::Summary);
        log.setDepth(RunLog::Depth::Curves);
        log.poll(0ms);
        QVERIFY(!log.steps().empty() && log.steps().size() < std::size_t(steps));
        log.setDepth(RunLog::Depth::Summary);
        QVERIFY(isAsKnown());
        log.setDepth(RunLog::Depth::Curves);
        QVERIFY(isAsKnown());
        while (log.poll(0ms))
            QVERIFY(isAsKnown());
        QVERIFY(isAsKnown());
    }

    /// What was known of a log that was cut back meanwhile no longer holds.
    void aCutWhileTheCurvesAreReadIsNoticed()
    {
        ExperimentSpec spec = tinySpec("a", false);
        spec.training.epochs = 50;
        ActedRun run(at("1"), spec);
        run.start();
        run.train(0, 40);
        const std::int64_t checkpoint = run.size();
        run.train(40, run.steps());
        run.finish(run.steps());
        RunLog log(at("1"));
        while (log.poll(1s)) { }
        log.setDepth(RunLog::Depth::Curves);
        log.poll(0ms);
        QCOMPARE(log.state(), RunState::Finished);
        run.cutTo(checkpoint);
        log.poll(1s);
        QCOMPARE(log.progress().step, 40.0);
        QVERIFY(log.state() != RunState::Finished);
    }

    void aSummaryKeepsNoSeries()
    {
        ActedRun run(at("1"), tinySpec("a", false));
        run.start();
        run.train(0, 120);
        run.finish(120);
        RunLog log(at("1"));
        log.poll(1s);
        QCOMPARE(log.state(), RunState::Finished);
        QCOMPARE(log.progress().step, 120.0);
        QVERIFY(log.progress().best.has_value());
        QVERIFY(log.steps().empty());
    }

    void withoutAWorkerARunIsInterrupted()
    {
        ActedRun run(at("1"), tinySpec("a", false));
        run.start();
        run.train(0, 10);
        RunLog log(at("1"));
        log.poll(1s);
        log.checkWorker();
        QCOMPARE(log.state(), RunState::Interrupted);
        log.setLaunched(true);
        QVERIFY(log.isActive());
    }

    void damageCostsOneLine()
    {
        ActedRun run(at("1"), tinySpec("a", false));
        run.start();
        std::ofstream(run.folder().eventsFile(), std::ios::app)
            << "{\"event\":\"step\",\"st\n[1]\nnonsense\n"
            << R"({"event":"step","step":7,"loss":null,"accuracy":"x","t":3})" << '\n'
            << R"({"event":"evaluation","step":7,"test":{"top1":0.5},"best":null})" << '\n'
            << R"({"event":"evaluation","step":7,"test":{"top1":0.5},"proved":"yes"})" << '\n'
            << R"({"event":"paused","reason":[]})" << '\n'
            << R"({"event":null})" << '\n';
        RunLog log(at("1"));
        log.setDepth(RunLog::Depth::Curves);
        log.poll(1s);
        QCOMPARE(log.steps().size(), std::size_t(1));
        QVERIFY(std::isnan(log.progress().loss));
        QVERIFY(log.evaluations().empty());
        QVERIFY(log.trace().empty());
        QVERIFY(!log.progress().best);
    }

    void aDamagedMapCostsItsLinesAlone()
    {
        const Json layer = {{"name", "stem.conv"}, {"weights", 4}, {"activations", 4}};
        const Json header = {{"event", "sensitivity"},
                             {"split", "test"},
                             {"images", 100},
                             {"widths", {2, 4}},
                             {"layers", Json::array({layer})}};
        std::ofstream file(at("sensitivity.jsonl"));
        for (const char* key : {"split", "images", "widths", "layers"}) {
            Json damaged = header;
            damaged[key] = nullptr;
            file << damaged.dump() << '\n';
        }
        for (const char* key : {"name", "weights", "activations"}) {
            Json damaged = header;
            damaged["layers"].front()[key] = nullptr;
            file << damaged.dump() << '\n';
        }
        file << R"({"event":"sensitivity"})"
             << "\n[1]\nnonsense\n"
             << R"({"event":5})" << '\n';
        file.flush();
        BitsMapModel model;
        const QAbstractItemModelTester tester(
            &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRun(at("."));
        QVERIFY(model.poll(1s));
        QVERIFY(!model.hasMap());
        QCOMPARE(model.images(), 0);

        file << header.dump() << '\n'
             << R"({"event":"sensitivity","images":1})" << '\n'
             << R"({"event":"base","top1":null})" << '\n'
             << R"({"event":"cell","mode":"only"})" << '\n'
             << R"({"event":"cell","mode":"only","layer":"stem.conv","bits":"2"})" << '\n'
             << R"({"event":"cell","mode":"only","layer":"stem.conv","bits":2,"top1":null,)"
             << R"("drop":"none","proved":1,"weights":7})" << '\n';
        file.flush();
        QVERIFY(model.poll(1s));
        QVERIFY(model.hasMap());
        QCOMPARE(model.images(), 100);
        QCOMPARE(model.measured(), 1);
        const QModelIndex cell = model.index(0, BitsMapModel::firstWidth);
        QCOMPARE(cell.data().toString(), QStringLiteral("–"));
        QVERIFY(!cell.data(Qt::ToolTipRole).toString().isEmpty());
        QVERIFY(!model.wholeMap());
    }

    void aBadSpecIsSaid()
    {
        std::filesystem::create_directories(at("1"));
        std::ofstream(at("1/spec.json")) << R"({"schema": 1, "netwrok": {}})";
        const RunLog log(at("1"));
        QCOMPARE(log.state(), RunState::Unreadable);
        QVERIFY(log.identity().error.contains(QStringLiteral("netwrok")));
    }

    void theListKeepsItsContract()
    {
        RunListModel model(at("runs"));
        QAbstractItemModelTester tester(&model);
        model.rescan(); // no such folder yet
        QCOMPARE(model.rowCount(), 0);
        ActedRun first(at("runs/0001-a"), tinySpec("first", false));
        ActedRun second(at("runs/0002-b"), tinySpec("second", true));
        ActedRun outside(at("elsewhere"), tinySpec("outside", true));
        std::filesystem::create_directories(at("runs/not-a-run"));
        model.rescan();
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.index(0).data().toString(), QStringLiteral("second")); // newest first
        QVERIFY(model.addFolder(at("elsewhere")).isValid());
        QCOMPARE(model.addFolder(at("elsewhere")), model.indexOf(at("elsewhere")));
        QVERIFY_THROWS_EXCEPTION(std::exception, model.addFolder(at("runs/not-a-run")));
        QCOMPARE(model.rowCount(), 3);

        first.start();
        first.train(0, 60);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.poll(1s);
        QVERIFY(!changed.isEmpty());
        const QModelIndex row = model.indexOf(at("runs/0001-a"));
        QCOMPARE(row.data(RunListModel::ProgressRole).toDouble(), 0.5);
        QVERIFY(row.data(RunListModel::BestRole).isValid());
        QCOMPARE(row.data(RunListModel::MethodRole).toString(), QStringLiteral("float"));

        std::filesystem::remove_all(at("runs/0001-a"));
        model.rescan();
        QCOMPARE(model.rowCount(), 2);
        QVERIFY(!model.indexOf(at("runs/0001-a")).isValid());
    }

    void resultsAreExplained()
    {
        ActedRun reference(at("1"), tinySpec("float", false));
        ActedRun quantized(at("2"), tinySpec("two", true));
        RunLog first(at("1"));
        RunLog second(at("2"));
        for (ActedRun* run : {&reference, &quantized}) {
            run->start();
            run->train(0, 120);
        }
        first.poll(1s);
        second.poll(1s);
        QCOMPARE(explainResults({&first, &second}), QString()); // nothing has finished
        reference.finish(120);
        quantized.finish(120);
        first.poll(1s);
        second.poll(1s);
        const QString text = explainResults({&first, &second});
        QVERIFY2(text.contains(percentText(first.progress().best->test)), qPrintable(text));
        QVERIFY2(text.contains(percentText(second.progress().best->test)), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("a gap of 6.8 points")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("integer program")), qPrintable(text));
        QVERIFY(explainResults({&first}).contains(QStringLiteral("computed in float")));
    }

    void whatDoesNotCompareIsSaid_data()
    {
        QTest::addColumn<QByteArray>("key"); // of the spec
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("words"); // empty: they compare
        QTest::addRow("other images are drawn")
            << QByteArray("data.params.seed") << QByteArray("77") << "data.params.seed";
        QTest::addRow("another part is held out")
            << QByteArray("data.validation") << QByteArray("100")
            << "data.validation (200 and 100)";
        QTest::addRow("fed otherwise") << QByteArray("data.augment.flip") << QByteArray("true")
                                       << "data.augment.flip (false and true)";
        QTest::addRow("another batch") << QByteArray("data.batch") << QByteArray("32") << "";
        QTest::addRow("another seed") << QByteArray("seed") << QByteArray("5") << "";
    }

    void whatDoesNotCompareIsSaid()
    {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, value);
        QFETCH(QString, words);
        Json json = tinySpec("two", true).toJson();
        assign(json, (key + "=" + value).toStdString());
        ActedRun reference(at("float"), tinySpec("float", false));
        ActedRun quantized(at("two"), ExperimentSpec::read(json, "test"));
        RunLog first(at("float"));
        RunLog second(at("two"));
        for (ActedRun* run : {&reference, &quantized}) {
            run->start();
            run->train(0, 120);
            run->finish(120);
        }
        first.poll(1s);
        second.poll(1s);
        const QString text = explainResults({&first, &second});
        QCOMPARE(text.contains(QStringLiteral("cannot be told")), !words.isEmpty());
        QCOMPARE(text.contains(QStringLiteral("a gap of")), words.isEmpty());
        QVERIFY2(text.contains(words), qPrintable(text));
    }

    /// What a run reached and lost again is told beside what it reached.
    void aFallBehindTheBestIsSaid()
    {
        ActedRun run(at("fell"), tinySpec("fell", true));
        run.start();
        run.train(0, 120);
        EvaluationReport evaluation = run.evaluation(160);
        evaluation.test.top1 = 0.1;
        evaluation.best = false;
        run.write(evaluationLine(evaluation));
        run.finish(160);
        RunLog log(at("fell"));
        log.poll(1s);
        QVERIFY2(explainResults({&log}).contains("its last evaluation, at step 160, gives 10.0 %"),
                 qPrintable(explainResults({&log})));
    }

    /// The files of a set whose name says what it holds may lie anywhere.
    void thePlaceOfTheFilesIsNoDifference_data()
    {
        QTest::addColumn<QString>("data");
        QTest::addColumn<bool>("compares");
        QTest::addRow("one set") << "cifar10" << true;
        QTest::addRow("any images of that format") << "idx" << false;
    }

    void thePlaceOfTheFilesIsNoDifference()
    {
        QFETCH(QString, data);
        QFETCH(bool, compares);
        Json tasks[2];
        for (int i = 0; i < 2; ++i) {
            Json json = tinySpec("run", false).toJson();
            json["data"] = {{"id", data.toStdString()}, {"path", i == 0 ? "/here" : "/there"}};
            const char* folder = i == 0 ? "first" : "second";
            const ActedRun run(at(folder), ExperimentSpec::read(json, "test"));
            const RunLog log(at(folder));
            QCOMPARE(log.identity().error, QString());
            tasks[i] = log.identity().task;
        }
        QCOMPARE(tasks[0] == tasks[1], compares);
    }

    /// Of several float runs the one that compares is taken, whatever their order.
    void theFloatRunThatComparesIsTaken()
    {
        Json other = tinySpec("other", false).toJson();
        assign(other, "data.validation=100");
        ActedRun apart(at("1"), ExperimentSpec::read(other, "test"));
        ActedRun reference(at("2"), tinySpec("float", false));
        ActedRun quantized(at("3"), tinySpec("two", true));
        RunLog first(at("1"));
        RunLog second(at("2"));
        RunLog third(at("3"));
        for (ActedRun* run : {&apart, &reference, &quantized}) {
            run->start();
            run->train(0, 120);
            run->finish(120);
        }
        for (RunLog* log : {&first, &second, &third})
            log->poll(1s);
        const QString text = explainResults({&first, &second, &third});
        QVERIFY2(text.contains(QStringLiteral("a gap of")), qPrintable(text));
        QVERIFY2(!text.contains(QStringLiteral("cannot be told")), qPrintable(text));
        QCOMPARE(text.count(QStringLiteral("computed in float")), 1); // the other one, by itself
        QVERIFY(explainResults({&first, &third}).contains(QStringLiteral("cannot be told")));
    }

    void numbersAreWritten_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::addRow("a share") << percentText(0.86149) << QStringLiteral("86.1 %");
        QTest::addRow("seconds") << durationText(9) << QStringLiteral("0:09");
        QTest::addRow("minutes") << durationText(190.4) << QStringLiteral("3:10");
        QTest::addRow("hours") << durationText(3723) << QStringLiteral("1:02:03");
        QTest::addRow("unknown") << durationText(-1) << QStringLiteral("–");
        QTest::addRow("thousands")
            << countText(1234567).replace(QChar(0x2009), u' ') << QStringLiteral("1 234 567");
    }

    void numbersAreWritten()
    {
        QFETCH(QString, text);
        QTEST(text, "expected");
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestRunLog>(argc, argv);
}
#include "tst_run_log.moc"
