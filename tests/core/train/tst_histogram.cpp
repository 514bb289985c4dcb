#include "core/train/histogram.h"
#include "core/train/value_bins.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <numeric>

using namespace stair;

namespace {

std::int64_t sum(const Histogram& histogram)
{
    return std::accumulate(histogram.counts().begin(), histogram.counts().end(), std::int64_t(0));
}

} // namespace

class TestHistogram : public QObject
{
    Q_OBJECT

private slots:
    void putsAValueIntoItsBin_data()
    {
        QTest::addColumn<float>("value");
        QTest::addColumn<int>("bin"); // from the zero bin outward, 1 being 2^-30
        const float infinity = std::numeric_limits<float>::infinity();
        QTest::newRow("zero") << 0.0f << 0;
        QTest::newRow("negative zero") << -0.0f << 0;
        QTest::newRow("one") << 1.0f << 31;
        QTest::newRow("just below one") << std::nextafter(1.0f, 0.0f) << 30;
        QTest::newRow("minus one") << -1.0f << -31;
        QTest::newRow("one and a half") << 1.5f << 31;
        QTest::newRow("two") << 2.0f << 32;
        QTest::newRow("a typical gradient") << -1e-3f << -21; // 2^-10 < 1e-3
        QTest::newRow("the least power") << 0x1p-30f << 1;
        QTest::newRow("smaller") << 0x1p-31f << 1;
        QTest::newRow("subnormal") << -std::numeric_limits<float>::denorm_min() << -1;
        QTest::newRow("the greatest power") << 0x1p10f << 41;
        QTest::newRow("greater") << 1e30f << 41;
        QTest::newRow("infinite") << infinity << 41;
        QTest::newRow("minus infinite") << -infinity << -41;
    }

    void putsAValueIntoItsBin()
    {
        QFETCH(float, value);
        QFETCH(int, bin);
        QCOMPARE(Histogram::binOf(value), Histogram::zeroBin + bin);
    }

    void edgesBoundTheirBins()
    {
        QCOMPARE(Histogram::innerEdge(Histogram::zeroBin), 0.0);
        QCOMPARE(Histogram::innerEdge(0), -1024.0);
        QCOMPARE(Histogram::innerEdge(Histogram::bins - 1), 1024.0);
        for (int bin = 0; bin < Histogram::bins; ++bin)
            QCOMPARE(Histogram::binOf(float(Histogram::innerEdge(bin))), bin);
    }

    void countsNegativeDataBelowOne()
    {
        const std::vector<float> values = {-0.5f, -0.6f, -0.25f, -0.3f, -0.7f};
        Histogram histogram;
        histogram.add(values);
        QCOMPARE(histogram.counts()[std::size_t(Histogram::binOf(-0.5f))], 3);
        QCOMPARE(histogram.counts()[std::size_t(Histogram::binOf(-0.25f))], 2);
        QCOMPARE(sum(histogram), 5);
    }

    void notANumberIsCountedApart()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const std::vector<float> values = {nan, 1.0f, -nan, 0.0f};
        Histogram histogram;
        histogram.add(values);
        QCOMPARE(histogram.notANumber(), 2);
        QCOMPARE(sum(histogram), 2);
        QCOMPARE(Histogram::binOf(nan), -1);
    }

    // Enough for several threads, with the plain loop as its reference.
    void manyValuesCountTheSameInParallel()
    {
        std::vector<float> values(300000);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = std::sin(float(i)) * std::ldexp(1.0f, int(i % 50) - 35);
        std::vector<std::int64_t> expected(Histogram::bins);
        for (const float value : values)
            expected[std::size_t(Histogram::binOf(value))] += 1;
        Histogram histogram;
        histogram.add(values);
        QVERIFY(histogram.counts() == expected);
        histogram.add(values);
        QCOMPARE(sum(histogram), 600000);
    }

    void equalBinsCountWhatLiesBeyondAtTheirEnds()
    {
        ValueBins bins(-1, 3, 8);
        QCOMPARE(bins.width, 0.5);
        QCOMPARE(bins.to(), 3.0);
        const float infinity = std::numeric_limits<float>::infinity();
        bins.add(std::vector<float>{-1.0f, -0.51f, -0.5f, 0.0f, 2.99f, 3.0f, 70.0f, -9.0f, infinity,
                                    -infinity, std::numeric_limits<float>::quiet_NaN()});
        QCOMPARE(bins.counts, (std::vector<std::int64_t>{4, 1, 1, 0, 0, 0, 0, 4}));
    }

    void aTensorsRangeIsAPowerOfTwo_data()
    {
        QTest::addColumn<float>("most");
        QTest::addColumn<double>("reach");
        QTest::newRow("zeros alone") << 0.0f << 1.0;
        QTest::newRow("exactly a power") << 0.25f << 0.25;
        QTest::newRow("just above") << 0.2501f << 0.5;
        QTest::newRow("above one") << 3.0f << 4.0;
        QTest::newRow("too small to tell") << 1e-20f << 0x1p-30;
        QTest::newRow("infinite values are left out")
            << std::numeric_limits<float>::infinity() << 0.125;
    }

    void aTensorsRangeIsAPowerOfTwo()
    {
        QFETCH(float, most);
        const std::vector<float> values
            = std::isfinite(most) ? std::vector{0.0f, -most} : std::vector{0.1f, -most};
        const ValueBins bins = binsOf(values);
        QCOMPARE(bins.counts.size(), std::size_t(128));
        QTEST(bins.to(), "reach");
        QCOMPARE(bins.from, -bins.to());
        QCOMPARE(std::accumulate(bins.counts.begin(), bins.counts.end(), std::int64_t(0)), 2);
    }
};

QTEST_GUILESS_MAIN(TestHistogram)
#include "tst_histogram.moc"
