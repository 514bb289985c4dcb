#include "core/base/random.h"
#include "core/ops/reference/ref_activations.h"
#include "core/ops/reference/ref_batch_norm.h"
#include "core/ops/reference/ref_conv2d.h"
#include "core/ops/reference/ref_linear.h"
#include "core/ops/reference/ref_pool2d.h"
#include "core/ops/reference/ref_softmax_loss.h"
#include "tests/support/gradient_check.h"
#include "tests/support/odd_convolutions.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace stair;

namespace {

// Where the loss is linear in x only the rounding of f32 results is left.
constexpr double linearTolerance = 1e-5;
constexpr float linearStep = 0.5f;
constexpr double curvedTolerance = 2e-3;
constexpr float curvedStep = 1e-2f;

Tensor tensorOf(const Shape& shape, std::initializer_list<float> values)
{
    Tensor tensor(shape);
    std::ranges::copy(values, tensor.data());
    return tensor;
}

std::vector<float> valuesOf(const Tensor& tensor)
{
    return {tensor.values().begin(), tensor.values().end()};
}

/// Values 0.1 apart in random order: a small step never changes which is the greatest.
Tensor distinctTensor(const Shape& shape, Random& random)
{
    Tensor tensor(shape);
    const auto order = random.permutation(std::uint32_t(shape.size()));
    std::ranges::transform(order, tensor.data(), [](std::uint32_t i) { return 0.1f * float(i); });
    return tensor;
}

void addPools()
{
    QTest::addColumn<PoolGeometry>("g");
    QTest::addColumn<Shape>("src");
    QTest::addRow("2x2 windows side by side") << PoolGeometry{2, 2, 0} << Shape{2, 4, 6, 3};
    QTest::addRow("last odd row and column unread") << PoolGeometry{2, 2, 0} << Shape{1, 5, 7, 2};
    QTest::addRow("windows overlap") << PoolGeometry{3, 2, 0} << Shape{1, 7, 7, 2};
    QTest::addRow("padding, stride 1") << PoolGeometry{3, 1, 1} << Shape{2, 4, 5, 1};
    QTest::addRow("padding, stride 2") << PoolGeometry{3, 2, 1} << Shape{1, 6, 5, 3};
    QTest::addRow("windows apart") << PoolGeometry{2, 3, 1} << Shape{1, 7, 8, 1};
}

} // namespace

class TestReferenceOps : public QObject
{
    Q_OBJECT

private slots:
    void convolutionByHand()
    {
        // Two channels, kernel 1x2, one zero on the left: dst[x] = sum of w * (pixel x-1, pixel x).
        ConvGeometry g = ConvGeometry::square(2, 1, 1);
        g.kernelW = 2;
        g.padLeft = 1;
        const Tensor src = tensorOf({1, 1, 3, 2}, {1, 2, 3, 4, 5, 6});
        const Tensor weight = tensorOf({1, 1, 2, 2}, {1, 10, 100, 1000});
        Tensor dst(g.outputShape(src.shape()));
        refConv2dForward(g, src, weight, dst);
        QCOMPARE(valuesOf(dst), (std::vector<float>{2100, 4321, 6543}));
    }

    void groupsReadTheirOwnChannels()
    {
        const ConvGeometry g = ConvGeometry::square(4, 2, 1, 1, 0, 2);
        const Tensor src = tensorOf({1, 1, 1, 4}, {1, 2, 3, 4});
        const Tensor weight = tensorOf({2, 1, 1, 2}, {1, 10, 1, 10});
        Tensor dst({1, 1, 1, 2});
        refConv2dForward(g, src, weight, dst);
        QCOMPARE(valuesOf(dst), (std::vector<float>{21, 43}));
    }

    void convolutionGradients_data()
    {
        QTest::addColumn<OddConvolution>("odd");
        for (const OddConvolution& odd : oddConvolutions())
            QTest::addRow("%s", odd.name) << odd;
    }

    void convolutionGradients()
    {
        QFETCH(OddConvolution, odd);
        const ConvGeometry& g = odd.geometry;
        Random random(1, RandomUse::Test);
        Tensor src = randomTensor(odd.src, random);
        Tensor weight = randomTensor(g.weightShape(), random);
        Tensor dst(g.outputShape(odd.src));
        const Tensor dDst = randomTensor(dst.shape(), random);
        const auto loss = [&] {
            refConv2dForward(g, src, weight, dst);
            return weightedSum(dst, dDst);
        };
        Tensor dSrc = randomTensor(odd.src, random); // written whole
        refConv2dBackwardData(g, dDst, weight, dSrc);
        QCOMPARE_LE(gradientError(src, dSrc, linearStep, loss), linearTolerance);
        Tensor dWeight = randomTensor(g.weightShape(), random);
        refConv2dBackwardWeights(g, src, dDst, dWeight);
        QCOMPARE_LE(gradientError(weight, dWeight, linearStep, loss), linearTolerance);
    }

    void linearGradients_data()
    {
        QTest::addColumn<Shape>("src");
        QTest::addColumn<int>("outputs");
        QTest::addRow("one row per image") << Shape{5, 1, 1, 7} << 3;
        QTest::addRow("flattens pixels and channels") << Shape{2, 3, 2, 5} << 4;
        QTest::addRow("one image, one output") << Shape{1, 1, 1, 9} << 1;
    }

    void linearGradients()
    {
        QFETCH(Shape, src);
        QFETCH(int, outputs);
        Random random(2, RandomUse::Test);
        Tensor x = randomTensor(src, random);
        Tensor weight = randomTensor({outputs, 1, 1, src.h * src.w * src.c}, random);
        Tensor y({src.n, 1, 1, outputs});
        const Tensor dy = randomTensor(y.shape(), random);
        const auto loss = [&] {
            refLinearForward(x, weight, y);
            return weightedSum(y, dy);
        };
        Tensor dx = randomTensor(src, random);
        refLinearBackwardData(dy, weight, dx);
        QCOMPARE_LE(gradientError(x, dx, linearStep, loss), linearTolerance);
        Tensor dw = randomTensor(weight.shape(), random);
        refLinearBackwardWeights(x, dy, dw);
        QCOMPARE_LE(gradientError(weight, dw, linearStep, loss), linearTolerance);
    }

    void linearIsAConvolutionOfOnePixel()
    {
        Random random(3, RandomUse::Test);
        const ConvGeometry g = ConvGeometry::linear(24, 5);
        const Tensor src = randomTensor({3, 1, 1, 24}, random);
        const Tensor weight = randomTensor(g.weightShape(), random);
        Tensor linear({3, 1, 1, 5}), conv({3, 1, 1, 5});
        refLinearForward(src, weight, linear);
        refConv2dForward(g, src, weight, conv);
        for (int i = 0; i < 15; ++i)
            QVERIFY(std::abs(linear.data()[i] - conv.data()[i]) < 1e-5);
    }

    void maxPoolGradients_data() { addPools(); }

    void maxPoolGradients()
    {
        QFETCH(PoolGeometry, g);
        QFETCH(Shape, src);
        Random random(4, RandomUse::Test);
        Tensor x = distinctTensor(src, random);
        Tensor y(g.outputShape(src));
        const Tensor dy = randomTensor(y.shape(), random);
        Tensor dx = randomTensor(src, random);
        refMaxPoolBackward(g, x, dy, dx);
        const auto loss = [&] {
            refMaxPoolForward(g, x, y);
            return weightedSum(y, dy);
        };
        QCOMPARE_LE(gradientError(x, dx, 0.03125f, loss), 1e-4);
    }

    void paddingNeverWinsAndTheFirstOfEqualsDoes()
    {
        const Tensor src = tensorOf({1, 2, 2, 1}, {-3, -3, -3, -5});
        const PoolGeometry g{3, 2, 1};
        Tensor dst({1, 1, 1, 1}), dSrc({1, 2, 2, 1});
        refMaxPoolForward(g, src, dst);
        QCOMPARE(dst.data()[0], -3.0f);
        refMaxPoolBackward(g, src, tensorOf({1, 1, 1, 1}, {7}), dSrc);
        QCOMPARE(valuesOf(dSrc), (std::vector<float>{7, 0, 0, 0}));
    }

    void avgPoolGradients_data() { addPools(); }

    void avgPoolGradients()
    {
        QFETCH(PoolGeometry, g);
        QFETCH(Shape, src);
        Random random(5, RandomUse::Test);
        Tensor x = randomTensor(src, random);
        Tensor y(g.outputShape(src));
        const Tensor dy = randomTensor(y.shape(), random);
        Tensor dx = randomTensor(src, random);
        refAvgPoolBackward(g, dy, dx);
        const auto loss = [&] {
            refAvgPoolForward(g, x, y);
            return weightedSum(y, dy);
        };
        QCOMPARE_LE(gradientError(x, dx, linearStep, loss), linearTolerance);
    }

    void averagesCountPaddingAsZeros()
    {
        const Tensor src = tensorOf({1, 1, 3, 1}, {9, 18, 54});
        Tensor dst({1, 1, 3, 1});
        refAvgPoolForward({3, 1, 1}, src, dst);
        QCOMPARE(valuesOf(dst), (std::vector<float>{3, 9, 8}));
    }

    void globalAvgPoolGradients()
    {
        Random random(6, RandomUse::Test);
        Tensor x = randomTensor({2, 3, 5, 4}, random);
        Tensor y({2, 1, 1, 4});
        const Tensor dy = randomTensor(y.shape(), random);
        Tensor dx = randomTensor(x.shape(), random);
        refGlobalAvgPoolBackward(dy, dx);
        const auto loss = [&] {
            refGlobalAvgPoolForward(x, y);
            return weightedSum(y, dy);
        };
        QCOMPARE_LE(gradientError(x, dx, linearStep, loss), linearTolerance);
    }

    void batchNormGradients_data()
    {
        QTest::addColumn<Shape>("src");
        QTest::addColumn<double>("eps");
        QTest::addRow("images and pixels") << Shape{3, 4, 2, 5} << 1e-5;
        QTest::addRow("one image") << Shape{1, 5, 5, 1} << 1e-5;
        QTest::addRow("one pixel per image") << Shape{9, 1, 1, 3} << 1e-3;
        QTest::addRow("an eps that counts") << Shape{2, 3, 3, 2} << 0.5;
    }

    void batchNormGradients()
    {
        QFETCH(Shape, src);
        QFETCH(double, eps);
        Random random(7, RandomUse::Test);
        Tensor x = randomTensor(src, random);
        Tensor gamma = randomTensor({1, 1, 1, src.c}, random);
        Tensor beta = randomTensor({1, 1, 1, src.c}, random);
        Tensor y(src);
        const Tensor dy = randomTensor(src, random);
        Tensor dx(src), dGamma(gamma.shape()), dBeta(beta.shape());
        refBatchNormBackward(x, gamma, eps, dy, dx, dGamma, dBeta);
        const auto loss = [&] {
            refBatchNormForward(x, gamma, beta, eps, y);
            return weightedSum(y, dy);
        };
        QCOMPARE_LE(gradientError(x, dx, curvedStep, loss), curvedTolerance);
        QCOMPARE_LE(gradientError(gamma, dGamma, linearStep, loss), linearTolerance);
        QCOMPARE_LE(gradientError(beta, dBeta, linearStep, loss), linearTolerance);
    }

    void batchNormByHand()
    {
        // Mean 4, biased variance 9 (the unbiased one would be 12).
        const Tensor src = tensorOf({4, 1, 1, 1}, {1, 1, 7, 7});
        Tensor dst(src.shape());
        refBatchNormForward(src, tensorOf({1, 1, 1, 1}, {2}), tensorOf({1, 1, 1, 1}, {10}), 0, dst);
        QCOMPARE(valuesOf(dst), (std::vector<float>{8, 8, 12, 12}));
    }

    void activations_data()
    {
        QTest::addColumn<Activation>("activation");
        QTest::addColumn<std::vector<float>>("y");
        QTest::addColumn<std::vector<float>>("dx");
        using Values = std::vector<float>;
        QTest::addRow("none") << Activation::none() << Values{-2, -1, 0, 0.5, 1, 6, 7}
                              << Values{1, 1, 1, 1, 1, 1, 1};
        QTest::addRow("relu") << Activation::relu() << Values{0, 0, 0, 0.5, 1, 6, 7}
                              << Values{0, 0, 0, 1, 1, 1, 1};
        QTest::addRow("relu6") << Activation::relu6() << Values{0, 0, 0, 0.5, 1, 6, 6}
                               << Values{0, 0, 0, 1, 1, 0, 0};
        QTest::addRow("hardtanh") << Activation::hardTanh() << Values{-1, -1, 0, 0.5, 1, 1, 1}
                                  << Values{0, 0, 1, 1, 0, 0, 0};
    }

    // The bounds themselves pass no gradient.
    void activations()
    {
        QFETCH(Activation, activation);
        const Tensor src = tensorOf({1, 1, 1, 7}, {-2, -1, 0, 0.5, 1, 6, 7});
        Tensor ones(src.shape()), dst(src.shape()), dSrc(src.shape());
        ones.fill(1);
        refActivationForward(activation, src, dst);
        refActivationBackward(activation, src, ones, dSrc);
        QTEST(valuesOf(dst), "y");
        QTEST(valuesOf(dSrc), "dx");
    }

    void activationGradients_data()
    {
        QTest::addColumn<Activation>("activation");
        QTest::addRow("relu") << Activation::relu();
        QTest::addRow("relu6") << Activation::relu6();
        QTest::addRow("hardtanh") << Activation::hardTanh();
    }

    void activationGradients()
    {
        QFETCH(Activation, activation);
        Random random(8, RandomUse::Test);
        Tensor x({2, 3, 3, 7});
        // Odd sixteenths: no step of 1/32 crosses a bound.
        for (float& value : x.values())
            value = float(int(random.below(128)) * 2 - 127) / 16;
        Tensor y(x.shape()), dx(x.shape());
        const Tensor dy = randomTensor(x.shape(), random);
        refActivationBackward(activation, x, dy, dx);
        const auto loss = [&] {
            refActivationForward(activation, x, y);
            return weightedSum(y, dy);
        };
        QCOMPARE_LE(gradientError(x, dx, 0.03125f, loss), linearTolerance);
    }

    void softmaxLossGradients()
    {
        Random random(9, RandomUse::Test);
        Tensor logits = randomTensor({5, 1, 1, 7}, random);
        const std::vector<std::uint16_t> labels = {0, 6, 3, 3, 1};
        Tensor gradient(logits.shape()), unused(logits.shape());
        refSoftmaxLoss(logits, labels, gradient);
        const auto loss = [&] {
            return refSoftmaxLoss(logits, labels, unused);
        };
        QCOMPARE_LE(gradientError(logits, gradient, 1e-3f, loss), 1e-5);
    }

    void softmaxLossByHand()
    {
        Tensor gradient({2, 1, 1, 4});
        const std::vector<std::uint16_t> labels = {2, 1};
        const Tensor equal({2, 1, 1, 4});
        QCOMPARE(refSoftmaxLoss(equal, labels, gradient), std::log(4.0));
        QCOMPARE(valuesOf(gradient),
                 (std::vector<float>{0.125, 0.125, -0.375, 0.125, 0.125, -0.375, 0.125, 0.125}));
        // Logits so far apart that exp() of one underflows: the loss is their distance.
        const Tensor far = tensorOf({1, 1, 1, 2}, {2000, -2000});
        Tensor farGradient(far.shape());
        QCOMPARE(refSoftmaxLoss(far, std::vector<std::uint16_t>{1}, farGradient), 4000.0);
        QCOMPARE(valuesOf(farGradient), (std::vector<float>{1, -1}));
    }
};

QTEST_GUILESS_MAIN(TestReferenceOps)
#include "tst_reference_ops.moc"
