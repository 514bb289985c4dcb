#include "core/nn/init.h"

#include <QTest>

#include <cmath>

using namespace stair;

class TestInit : public QObject
{
    Q_OBJECT

private slots:
    void hasTheVarianceOfItsFanIn_data()
    {
        QTest::addColumn<int>("outputs");
        QTest::addColumn<int>("kernel");
        QTest::addColumn<int>("inputs");
        QTest::addRow("3x3 convolution") << 256 << 3 << 32;
        QTest::addRow("depthwise") << 4096 << 3 << 1;
        QTest::addRow("linear") << 100 << 1 << 512;
    }

    void hasTheVarianceOfItsFanIn()
    {
        QFETCH(int, outputs);
        QFETCH(int, kernel);
        QFETCH(int, inputs);
        Tensor weight({outputs, kernel, kernel, inputs});
        Random random(3, RandomUse::Initialisation);
        heInitialise(weight, random);
        double sum = 0, squares = 0;
        for (const float value : weight.values()) {
            sum += value;
            squares += double(value) * value;
        }
        const double count = double(weight.size());
        const double expected = 2.0 / (kernel * kernel * inputs);
        // Five standard errors of a normal sample's mean and variance.
        QVERIFY(std::abs(sum / count) < 5 * std::sqrt(expected / count));
        QVERIFY(std::abs(squares / count / expected - 1) < 5 * std::sqrt(2 / count));
    }

    void dependsOnTheSeedAlone()
    {
        Tensor first({8, 3, 3, 4}), second({8, 3, 3, 4}), other({8, 3, 3, 4});
        Random a(7, RandomUse::Initialisation, 2), b = a, c(8, RandomUse::Initialisation, 2);
        heInitialise(first, a);
        heInitialise(second, b);
        heInitialise(other, c);
        QVERIFY(std::ranges::equal(first.values(), second.values()));
        QVERIFY(!std::ranges::equal(first.values(), other.values()));
    }
};

QTEST_GUILESS_MAIN(TestInit)
#include "tst_init.moc"
