#include "core/ops/integer/conv_short.h"

#include "core/base/random.h"
#include "core/ops/integer/conformance.h"
#include "core/ops/reference/ref_integer.h"
#include "core/ops/runtime.h"
#include "tests/support/odd_convolutions.h"

#include <QTest>

using namespace stair;

namespace {

Codes randomCodes(const Shape& shape, const Grid& grid, Random& random)
{
    Codes codes(shape, grid);
    for (std::uint8_t& byte : codes.bytes())
        byte = std::uint8_t(grid.qn + int(random.below(std::uint32_t(grid.qp - grid.qn + 1))));
    return codes;
}

/// Tails of tiles, of blocks, of pairs and of vectors, and borders of all kinds.
std::vector<OddConvolution> winogradConvolutions()
{
    std::vector<OddConvolution> all;
    for (const int pad : {0, 1, 2})
        for (const int channels : {1, 2, 15, 33, 48})
            for (const int size : {3, 4, 7, 16})
                all.push_back({"3x3",
                               {2, size, size + 1, channels},
                               ConvGeometry::square(channels, 35 - channels / 2, 3, 1, pad)});
    return all;
}

} // namespace

/// 16-bit products and Winograd's transforms in whole numbers give the integers of the products.
class TestConvShort : public QObject
{
    Q_OBJECT

private slots:
    void equalsTheProducts_data()
    {
        QTest::addColumn<bool>("winograd");
        QTest::addColumn<Grid>("src");
        for (const bool winograd : {false, true}) {
            const char* name = winograd ? "Winograd" : "direct";
            QTest::addRow("%s, u8", name) << winograd << Grid::uniform(8, false);
            QTest::addRow("%s, s8", name) << winograd << Grid::uniform(8, true);
        }
    }

    void equalsTheProducts()
    {
        QFETCH(bool, winograd);
        QFETCH(Grid, src);
        Random random(3, RandomUse::Test);
        for (const OddConvolution& odd : winogradConvolutions())
            check(odd, winograd, src, random);
        for (const OddConvolution& odd : oddConvolutions())
            if (!winograd && odd.geometry.groups == 1 && odd.geometry.dilation == 1)
                check(odd, winograd, src, random);
    }

    void extremesConform_data() { equalsTheProducts_data(); }

    // Codes at both ends, where sums are longest; also above 2^24.
    void extremesConform()
    {
        QFETCH(bool, winograd);
        QFETCH(Grid, src);
        const IntegerConvKernel kernel{"short", nullptr, winograd ? convWinograd : convShort,
                                       nullptr};
        for (const int channels : {32, 600, 1800}) {
            const IntegerConvKey key{ConvGeometry::square(channels, 32, 3, 1, 1),
                                     {1, 6, 5, channels},
                                     src,
                                     Grid::uniform(8, true)};
            for (const TrialCodes codes :
                 {TrialCodes::Mixed, TrialCodes::Longest, TrialCodes::Alternating})
                QCOMPARE(KernelTrial(m_runtime, key, codes).wrongSums(kernel), 0);
        }
    }

private:
    void check(const OddConvolution& odd, bool winograd, const Grid& grid, Random& random)
    {
        const Codes src = randomCodes(odd.src, grid, random);
        const Codes weight
            = randomCodes(odd.geometry.weightShape(), Grid::uniform(8, true), random);
        const std::vector<std::int32_t> expected = refConvInt(odd.geometry, src, weight);
        Tensor acc(odd.geometry.outputShape(odd.src));
        KeptWeights kept;
        // The second time from what was kept.
        for (int turn = 0; turn < 2; ++turn) {
            acc.fill(-1);
            (winograd ? convWinograd : convShort)(m_runtime, odd.geometry, src, weight, kept, acc);
            std::int64_t wrong = 0;
            for (std::size_t i = 0; i < expected.size(); ++i)
                wrong += acc.data()[i] != float(expected[i]);
            QVERIFY2(wrong == 0,
                     qPrintable(QString::fromStdString(concat(odd.name, " ", toString(odd.src),
                                                              " to ", odd.geometry.outC, " pad ",
                                                              odd.geometry.padTop, ": ", wrong))));
        }
    }

    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestConvShort)
#include "tst_conv_short.moc"
