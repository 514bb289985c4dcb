#include "core/analysis/seed_statistics.h"

#include <QTest>

#include <cmath>
#include <vector>

using namespace stair;

/// Student's t against printed tables, and the interval worked out by hand.
class TestSeedStatistics : public QObject
{
    Q_OBJECT

private slots:
    void quantilesAreThePrintedOnes_data()
    {
        QTest::addColumn<int>("freedom");
        QTest::addColumn<double>("probability");
        QTest::addColumn<double>("t");
        QTest::newRow("1 degree, 95 %") << 1 << 0.95 << 12.706;
        QTest::newRow("2 degrees, 95 %") << 2 << 0.95 << 4.303;
        QTest::newRow("3 degrees, 95 %") << 3 << 0.95 << 3.182;
        QTest::newRow("4 degrees, 95 %") << 4 << 0.95 << 2.776;
        QTest::newRow("9 degrees, 95 %") << 9 << 0.95 << 2.262;
        QTest::newRow("30 degrees, 95 %") << 30 << 0.95 << 2.042;
        QTest::newRow("120 degrees, 95 %") << 120 << 0.95 << 1.980;
        QTest::newRow("4 degrees, 99 %") << 4 << 0.99 << 4.604;
        QTest::newRow("5 degrees, 50 %") << 5 << 0.5 << 0.727;
        QTest::newRow("nothing is within nothing") << 3 << 0.0 << 0.0;
    }

    void quantilesAreThePrintedOnes()
    {
        QFETCH(int, freedom);
        QFETCH(double, probability);
        QFETCH(double, t);
        const double found = studentQuantile(freedom, probability);
        QVERIFY2(std::abs(found - t) <= 0.00051, qPrintable(QString::number(found)));
    }

    void quantilesNeedADegree()
    {
        QVERIFY_THROWS_EXCEPTION(std::exception, studentQuantile(0, 0.95));
        QVERIFY_THROWS_EXCEPTION(std::exception, studentQuantile(3, 1));
    }

    // mean 5, squares 4 + 0 + 4 over 2: deviation 2; interval 4.303 * 2 / sqrt(3)
    void threeValues()
    {
        const std::vector<double> values{3, 5, 7};
        const SeedStatistics found = seedStatistics(values);
        QCOMPARE(found.count, 3);
        QCOMPARE(found.mean, 5.0);
        QCOMPARE(found.deviation, 2.0);
        QVERIFY(std::abs(found.interval95 - 4.9683) < 0.0001);
    }

    void equalValuesAreCertain()
    {
        const std::vector<double> values{0.25, 0.25, 0.25, 0.25};
        const SeedStatistics found = seedStatistics(values);
        QCOMPARE(found.mean, 0.25);
        QCOMPARE(found.deviation, 0.0);
        QCOMPARE(found.interval95, 0.0);
    }

    void oneValueHasNoSpread()
    {
        const std::vector<double> values{0.5};
        const SeedStatistics found = seedStatistics(values);
        QCOMPARE(found.count, 1);
        QCOMPARE(found.mean, 0.5);
        QVERIFY(std::isnan(found.deviation));
        QVERIFY(std::isnan(found.interval95));
    }

    void nothingHasNoMean()
    {
        const SeedStatistics found = seedStatistics({});
        QCOMPARE(found.count, 0);
        QVERIFY(std::isnan(found.mean));
        QVERIFY(std::isnan(found.interval95));
    }
};

QTEST_GUILESS_MAIN(TestSeedStatistics)
#include "tst_seed_statistics.moc"
