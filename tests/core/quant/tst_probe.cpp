#include "core/quant/probe.h"

#include "tests/support/quantizers.h"

#include <QTest>

using namespace stair;

namespace {

constexpr float step = 0.37f;
constexpr float incoming = -0.83f;

} // namespace

/// What probe() samples is what training computes, bit for bit, for every method.
class TestProbe : public QObject
{
    Q_OBJECT

private slots:
    void equalsTraining_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<int>("bits");
        for (const MethodInfo& info : methods()) {
            for (int bits = info.weightBits.least; info.quantizes() && bits <= info.weightBits.most;
                 ++bits)
                QTest::addRow("%s, %d bits", info.id.c_str(), bits) << info.id << bits;
        }
    }

    void equalsTraining()
    {
        QFETCH(std::string, id);
        QFETCH(int, bits);
        const auto quantizer = methodQuantizer(method(id), QuantizerKind::Weight, bits);
        const Grid grid = quantizer->grid();
        quantizer->fixStep(step);
        const float edge = 1.5f * step * float(grid.qp + 1);
        // More than two tiles, the levels and the ties between them among the values.
        std::vector<float> x = evenly(-edge, edge, 4999);
        for (int half = 2 * grid.qn - 2; half <= 2 * grid.qp + 2; ++half)
            x.push_back(step * float(half) / 2);
        const std::vector<ProbePoint> points = probe(*quantizer, x, incoming);
        QCOMPARE(points.size(), x.size());

        const Tensor weight = weightsOf(x);
        Codes codes(weight.shape(), grid);
        Tensor real(weight.shape()), gradient(weight.shape());
        quantizeWeights(*quantizer, weight, codes, &real);
        if (quantizer->isSoft())
            softenWeights(*quantizer, weight, real);
        gradient.fill(incoming);
        weightsBackward(*quantizer, weight, gradient);
        for (std::size_t i = 0; i < x.size(); ++i) {
            QCOMPARE(points[i].x, x[i]);
            QVERIFY(points[i].y == real.data()[i]);
            QVERIFY(points[i].dydx == gradient.data()[i]);
            if (!quantizer->isSoft())
                QVERIFY(points[i].y == step * float(codes.at(std::int64_t(i))));
        }
    }

    void stepGradientsEqualTraining_data() { equalsTraining_data(); }

    // A weight alone: the step's gradient is its own partial, scaled.
    void stepGradientsEqualTraining()
    {
        QFETCH(std::string, id);
        QFETCH(int, bits);
        const auto quantizer = methodQuantizer(method(id), QuantizerKind::Weight, bits);
        const Grid grid = quantizer->grid();
        quantizer->fixStep(step);
        const float edge = 1.5f * step * float(grid.qp + 1);
        for (const ProbePoint& point : probe(*quantizer, evenly(-edge, edge, 401), incoming)) {
            if (!quantizer->isLearned() || quantizer->transform()) {
                QCOMPARE(point.dyds, 0.0f);
                continue;
            }
            const Tensor weight = weightsOf({&point.x, 1});
            Tensor gradient(weight.shape());
            gradient.fill(incoming);
            weightsBackward(*quantizer, weight, gradient);
            const float trained = quantizer->parameter().gradient.data()[0];
            quantizer->finishStep(0, double(point.dyds), 1);
            QVERIFY(quantizer->parameter().gradient.data()[0] == trained);
        }
    }

    void samplesEvenly()
    {
        QCOMPARE(evenly(-1, 1, 5), (std::vector<float>{-1, -0.5f, 0, 0.5f, 1}));
        QCOMPARE(evenly(3, 7, 1), std::vector<float>{3});
    }
};

QTEST_GUILESS_MAIN(TestProbe)
#include "tst_probe.moc"
