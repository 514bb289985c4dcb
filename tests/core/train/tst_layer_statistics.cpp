#include "core/train/layer_statistics.h"
#include "core/train/quantizer_measure.h"
#include "tests/support/quantizers.h"
#include "tests/support/small_run.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace stair;

namespace {

void near(double value, double expected)
{
    QVERIFY2(std::abs(value - expected) <= 1e-6 * std::max(1.0, std::abs(expected)),
             qPrintable(QString("%1 instead of %2").arg(value, 0, 'g', 9).arg(expected)));
}

} // namespace

/// The statistics of layers, by hand.
class TestLayerStatistics : public QObject
{
    Q_OBJECT

private slots:
    /// 2 bits, step 0.5: codes -2, -2, 0, 0, 1, 1, 1, 1.
    void measuresByHand()
    {
        const auto lsq = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(2, true));
        lsq->fixStep(0.5f);
        const std::vector<float> x = {-2, -0.8f, -0.2f, 0.1f, 0.3f, 0.5f, 0.9f, 3};
        const QuantizerReport report = measureQuantizer(*lsq, weightsOf(x));
        QCOMPARE(report.kind, std::string("weight"));
        QCOMPARE(report.bits, 2);
        near(report.step, 0.5);
        QVERIFY(!report.codeStep);
        near(report.saturated, 3.0 / 8); // below -1.25, or above 0.75
        near(report.masked, 4.0 / 8); // not within -1 and 0.5
        near(report.zero, 2.0 / 8);
        QCOMPARE(report.leastCode, -2);
        QCOMPARE(report.gridLevels, 4);
        QCOMPARE(report.levels, (std::vector<std::int64_t>{2, 0, 2, 4}));
        QCOMPARE(report.levelsUsed, 3);
        near(report.meanSquaredError, 7.54 / 8);
        near(report.sqnr, 10 * std::log10(14.84 / 7.54));
        near(report.cosine, 5.15 / std::sqrt(14.84 * 3));
        std::vector<std::int64_t> slopes(37, 0);
        slopes[0] = 4; // masked
        slopes[12] = 4; // straight through
        QCOMPARE(report.slopes, slopes);
    }

    void surrogatesSlopesAreCounted()
    {
        // Form A at k = 2: 0.637 at a level, 1.273 between two.
        const auto asr = defaultQuantizer("asr", QuantizerKind::Weight, Grid::uniform(3, true));
        asr->fixStep(1);
        const QuantizerReport report
            = measureQuantizer(*asr, weightsOf(std::vector<float>{0, 1, -1, 0.5f, 1.5f, 9}));
        std::vector<std::int64_t> slopes(37, 0);
        slopes[7] = 3; // 7.64 twelfths
        slopes[15] = 2; // 15.28
        slopes[0] = 1;
        QCOMPARE(report.slopes, slopes);
    }

    void projectedWeightsHaveTwoSteps()
    {
        const auto twn = methodQuantizer(method("twn"), QuantizerKind::Weight, 2);
        const Tensor weight = weightsOf(std::vector<float>{0.9f, -0.5f, 0.1f, -0.05f, 0.3f, -1.2f});
        observeWeights(*twn, weight);
        const QuantizerReport report = measureQuantizer(*twn, weight);
        near(report.step, 2.6 / 3);
        near(*report.codeStep, 2 * 0.7 * 3.05 / 6);
        QCOMPARE(report.levels, (std::vector<std::int64_t>{2, 3, 1}));
        QCOMPARE(report.masked, 0.0);
        near(report.saturated, 2.0 / 6); // 0.9 and -1.2, beyond the largest level
    }

    /// AQE's largest level is 1 at any width.
    void threeLevelsAndPowersOfTwoEndAtTheLargest()
    {
        const std::vector<float> x = {-1, 1, 1.01f, 0.9f, -3, 0, 0.4f, 1.3f};
        for (const int bits : {2, 3}) {
            const auto aqe = methodQuantizer(method("aqe"), QuantizerKind::Weight, bits);
            const Tensor weight = weightsOf(x);
            if (bits == 2)
                observeWeights(*aqe, weight); // its threshold is the tensor's
            near(measureQuantizer(*aqe, weight).saturated, 3.0 / 8);
        }
    }

    /// HardTanh lets no gradient pass at its ends, where AQE's own mask still would.
    void theActivationsEndsAreMasked()
    {
        const auto aqe = methodQuantizer(method("aqe"), QuantizerKind::Activation, 2);
        const Tensor values = weightsOf(
            std::vector<float>{-1, -0.6f, 0.2f, 0.8f, 1, 1, 0, 0.5f}); // clipped already
        near(measureQuantizer(*aqe, values).masked, 0);
        const QuantizerReport report = measureQuantizer(*aqe, values, Activation::hardTanh());
        near(report.masked, 3.0 / 8);
        QCOMPARE(report.saturated, 0.0);
        QCOMPARE(report.slopes.at(0), std::int64_t(3));
        QCOMPARE(report.slopes.at(12), std::int64_t(5)); // 2 alpha = 1
    }

    /// Behind a batch norm and a ReLU about half of the values are clipped, at 0.
    void aRunCountsTheActivationsEnds()
    {
        Json json = smallSpec("aqe");
        json["quant"]["weights"]["bits"] = json["quant"]["activations"]["bits"] = 2;
        json["training"]["epochs"] = 1;
        json["statistics"]["every"] = 1;
        const Run run(json);
        int found = 0;
        for (const QuantizerReport& report : run.observer.layers.at(3).quantizers) {
            if (report.kind != "activation" || report.bits != 2)
                continue;
            ++found;
            QVERIFY2(report.masked > 0.3, report.name.c_str()); // 0.16 lie beyond 1
        }
        QVERIFY(found > 0);
    }

    void activationsValuesAreCountedOverTheGrid()
    {
        const auto bcgd = methodQuantizer(method("bcgd"), QuantizerKind::Activation, 2);
        bcgd->fixStep(0.5f); // rounds up: 0, 1, 3, 3
        const QuantizerReport report
            = measureQuantizer(*bcgd, weightsOf(std::vector<float>{-0.5f, 0.1f, 1.2f, 9}));
        QCOMPARE(report.kind, std::string("activation"));
        QCOMPARE(report.levels, (std::vector<std::int64_t>{1, 1, 0, 2}));
        near(report.saturated, 1.0 / 4); // -1 and 3 steps still belong to the ends
        near(report.masked, 2.0 / 4);
        QCOMPARE(std::reduce(report.values.counts.begin(), report.values.counts.end()),
                 std::int64_t(4));
    }

    void flipsAreCodesThatChange()
    {
        Codes before({1, 1, 1, 5}, Grid::uniform(2, true)), after(before.shape(), before.grid());
        for (int i = 0; i < 5; ++i)
            before.data()[i] = after.data()[i] = 1;
        QCOMPARE(shareOfFlips(before, after), 0.0);
        after.data()[1] = 0;
        after.data()[4] = 0;
        QCOMPARE(shareOfFlips(before, after), 0.4);
    }

    /// In a run: flips are those of the step's own update, norms those of its gradients.
    void aRunReportsItsStep()
    {
        for (const bool moves : {false, true}) {
            Json json = smallSpec("minmax");
            json["training"]["optimizer"]["learning_rate"] = moves ? 0.05 : 0;
            json["training"]["epochs"] = 1;
            json["statistics"]["every"] = 1;
            const Run run(json);
            const LayersReport& layers = run.observer.layers.at(3);
            double flips = 0, squares = 0;
            for (const QuantizerReport& report : layers.quantizers)
                flips += report.flips.value_or(0);
            for (const GradientReport& report : layers.gradients)
                squares += report.norm * report.norm;
            QCOMPARE(flips > 0, moves);
            const double whole = run.observer.gradientNorms.at(3);
            QVERIFY(std::sqrt(squares) > 0.5 * whole && std::sqrt(squares) <= whole * 1.000001);
        }
    }
};

QTEST_GUILESS_MAIN(TestLayerStatistics)
#include "tst_layer_statistics.moc"
