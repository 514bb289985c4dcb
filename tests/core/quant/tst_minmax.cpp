#include "tests/support/quantizers.h"

#include <QTest>

#include <cmath>

using namespace stair;

/// Min-max: the step follows the range, the gradient passes straight through.
class TestMinMax : public QObject
{
    Q_OBJECT

private slots:
    void dividesTheRangeByTheLevels_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<bool>("isSigned");
        QTest::addColumn<float>("peak");
        QTest::addColumn<float>("step");
        QTest::addRow("s2: three gaps from -3 to 3") << 2 << true << 3.0f << 2.0f;
        QTest::addRow("s3: seven gaps from -3.5 to 3.5") << 3 << true << 3.5f << 1.0f;
        QTest::addRow("s8: 255 gaps") << 8 << true << 127.5f << 1.0f;
        QTest::addRow("u2: three gaps from 0") << 2 << false << 3.0f << 1.0f;
        QTest::addRow("u4: fifteen gaps from 0") << 4 << false << 7.5f << 0.5f;
    }

    void dividesTheRangeByTheLevels()
    {
        QFETCH(int, bits);
        QFETCH(bool, isSigned);
        QFETCH(float, peak);
        const std::vector<float> x = {0.1f, isSigned ? -peak : peak, peak / 3};
        const auto kind = isSigned ? QuantizerKind::Weight : QuantizerKind::Activation;
        const auto q = defaultQuantizer("minmax", kind, Grid::uniform(bits, isSigned));
        q->observe(x);
        QTEST(q->step(), "step");
    }

    void weightsFollowAtOnce()
    {
        const auto q = defaultQuantizer("minmax", QuantizerKind::Weight, Grid::uniform(3, true));
        for (const float peak : {3.5f, 7.0f, 0.875f}) {
            q->observe(std::vector<float>{peak, -peak / 2});
            QCOMPARE(q->step(), peak * 2 / 7);
        }
    }

    // The default momentum is 0.1: a tenth of the way to the newest batch.
    void activationsFollowSlowly()
    {
        const auto q
            = defaultQuantizer("minmax", QuantizerKind::Activation, Grid::uniform(2, false));
        q->observe(std::vector<float>{3});
        QCOMPARE(q->step(), 1.0f);
        q->observe(std::vector<float>{33});
        QCOMPARE(q->step(), 2.0f);
        q->observe(std::vector<float>{6, 1, 0});
        QCOMPARE(q->step(), 2.0f);
        q->observe(std::vector<float>{0});
        QCOMPARE(q->step(), 1.8f);
    }

    void momentumIsAParameter()
    {
        const MethodInfo& info = method("minmax");
        const Json half = {{"momentum", 0.5}};
        ObjectReader reader(half, "test");
        const auto q = makeQuantizer(info, ParamValues::read(info.params, reader), "test.step",
                                     QuantizerKind::Activation, Grid::uniform(2, false), 1);
        q->observe(std::vector<float>{3});
        q->observe(std::vector<float>{9});
        QCOMPARE(q->step(), 2.0f);
    }

    void zerosGiveAStepAboveZero()
    {
        const auto q = defaultQuantizer("minmax", QuantizerKind::Weight, Grid::uniform(4, true));
        q->observe(std::vector<float>(7, 0.0f));
        QCOMPARE_GT(q->step(), 0.0f);
    }

    // Step 1, codes -4 to 3.
    void passesTheGradientInsideTheRange_data()
    {
        QTest::addColumn<float>("x");
        QTest::addColumn<int>("code");
        QTest::addColumn<float>("gradient");
        QTest::addRow("on the grid") << 2.0f << 2 << 0.7f;
        QTest::addRow("tie goes to even") << 2.5f << 2 << 0.7f;
        QTest::addRow("negative tie") << -1.5f << -2 << 0.7f;
        QTest::addRow("just inside") << 2.99f << 3 << 0.7f;
        QTest::addRow("at the upper end") << 3.0f << 3 << 0.0f;
        QTest::addRow("at the lower end") << -4.0f << -4 << 0.0f;
        QTest::addRow("saturates") << 9.0f << 3 << 0.0f;
    }

    void passesTheGradientInsideTheRange()
    {
        QFETCH(float, x);
        const auto q = defaultQuantizer("minmax", QuantizerKind::Weight, Grid::uniform(3, true));
        q->fixStep(1);
        const Tensor weight = weightsOf({&x, 1});
        Codes codes(weight.shape(), q->grid());
        Tensor gradient(weight.shape());
        gradient.fill(0.7f);
        quantizeWeights(*q, weight, codes, nullptr);
        weightsBackward(*q, weight, gradient);
        QTEST(codes.at(0), "code");
        QTEST(gradient.data()[0], "gradient");
    }

    void stepIsNotTrained()
    {
        const auto q = defaultQuantizer("minmax", QuantizerKind::Weight, Grid::uniform(3, true));
        QVERIFY(!q->isLearned());
    }
};

QTEST_GUILESS_MAIN(TestMinMax)
#include "tst_minmax.moc"
