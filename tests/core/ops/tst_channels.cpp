#include "core/ops/channels.h"
#include "core/ops/move.h"
#include "core/ops/reference/ref_channels.h"
#include "tests/support/gradient_check.h"

#include <QTest>

using namespace stair;

namespace {

Tensor unwritten(const Shape& shape)
{
    Tensor tensor(shape);
    tensor.fill(std::numeric_limits<float>::quiet_NaN());
    return tensor;
}

Codes randomCodes(const Shape& shape, bool isSigned, Random& random)
{
    Codes codes(shape, Grid::uniform(8, isSigned));
    for (std::uint8_t& byte : codes.bytes())
        byte = std::uint8_t(random.bits());
    return codes;
}

Tensor valuesOf(const Codes& codes)
{
    Tensor values(codes.shape());
    for (std::int64_t i = 0; i < codes.size(); ++i)
        values.data()[i] = float(codes.at(i));
    return values;
}

bool areEqual(const Tensor& a, const Tensor& b)
{
    return a.shape() == b.shape() && std::ranges::equal(a.values(), b.values());
}

Shape outputOf(const Move& move, const Shape& src)
{
    return std::visit([&src](const auto& g) { return g.outputShape(src); }, move);
}

void reference(const Move& move, const Tensor& src, Tensor& dst)
{
    if (const auto* slice = std::get_if<SliceGeometry>(&move))
        refSliceChannels(*slice, src, dst);
    else
        refShuffleChannels(std::get<ShuffleGeometry>(move), src, dst);
}

} // namespace

Q_DECLARE_METATYPE(Move)

/// Slices, shuffles and concats of channels against their plain references.
class TestChannels : public QObject
{
    Q_OBJECT

private slots:
    void movesAgree_data()
    {
        QTest::addColumn<Move>("move");
        QTest::addColumn<Shape>("src");
        QTest::addRow("first half") << Move(SliceGeometry{0, 4}) << Shape{2, 3, 5, 8};
        QTest::addRow("last channels") << Move(SliceGeometry{30, 9}) << Shape{1, 7, 2, 39};
        QTest::addRow("one channel") << Move(SliceGeometry{2, 1}) << Shape{3, 2, 2, 5};
        QTest::addRow("all channels") << Move(SliceGeometry{0, 5}) << Shape{1, 2, 2, 5};
        QTest::addRow("two groups") << Move(ShuffleGeometry{2}) << Shape{2, 3, 5, 8};
        QTest::addRow("three groups") << Move(ShuffleGeometry{3}) << Shape{1, 4, 3, 33};
        QTest::addRow("one group") << Move(ShuffleGeometry{1}) << Shape{2, 2, 2, 7};
        QTest::addRow("as many groups") << Move(ShuffleGeometry{7}) << Shape{2, 2, 2, 7};
    }

    void movesAgree()
    {
        QFETCH(Move, move);
        QFETCH(Shape, src);
        Random random(1, RandomUse::Test);
        const Tensor x = randomTensor(src, random);
        const Shape out = outputOf(move, src);
        Tensor y = unwritten(out), expected(out);
        runMove(move, x, y, nullptr);
        reference(move, x, expected);
        QVERIFY(areEqual(y, expected));
        for (const bool isSigned : {false, true}) {
            const Codes codes = randomCodes(src, isSigned, random);
            Codes moved(out, codes.grid());
            runMove(move, codes, moved, nullptr);
            reference(move, valuesOf(codes), expected);
            QVERIFY(areEqual(valuesOf(moved), expected));
        }
    }

    void movesHaveTheirTransposeAsGradient_data() { movesAgree_data(); }

    void movesHaveTheirTransposeAsGradient()
    {
        QFETCH(Move, move);
        QFETCH(Shape, src);
        Random random(2, RandomUse::Test);
        Tensor x = randomTensor(src, random);
        const Tensor dy = randomTensor(outputOf(move, src), random);
        Tensor y = unwritten(dy.shape()), dx = unwritten(src);
        runMoveBackward(move, dy, {}, dx);
        const auto loss = [&] {
            runMove(move, x, y, nullptr);
            return weightedSum(y, dy);
        };
        QCOMPARE_LE(gradientError(x, dx, 0.5f, loss), 1e-5);
    }

    void concatsAgree()
    {
        Random random(3, RandomUse::Test);
        const Tensor a = randomTensor({2, 3, 4, 5}, random);
        const Codes b = randomCodes({2, 3, 4, 17}, false, random);
        const Codes c = randomCodes({2, 3, 4, 1}, true, random);
        Tensor joined = unwritten({2, 3, 4, 23}), expected({2, 3, 4, 23});
        putChannels(b, 5, joined);
        putChannels(c, 22, joined);
        putChannels(a, 0, joined);
        const Tensor bValues = valuesOf(b), cValues = valuesOf(c);
        refConcatChannels({&a, &bValues, &cValues}, expected);
        QVERIFY(areEqual(joined, expected));
    }

    // A concat's gradient is a slice for each part.
    void slicesUndoAConcat()
    {
        Random random(4, RandomUse::Test);
        const Tensor a = randomTensor({1, 2, 3, 5}, random);
        const Tensor b = randomTensor({1, 2, 3, 4}, random);
        Tensor joined = unwritten({1, 2, 3, 9});
        putChannels(a, 0, joined);
        putChannels(b, 5, joined);
        Tensor first = unwritten(a.shape()), second = unwritten(b.shape());
        sliceChannels({0, 5}, joined, first);
        sliceChannels({5, 4}, joined, second);
        QVERIFY(areEqual(first, a));
        QVERIFY(areEqual(second, b));
    }
};

QTEST_GUILESS_MAIN(TestChannels)
#include "tst_channels.moc"
