#include "core/train/metrics.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace stair;

namespace {

Metrics measure(int classes, const std::vector<float>& logits,
                const std::vector<std::uint16_t>& labels)
{
    Tensor tensor(Shape{int(labels.size()), 1, 1, classes});
    std::ranges::copy(logits, tensor.data());
    MetricsMeter meter(classes);
    meter.add(tensor, labels);
    return meter.value();
}

} // namespace

class TestMetrics : public QObject
{
    Q_OBJECT

private slots:
    void countsThePlaceOfTheLabel_data()
    {
        QTest::addColumn<int>("label");
        QTest::addColumn<double>("top1");
        QTest::addColumn<double>("top5");
        // Logits 6, 5, 4, 3, 2, 1, 0: class 5 stands sixth.
        QTest::newRow("first") << 0 << 1.0 << 1.0;
        QTest::newRow("second") << 1 << 0.0 << 1.0;
        QTest::newRow("fifth") << 4 << 0.0 << 1.0;
        QTest::newRow("sixth") << 5 << 0.0 << 0.0;
    }

    void countsThePlaceOfTheLabel()
    {
        QFETCH(int, label);
        const Metrics m = measure(7, {6, 5, 4, 3, 2, 1, 0}, {std::uint16_t(label)});
        QTEST(m.top1, "top1");
        QTEST(m.top5, "top5");
        QCOMPARE(m.confusion[std::size_t(label * 7)], 1); // predicted: class 0
    }

    void aTieGoesToTheLowerClass()
    {
        const std::vector<float> equal(14, 0.5f);
        const Metrics m = measure(7, equal, {0, 5});
        QCOMPARE(m.top1, 0.5);
        QCOMPARE(m.top5, 0.5); // classes 0 to 4
    }

    void fewerThanFiveClassesAreAllInTheTopFive()
    {
        QCOMPARE(measure(3, {3, 2, 1}, {2}).top5, 1.0);
    }

    void lossIsTheMeanCrossEntropy()
    {
        // Two classes: log(1 + e^-d) for a label that leads by d.
        const Metrics m = measure(2, {1, 0, 0, 1}, {0, 0});
        const double expected = (std::log(1 + std::exp(-1.0)) + std::log(1 + std::exp(1.0))) / 2;
        QVERIFY(std::abs(m.loss - expected) < 1e-12);
        QVERIFY(std::isfinite(measure(2, {1e30f, -1e30f}, {0}).loss));
        QCOMPARE(measure(2, {2000, 0}, {1}).loss, 2000.0);
    }

    void aDivergedNetworkAnswersClassZero()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const Metrics m = measure(3, {nan, nan, nan, nan, nan, nan}, {0, 2});
        QCOMPARE(m.top1, 0.5);
        QVERIFY(std::isnan(m.loss));
        QCOMPARE(measure(3, {nan, 0, nan}, {1}).top1, 1.0);
    }

    void batchesAddUp()
    {
        MetricsMeter meter(2);
        Tensor logits(Shape{1, 1, 1, 2});
        logits.data()[0] = 1;
        meter.add(logits, std::vector<std::uint16_t>{0});
        meter.add(logits, std::vector<std::uint16_t>{1});
        meter.add(logits, std::vector<std::uint16_t>{1});
        const Metrics m = meter.value();
        QCOMPARE(m.images, 3);
        QCOMPARE(m.top1, 1.0 / 3);
        QCOMPARE(toJson(m, true).at("confusion").dump(), std::string("[[1,0],[2,0]]"));
        QVERIFY(!toJson(m, false).contains("confusion"));
    }

    void noImagesGiveZeros() { QCOMPARE(MetricsMeter(3).value().top1, 0.0); }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
