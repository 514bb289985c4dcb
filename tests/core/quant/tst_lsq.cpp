#include "tests/support/quantizers.h"

#include <QTest>

#include <cmath>

using namespace stair;

/// LSQ against the published formulas, at a vector worked out by hand: s = 0.25, codes -4 to 3.
class TestLsq : public QObject
{
    Q_OBJECT

private slots:
    void lsqPlusStartsAtTheRange()
    {
        auto quantizer = methodQuantizer(method("lsq_plus"), QuantizerKind::Activation, 2);
        quantizer->observe(std::vector<float>{-1, 0, 1, 2, 2, 1, -1, 0});
        QCOMPARE(quantizer->step(), 1.0f);
        QCOMPARE(quantizer->offset()->value.data()[0], -1.0f);
    }

    void equalsTheFormulas_data()
    {
        QTest::addColumn<float>("x");
        QTest::addColumn<float>("y");
        QTest::addColumn<float>("mask");
        QTest::addColumn<float>("ds"); // before the scale 1 / sqrt(N Qp)
        QTest::addRow("below the range") << -1.3f << -1.0f << 0.0f << -4.0f;
        QTest::addRow("inside, rounds away from 0") << -0.2f << -0.25f << 1.0f << -0.2f;
        QTest::addRow("inside, rounds to 0") << 0.05f << 0.0f << 1.0f << -0.2f;
        QTest::addRow("inside, rounds down") << 0.37f << 0.25f << 1.0f << -0.48f;
        QTest::addRow("above, would round to 4") << 0.9f << 0.75f << 0.0f << 3.0f;
        QTest::addRow("far above") << 2.0f << 0.75f << 0.0f << 3.0f;
        QTest::addRow("on the lower end") << -1.0f << -1.0f << 0.0f << -4.0f;
        QTest::addRow("on the upper end") << 0.75f << 0.75f << 0.0f << 3.0f;
        QTest::addRow("on the grid") << 0.5f << 0.5f << 1.0f << 0.0f;
        QTest::addRow("tie goes to even") << 0.375f << 0.5f << 1.0f << 0.5f;
    }

    void equalsTheFormulas()
    {
        QFETCH(float, x);
        QFETCH(float, ds);
        const auto lsq = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(3, true));
        lsq->fixStep(0.25f);
        const Tensor weight = weightsOf({&x, 1});
        Codes codes(weight.shape(), lsq->grid());
        Tensor real(weight.shape()), gradient(weight.shape());
        quantizeWeights(*lsq, weight, codes, &real);
        QTEST(real.data()[0], "y");
        QCOMPARE(float(codes.at(0)) * 0.25f, real.data()[0]);
        gradient.fill(1);
        weightsBackward(*lsq, weight, gradient);
        QTEST(gradient.data()[0], "mask");
        // One weight and Qp = 3: the step's gradient is ds / sqrt(3).
        const double scaled = double(ds) / std::sqrt(3.0);
        QCOMPARE_LE(std::abs(double(lsq->parameter().gradient.data()[0]) - scaled), 1e-6);
    }

    void scalesTheGradientByTheTensorsSize()
    {
        const auto lsq = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(3, true));
        lsq->finishStep(0, 1, 6);
        QCOMPARE_LE(std::abs(lsq->parameter().gradient.data()[0] - 0.235702f), 5e-7f);
        // The published vector at once, every incoming gradient 1.
        const std::vector<float> x = {-1.3f, -0.2f, 0.05f, 0.37f, 0.9f, 2.0f};
        lsq->fixStep(0.25f);
        const Tensor weight = weightsOf(x);
        Tensor gradient(weight.shape());
        gradient.fill(1);
        weightsBackward(*lsq, weight, gradient);
        const double sum = -4 - 0.2 - 0.2 - 0.48 + 3 + 3;
        QCOMPARE_LE(std::abs(double(lsq->parameter().gradient.data()[0]) - sum * 0.235702), 1e-6);
    }

    void startsAtTwiceTheMeanMagnitude()
    {
        const std::vector<float> x = {-1.3f, -0.2f, 0.05f, 0.37f, 0.9f, 2.0f};
        const auto lsq = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(3, true));
        lsq->observe(x);
        QCOMPARE_LE(std::abs(lsq->step() - 0.927609f), 5e-7f);
        // Unsigned: Qp of 2 bits is 3 as well.
        const auto act
            = defaultQuantizer("lsq", QuantizerKind::Activation, Grid::uniform(2, false));
        act->observe(x);
        QCOMPARE(act->step(), lsq->step());
    }

    void zerosGiveAStepAboveZero()
    {
        const std::vector<float> zeros(10, 0.0f);
        const auto lsq = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(4, true));
        lsq->observe(zeros);
        QCOMPARE_GT(lsq->step(), 0.0f);
    }

    void learnsItsStep()
    {
        const auto lsq = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(4, true));
        QVERIFY(lsq->isLearned());
        QVERIFY(!lsq->isSoft());
        QVERIFY(!lsq->parameter().decays);
    }
};

QTEST_GUILESS_MAIN(TestLsq)
#include "tst_lsq.moc"
