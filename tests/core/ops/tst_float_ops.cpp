#include "core/base/concat.h"
#include "core/ops/conv2d.h"
#include "core/ops/dnnl/conv.h"
#include "core/ops/pool.h"
#include "core/ops/reference/ref_conv2d.h"
#include "core/ops/reference/ref_pool2d.h"
#include "core/ops/reference/ref_softmax_loss.h"
#include "core/ops/shortcut.h"
#include "core/ops/softmax_loss.h"
#include "tests/support/gradient_check.h"
#include "tests/support/odd_convolutions.h"

#include <QTest>

using namespace stair;

namespace {

/// The largest distance over the largest reference value; a value nobody wrote (NaN) counts as 1.
double distance(const Tensor& fast, const Tensor& reference)
{
    double largest = 1e-30;
    double apart = 0;
    for (std::int64_t i = 0; i < reference.size(); ++i) {
        const double r = reference.data()[i];
        const double d = std::abs(fast.data()[i] - r);
        largest = std::max(largest, std::abs(r));
        apart = std::isnan(d) ? 1e30 : std::max(apart, d);
    }
    return std::min(1.0, apart / largest);
}

Tensor unwritten(const Shape& shape)
{
    Tensor tensor(shape);
    tensor.fill(std::numeric_limits<float>::quiet_NaN());
    return tensor;
}

} // namespace

/// The fast f32 operations against their plain references.
class TestFloatOps : public QObject
{
    Q_OBJECT

private slots:
    void convolutionsAgree_data()
    {
        QTest::addColumn<OddConvolution>("odd");
        for (const OddConvolution& odd : oddConvolutions())
            QTest::addRow("%s", odd.name) << odd;
        QTest::addRow("vectors and a tail")
            << OddConvolution{"", {3, 9, 10, 35}, ConvGeometry::square(35, 67, 3, 1, 1)};
        QTest::addRow("wide stride 2")
            << OddConvolution{"", {2, 16, 16, 64}, ConvGeometry::square(64, 48, 3, 2, 1)};
        QTest::addRow("wide depthwise")
            << OddConvolution{"", {2, 11, 9, 40}, ConvGeometry::square(40, 40, 3, 1, 1, 40)};
    }

    void convolutionsAgree()
    {
        QFETCH(OddConvolution, odd);
        const ConvGeometry& g = odd.geometry;
        Random random(1, RandomUse::Test);
        const Tensor src = randomTensor(odd.src, random);
        const Tensor weight = randomTensor(g.weightShape(), random);
        const Tensor dDst = randomTensor(g.outputShape(odd.src), random);
        Tensor dst = unwritten(dDst.shape()), refDst(dDst.shape());
        dnnlops::convForward(m_runtime, g, src, weight, dst);
        refConv2dForward(g, src, weight, refDst);
        QCOMPARE_LE(distance(dst, refDst), tolerance);
        Tensor dSrc = unwritten(odd.src), refDSrc(odd.src);
        dnnlops::convBackwardData(m_runtime, g, dDst, weight, dSrc);
        refConv2dBackwardData(g, dDst, weight, refDSrc);
        QCOMPARE_LE(distance(dSrc, refDSrc), tolerance);
        Tensor dWeight = unwritten(g.weightShape()), refDWeight(g.weightShape());
        dnnlops::convBackwardWeights(m_runtime, g, src, dDst, dWeight);
        refConv2dBackwardWeights(g, src, dDst, refDWeight);
        QCOMPARE_LE(distance(dWeight, refDWeight), tolerance);
    }

    // oneDNN picks another kernel for nearly every mix of channels, stride and padding; each thread
    // count and each CPU has its own. Three times, since a race shows now and then.
    void randomConvolutionsAgree()
    {
        Random random(20261121, RandomUse::Test);
        const auto one = [&random](std::initializer_list<int> choices) {
            return choices.begin()[random.below(std::uint32_t(choices.size()))];
        };
        for (int i = 0; i < 300; ++i) {
            const int kernel = one({1, 1, 3, 5}), stride = one({1, 2, 2, 3});
            const int inC = one({1, 3, 4, 6, 8, 16, 24, 64}),
                      outC = one({2, 4, 6, 8, 10, 16, 20, 48});
            const ConvGeometry g
                = ConvGeometry::square(inC, outC, kernel, stride, one({0, kernel / 2}));
            const Shape shape{one({1, 2, 6, 8}), one({5, 8, 9, 16}), one({5, 8, 11}), inC};
            const Tensor src = randomTensor(shape, random);
            const Tensor weight = randomTensor(g.weightShape(), random);
            const Tensor dDst = randomTensor(g.outputShape(shape), random);
            Tensor refDst(dDst.shape()), refDSrc(shape), refDWeight(g.weightShape());
            refConv2dForward(g, src, weight, refDst);
            refConv2dBackwardData(g, dDst, weight, refDSrc);
            refConv2dBackwardWeights(g, src, dDst, refDWeight);
            const std::string name = concat(toString(shape), " * ", toString(g.weightShape()),
                                            " stride ", stride, " pad ", g.padTop);
            for (int turn = 0; turn < 3; ++turn) {
                Tensor dst = unwritten(dDst.shape()), dSrc = unwritten(shape),
                       dWeight = unwritten(g.weightShape());
                conv2dForward(m_runtime, g, src, weight, dst);
                QVERIFY2(distance(dst, refDst) <= tolerance, name.c_str());
                conv2dBackwardData(m_runtime, g, dDst, weight, dSrc);
                QVERIFY2(distance(dSrc, refDSrc) <= tolerance, name.c_str());
                conv2dBackwardWeights(m_runtime, g, src, dDst, dWeight);
                QVERIFY2(distance(dWeight, refDWeight) <= tolerance, name.c_str());
            }
        }
    }

    void maxPoolsAgree_data()
    {
        QTest::addColumn<PoolGeometry>("g");
        QTest::addColumn<Shape>("src");
        QTest::addRow("2x2") << PoolGeometry{2, 2, 0} << Shape{3, 8, 6, 19};
        QTest::addRow("odd image") << PoolGeometry{2, 2, 0} << Shape{2, 7, 5, 3};
        QTest::addRow("padded, overlapping") << PoolGeometry{3, 2, 1} << Shape{2, 9, 8, 17};
        QTest::addRow("stride 1") << PoolGeometry{3, 1, 1} << Shape{1, 5, 5, 1};
    }

    // Whole numbers from -2 to 2: windows are full of ties. Maxima are copies, so all is equal.
    void maxPoolsAgree()
    {
        QFETCH(PoolGeometry, g);
        QFETCH(Shape, src);
        Random random(2, RandomUse::Test);
        Tensor x(src);
        for (float& value : x.values())
            value = float(int(random.below(5)) - 2);
        const Tensor dy = randomTensor(g.outputShape(src), random);
        Tensor y = unwritten(dy.shape()), refY(dy.shape());
        Winners winners;
        maxPool(g, x, y, &winners);
        refMaxPoolForward(g, x, refY);
        QVERIFY(std::ranges::equal(y.values(), refY.values()));
        Tensor dx = unwritten(src), refDx(src);
        maxPoolBackward(g, dy, winners, dx);
        refMaxPoolBackward(g, x, dy, refDx);
        QCOMPARE_LE(distance(dx, refDx), tolerance);
    }

    void averagesAgreeWithSums_data()
    {
        QTest::addColumn<PoolGeometry>("g");
        QTest::addColumn<Shape>("src");
        QTest::addRow("2x2") << PoolGeometry{2, 2, 0} << Shape{2, 6, 8, 5};
        QTest::addRow("3x3 windows, border unread")
            << PoolGeometry{3, 3, 0} << Shape{1, 10, 11, 18};
        QTest::addRow("whole image") << PoolGeometry{7, 7, 0} << Shape{3, 7, 7, 33};
        QTest::addRow("padded, stride 1") << PoolGeometry{3, 1, 1} << Shape{2, 5, 6, 9};
        QTest::addRow("padded, stride 2") << PoolGeometry{5, 2, 2} << Shape{1, 8, 7, 4};
    }

    void averagesAgreeWithSums()
    {
        QFETCH(PoolGeometry, g);
        QFETCH(Shape, src);
        Random random(3, RandomUse::Test);
        const SumWindow window{g.kernel, g.kernel, g.stride, g.pad};
        const Tensor x = randomTensor(src, random);
        const Tensor dy = randomTensor(g.outputShape(src), random);
        Tensor sums = unwritten(dy.shape()), average(dy.shape());
        sumPool(window, x, sums);
        for (float& sum : sums.values())
            sum /= float(window.pixels());
        refAvgPoolForward(g, x, average);
        QCOMPARE_LE(distance(sums, average), tolerance);
        Tensor dx = unwritten(src), refDx(src);
        sumPoolBackward(window, dy, 1.0f / float(window.pixels()), dx);
        refAvgPoolBackward(g, dy, refDx);
        QCOMPARE_LE(distance(dx, refDx), tolerance);
    }

    void softmaxLossesAgree()
    {
        Random random(4, RandomUse::Test);
        const Tensor logits = randomTensor({6, 1, 1, 11}, random);
        const std::vector<std::uint16_t> labels = {0, 10, 5, 5, 1, 9};
        Tensor fast = unwritten(logits.shape()), reference(logits.shape());
        const double loss = softmaxLoss(logits, labels, fast);
        QCOMPARE(loss, refSoftmaxLoss(logits, labels, reference));
        QCOMPARE_LE(distance(fast, reference), tolerance);
    }

    void shortcutsHaveTheirTransposeAsGradient_data()
    {
        QTest::addColumn<ShortcutGeometry>("g");
        QTest::addColumn<Shape>("src");
        QTest::addRow("odd image") << ShortcutGeometry{2, 8} << Shape{2, 7, 5, 3};
        QTest::addRow("even image") << ShortcutGeometry{2, 32} << Shape{2, 8, 8, 16};
        QTest::addRow("channels alone") << ShortcutGeometry{1, 5} << Shape{1, 4, 3, 4};
        QTest::addRow("pixels alone") << ShortcutGeometry{3, 4} << Shape{1, 8, 9, 4};
    }

    void shortcutsHaveTheirTransposeAsGradient()
    {
        QFETCH(ShortcutGeometry, g);
        QFETCH(Shape, src);
        Random random(5, RandomUse::Test);
        Tensor x = randomTensor(src, random);
        const Tensor dy = randomTensor(g.outputShape(src), random);
        Tensor y = unwritten(dy.shape()), dx = unwritten(src);
        padShortcut(g, x, y);
        for (int c = 0; c < g.outC; ++c)
            QCOMPARE(y.data()[c], c < src.c ? x.data()[c] : 0.0f);
        padShortcutBackward(g, dy, dx);
        const auto loss = [&] {
            padShortcut(g, x, y);
            return weightedSum(y, dy);
        };
        QCOMPARE_LE(gradientError(x, dx, 0.5f, loss), tolerance);
    }

private:
    static constexpr double tolerance = 1e-5;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestFloatOps)
#include "tst_float_ops.moc"
