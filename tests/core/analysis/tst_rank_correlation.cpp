#include "core/analysis/rank_correlation.h"

#include <QTest>

#include <cmath>
#include <vector>

using namespace stair;

using Numbers = std::vector<double>;

/// Spearman's coefficient against what can be worked out by hand.
class TestRankCorrelation : public QObject
{
    Q_OBJECT

private slots:
    void handWorked_data()
    {
        QTest::addColumn<QList<double>>("x");
        QTest::addColumn<QList<double>>("y");
        QTest::addColumn<double>("expected"); // NaN: none
        QTest::newRow("the same order")
            << QList<double>{1, 5, 9} << QList<double>{-1, 0, 100} << 1.0;
        QTest::newRow("the opposite order")
            << QList<double>{1, 5, 9, 10} << QList<double>{4, 3, 2, 1} << -1.0;
        // 1 - 6 * sum of d^2 / (n (n^2 - 1)), d = 0, 1, 1, 0
        QTest::newRow("one pair exchanged")
            << QList<double>{1, 2, 3, 4} << QList<double>{1, 3, 2, 4} << 0.8;
        // ranks 0.5 0.5 2 against 0 1 2: covariance 1.5 over sqrt(1.5 * 2)
        QTest::newRow("equal values share a rank")
            << QList<double>{7, 7, 8} << QList<double>{1, 2, 3} << std::sqrt(0.75);
        QTest::newRow("two pairs") << QList<double>{1, 2} << QList<double>{1, 2} << std::nan("");
        QTest::newRow("nothing varies")
            << QList<double>{1, 1, 1} << QList<double>{1, 2, 3} << std::nan("");
    }

    void handWorked()
    {
        QFETCH(QList<double>, x);
        QFETCH(QList<double>, y);
        QFETCH(double, expected);
        const double found
            = rankCorrelation(Numbers(x.begin(), x.end()), Numbers(y.begin(), y.end()));
        if (std::isnan(expected))
            QVERIFY(std::isnan(found));
        else
            QVERIFY2(std::abs(found - expected) < 1e-12, qPrintable(QString::number(found)));
    }
};

QTEST_GUILESS_MAIN(TestRankCorrelation)
#include "tst_rank_correlation.moc"
