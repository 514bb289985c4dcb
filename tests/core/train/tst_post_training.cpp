#include "tests/support/small_run.h"

#include <QTest>

using namespace stair;

namespace {

/// A set on which a small network gets somewhere within a second or two.
Json learnable(const std::string& method, int bits)
{
    Json spec = smallSpec("float");
    for (const char* assignment :
         {"data.params.train=1344", "data.params.test=2048", "training.epochs=14",
          "training.optimizer.learning_rate=0.1", "training.evaluate_every=14",
          "training.checkpoint_every=0", "statistics.every=0"})
        assign(spec, assignment);
    if (method == "float")
        return spec;
    spec["quant"]
        = {{"method", method}, {"weights", {{"bits", bits}}}, {"activations", {{"bits", bits}}}};
    spec["training"]["epochs"] = 0;
    spec["training"]["from"] = "the float run";
    return spec;
}

const Checkpoint& last(const Run& run)
{
    return run.observer.checkpoints.rbegin()->second;
}

double top1(const Run& run)
{
    return run.observer.evaluations.back().test.top1;
}

Json with(Json spec, std::initializer_list<const char*> assignments)
{
    for (const char* assignment : assignments)
        assign(spec, assignment);
    return spec;
}

} // namespace

/// Runs that quantize a trained network without training it.
class TestPostTraining : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_float = std::make_unique<Run>(learnable("float", 32)); }

    void eightBitsCostLessThanAPoint()
    {
        const Run run = quantized(learnable("ptq", 8));
        qInfo("float %.4f, 8 bits %.4f", top1(*m_float), top1(run));
        QVERIFY(top1(*m_float) > 0.7);
        QVERIFY(top1(run) >= top1(*m_float) - 0.01);
        QVERIFY(run.observer.evaluations.back().proved);
        QCOMPARE(run.observer.evaluations.size(), std::size_t(1));
        QVERIFY(run.observer.losses.empty()); // nothing was trained
    }

    void atFourBitsLeastSquaresBeatsMinMax()
    {
        const Run minmax = quantized(with(learnable("ptq", 4), {"quant.params.ranges=minmax"}));
        const Run mse = quantized(learnable("ptq", 4));
        const Run plain
            = quantized(with(learnable("ptq", 4), {"quant.params.bias_correction=false"}));
        qInfo("4 bits: minmax %.4f, mse %.4f, without bias correction %.4f", top1(minmax),
              top1(mse), top1(plain));
        QVERIFY(top1(mse) >= top1(minmax));
        QVERIFY(!sameTensors(last(mse), last(plain)));
    }

    void everyChoiceIsProved_data()
    {
        QTest::addColumn<QString>("assignment");
        for (
            const char* assignment :
            {"quant.params.ranges=percentile", "quant.params.ranges=kl",
             "quant.weights.per=channel", "quant.first=same", "quant.last=same",
             R"(quant.layers=[{"match":"stage1.*","weights":{"bits":2},"activations":{"bits":8}}])"})
            QTest::newRow(assignment) << QString(assignment);
    }

    void everyChoiceIsProved()
    {
        QFETCH(QString, assignment);
        const Run run = quantized(with(learnable("ptq", 5), {assignment.toStdString().c_str()}));
        QVERIFY(run.observer.evaluations.back().proved);
        QVERIFY(top1(run) > 0.5 * top1(*m_float));
    }

    void theSameSpecGivesTheSameRun()
    {
        const Run a = quantized(learnable("ptq", 4)), b = quantized(learnable("ptq", 4));
        QCOMPARE(a.observer.log, b.observer.log);
        QVERIFY(sameTensors(last(a), last(b)));
    }

    void aCheckpointIsNotCalibratedAgain()
    {
        const Json json = learnable("ptq", 4);
        const Run run = quantized(json);
        QCOMPARE(last(run).step, std::int64_t(0));
        Runtime runtime(2);
        Trainer trainer(run.spec, run.data, runtime);
        trainer.restore(last(run));
        const EvaluationReport again = trainer.evaluate();
        const EvaluationReport& told = run.observer.evaluations.back();
        QCOMPARE(again.test.loss, told.test.loss);
        QCOMPARE(again.test.top1, told.test.top1);
        QVERIFY(again.testRunning == told.testRunning);
        QCOMPARE(again.validation->loss, told.validation->loss);
        // Resumed behind its end it has nothing to do.
        Run rest(json, {}, &last(run));
        QCOMPARE(rest.end, RunEnd::Finished);
        QVERIFY(rest.observer.log.empty());
        QVERIFY(sameTensors(rest.trainer.checkpoint(), last(run)));
    }

    void aRunStoppedBeforeCalibrationGoesOn()
    {
        const Json json = learnable("ptq", 4);
        ScriptedControls controls;
        controls.at[1] = {{{"command", "stop"}}};
        const Run stopped(json, controls, nullptr, &last(*m_float));
        QCOMPARE(stopped.end, RunEnd::Stopped);
        const Run rest(json, {}, &last(stopped));
        QVERIFY(sameTensors(last(rest), last(quantized(json))));
    }

    void tooFewImagesAreTold()
    {
        const Run run = quantized(with(learnable("ptq", 8), {"quant.params.images=2000"}));
        QVERIFY2(run.observer.log.find("calibrated on 1280 images") != std::string::npos,
                 run.observer.log.c_str());
        QVERIFY(quantized(learnable("ptq", 8)).observer.log.find("calibrated")
                == std::string::npos);
    }

    void fineTuningKeepsTheSteps()
    {
        Json json = with(learnable("ptq", 3),
                         {"training.epochs=2", "training.optimizer.learning_rate=0.01"});
        json["training"]["checkpoint_every"] = 13;
        const Run run = quantized(json), zero = quantized(learnable("ptq", 3));
        const Checkpoint& start = last(zero);
        for (const auto& [name, tensor] : last(run).tensors()) {
            if (name.starts_with("optimizer."))
                continue;
            const bool same = std::ranges::equal(tensor.values(), start.find(name)->values());
            QVERIFY2(same == name.ends_with(".step"), name.c_str());
        }
        QVERIFY(top1(run) >= top1(zero));
        const Run rest(json, {}, &run.observer.checkpoints.at(13));
        QVERIFY(sameTensors(last(rest), last(run)));
    }

    void floatIsEvaluatedWithoutEpochsToo()
    {
        Json json = learnable("float", 32);
        json["training"]["epochs"] = 0;
        json["training"]["from"] = "the float run";
        const Run run = quantized(json);
        QCOMPARE(run.observer.evaluations.back().test.loss,
                 m_float->observer.evaluations.back().test.loss);
    }

private:
    Run quantized(const Json& json) const { return Run(json, {}, nullptr, &last(*m_float)); }

    std::unique_ptr<Run> m_float;
};

QTEST_GUILESS_MAIN(TestPostTraining)
#include "tst_post_training.moc"
