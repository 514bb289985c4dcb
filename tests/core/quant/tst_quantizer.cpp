#include "core/quant/quantizer.h"

#include "core/quant/methods.h"
#include "tests/support/gradient_check.h"
#include "tests/support/quantizers.h"

#include <QTest>

#include <omp.h>

using namespace stair;

namespace {

/// Output channels of very different sizes, each longer than a tile.
Tensor unevenWeights(int channels, int each)
{
    Random random(7, RandomUse::Test);
    Tensor weight = randomTensor({channels, 1, 1, each}, random);
    for (int c = 0; c < channels; ++c) {
        for (int i = 0; i < each; ++i)
            weight.data()[c * each + i] *= std::ldexp(1.0f, c % 5 - 2);
    }
    return weight;
}

Tensor rowOf(const Tensor& weight, int row)
{
    const std::size_t each = std::size_t(weight.size()) / std::size_t(weight.shape().n);
    return weightsOf(weight.values().subspan(std::size_t(row) * each, each));
}

} // namespace

class TestQuantizer : public QObject
{
    Q_OBJECT

private slots:
    void cleanup() { omp_set_num_threads(2); }

    // sum / sqrt(count * qp), of all the tensors that share the step.
    void gradientsOfSeveralTensorsAddUp()
    {
        const auto quantizer
            = makeQuantizer(method("lsq"), ParamValues(method("lsq").params), "shared.step",
                            QuantizerKind::Activation, Grid{3, true, -4, 4}, 1);
        const auto gradient = [&] {
            return quantizer->parameter().gradient.data()[0];
        };
        quantizer->finishStep(0, 6, 9);
        quantizer->finishStep(0, 8, 16);
        QCOMPARE(gradient(), 1.0f); // 8 / sqrt(16 * 4)
        quantizer->serveSeveral();
        quantizer->startGradients();
        quantizer->finishStep(0, 6, 9);
        quantizer->finishStep(0, 14, 16);
        QCOMPARE(gradient(), 2.0f); // 20 / sqrt(25 * 4)
        quantizer->startGradients();
        quantizer->finishStep(0, 8, 16);
        QCOMPARE(gradient(), 1.0f);
    }

    void perChannelEqualsPerTensorOnEachRow_data()
    {
        QTest::addColumn<std::string>("id");
        const Grid grid = Grid::uniform(3, true);
        for (const MethodInfo& info : methods()) {
            // A transform sees the whole tensor, so its rows are not tensors of their own.
            if (info.quantizes()
                && !defaultQuantizer(info.id, QuantizerKind::Weight, grid)->transform())
                QTest::addRow("%s", info.id.c_str()) << info.id;
        }
    }

    void perChannelEqualsPerTensorOnEachRow()
    {
        QFETCH(std::string, id);
        const Grid grid = Grid::uniform(3, true);
        const Tensor weight = unevenWeights(7, 2500);
        Random random(8, RandomUse::Test);
        const Tensor incoming = randomTensor(weight.shape(), random);
        const auto whole = defaultQuantizer(id, QuantizerKind::Weight, grid, 7);
        whole->observe(weight.values());
        Codes codes(weight.shape(), grid);
        Tensor real(weight.shape()), gradient = incoming.clone();
        quantizeWeights(*whole, weight, codes, &real);
        weightsBackward(*whole, weight, gradient);

        for (int row = 0; row < 7; ++row) {
            const Tensor part = rowOf(weight, row);
            const auto alone = defaultQuantizer(id, QuantizerKind::Weight, grid);
            alone->observe(part.values());
            if (id == "llsq" || id == "lg_lsq") { // max|w| / qp, of a layer max|w| / (qp + 1)
                QCOMPARE(whole->step(row) * 0.75f, alone->step());
                alone->fixStep(whole->step(row));
            }
            QCOMPARE(whole->step(row), alone->step());
            Codes rowCodes(part.shape(), grid);
            Tensor rowReal(part.shape()), rowGradient = rowOf(incoming, row);
            quantizeWeights(*alone, part, rowCodes, &rowReal);
            weightsBackward(*alone, part, rowGradient);
            QVERIFY(std::ranges::equal(rowCodes.bytes(),
                                       codes.bytes().subspan(std::size_t(row) * 2500, 2500)));
            QVERIFY(std::ranges::equal(rowReal.values(), rowOf(real, row).values()));
            QVERIFY(std::ranges::equal(rowGradient.values(), rowOf(gradient, row).values()));
            if (alone->isLearned())
                QCOMPARE(whole->parameter().gradient.data()[row],
                         alone->parameter().gradient.data()[0]);
        }
    }

    void gradientsDoNotDependOnThreads()
    {
        const Tensor weight = unevenWeights(13, 3001);
        Random random(9, RandomUse::Test);
        const Tensor incoming = randomTensor(weight.shape(), random);
        std::vector<float> steps;
        for (const int threads : {1, 2, 3}) {
            omp_set_num_threads(threads);
            const auto lsq = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(4, true));
            lsq->observe(weight.values());
            Tensor gradient = incoming.clone();
            weightsBackward(*lsq, weight, gradient);
            steps.push_back(lsq->parameter().gradient.data()[0]);
        }
        QCOMPARE(steps[1], steps[0]);
        QCOMPARE(steps[2], steps[0]);
    }

    void oneStepServesEveryChannel()
    {
        const auto q = defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(4, true));
        q->fixStep(0.5f);
        QCOMPARE(q->steps(), 1);
        QCOMPARE(q->step(0), 0.5f);
        QCOMPARE(q->step(11), 0.5f);
    }

    void anotherWidthKeepsTheRange_data()
    {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("to");
        QTest::addColumn<bool>("isSigned");
        QTest::addRow("fewer bits, signed") << 8 << 2 << true;
        QTest::addRow("more bits, signed") << 3 << 4 << true;
        QTest::addRow("fewer bits, unsigned") << 8 << 4 << false;
        QTest::addRow("more bits, unsigned") << 2 << 8 << false;
        QTest::addRow("the same") << 5 << 5 << true;
    }

    void anotherWidthKeepsTheRange()
    {
        QFETCH(int, from);
        QFETCH(int, to);
        QFETCH(bool, isSigned);
        const auto q
            = defaultQuantizer("minmax", QuantizerKind::Weight, Grid::uniform(from, isSigned), 3);
        const std::vector<float> x = {1, 2, 3, 4, 5, 6};
        q->observe(x);
        std::vector<float> tops;
        for (int c = 0; c < 3; ++c)
            tops.push_back(q->step(c) * float(q->grid().qp));
        const auto next
            = defaultQuantizer("minmax", QuantizerKind::Weight, Grid::uniform(to, isSigned), 3);
        next->takeRange(*q);
        for (int c = 0; c < 3; ++c)
            QCOMPARE_LE(std::abs(next->step(c) * float(next->grid().qp) - tops[std::size_t(c)]),
                        1e-6f * tops[std::size_t(c)]);
        QVERIFY(next->isInitialised());
    }

    /// Where LSQ would start at that width, were the tensor new.
    void anotherWidthOfLsqIsOneOfItsOwn()
    {
        const std::vector<float> x = {1, -2, 3, -4, 5, 6};
        const auto at = [](int bits) {
            return defaultQuantizer("lsq", QuantizerKind::Weight, Grid::uniform(bits, true));
        };
        const auto wide = at(8), narrow = at(2), fresh = at(2);
        wide->observe(x);
        fresh->observe(x);
        narrow->takeRange(*wide);
        QCOMPARE_LE(std::abs(narrow->step() - fresh->step()), 1e-6f * fresh->step());
    }

    void observesOnceWhenTheStepIsLearned()
    {
        const auto q = defaultQuantizer("lsq", QuantizerKind::Activation, Grid::uniform(4, false));
        QVERIFY(!q->isInitialised());
        QVERIFY(q->wantsToObserve());
        q->observe(std::vector<float>{1, 2});
        QVERIFY(q->isInitialised());
        QVERIFY(!q->wantsToObserve());
        q->setInitialised(false);
        QVERIFY(q->wantsToObserve());
        q->fixStep(0.1f);
        QVERIFY(!q->wantsToObserve());
    }

    void observesEveryBatchWhenTheRangeIsFollowed()
    {
        const auto q
            = defaultQuantizer("minmax", QuantizerKind::Activation, Grid::uniform(4, false));
        QVERIFY(q->wantsToObserve());
        q->observe(std::vector<float>{1, 2});
        QVERIFY(q->wantsToObserve());
    }

    // Seen again after its state was forgotten, a tensor gives the first step, not a mean.
    void forgottenStateStartsAnew()
    {
        const auto q
            = defaultQuantizer("minmax", QuantizerKind::Activation, Grid::uniform(2, false));
        q->observe(std::vector<float>{300});
        q->setInitialised(false);
        q->observe(std::vector<float>{3});
        QCOMPARE(q->step(), 1.0f);
    }
};

QTEST_GUILESS_MAIN(TestQuantizer)
#include "tst_quantizer.moc"
