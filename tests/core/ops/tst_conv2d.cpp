#include "core/ops/conv2d.h"

#include "core/base/assert.h"
#include "core/ops/integer/conv_codes.h"
#include "core/ops/integer/kernels.h"
#include "core/ops/reference/ref_conv2d.h"
#include "tests/support/gradient_check.h"
#include "tests/support/odd_convolutions.h"

#include <QTest>

using namespace stair;

namespace {

bool same(const Tensor& a, const Tensor& b)
{
    return std::ranges::equal(a.values(), b.values());
}

} // namespace

/// Which convolution a runtime's kernels mean, and what is refused before any of them runs.
class TestConv2d : public QObject
{
    Q_OBJECT

private slots:
    void referenceKernelsAreTheReference_data()
    {
        QTest::addColumn<OddConvolution>("odd");
        for (const OddConvolution& odd : oddConvolutions())
            QTest::addRow("%s", odd.name) << odd;
    }

    void referenceKernelsAreTheReference()
    {
        QFETCH(OddConvolution, odd);
        const ConvGeometry& g = odd.geometry;
        Random random(1, RandomUse::Test);
        const Tensor src = randomTensor(odd.src, random);
        const Tensor weight = randomTensor(g.weightShape(), random);
        const Tensor dDst = randomTensor(g.outputShape(odd.src), random);
        Tensor dst(dDst.shape()), refDst(dDst.shape());
        conv2dForward(m_reference, g, src, weight, dst);
        refConv2dForward(g, src, weight, refDst);
        QVERIFY(same(dst, refDst));
        Tensor dSrc(odd.src), refDSrc(odd.src);
        conv2dBackwardData(m_reference, g, dDst, weight, dSrc);
        refConv2dBackwardData(g, dDst, weight, refDSrc);
        QVERIFY(same(dSrc, refDSrc));
        Tensor dWeight(g.weightShape()), refDWeight(g.weightShape());
        conv2dBackwardWeights(m_reference, g, src, dDst, dWeight);
        refConv2dBackwardWeights(g, src, dDst, refDWeight);
        QVERIFY(same(dWeight, refDWeight));
    }

    void codesFollowTheRuntime()
    {
        const ConvGeometry g = ConvGeometry::square(16, 8, 3, 1, 1);
        Codes src({1, 6, 6, 16}, Grid::uniform(4, false)),
            weight(g.weightShape(), Grid::uniform(4, true));
        std::ranges::fill(src.bytes(), 3);
        std::ranges::fill(weight.bytes(), 2);
        Tensor fast(g.outputShape(src.shape())), reference(fast.shape());
        convCodes(m_fast, g, src, weight, fast);
        convCodes(m_reference, g, src, weight, reference);
        QVERIFY(same(fast, reference));
        QCOMPARE(m_reference.integerKernels().choices().begin()->second.implementation,
                 std::string("reference"));
        QVERIFY(m_fast.integerKernels().choices().begin()->second.implementation != "reference");
    }

    void wrongShapesAreRefused()
    {
        const ConvGeometry g = ConvGeometry::square(3, 4, 3, 1, 1);
        Tensor src({2, 5, 5, 3}), weight(g.weightShape()), dst({2, 5, 5, 4});
        Tensor shortDst({1, 5, 5, 4}), wrongWeight({4, 3, 3, 4});
        for (Runtime* runtime : {&m_fast, &m_reference}) {
            QVERIFY_THROWS_EXCEPTION(InternalError,
                                     conv2dForward(*runtime, g, src, weight, shortDst));
            QVERIFY_THROWS_EXCEPTION(InternalError,
                                     conv2dForward(*runtime, g, src, wrongWeight, dst));
            QVERIFY_THROWS_EXCEPTION(InternalError,
                                     conv2dBackwardData(*runtime, g, shortDst, weight, src));
            QVERIFY_THROWS_EXCEPTION(InternalError,
                                     conv2dBackwardWeights(*runtime, g, src, dst, wrongWeight));
        }
    }

private:
    Runtime m_fast{2};
    Runtime m_reference{2, Kernels::Reference};
};

QTEST_GUILESS_MAIN(TestConv2d)
#include "tst_conv2d.moc"
