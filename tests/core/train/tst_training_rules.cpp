#include "core/quant/methods.h"
#include "core/train/evaluator.h"
#include "core/train/guards.h"
#include "tests/support/small_run.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace stair;

namespace {

Json specWith(const std::string& method, std::initializer_list<const char*> assignments)
{
    Json spec = smallSpec(method);
    for (const char* assignment : assignments)
        assign(spec, assignment);
    return spec;
}

/// Distance that the trained parameters moved between two checkpoints.
double distance(const Checkpoint& a, const Checkpoint& b)
{
    double sum = 0;
    for (const auto& [name, tensor] : a.tensors()) {
        if (name.find(".running_") != std::string::npos || name.starts_with("optimizer."))
            continue;
        for (std::int64_t i = 0; i < tensor.size(); ++i) {
            const double d = double(tensor.data()[i]) - double(b.find(name)->data()[i]);
            sum += d * d;
        }
    }
    return std::sqrt(sum);
}

QuantizerReport reportOf(const char* name, int levelsUsed, double saturated)
{
    QuantizerReport report;
    report.name = name;
    report.levelsUsed = levelsUsed;
    report.saturated = saturated;
    return report;
}

} // namespace

/// What a run does between its steps: evaluations, schedules, guards, and what survives a resume.
class TestTrainingRules : public QObject
{
    Q_OBJECT

private slots:
    void bestIsChosenByValidation()
    {
        const Run run(specWith("float", {"training.epochs=12", "data.params.test=96"}));
        double best = -1, bestTest = -1;
        bool testWouldDiffer = false;
        for (const EvaluationReport& report : run.observer.evaluations) {
            QCOMPARE(report.best, report.validation->top1 > best);
            testWouldDiffer = testWouldDiffer || report.best != (report.test.top1 > bestTest);
            best = std::max(best, report.validation->top1);
            bestTest = std::max(bestTest, report.test.top1);
        }
        QVERIFY(testWouldDiffer); // or this run proves nothing
    }

    void evaluatesEveryKEpochs()
    {
        const Run run(specWith("float", {"training.epochs=5", "training.evaluate_every=2"}));
        std::vector<int> epochs;
        for (const EvaluationReport& report : run.observer.evaluations)
            epochs.push_back(report.epoch);
        QCOMPARE(epochs, (std::vector<int>{2, 4, 5}));
    }

    void aBudgetEndsWithAnEvaluation()
    {
        const Run run(specWith(
            "float",
            {"training.epochs=100000", "training.evaluate_every=100000", "training.budget=0.05"}));
        QCOMPARE(run.end, RunEnd::Finished);
        QCOMPARE(run.observer.evaluations.size(), std::size_t(1));
        QVERIFY(run.observer.checkpoints.contains(run.observer.evaluations[0].step));
    }

    void patienceIsNotForgottenByAResume()
    {
        const Json spec = specWith(
            "float",
            {"training.epochs=50", "training.patience=1", "training.optimizer.learning_rate=0"});
        const Run run(spec);
        const std::int64_t last = run.observer.evaluations.back().step;
        const Run again(spec, {}, &run.observer.checkpoints.at(last));
        QCOMPARE(again.end, RunEnd::Finished);
        QVERIFY(again.observer.losses.empty());
        QVERIFY(again.observer.log.find("stopped early") != std::string::npos);
    }

    void gradientsAreClippedToTheNorm()
    {
        const auto moved = [](const char* clip) {
            const Run run(specWith("float",
                                   {clip, "training.optimizer.momentum=0",
                                    "training.optimizer.weight_decay=0",
                                    "training.schedule={\"id\":\"constant\"}"}));
            return distance(run.observer.checkpoints.at(1), run.observer.checkpoints.at(2));
        };
        QVERIFY(moved("training.clip_norm=0") > 0.05 * 0.1);
        QCOMPARE_LE(std::abs(moved("training.clip_norm=0.1") - 0.05 * 0.1), 1e-5);
    }

    void guardsTellEachFindingOnce()
    {
        Guards guards({.saturation = 0.5, .dead = true});
        const auto dead = reportOf("a", 1, 0), healthy = reportOf("a", 3, 0.4);
        const auto saturated = reportOf("b", 3, 0.6);
        QVERIFY(guards.checkQuantizers({healthy}).empty());
        QVERIFY(guards.checkQuantizers({dead}).starts_with("dead"));
        QVERIFY(guards.checkQuantizers({dead}).empty()); // told already
        QVERIFY(guards.checkQuantizers({saturated, dead}).find("60 %") != std::string::npos);
        Guards resumed({.saturation = 0.5, .dead = true});
        resumed.load(guards.toJson());
        QVERIFY(resumed.checkQuantizers({saturated, dead}).empty());
        QVERIFY(guards.checkQuantizers({healthy}).empty());
        QVERIFY(!guards.checkQuantizers({dead}).empty()); // it had passed
        Guards none({.saturation = 1, .dead = false});
        QVERIFY(none.checkQuantizers({dead, saturated}).empty());
    }

    void reestimationForgetsTheRunningStatistics()
    {
        const ExperimentSpec spec = readSpec(smallSpec("lsq"));
        const Dataset data = openSmall(spec);
        Runtime runtime(2);
        Trainer trainer(spec, data, runtime);
        RecordingObserver observer;
        ScriptedControls controls;
        trainer.run(observer, controls, {});
        const EvaluationReport before = trainer.evaluate();
        Checkpoint broken;
        const Checkpoint now = trainer.checkpoint();
        for (const auto& [name, tensor] : now.tensors()) {
            Tensor value = tensor.clone();
            if (name.find(".running_mean") != std::string::npos)
                value.fill(7);
            broken.add(name, value);
        }
        trainer.startFrom(broken);
        const EvaluationReport after = trainer.evaluate();
        QCOMPARE(after.test.loss, before.test.loss);
        QVERIFY(*after.testRunning != *before.testRunning);
    }

    void evaluatingACheckpointIsWhatTheRunDid_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("extra");
        QTest::addRow("AQE, alpha at its end") << "aqe"
                                               << "quant.weights.bits=1";
        QTest::addRow("min-max, frozen") << "minmax"
                                         << "quant.schedule.freeze_ranges=9";
        QTest::addRow("BCGD") << "bcgd"
                              << "quant.weights.bits=2";
        QTest::addRow("ASR, soft forward") << "asr"
                                           << "quant.params.forward=true";
        QTest::addRow("bits on the way")
            << "lsq"
            << R"(quant.schedule.bits=[{"step":7,"weights":{"bits":2}}])";
        QTest::addRow("float at first") << "lsq"
                                        << "quant.schedule.start=6";
        QTest::addRow("PTQ, fine-tuned") << "ptq"
                                         << "quant.params.images=40";
        QTest::addRow("PTQ of what was float at first") << "ptq"
                                                        << "quant.schedule.start=6";
        const QString hessian = "quant.params={\"hessian\":true,\"refresh\":1,\"probes\":2}";
        QTest::addRow("EWGS by the Hessian") << "ewgs" << hessian;
        QTest::addRow("EWGS by the Hessian, bits on the way")
            << "ewgs"
            << R"(quant={"method":"ewgs","weights":{"bits":4},"activations":{"bits":4},)"
               R"("params":{"hessian":true,"refresh":1,"probes":2},)"
               R"("schedule":{"start":5,"bits":[{"step":12,"weights":{"bits":2}}]}})";
        QTest::addRow("LSQ+") << "lsq_plus"
                              << "training.optimizer.learning_rate=0.002";
    }

    void evaluatingACheckpointIsWhatTheRunDid()
    {
        QFETCH(QString, method);
        QFETCH(QString, extra);
        Json json = smallSpec(method.toStdString());
        if (method == "aqe")
            assign(json, "quant.activations.bits=2");
        assign(json, extra.toStdString());
        const Run whole(json);
        const EvaluationReport& told = whole.observer.evaluations.back();
        Runtime runtime(2);
        Trainer trainer(whole.spec, whole.data, runtime);
        trainer.restore(whole.observer.checkpoints.at(16));
        const EvaluationReport again = trainer.evaluate();
        QCOMPARE(again.test.loss, told.test.loss);
        QCOMPARE(again.test.top1, told.test.top1);
        QCOMPARE(again.validation->loss, told.validation->loss);
        QVERIFY(again.testRunning == told.testRunning);
        QVERIFY(again.blended == told.blended);
        // And a run resumed anywhere is the same run.
        for (const std::int64_t step : {3, 5, 6, 8, 12}) {
            const Run rest(json, {}, &whole.observer.checkpoints.at(step));
            QVERIFY2(
                sameTensors(whole.observer.checkpoints.at(16), rest.observer.checkpoints.at(16)),
                QByteArray::number(qint64(step)));
        }
    }

    void lambdasFollowTheHessian()
    {
        Json json = specWith("ewgs",
                             {"training.epochs=3", "quant.schedule.start=3",
                              R"(quant.schedule.bits=[{"step":12,"weights":{"bits":2}}])"});
        json["quant"]["params"] = {{"hessian", true}, {"refresh", 2}, {"probes", 2}};
        const Run run(json);
        std::vector<std::int64_t> told;
        std::istringstream lines(run.observer.log);
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("notice ") && line.find("delta from the Hessian") != line.npos)
                told.push_back(std::stoll(line.substr(7)));
        }
        // Before the first quantized step, at other widths, and before epoch 3.
        QCOMPARE(told, (std::vector<std::int64_t>{2, 11, 16}));
        const auto lambdasAt = [&run](std::int64_t step) {
            std::vector<float> lambdas;
            for (const auto& [name, tensor] : run.observer.checkpoints.at(step).tensors()) {
                if (name.ends_with(".lambda"))
                    lambdas.push_back(tensor.data()[0]);
            }
            return lambdas;
        };
        QVERIFY(lambdasAt(2).empty()); // float
        QVERIFY(std::ranges::any_of(lambdasAt(3), [](float v) { return v > 0; }));
        QVERIFY(std::ranges::all_of(lambdasAt(24), [](float v) { return v >= 0; }));
        QVERIFY(lambdasAt(3) == lambdasAt(11));
        QVERIFY(lambdasAt(11) != lambdasAt(12));
        QVERIFY(lambdasAt(12) == lambdasAt(16));
        QVERIFY(lambdasAt(16) != lambdasAt(17));
        json["quant"]["params"] = {{"delta", 0}};
        const Run plain(json);
        QVERIFY(plain.observer.losses != run.observer.losses);
        QVERIFY(plain.observer.log.find("Hessian") == std::string::npos);
        // A run that starts from another's checkpoint estimates anew.
        json["quant"]["params"] = {{"hessian", true}, {"probes", 2}};
        json["quant"].erase("schedule");
        const Run next(json, {}, nullptr, &run.observer.checkpoints.at(24));
        QVERIFY(next.observer.log.starts_with("notice 0 delta from the Hessian"));
    }

    /// w <- (1 - rho) w + rho w^ before the optimizer's step; at rho 0 the optimizer is alone.
    void bcgdBlendsBeforeEachUpdate()
    {
        for (const double rho : {0.25, 0.0}) {
            Json json = specWith("bcgd",
                                 {"quant.weights.bits=1", "training.optimizer.learning_rate=0",
                                  "training.epochs=1"});
            json["quant"]["params"] = {{"rho", rho}};
            const Run run(json);
            const Tensor& before = *run.observer.checkpoints.at(3).find("stage1.conv.weight");
            const Tensor& after = *run.observer.checkpoints.at(4).find("stage1.conv.weight");
            double mean = 0;
            for (const float w : before.values())
                mean += std::abs(double(w)) / double(before.size());
            for (std::int64_t i = 0; i < before.size(); ++i) {
                const double w = double(before.data()[i]);
                const double blended = (1 - rho) * w + rho * (w < 0 ? -mean : mean);
                QVERIFY(std::abs(double(after.data()[i]) - blended) < 1e-6);
            }
        }
    }

    void latentWeightsAreKeptInTheUnitInterval_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addRow("AQE") << "aqe";
        QTest::addRow("BNN") << "bnn";
        QTest::addRow("min-max does not") << "minmax";
    }

    void latentWeightsAreKeptInTheUnitInterval()
    {
        QFETCH(QString, method);
        Json json
            = specWith(method.toStdString(),
                       {R"(training.optimizer={"id":"adam","learning_rate":0.5})",
                        R"(training.guards={"saturation":1,"dead":false})", "training.epochs=1"});
        const int bits = method == "minmax" ? 4 : 1;
        json["quant"]["weights"]["bits"] = json["quant"]["activations"]["bits"] = bits;
        const Run run(json);
        float most = 0;
        for (const float w : run.observer.checkpoints.at(4).find("stage1.conv.weight")->values())
            most = std::max(most, std::abs(w));
        if (method == "minmax")
            QVERIFY2(most > 1, QByteArray::number(double(most))); // or this proves nothing
        else
            QCOMPARE(most, 1.0f);
    }

    void softEstimatorsReportBothAccuracies()
    {
        Json json = smallSpec("aqe");
        for (const char* assignment :
             {"quant.weights.bits=2", "quant.activations.bits=2", "training.epochs=5"})
            assign(json, assignment);
        const Run run(json);
        QVERIFY(run.observer.evaluations.front().blended.has_value());
        QVERIFY(!run.observer.evaluations.back().blended.has_value()); // alpha is 1: hard
    }

    void schedulesActAtTheirSteps()
    {
        const Json json = specWith("lsq",
                                   {"quant.schedule.start=4", "quant.schedule.freeze_ranges=9",
                                    "quant.schedule.freeze_norm=11", "statistics.every=1",
                                    R"(quant.schedule.bits=[{"step":7,"weights":{"bits":2}}])"});
        const Run run(json);
        const auto& layers = run.observer.layers;
        QVERIFY(layers[2].quantizers.empty()); // step 3 is float
        QCOMPARE(layers[3].quantizers.at(2).bits, 4);
        QCOMPARE(layers[5].quantizers.at(2).bits, 4);
        QCOMPARE(layers[6].quantizers.at(2).bits, 2);
        const auto stepsAt = [&run](std::int64_t step) {
            std::vector<float> steps;
            for (const auto& [name, tensor] : run.observer.checkpoints.at(step).tensors()) {
                if (name.ends_with(".step") && !name.starts_with("optimizer."))
                    steps.insert(steps.end(), tensor.values().begin(), tensor.values().end());
            }
            return steps;
        };
        QVERIFY(stepsAt(7) != stepsAt(8));
        QVERIFY(stepsAt(8) == stepsAt(16));
        const auto runningMean = [&run](std::int64_t step) {
            const Tensor* mean = run.observer.checkpoints.at(step).find("stage3.bn.running_mean");
            return std::vector<float>(mean->values().begin(), mean->values().end());
        };
        QVERIFY(runningMean(9) != runningMean(10));
        QVERIFY(runningMean(10) == runningMean(16));
    }

    void layersMayHaveTheirOwnWidths()
    {
        const Run run(
            specWith("lsq",
                     {R"(quant.layers=[{"match":"stage?.*","weights":{"bits":2}},)"
                      R"({"match":"stage2.*","weights":{"bits":3},"activations":{"bits":6}}])"}));
        std::map<std::string, int> bits;
        for (const QuantizerReport& report : run.observer.layers.back().quantizers)
            bits[report.name] = report.bits;
        QCOMPARE(bits.at("stem.conv.weight.step"), 8);
        QCOMPARE(bits.at("stage1.conv.weight.step"), 2);
        QCOMPARE(bits.at("stage2.conv.weight.step"), 3);
        QCOMPARE(bits.at("stage1.act.6bit.step"), 6);
        QCOMPARE(bits.at("stage2.act.step"), 4);
        QVERIFY(run.observer.evaluations.back().proved);
    }

    void everyStepRuleOfLgLsqTrains_data()
    {
        QTest::addColumn<QString>("rule");
        for (const char* rule : {"ssg", "ssg_gradient", "ssg_lsq", "llsq"})
            QTest::newRow(rule) << QString(rule);
    }

    void everyStepRuleOfLgLsqTrains()
    {
        QFETCH(QString, rule);
        Json json = smallSpec("lg_lsq");
        json["quant"]["params"] = {{"step", rule.toStdString()}};
        json["training"]["epochs"] = 4;
        json["training"]["guards"] = {{"saturation", 1}, {"dead", false}};
        const Run run(json);
        QCOMPARE(run.end, RunEnd::Finished);
        QVERIFY2(run.observer.pauses.empty(), run.observer.log.c_str());
        QCOMPARE(run.observer.losses.size(), std::size_t(32));
        for (const double loss : run.observer.losses)
            QVERIFY(std::isfinite(loss));
        int steps = 0;
        for (const auto& [name, tensor] : run.observer.checkpoints.at(32).tensors()) {
            if (!name.ends_with(".step") || name.starts_with("optimizer."))
                continue;
            for (const float step : tensor.values()) {
                QVERIFY2(step > 1e-6f && step < 1e3f, name.c_str());
                ++steps;
            }
        }
        QVERIFY(steps > 4);
    }

    void everyMethodTrainsAndResumes_data()
    {
        QTest::addColumn<QString>("method");
        for (const MethodInfo& info : methods()) {
            if (info.quantizes())
                QTest::addRow("%s", info.id.c_str()) << QString::fromStdString(info.id);
        }
    }

    void everyMethodTrainsAndResumes()
    {
        QFETCH(QString, method);
        const MethodInfo& info = stair::method(method.toStdString());
        Json json = smallSpec(method.toStdString());
        json["quant"]["weights"]["bits"]
            = std::clamp(3, info.weightBits.least, info.weightBits.most);
        json["quant"]["activations"]["bits"]
            = std::clamp(4, info.activationBits.least, info.activationBits.most);
        json["training"]["epochs"] = 4;
        json["training"]["guards"] = {{"saturation", 1}, {"dead", false}};
        if (method == "lsq_plus") // its 8-bit ends start from a sixth of LSQ's step
            json["training"]["optimizer"]["learning_rate"] = 0.005;
        const Run whole(json);
        QCOMPARE(whole.end, RunEnd::Finished);
        QVERIFY(whole.observer.evaluations.back().proved);
        const auto mean = [&whole](std::size_t from) {
            double sum = 0;
            for (std::size_t i = from; i < from + 8; ++i)
                sum += whole.observer.losses[i] / 8;
            return sum;
        };
        QVERIFY2(mean(24) < mean(0), qPrintable(QString("%1 %2").arg(mean(0)).arg(mean(24))));
        for (const std::int64_t step : {1, 13, 31}) {
            const Run rest(json, {}, &whole.observer.checkpoints.at(step));
            QVERIFY(
                sameTensors(whole.observer.checkpoints.at(32), rest.observer.checkpoints.at(32)));
        }
        for (const QuantizerReport& report : whole.observer.layers.back().quantizers) {
            QVERIFY(std::isfinite(report.meanSquaredError) && std::isfinite(report.sqnr));
            QVERIFY(report.cosine >= -1.000001 && report.cosine <= 1.000001);
            QCOMPARE(report.flips.has_value(), report.kind == "weight");
            std::int64_t counted = 0, sloped = 0;
            for (const std::int64_t n : report.levels)
                counted += n;
            for (const std::int64_t n : report.slopes)
                sloped += n;
            QCOMPARE(counted, sloped);
            if (report.kind == "activation")
                QCOMPARE(std::reduce(report.values.counts.begin(), report.values.counts.end()),
                         counted);
        }
        for (const GradientReport& report : whole.observer.layers.back().gradients)
            QVERIFY(std::reduce(report.values.counts.begin(), report.values.counts.end()) > 0);
    }
};

QTEST_GUILESS_MAIN(TestTrainingRules)
#include "tst_training_rules.moc"
