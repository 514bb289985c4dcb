#include "core/base/random.h"
#include "core/quant/projections.h"
#include "core/quant/range_search.h"
#include "core/quant/steps.h"

#include <QTest>

#include <cmath>

using namespace stair;

/// What the rules of steps give on values of a standard normal distribution, as worked out for the
/// papers beside this program's code.
class TestNormalValues : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        Random random(41, RandomUse::Test);
        for (int i = 0; i < 20'000; ++i)
            m_x.push_back(random.normal());
    }

    /// LLSQ's simulated gradient rests in an interval about the step of least squared error.
    void llsqRestsAboutTheBestStep_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("low"); // in best steps
        QTest::addColumn<double>("high");
        QTest::addRow("2 bits") << 2 << 0.70 << 1.35;
        QTest::addRow("3 bits") << 3 << 0.73 << 1.41;
        QTest::addRow("4 bits") << 4 << 0.77 << 1.50;
    }

    void llsqRestsAboutTheBestStep()
    {
        QFETCH(int, bits);
        QFETCH(double, low);
        QFETCH(double, high);
        const Grid grid = Grid::uniform(bits, true);
        const double best = leastSquaresStep(m_x, {}, grid);
        const ProbedStep llsq({.rule = ProbedStep::Rule::Llsq});
        const auto at = [&](double share) {
            return llsq.simulatedGradient(m_x, grid, share * best);
        };
        constexpr double margin = 0.05; // the error is flat about its least
        QVERIFY(at(low - margin) < 0); // grows
        QCOMPARE(at(low + margin), 0.0);
        QCOMPARE(at(1), 0.0);
        QCOMPARE(at(high - margin), 0.0);
        QVERIFY(at(high + margin) > 0); // shrinks
    }

    /// SSG rests nowhere but where its probes find no better step, and pulls from both sides.
    void ssgPullsFromBothSides()
    {
        const auto x = std::span<const float>(m_x).first(2'000);
        for (const double beta : {2.0, 1.1}) {
            for (const int bits : {2, 4, 8}) {
                const Grid grid = Grid::uniform(bits, true);
                const double best = leastSquaresStep(x, {}, grid);
                ProbedStep ssg({.rule = ProbedStep::Rule::Ssg, .beta = beta, .every = 1});
                for (const double start : {best / 3, best * 3}) {
                    double step = start;
                    for (int i = 0; i < 2000; ++i)
                        step = ssg.observe(x, grid, QuantizerKind::Weight, step, 0).step;
                    QVERIFY2(step / best > 1 / beta && step / best < beta,
                             qPrintable(QString("%1 of the best").arg(step / best)));
                }
            }
        }
    }

    /// BCGD's ternary scale by least squares, and as its code has it.
    void ternaryScales()
    {
        const Grid grid = Grid::ternary();
        const auto scale = [&](TernaryScale::Scale which) {
            return TernaryScale(which).project(m_x, grid, QuantizerKind::Weight).step;
        };
        QVERIFY(std::abs(scale(TernaryScale::Scale::OverAll) - 0.684) < 0.01);
        QVERIFY(std::abs(scale(TernaryScale::Scale::LeastSquares) - 1.185) < 0.01);
    }

    /// One Lloyd step lessens the error at the codes it has; more come to rest near 0.356 at 4 bits.
    void lloydConverges()
    {
        const Grid grid{4, true, -7, 7};
        const auto step = [&](int iterations) {
            return LloydScale(iterations).project(m_x, grid, QuantizerKind::Weight);
        };
        const StepPair first = step(1);
        QVERIFY(first.step < first.codeStep && first.step > 0.9 * first.codeStep);
        QVERIFY2(std::abs(step(100).step - 0.356) < 0.005, QByteArray::number(step(100).step));
    }

    /// BCGD's first steps are those of least error of a half-wave under rounding to nearest.
    void coarseStepsStartAtTheBest()
    {
        std::vector<float> half;
        for (const float v : m_x)
            half.push_back(std::max(0.0f, v));
        for (int bits = 1; bits <= 6; ++bits) { // above, the greatest value of a sample decides
            const Grid grid = Grid::uniform(bits, false);
            const double first = CoarseStep(CoarseStep::Gradient::Mean, 0.01)
                                     .initial(half, grid, QuantizerKind::Activation)
                                     .step;
            const double best = leastSquaresStep(half, {}, grid);
            QVERIFY2(std::abs(first / best - 1) < 0.03,
                     qPrintable(QString("%1 bits: %2, best %3").arg(bits).arg(first).arg(best)));
        }
    }

private:
    std::vector<float> m_x;
};

QTEST_GUILESS_MAIN(TestNormalValues)
#include "tst_normal_values.moc"
