#include "core/ops/integer/conv_bits.h"

#include "core/base/random.h"
#include "core/ops/epilogue.h"
#include "core/ops/integer/conformance.h"
#include "core/ops/integer/conv_bits_kernels.h"
#include "core/ops/integer/conv_codes.h"
#include "core/ops/reference/ref_bits.h"
#include "core/ops/reference/ref_integer.h"
#include "core/ops/runtime.h"
#include "tests/support/odd_convolutions.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

int pick(Random& random, int least, int most)
{
    return least + int(random.below(std::uint32_t(most - least + 1)));
}

Codes randomCodes(const Shape& shape, const Grid& grid, Random& random)
{
    Codes codes(shape, grid);
    for (std::uint8_t& byte : codes.bytes()) {
        int code = pick(random, grid.qn, grid.qp);
        while (!grid.has(code))
            ++code;
        byte = std::uint8_t(code);
    }
    return codes;
}

/// Dense ones of the common odd shapes, and others with tails of words, blocks and chunks.
std::vector<OddConvolution> denseConvolutions()
{
    std::vector<OddConvolution> dense;
    for (const OddConvolution& odd : oddConvolutions()) {
        if (odd.geometry.groups == 1)
            dense.push_back(odd);
    }
    dense.push_back({"a word", {1, 5, 7, 64}, ConvGeometry::square(64, 32, 3, 1, 1)});
    dense.push_back({"a word and a channel", {1, 5, 7, 65}, ConvGeometry::square(65, 33, 3, 1, 1)});
    dense.push_back({"63 channels", {2, 6, 5, 63}, ConvGeometry::square(63, 71, 3, 2, 1)});
    dense.push_back({"two words", {1, 4, 4, 128}, ConvGeometry::square(128, 40, 3, 1, 1)});
    return dense;
}

ConvGeometry randomGeometry(Random& random)
{
    ConvGeometry g;
    g.inC = pick(random, 1, 200);
    g.outC = pick(random, 1, 70);
    g.kernelH = pick(random, 1, 4);
    g.kernelW = pick(random, 1, 4);
    g.stride = pick(random, 1, 3);
    g.dilation = pick(random, 1, 2);
    g.padTop = pick(random, 0, g.kernelH);
    g.padBottom = pick(random, 0, g.kernelH);
    g.padLeft = pick(random, 0, g.kernelW);
    g.padRight = pick(random, 0, g.kernelW);
    return g;
}

QByteArray describe(const ConvGeometry& g, const Shape& src)
{
    return QByteArray::fromStdString(concat(toString(src), " * ", toString(g.weightShape()),
                                            " stride ", g.stride, " dilation ", g.dilation, " pad ",
                                            g.padTop, g.padLeft, g.padBottom, g.padRight));
}

} // namespace

Q_DECLARE_METATYPE(stair::GridPair)

/// Counting bits gives the integers of multiplying codes, at every width, shape and border.
class TestConvBits : public QObject
{
    Q_OBJECT

private slots:
    void formulasGiveProducts()
    {
        // Every pair of two channels' codes.
        for (int a = 0; a < 9; ++a) {
            for (int w = 0; w < 9; ++w) {
                const int codes[2][2] = {{a % 3 - 1, a / 3 - 1}, {w % 3 - 1, w / 3 - 1}};
                std::uint64_t nonzero[2] = {}, sign[2] = {};
                for (int side = 0; side < 2; ++side)
                    for (int i = 0; i < 2; ++i) {
                        nonzero[side] |= std::uint64_t(codes[side][i] != 0) << i;
                        sign[side] |= std::uint64_t(codes[side][i] < 0) << i;
                    }
                const int expected = codes[0][0] * codes[1][0] + codes[0][1] * codes[1][1];
                QCOMPARE(refDotTernary(nonzero[0], sign[0], nonzero[1], sign[1]), expected);
                if (nonzero[0] == 3 && nonzero[1] == 3)
                    QCOMPARE(refDotSigns(sign[0], sign[1], 2), expected);
            }
        }
    }

    void packingKeepsCodes_data()
    {
        QTest::addColumn<Grid>("grid");
        QTest::newRow("sign") << Grid::odd(1);
        QTest::newRow("0/1") << Grid::uniform(1, false);
        QTest::newRow("ternary") << Grid::ternary();
        QTest::newRow("2 bits signed") << Grid::uniform(2, true);
        QTest::newRow("odd 3 bits") << Grid::odd(3);
        QTest::newRow("odd 4 bits") << Grid::odd(4);
        QTest::newRow("4 bits") << Grid::uniform(4, false);
        QTest::newRow("4 bits signed") << Grid::uniform(4, true);
        QTest::newRow("powers of two") << Grid::powerOfTwo(3);
    }

    void packingKeepsCodes()
    {
        QFETCH(Grid, grid);
        Random random(2, RandomUse::Test);
        for (const int channels : {1, 31, 32, 63, 64, 65, 130, 200}) {
            const Codes codes = randomCodes({2, 3, 2, channels}, grid, random);
            const BitPlanes planes = packBits(codes, m_runtime.pool());
            Codes back(codes.shape(), grid);
            unpackBits(planes, back);
            QVERIFY(std::ranges::equal(codes.bytes(), back.bytes()));
            for (std::int64_t i = 0; i < codes.size(); ++i)
                QCOMPARE(planes.at(i / channels, int(i % channels)), codes.at(i));
            const int words = planes.wordsPerPlane();
            for (int k = 0; channels % 64 != 0 && k < planes.code().planes; ++k)
                QCOMPARE(planes.pixel(5)[(k + 1) * words - 1] >> (channels % 64), 0u);
        }
    }

    void layoutsByHand()
    {
        Codes codes({1, 1, 1, 3}, Grid::odd(1));
        const int values[] = {-1, 1, -1};
        std::ranges::copy(values, codes.data());
        QCOMPARE(packBits(codes, m_runtime.pool()).pixel(0)[0], 0b101u);
        Codes ternary({1, 1, 1, 3}, Grid::ternary());
        const int ternaryValues[] = {-1, 0, 1};
        std::ranges::copy(ternaryValues, ternary.data());
        const BitPlanes planes = packBits(ternary, m_runtime.pool());
        QCOMPARE(planes.pixel(0)[0], 0b101u); // not 0
        QCOMPARE(planes.pixel(0)[1], 0b001u); // negative
        QVERIFY(!BitCode::of(Grid::uniform(5, false)));
        QVERIFY(!WeightCode::of(Grid::powerOfTwo(4)));
    }

    void equalsTheProducts_data()
    {
        QTest::addColumn<GridPair>("pair");
        for (const GridPair& pair : pairsOfFewBits())
            QTest::newRow(pair.name) << pair;
    }

    void equalsTheProducts()
    {
        QFETCH(GridPair, pair);
        Random random(7, RandomUse::Test);
        for (const OddConvolution& odd : denseConvolutions())
            check(odd.geometry, odd.src, pair, random);
        for (int i = 0; i < 6; ++i) {
            const ConvGeometry g = randomGeometry(random);
            const Shape src{pick(random, 1, 2), pick(random, 7, 12), pick(random, 7, 12), g.inC};
            check(g, src, pair, random);
        }
    }

    // More words a tap than bytes can count.
    void longTapsAreCountedInParts()
    {
        Random random(23, RandomUse::Test);
        for (const int pair : {0, 2, 3, 13}) {
            const ConvGeometry square = ConvGeometry::square(2100, 9, 3, 1, 1);
            check(square, {1, 1, 5, 2100}, pairsOfFewBits()[std::size_t(pair)], random);
            const ConvGeometry linear = ConvGeometry::linear(4100, 70);
            check(linear, {5, 1, 1, 4100}, pairsOfFewBits()[std::size_t(pair)], random);
        }
        // Every bit set.
        Codes src({1, 1, 1, 4100}, Grid::odd(1)), weight({8, 1, 1, 4100}, Grid::odd(1));
        std::ranges::fill(src.bytes(), std::uint8_t(1));
        std::ranges::fill(weight.bytes(), std::uint8_t(-1));
        Tensor acc({1, 1, 1, 8});
        convBits(packBits(src, m_runtime.pool()), BitWeights(ConvGeometry::linear(4100, 8), weight),
                 acc);
        QCOMPARE(acc.data()[7], -4100.0f);
    }

    void fusedEqualsTheFloatEpilogue_data()
    {
        QTest::addColumn<Grid>("dst");
        QTest::addColumn<HardRule::Kind>("kind");
        QTest::newRow("sign") << Grid::odd(1) << HardRule::Kind::Sign;
        QTest::newRow("0/1") << Grid::uniform(1, false) << HardRule::Kind::NearestEven;
        QTest::newRow("ternary") << Grid::ternary() << HardRule::Kind::NearestEven;
        QTest::newRow("2 bits, ceil") << Grid::uniform(2, false) << HardRule::Kind::Ceil;
        QTest::newRow("odd 3 bits") << Grid::odd(3) << HardRule::Kind::NearestOdd;
        QTest::newRow("4 bits") << Grid::uniform(4, false) << HardRule::Kind::NearestEven;
        QTest::newRow("4 bits signed") << Grid::uniform(4, true) << HardRule::Kind::NearestEven;
        QTest::newRow("powers of two") << Grid::powerOfTwo(3) << HardRule::Kind::Thresholds;
    }

    void fusedEqualsTheFloatEpilogue()
    {
        QFETCH(Grid, dst);
        QFETCH(HardRule::Kind, kind);
        Random random(11, RandomUse::Test);
        // Every shape, the pairs in turn.
        std::size_t turn = std::size_t(dst.bits + dst.qp);
        for (const OddConvolution& odd : denseConvolutions()) {
            for (int i = 0; i < 3; ++i)
                checkFused(odd, pairsOfFewBits()[turn++ % pairsOfFewBits().size()], dst, kind,
                           random);
        }
    }

    void layersChain()
    {
        Random random(13, RandomUse::Test);
        const ConvGeometry g = ConvGeometry::square(70, 70, 3, 1, 1);
        const Shape shape{2, 6, 5, 70};
        HardRule sign;
        sign.kind = HardRule::Kind::Sign;
        const Codes weight = randomCodes(g.weightShape(), Grid::odd(1), random);
        const BitWeights weights(g, weight);
        const std::vector<float> m(70, 1), b(70, -0.5f);
        const BitThresholds epilogue(weights, Grid::odd(1), m, b, sign, -1, 1, Grid::odd(1));
        Codes codes = randomCodes(shape, Grid::odd(1), random);
        BitPlanes planes = packBits(codes, m_runtime.pool());
        for (int layer = 0; layer < 3; ++layer) {
            BitPlanes next(shape, Grid::odd(1), m_runtime.pool());
            convBits(planes, weights, epilogue, next);
            planes = std::move(next);
            const std::vector<std::int32_t> acc = refConvInt(g, codes, weight);
            for (std::size_t i = 0; i < acc.size(); ++i)
                codes.data()[i] = std::uint8_t(acc[i] > 0 ? 1 : -1);
        }
        Codes back(shape, Grid::odd(1));
        unpackBits(planes, back);
        QVERIFY(std::ranges::equal(codes.bytes(), back.bytes()));
    }

    void kernelsOfTheTableConform_data() { equalsTheProducts_data(); }

    // Also those that this CPU would not choose.
    void kernelsOfTheTableConform()
    {
        QFETCH(GridPair, pair);
        const IntegerConvKernel kernel{"bits", nullptr, runConvBits, nullptr};
        for (const OddConvolution& odd : denseConvolutions()) {
            const IntegerConvKey key{odd.geometry, odd.src, pair.src, pair.weight};
            for (const TrialCodes codes :
                 {TrialCodes::Mixed, TrialCodes::Longest, TrialCodes::Alternating}) {
                const KernelTrial trial(m_runtime, key, codes);
                QVERIFY2(trial.wrongSums(kernel) == 0, odd.name);
                for (const Grid& dst : {Grid::odd(1), Grid::ternary(), Grid::uniform(4, false)})
                    QVERIFY2(trial.wrongPacked(kernel, dst) == 0, odd.name);
            }
        }
    }

    void theHookSpoilsPackedCodes()
    {
        qputenv("STAIR_BREAK_KERNEL", "xnor:unchecked");
        Runtime broken(2);
        qputenv("STAIR_BREAK_KERNEL", "bit_maximum:unchecked");
        Runtime brokenMaxima(2);
        qunsetenv("STAIR_BREAK_KERNEL");
        const IntegerConvKernel xnor{"xnor", nullptr, runConvBits, nullptr};
        const IntegerConvKey key{
            ConvGeometry::square(70, 33, 3, 1, 1), {2, 5, 6, 70}, Grid::odd(1), Grid::odd(1)};
        for (const Grid& dst : {Grid::odd(1), Grid::ternary(), Grid::uniform(2, true), Grid::odd(3),
                                Grid::powerOfTwo(3)}) {
            QCOMPARE(KernelTrial(m_runtime, key).wrongPacked(xnor, dst), 0);
            QVERIFY(KernelTrial(broken, key).wrongPacked(xnor, dst) > 0);
        }
        for (const Grid& grid : {Grid::odd(1), Grid::uniform(1, false)}) {
            const BitMaximumKey maximum{{3, 2, 1}, {2, 9, 8, 70}, grid};
            QCOMPARE(countWrongMaxima(m_runtime, maximum), 0);
            QVERIFY(countWrongMaxima(brokenMaxima, maximum) > 0);
        }
    }

    // Through the choice, as training and evaluation come.
    void convCodesEqualsTheProducts_data() { equalsTheProducts_data(); }

    void convCodesEqualsTheProducts()
    {
        QFETCH(GridPair, pair);
        Random random(19, RandomUse::Test);
        const ConvGeometry g = ConvGeometry::square(130, 37, 3, 2, 1);
        const Codes src = randomCodes({2, 7, 6, 130}, pair.src, random);
        const Codes weight = randomCodes(g.weightShape(), pair.weight, random);
        Tensor acc(g.outputShape(src.shape()));
        convCodes(m_runtime, g, src, weight, acc);
        const std::vector<std::int32_t> expected = refConvInt(g, src, weight);
        QVERIFY(std::ranges::equal(expected, acc.values()));
        for (const std::string& line : describeKernels(m_runtime.integerKernels()))
            QVERIFY2(line.find("wrong") == std::string::npos, line.c_str());
    }

    void oneKernelIsChosenByTheGrids()
    {
        const ConvGeometry g = ConvGeometry::square(128, 128, 3, 1, 1);
        const Shape src{1, 8, 8, 128};
        for (const GridPair& pair : pairsOfFewBits()) {
            const IntegerConvKey key{g, src, pair.src, pair.weight};
            const int applying = convXnorApplies(m_runtime, key)
                + convTernaryApplies(m_runtime, key) + convBitSerialApplies(m_runtime, key);
            QVERIFY2(applying <= 1, pair.name);
        }
        const IntegerConvKey bytes{g, src, Grid::uniform(8, false), Grid::odd(1)};
        QVERIFY(!convBitSerialApplies(m_runtime, bytes));
        // Three counts at least: no CPU of the measured table takes them.
        const IntegerConvKey powers{g, src, Grid::odd(1), Grid::powerOfTwo(3)};
        QCOMPARE(BitPlan::of(powers.srcGrid, powers.weightGrid)->passes, 3);
        QVERIFY(!bitKernelApplies(m_runtime, powers));
        // Fast where bits are, and where int8 is not.
        const IntegerConvKey xnor{g, src, Grid::odd(1), Grid::odd(1)};
        const bool wins = m_runtime.hasVnni() ? bits::counting() == bits::Counting::Words
                                              : bits::counting() == bits::Counting::Bytes;
        QCOMPARE(m_runtime.integerKernels().choose(m_runtime, xnor).kernel->name
                     == std::string("xnor"),
                 wins);
    }

private:
    void check(const ConvGeometry& g, const Shape& shape, const GridPair& pair, Random& random)
    {
        const Codes src = randomCodes(shape, pair.src, random);
        const Codes weight = randomCodes(g.weightShape(), pair.weight, random);
        const BitPlanes planes = packBits(src, m_runtime.pool());
        const BitWeights weights(g, weight);
        const std::vector<std::int32_t> expected = refConvInt(g, src, weight);
        const std::vector<std::int64_t> reference = refConvBits(planes, weights);
        QVERIFY2(std::ranges::equal(expected, reference), describe(g, shape));
        Tensor acc(g.outputShape(shape));
        convBits(planes, weights, acc);
        std::int64_t wrong = 0;
        for (std::size_t i = 0; i < expected.size(); ++i)
            wrong += acc.data()[i] != float(expected[i]);
        QVERIFY2(wrong == 0, describe(g, shape) + ": " + QByteArray::number(qint64(wrong)));
    }

    void checkFused(const OddConvolution& odd, const GridPair& pair, const Grid& dst,
                    HardRule::Kind kind, Random& random)
    {
        const ConvGeometry& g = odd.geometry;
        const BitPlanes src = packBits(randomCodes(odd.src, pair.src, random), m_runtime.pool());
        const BitWeights weights(g, randomCodes(g.weightShape(), pair.weight, random));
        Tensor acc(g.outputShape(odd.src));
        convBits(src, weights, acc);
        Codes expected(acc.shape(), dst), found(acc.shape(), dst);
        EpilogueOutput output;
        output.rule.kind = kind;
        if (kind == HardRule::Kind::Thresholds) {
            output.rule.thresholds = {-3, -1.5f, -0.5f, 0.5f, 1.5f, 3};
            output.rule.codes = {-4, -2, -1, 0, 1, 2, 4};
        }
        const float spread = float(dst.qp)
            / (std::sqrt(float(g.terms())) * float(pair.src.qp) * float(pair.weight.qp));
        for (int c = 0; c < g.outC; ++c) {
            output.m.push_back(c % 5 == 4 ? 0 : spread * (2 * random.uniform() - 1));
            output.b.push_back(float(dst.qp) * (2 * random.uniform() - 1));
        }
        output.low = dst.qn;
        output.high = dst.qp;
        output.codes = &expected;
        Epilogue epilogue;
        epilogue.outputs.push_back(output);
        refRunEpilogue(acc, epilogue);
        const BitThresholds levels(weights, pair.src, output.m, output.b, output.rule, dst.qn,
                                   dst.qp, dst);
        BitPlanes planes(acc.shape(), dst, m_runtime.pool());
        // What was there before must not show.
        std::fill_n(planes.pixel(0), planes.wordsPerPixel() * acc.shape().rows(), ~0ull);
        convBits(src, weights, levels, planes);
        unpackBits(planes, found);
        QVERIFY2(std::ranges::equal(expected.bytes(), found.bytes()),
                 QByteArray(pair.name) + ", " + odd.name);
        if (const int rest = acc.shape().c % 64; rest != 0)
            QCOMPARE(planes.pixel(0)[planes.wordsPerPlane() - 1] >> rest, 0u);
    }

    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestConvBits)
#include "tst_conv_bits.moc"
