#include "core/train/histogram.h"

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
};

QTEST_GUILESS_MAIN(TestHistogram)
#include "tst_histogram.moc"
