#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/quant/steps.h"
#include "core/train/guards.h"
#include "tests/support/quantizers.h"
#include "tests/support/small_run.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

Json setCommand(const std::string& key, const Json& value)
{
    return {{"command", "set"}, {"key", key}, {"value", value}};
}

} // namespace

class TestTrainer : public QObject
{
    Q_OBJECT

private slots:
    void learns_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"float", "lsq", "minmax"})
            QTest::addRow("%s", method) << method;
    }

    void learns()
    {
        QFETCH(QString, method);
        Json spec = smallSpec(method.toStdString());
        spec["training"]["epochs"] = 8;
        const Run run(spec);
        QCOMPARE(run.end, RunEnd::Finished);
        QCOMPARE(run.observer.losses.size(), std::size_t(64));
        QVERIFY(run.observer.losses.back() < 0.8 * run.observer.losses.front());
        QCOMPARE(run.observer.evaluations.size(), std::size_t(8));
        QCOMPARE(run.observer.evaluations.back().proved, method != "float");
        QCOMPARE(run.observer.evaluations.back().testRunning.has_value(), method != "float");
    }

    void sameSpecGivesTheSameBits()
    {
        const Run first(smallSpec("lsq")), second(smallSpec("lsq"));
        QCOMPARE(first.observer.log, second.observer.log);
        QVERIFY(sameTensors(first.observer.checkpoints.at(16), second.observer.checkpoints.at(16)));
    }

    /// Every step's checkpoint, continued by a new trainer, ends at the same bits and words.
    void resumingAnywhereGivesTheSameBits_data() { learns_data(); }

    void resumingAnywhereGivesTheSameBits()
    {
        QFETCH(QString, method);
        Json spec = smallSpec(method.toStdString());
        spec["training"]["optimizer"]
            = method == "lsq" ? Json({{"id", "adam"}}) : Json({{"id", "sgd"}, {"nesterov", true}});
        const Run whole(spec);
        const Checkpoint& last = whole.observer.checkpoints.at(16);
        for (const auto& [step, checkpoint] : whole.observer.checkpoints) {
            const Run rest(spec, {}, &checkpoint);
            if (step == 16)
                continue; // nothing was left to do
            QVERIFY2(sameTensors(last, rest.observer.checkpoints.at(16)),
                     QByteArray::number(qint64(step)));
            QVERIFY(whole.observer.log.ends_with(rest.observer.log));
        }
    }

    void commandsActAtTheirStep()
    {
        ScriptedControls controls;
        controls.at[6]
            = {setCommand("training.optimizer.learning_rate", 0.01),
               setCommand("quant.weights.bits", 3), setCommand("quant.activations.bits", 5)};
        const Run first(smallSpec("lsq"), controls), second(smallSpec("lsq"), controls);
        QCOMPARE(first.observer.log, second.observer.log);
        QVERIFY(sameTensors(first.observer.checkpoints.at(16), second.observer.checkpoints.at(16)));
        QCOMPARE(first.observer.layers.back().quantizers.at(2).bits, 3);
        QVERIFY(!sameTensors(first.observer.checkpoints.at(16),
                             Run(smallSpec("lsq")).observer.checkpoints.at(16)));
        const Run resumed(smallSpec("lsq"), {}, &first.observer.checkpoints.at(9));
        QVERIFY(
            sameTensors(first.observer.checkpoints.at(16), resumed.observer.checkpoints.at(16)));
    }

    void impossibleCommandsBecomeNotices()
    {
        ScriptedControls controls;
        controls.at[2] = {setCommand("quant.weigths.bits", 3),
                          setCommand("quant.weights.bits", 33),
                          setCommand("quant.weights.bits", 8),
                          {{"command", "dance"}}};
        const Run run(smallSpec("lsq"), controls);
        QVERIFY(run.observer.log.find("did you mean 'quant.weights.bits'") != std::string::npos);
        QVERIFY(run.observer.log.find("from 2 to 8, not 33") != std::string::npos);
        QVERIFY(run.observer.log.find("unknown command ignored") != std::string::npos);
        QCOMPARE(run.end, RunEnd::Finished);
    }

    void pausesStepsResumesAndStops()
    {
        ScriptedControls controls;
        controls.at[4] = {{{"command", "pause"}}};
        controls.whenPaused = {{{"command", "step"}}, {{"command", "resume"}}};
        controls.at[9] = {{{"command", "stop"}}};
        const Run run(smallSpec("float"), controls);
        QCOMPARE(run.end, RunEnd::Stopped);
        QCOMPARE(run.observer.losses.size(), std::size_t(8));
        QCOMPARE(run.observer.pauses.size(), std::size_t(2));
        QVERIFY(run.observer.checkpoints.contains(8));
        // Pausing leaves no trace in the weights.
        const Run rest(smallSpec("float"), {}, &run.observer.checkpoints.at(8));
        QVERIFY(sameTensors(rest.observer.checkpoints.at(16),
                            Run(smallSpec("float")).observer.checkpoints.at(16)));
    }

    void guardsPauseWithTheReason()
    {
        Json wild = smallSpec("float");
        wild["training"]["optimizer"]["learning_rate"] = 1000;
        const Run run(wild);
        QCOMPARE(run.end, RunEnd::Stopped);
        QCOMPARE(run.observer.pauses.size(), std::size_t(1));
        const QString reason = QString::fromStdString(run.observer.pauses.front());
        QVERIFY2(reason.contains("the gradient is not a number") || reason.contains("the loss is"),
                 qPrintable(reason));
    }

    void aStepAtItsFloorPauses()
    {
        const auto q = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(4, true));
        q->observe(std::vector<float>{1, -2, 3});
        QCOMPARE(Guards::checkSteps({q.get()}), std::string());
        q->parameter().value.data()[0] = smallestStep;
        const std::string reason = Guards::checkSteps({q.get()});
        QVERIFY2(reason.find("not above 1e-08") != std::string::npos, reason.c_str());
    }

    void aBatchThatIsNotANumberLeavesNoTrace()
    {
        const Json spec = smallSpec("float");
        const Run before(spec);
        const Checkpoint& healthy = before.observer.checkpoints.at(16);
        Checkpoint broken;
        for (const auto& [name, tensor] : healthy.tensors()) {
            Tensor nan(tensor.shape());
            nan.fill(std::numeric_limits<float>::quiet_NaN());
            broken.add(name, name == "stem.conv.weight" ? nan : tensor);
        }
        Run run(spec, {}, nullptr, &broken);
        QCOMPARE(run.observer.pauses.size(), std::size_t(1));
        QVERIFY(run.observer.pauses.front().find("not a number") != std::string::npos);
        int statistics = 0;
        const Checkpoint after = run.trainer.checkpoint();
        for (const auto& [name, tensor] : after.tensors()) {
            if (name.find(".running_") == std::string::npos)
                continue;
            ++statistics;
            QVERIFY(std::ranges::equal(tensor.values(), broken.find(name)->values()));
        }
        QVERIFY(statistics > 0);
    }

    void saturationPauses()
    {
        Json spec = smallSpec("lsq");
        spec["training"]["epochs"] = 8;
        spec["training"]["guards"] = {{"saturation", 0.001}};
        const Run run(spec);
        QCOMPARE(run.observer.pauses.size(), std::size_t(1));
        QVERIFY(run.observer.pauses.front().find("saturates") != std::string::npos);
        QCOMPARE(run.observer.losses.size(), std::size_t(50));
    }

    void stopsEarlyAndOnBudget()
    {
        Json patient = smallSpec("float");
        patient["training"]["epochs"] = 50;
        patient["training"]["patience"] = 1;
        patient["training"]["optimizer"]["learning_rate"] = 0;
        const Run early(patient);
        QCOMPARE(early.end, RunEnd::Finished);
        QCOMPARE(early.observer.evaluations.size(), std::size_t(2));
        QVERIFY(early.observer.log.find("stopped early") != std::string::npos);

        Json hurried = smallSpec("float");
        hurried["training"]["epochs"] = 100'000;
        hurried["training"]["budget"] = 0.2;
        const Run budget(hurried);
        QCOMPARE(budget.end, RunEnd::Finished);
        QVERIFY(budget.observer.log.find("time budget") != std::string::npos);
        QVERIFY(!budget.observer.evaluations.empty());
    }

    void fineTunesFromAFloatCheckpoint()
    {
        const Run floating(smallSpec("float"));
        const Checkpoint& trained = floating.observer.checkpoints.at(16);
        const Run tuned(smallSpec("lsq"), {}, nullptr, &trained);
        const Run fresh(smallSpec("lsq"));
        QVERIFY(tuned.observer.losses.front() < fresh.observer.losses.front());
    }

    void anotherNetworksCheckpointIsRefused()
    {
        const Run floating(smallSpec("float"));
        Json wider = smallSpec("float");
        wider["network"]["params"]["width"] = 1;
        const Checkpoint& trained = floating.observer.checkpoints.at(16);
        QVERIFY_THROWS_EXCEPTION(Error, Run(wider, {}, nullptr, &trained));
        QVERIFY_THROWS_EXCEPTION(Error, Run(wider, {}, &trained));
    }

    void whatCannotBeTrainedIsRefused()
    {
        Json huge = smallSpec("float");
        huge["data"]["batch"] = 1000;
        QVERIFY_THROWS_EXCEPTION(Error, Run{huge});
        Json tiny = smallSpec("float");
        tiny["data"]["params"]["size"] = 8;
        tiny["network"] = {{"id", "vgg_small"}};
        tiny["data"]["augment"] = {{"crop", 4}};
        QVERIFY_THROWS_EXCEPTION(Error, Run{tiny});
    }
};

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
