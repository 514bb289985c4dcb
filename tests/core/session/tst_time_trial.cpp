#include "core/base/stop_watch.h"
#include "core/session/time_trial.h"
#include "tests/support/error_text.h"
#include "tests/support/small_run.h"
#include "tests/support/temp_run.h"

#include <QTest>

#include <algorithm>

using namespace stair;

class TestTimeTrial : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("XDG_CACHE_HOME", m_folder.path().c_str()); }

    // A plain step takes one second, the first one a hundred.
    void aStepTakesTheMeanOfItsKind_data()
    {
        QTest::addColumn<double>("everyEighth"); // what the eighth steps take longer: 1, 9, 17 ...
        QTest::addColumn<double>("recording"); // what recording takes longer
        QTest::addColumn<int>("statisticsEvery");
        QTest::addColumn<double>("mean");
        QTest::addRow("all alike") << 0.0 << 0.0 << 50 << 1.0;
        QTest::addRow("a probe each eighth step") << 8.0 << 0.0 << 50 << 2.0;
        QTest::addRow("statistics each fiftieth step") << 0.0 << 5.0 << 50 << 1.1;
        QTest::addRow("statistics at each step") << 0.0 << 5.0 << 1 << 6.0;
        QTest::addRow("no statistics") << 0.0 << 5.0 << 0 << 1.0;
        QTest::addRow("both") << 8.0 << 6.0 << 50 << 2.1;
    }

    void aStepTakesTheMeanOfItsKind()
    {
        QFETCH(double, everyEighth);
        QFETCH(double, recording);
        QFETCH(int, statisticsEvery);
        StepTimes times;
        times.add(1, 100);
        for (int step = 2; step <= StepTimes::recordEvery; ++step)
            times.add(step,
                      1 + (step % 8 == 1 ? everyEighth : 0)
                          + (step == StepTimes::recordEvery ? recording : 0));
        QTEST(times.mean(statisticsEvery), "mean");
    }

    void epochsAreCounted_data()
    {
        QTest::addColumn<std::string>("method");
        QTest::addColumn<int>("train"); // images, in batches of 32
        QTest::addColumn<int>("epochs");
        QTest::addColumn<int>("stepsPerEpoch");
        for (const char* method : {"float", "lsq", "llsq", "lg_lsq", "dai8"}) {
            QTest::addRow("%s", method) << std::string(method) << 256 << 2 << 8;
            QTest::addRow("%s, epochs of one step", method) << std::string(method) << 32 << 3 << 1;
        }
        QTest::addRow("a run of one step") << std::string("lsq") << 32 << 1 << 1;
    }

    void epochsAreCounted()
    {
        QFETCH(std::string, method);
        QFETCH(int, train);
        QFETCH(int, epochs);
        Json json = smallSpec(method);
        json["data"]["params"]["train"] = train;
        json["data"]["validation"] = 0;
        json["training"]["epochs"] = epochs;
        const TimeTrial trial = timeSpec(readSpec(json), 0.01);
        QTEST(int(trial.stepsPerEpoch), "stepsPerEpoch");
        QVERIFY(trial.stepSeconds > 0 && trial.stepSeconds < 60);
        QVERIFY(trial.evaluationSeconds > 0);
        QCOMPARE(trial.cost().epoch, trial.stepSeconds * double(trial.stepsPerEpoch));
    }

    void anEvaluationTakesWhatIsSaid_data()
    {
        QTest::addColumn<std::string>("method");
        for (const char* method : {"float", "lsq", "stochastic", "dai8"})
            QTest::addRow("%s", method) << std::string(method);
    }

    /// The least of a few, and a wide margin: other programs run here as well.
    void anEvaluationTakesWhatIsSaid()
    {
        QFETCH(std::string, method);
        Json json = smallSpec(method);
        json["data"]["params"]["test"] = 1500;
        json["training"]["epochs"] = 1;
        Run run(json);
        double said = 1e9, taken = 1e9;
        for (int i = 0; i < 5; ++i) {
            said = std::min(said, run.trainer.evaluationSeconds());
            double seconds = 0;
            {
                const StopWatch watch(seconds);
                run.trainer.evaluate();
            }
            taken = std::min(taken, seconds);
        }
        QVERIFY2(said > taken / 8 && said < taken * 8,
                 qPrintable(QString("%1 s said, %2 s taken").arg(said).arg(taken)));
    }

    void whatGuardsPauseGoesOn()
    {
        Json json = smallSpec("float");
        json["training"]["optimizer"]
            = {{"id", "sgd"}, {"learning_rate", 1000}, {"weight_decay", 1}};
        QVERIFY(timeSpec(readSpec(json), 0.01).stepSeconds > 0);
    }

    void noEpochsAreRefused()
    {
        ExperimentSpec spec = readSpec(smallSpec("lsq"));
        spec.training.epochs = 0;
        VERIFY_CONTAINS(errorText([&] { timeSpec(spec, 0.01); }), "no steps to time");
    }

private:
    TempFolder m_folder;
};

QTEST_GUILESS_MAIN(TestTimeTrial)
#include "tst_time_trial.moc"
