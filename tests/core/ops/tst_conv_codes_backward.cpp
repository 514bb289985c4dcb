#include "core/base/random.h"
#include "core/ops/eltwise.h"
#include "core/ops/integer/conv_codes_backward.h"
#include "core/ops/reference/ref_conv2d.h"
#include "core/ops/reference/ref_integer_backward.h"
#include "tests/support/odd_convolutions.h"
#include "tests/support/tiny_networks.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

const Grid gradientGrid{8, true, -127, 127};

Codes randomCodes(const Shape& shape, const Grid& grid, Random& random)
{
    Codes codes(shape, grid);
    for (std::uint8_t& byte : codes.bytes())
        byte = std::uint8_t(grid.qn + int(random.below(std::uint32_t(grid.levels()))));
    return codes;
}

Codes constantCodes(const Shape& shape, const Grid& grid, int code)
{
    Codes codes(shape, grid);
    std::ranges::fill(codes.bytes(), std::uint8_t(code));
    return codes;
}

Tensor toFloats(const Codes& codes)
{
    Tensor tensor(codes.shape());
    codesToFloats(codes, 1, tensor);
    return tensor;
}

void same(const Tensor& actual, const Tensor& expected)
{
    QVERIFY(std::ranges::equal(actual.values(), expected.values()));
}

void close(const Tensor& actual, const Tensor& expected)
{
    for (std::int64_t i = 0; i < actual.size(); ++i)
        QVERIFY(std::abs(actual.data()[i] - expected.data()[i])
                <= 1e-6f * std::abs(expected.data()[i]) + 1e-7f);
}

} // namespace

/// The integer gradients of a convolution: against the f32 reference on the same values, and the
/// quick loops against one product at a time, bit by bit.
class TestConvCodesBackward : public QObject
{
    Q_OBJECT

private slots:
    void agreesOnOddConvolutions_data()
    {
        QTest::addColumn<OddConvolution>("odd");
        QTest::addColumn<bool>("isSigned");
        std::vector<OddConvolution> all = oddConvolutions();
        all.push_back({"many channels", {3, 9, 11, 37}, ConvGeometry::square(37, 41, 3, 1, 1)});
        all.push_back(
            {"groups of 5 and 7", {2, 6, 6, 15}, ConvGeometry::square(15, 21, 3, 2, 1, 3)});
        all.push_back({"wide depthwise", {2, 7, 7, 35}, ConvGeometry::square(35, 35, 3, 1, 1, 35)});
        for (const OddConvolution& odd : all) {
            QTest::addRow("u8: %s", odd.name) << odd << false;
            QTest::addRow("s8: %s", odd.name) << odd << true;
        }
    }

    void agreesOnOddConvolutions()
    {
        QFETCH(OddConvolution, odd);
        QFETCH(bool, isSigned);
        const ConvGeometry& g = odd.geometry;
        Random random(5, RandomUse::Test);
        const Codes src = randomCodes(odd.src, Grid::uniform(8, isSigned), random);
        const Codes weight = randomCodes(g.weightShape(), Grid::uniform(8, true), random);
        const Codes gradient = randomCodes(g.outputShape(odd.src), gradientGrid, random);
        std::vector<float> scales;
        for (int c = 0; c < g.outC; ++c)
            scales.push_back(0.001f * (float(c) + 1));

        Tensor expected(g.weightShape()), plain(g.weightShape()), quick(g.weightShape());
        refConv2dBackwardWeights(g, toFloats(src), toFloats(gradient), expected);
        for (std::int64_t i = 0; i < expected.size(); ++i)
            expected.data()[i] *= scales[std::size_t(i / g.terms())];
        refConvCodesBackwardWeights(g, src, gradient, scales, plain);
        convCodesBackwardWeights(m_runtime, g, src, gradient, scales, quick);
        close(plain, expected);
        same(quick, plain);

        Tensor expectedData(odd.src), plainData(odd.src), quickData(odd.src);
        refConv2dBackwardData(g, toFloats(gradient), toFloats(weight), expectedData);
        for (float& x : expectedData.values())
            x *= 0.003f;
        refConvCodesBackwardData(g, gradient, weight, 0.003f, plainData);
        quickData.fill(77); // written whole, whatever was there
        convCodesBackwardData(m_runtime, g, gradient, weight, 0.003f, quickData);
        close(plainData, expectedData);
        same(quickData, plainData);
    }

    /// 200,704 terms of 127 * 127 (3.2e9) and of 255 * -127: past 32 bits, so only chunks are right.
    void longSumsDoNotOverflow_data()
    {
        QTest::addColumn<ConvGeometry>("geometry");
        QTest::newRow("1x1") << ConvGeometry::square(3, 5, 1);
        QTest::newRow("3x3") << ConvGeometry::square(3, 5, 3, 1, 1);
        QTest::newRow("depthwise") << ConvGeometry::square(4, 4, 3, 1, 1, 4);
    }

    void longSumsDoNotOverflow()
    {
        QFETCH(ConvGeometry, geometry);
        const Shape shape{4, 224, 224, geometry.inC};
        const std::vector<float> ones(std::size_t(geometry.outC), 1.0f);
        for (const bool isSigned : {true, false}) {
            const int code = isSigned ? 127 : 255;
            const Codes src = constantCodes(shape, Grid::uniform(8, isSigned), code);
            const Codes gradient
                = constantCodes(geometry.outputShape(shape), gradientGrid, isSigned ? 127 : -127);
            Tensor plain(geometry.weightShape()), quick(geometry.weightShape());
            refConvCodesBackwardWeights(geometry, src, gradient, ones, plain);
            convCodesBackwardWeights(m_runtime, geometry, src, gradient, ones, quick);
            same(quick, plain);
            const int centre = geometry.kernelH / 2 * (geometry.kernelW + 1);
            const double expected = 4.0 * 224 * 224 * (isSigned ? 127 * 127 : -255 * 127);
            const double sum = quick.data()[centre * (geometry.inC / geometry.groups)];
            QVERIFY2(std::abs(sum / expected - 1) < 1e-6, QByteArray::number(sum));
        }
    }

    /// The data gradient of a layer with 140,000 outputs: 32,768 at a time.
    void wideLayersDoNotOverflow()
    {
        const ConvGeometry g = ConvGeometry::linear(3, 140'001);
        const Codes gradient = constantCodes({2, 1, 1, g.outC}, gradientGrid, 127);
        const Codes weight = constantCodes(g.weightShape(), gradientGrid, 127);
        Tensor plain({2, 1, 1, 3}), quick({2, 1, 1, 3});
        refConvCodesBackwardData(g, gradient, weight, 1, plain);
        convCodesBackwardData(m_runtime, g, gradient, weight, 1, quick);
        same(quick, plain);
        QVERIFY(std::abs(double(quick.data()[0]) / (140'001.0 * 127 * 127) - 1) < 1e-6);
    }

    void theSameForAnyNumberOfThreads()
    {
        const ConvGeometry g = ConvGeometry::square(19, 23, 3, 2, 1);
        const Shape shape{5, 100, 90, 19};
        Random random(6, RandomUse::Test);
        const Codes src = randomCodes(shape, Grid::uniform(8, false), random);
        const Codes weight = randomCodes(g.weightShape(), gradientGrid, random);
        const Codes gradient = randomCodes(g.outputShape(shape), gradientGrid, random);
        const std::vector<float> scales(std::size_t(g.outC), 0.01f);
        Tensor weights[2] = {Tensor(g.weightShape()), Tensor(g.weightShape())};
        Tensor data[2] = {Tensor(shape), Tensor(shape)};
        for (const int i : {0, 1}) {
            Runtime runtime(i == 0 ? 1 : testThreads());
            convCodesBackwardWeights(runtime, g, src, gradient, scales, weights[i]);
            convCodesBackwardData(runtime, g, gradient, weight, 0.01f, data[i]);
        }
        same(weights[0], weights[1]);
        same(data[0], data[1]);
    }

private:
    Runtime m_runtime{testThreads()};
};

QTEST_GUILESS_MAIN(TestConvCodesBackward)
#include "tst_conv_codes_backward.moc"
