#include "core/base/error.h"
#include "core/base/random.h"
#include "core/ops/integer/conformance.h"
#include "core/ops/reference/ref_conv2d.h"
#include "core/ops/reference/ref_integer.h"
#include "tests/support/error_text.h"
#include "tests/support/odd_convolutions.h"

#include <QTest>

using namespace stair;

namespace {

Codes randomCodes(const Shape& shape, const Grid& grid, Random& random)
{
    Codes codes(shape, grid);
    for (std::uint8_t& byte : codes.bytes())
        byte = std::uint8_t(grid.qn + int(random.below(std::uint32_t(grid.levels()))));
    return codes;
}

Tensor toFloats(const Codes& codes)
{
    Tensor tensor(codes.shape());
    for (std::int64_t i = 0; i < codes.size(); ++i)
        tensor.data()[i] = float(codes.at(i));
    return tensor;
}

} // namespace

class TestReferenceInteger : public QObject
{
    Q_OBJECT

private slots:
    void equalsTheFloatConvolutionOfTheCodes_data()
    {
        QTest::addColumn<OddConvolution>("odd");
        QTest::addColumn<bool>("isSigned");
        for (const OddConvolution& odd : oddConvolutions()) {
            QTest::addRow("u8: %s", odd.name) << odd << false;
            QTest::addRow("s8: %s", odd.name) << odd << true;
        }
    }

    // Sums this small are exact in f32, and are those of the definition the kernels are held to.
    void equalsTheFloatConvolutionOfTheCodes()
    {
        QFETCH(OddConvolution, odd);
        QFETCH(bool, isSigned);
        const ConvGeometry& g = odd.geometry;
        Random random(1, RandomUse::Test);
        const Codes src = randomCodes(odd.src, Grid::uniform(8, isSigned), random);
        const Codes weight = randomCodes(g.weightShape(), Grid::uniform(8, true), random);
        const std::vector<std::int32_t> acc = refConvInt(g, src, weight);
        Tensor floats(g.outputShape(odd.src));
        refConv2dForward(g, toFloats(src), toFloats(weight), floats);
        QCOMPARE(std::int64_t(acc.size()), floats.size());
        std::size_t i = 0;
        const Shape& s = floats.shape();
        for (int n = 0; n < s.n; ++n)
            for (int y = 0; y < s.h; ++y)
                for (int x = 0; x < s.w; ++x)
                    for (int c = 0; c < s.c; ++c, ++i) {
                        QCOMPARE(float(acc[i]), floats.data()[i]);
                        QCOMPARE(std::int64_t(acc[i]), sumOfProducts(g, src, weight, n, y, x, c));
                    }
    }

    void extremeCodesByHand()
    {
        const ConvGeometry g = ConvGeometry::linear(3, 1);
        Codes src({1, 1, 1, 3}, Grid::uniform(8, false));
        Codes weight(g.weightShape(), Grid::uniform(8, true));
        src.data()[0] = src.data()[1] = src.data()[2] = 255;
        weight.data()[0] = weight.data()[1] = std::uint8_t(-128);
        weight.data()[2] = 127;
        QCOMPARE(refConvInt(g, src, weight), std::vector<std::int32_t>{255 * (-128 - 128 + 127)});
    }

    void sumsBeyond32BitsAreRefused()
    {
        const ConvGeometry g = ConvGeometry::linear(70'000, 1);
        Codes src({1, 1, 1, 70'000}, Grid::uniform(8, false));
        Codes weight(g.weightShape(), Grid::uniform(8, true));
        std::ranges::fill(src.bytes(), std::uint8_t(255));
        std::ranges::fill(weight.bytes(), std::uint8_t(-128));
        const QString text = errorText([&] { refConvInt(g, src, weight); });
        VERIFY_CONTAINS(text, "does not fit into 32 bits");
    }
};

QTEST_GUILESS_MAIN(TestReferenceInteger)
#include "tst_reference_integer.moc"
