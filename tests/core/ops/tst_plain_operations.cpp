#include "core/ops/channels.h"
#include "core/ops/eltwise.h"
#include "core/ops/reference/ref_channels.h"
#include "core/ops/reference/ref_eltwise.h"
#include "core/ops/reference/ref_move.h"
#include "core/ops/reference/ref_pool2d.h"
#include "core/ops/runtime.h"
#include "tests/support/gradient_check.h"

#include <QTest>

using namespace stair;

namespace {

Codes randomCodes(const Shape& shape, bool isSigned, Random& random)
{
    Codes codes(shape, Grid::uniform(8, isSigned));
    for (std::uint8_t& byte : codes.bytes())
        byte = std::uint8_t(random.bits() >> 24);
    return codes;
}

/// Bytes that nobody has written yet.
Codes unwrittenCodes(const Shape& shape, const Grid& grid)
{
    Codes codes(shape, grid);
    std::ranges::fill(codes.bytes(), std::uint8_t(0xA5));
    return codes;
}

Tensor unwritten(const Shape& shape)
{
    Tensor tensor(shape);
    tensor.fill(std::numeric_limits<float>::quiet_NaN());
    return tensor;
}

bool areEqual(const Tensor& a, const Tensor& b)
{
    return a.shape() == b.shape() && std::ranges::equal(a.values(), b.values());
}

bool areEqual(const Codes& a, const Codes& b)
{
    return a.shape() == b.shape() && std::ranges::equal(a.bytes(), b.bytes());
}

} // namespace

Q_DECLARE_METATYPE(Move)

/// What stands between convolutions, fast and one value at a time: the same values, to the bit.
class TestPlainOperations : public QObject
{
    Q_OBJECT

private slots:
    void movesAreEqual_data()
    {
        QTest::addColumn<Move>("move");
        QTest::addColumn<Shape>("src");
        QTest::addRow("maxima") << Move(PoolGeometry{2, 2, 0}) << Shape{3, 8, 6, 19};
        QTest::addRow("maxima, overlapping") << Move(PoolGeometry{3, 2, 1}) << Shape{2, 9, 8, 70};
        QTest::addRow("maxima, 5x5") << Move(PoolGeometry{5, 1, 2}) << Shape{1, 7, 6, 33};
        QTest::addRow("maxima of padding") << Move(PoolGeometry{1, 1, 1}) << Shape{2, 3, 2, 5};
        QTest::addRow("shortcut") << Move(ShortcutGeometry{2, 40}) << Shape{2, 7, 8, 17};
        QTest::addRow("shortcut of channels") << Move(ShortcutGeometry{1, 9}) << Shape{1, 4, 3, 4};
        QTest::addRow("slice") << Move(SliceGeometry{30, 9}) << Shape{1, 7, 2, 39};
        QTest::addRow("shuffle") << Move(ShuffleGeometry{3}) << Shape{2, 4, 3, 33};
    }

    void movesAreEqual()
    {
        QFETCH(Move, move);
        QFETCH(Shape, src);
        Random random(1, RandomUse::Test);
        const Shape out = std::visit([&src](const auto& g) { return g.outputShape(src); }, move);
        const Tensor x = randomTensor(src, random);
        Tensor fast = unwritten(out), plain = unwritten(out);
        runMove(move, x, fast, nullptr);
        refRunMove(move, x, plain);
        QVERIFY(areEqual(fast, plain));
        for (const bool isSigned : {false, true}) {
            const Codes codes = randomCodes(src, isSigned, random);
            Codes fastCodes = unwrittenCodes(out, codes.grid());
            Codes plainCodes = unwrittenCodes(out, codes.grid());
            runMove(move, codes, fastCodes, nullptr);
            refRunMove(move, codes, plainCodes);
            QVERIFY(areEqual(fastCodes, plainCodes));
        }
    }

    void sumsAreEqual_data()
    {
        QTest::addColumn<SumWindow>("window");
        QTest::addColumn<Shape>("src");
        QTest::addColumn<Shape>("out");
        QTest::addRow("whole image")
            << SumWindow{7, 6, 1, 0} << Shape{3, 7, 6, 33} << Shape{3, 1, 1, 33};
        QTest::addRow("padded") << SumWindow{3, 3, 1, 1} << Shape{2, 5, 6, 9} << Shape{2, 5, 6, 9};
        QTest::addRow("stride 2") << SumWindow{3, 2, 2, 0} << Shape{1, 9, 8, 64}
                                  << Shape{1, 4, 4, 64};
    }

    void sumsAreEqual()
    {
        QFETCH(SumWindow, window);
        QFETCH(Shape, src);
        QFETCH(Shape, out);
        Random random(2, RandomUse::Test);
        const Tensor x = randomTensor(src, random);
        Tensor fast = unwritten(out), plain = unwritten(out);
        sumPool(window, x, fast);
        refSumPoolForward(window, x, plain);
        QVERIFY(areEqual(fast, plain));
        for (const bool isSigned : {false, true}) {
            const Codes codes = randomCodes(src, isSigned, random);
            sumPool(window, codes, fast);
            refSumPoolForward(window, codes, plain);
            QVERIFY(areEqual(fast, plain));
        }
    }

    // Written by hand: nothing of it comes from the code under test.
    void sumsAreThoseOfTheirWindows()
    {
        Codes codes({1, 2, 2, 1}, Grid::uniform(8, true));
        const int values[] = {-128, 3, 100, 127};
        std::ranges::copy(values, codes.data());
        Tensor sums({1, 2, 2, 1});
        refSumPoolForward({2, 2, 1, 0}, codes, sums); // windows reach beyond the last pixels
        const std::vector<float> expected = {102, 130, 227, 127};
        QVERIFY(std::ranges::equal(sums.values(), expected));
    }

    void partsAreEqual()
    {
        Random random(3, RandomUse::Test);
        const Tensor a = randomTensor({2, 3, 4, 5}, random);
        const Codes b = randomCodes({2, 3, 4, 17}, false, random);
        const Codes c = randomCodes({2, 3, 4, 1}, true, random);
        Tensor fast = unwritten({2, 3, 4, 23}), plain = unwritten({2, 3, 4, 23});
        putChannels(a, 0, fast);
        putChannels(b, 5, fast);
        putChannels(c, 22, fast);
        refPutChannels(a, 0, plain);
        refPutChannels(b, 5, plain);
        refPutChannels(c, 22, plain);
        QVERIFY(areEqual(fast, plain));
    }

    void additionsAreEqual()
    {
        Random random(4, RandomUse::Test);
        const Shape shape{2, 5, 3, 77};
        for (const bool isSigned : {false, true}) {
            const Codes codes = randomCodes(shape, isSigned, random);
            const Tensor x = randomTensor(shape, random);
            Tensor fast = unwritten(shape), plain = unwritten(shape);
            codesToFloats(codes, 0.037f, fast);
            refCodesToFloats(codes, 0.037f, plain);
            QVERIFY(areEqual(fast, plain));
            addInto(x, fast);
            refAddInto(x, plain);
            QVERIFY(areEqual(fast, plain));
            addCodesInto(codes, fast);
            refAddInto(codes, plain);
            QVERIFY(areEqual(fast, plain));
        }
    }

private:
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestPlainOperations)
#include "tst_plain_operations.moc"
