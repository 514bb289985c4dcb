#include "core/analysis/accumulators.h"
#include "core/ops/integer/conformance.h"
#include "tests/support/lowered_models.h"

#include <algorithm>

using namespace stair;

namespace {

/// A linear layer of six inputs on codes of `grid`, with weights drawn by the seed.
Program linearProgram(const Grid& grid, const Grid& weights, std::uint64_t seed)
{
    Program program;
    program.values.push_back({.name = "in", .shape = {1, 1, 1, 6}, .grid = grid});
    program.values.push_back({.name = "out", .shape = {1, 1, 1, 3}, .isFloat = true, .grid = {}});
    Instruction in;
    in.name = "fc";
    in.conv = ConvGeometry::linear(6, 3);
    in.sources = {0};
    in.outputs = {1};
    in.computed = {1, 1, 1, 3};
    in.weightCodes = Codes(in.conv.weightShape(), weights);
    Random random(seed, RandomUse::Test);
    for (std::uint8_t& byte : in.weightCodes.bytes()) {
        int code = 0;
        do
            code = weights.qn + int(random.below(std::uint32_t(weights.qp - weights.qn + 1)));
        while (!weights.has(code));
        byte = std::uint8_t(std::int8_t(code));
    }
    program.instructions.push_back(std::move(in));
    program.logits = 1;
    return program;
}

/// The extremes over every input that there is.
IntegerRange enumerated(const Program& program)
{
    const Instruction& in = program.instructions.front();
    const Grid& grid = program.values.front().grid;
    std::vector<int> levels;
    for (int code = grid.qn; code <= grid.qp; ++code) {
        if (grid.has(code))
            levels.push_back(code);
    }
    IntegerRange range;
    std::vector<std::size_t> digits(6, 0);
    for (;;) {
        for (int c = 0; c < 3; ++c) {
            std::int64_t sum = 0;
            for (int i = 0; i < 6; ++i)
                sum += std::int64_t(levels[digits[std::size_t(i)]]) * in.weightCodes.at(c * 6 + i);
            range = {std::min(range.least, sum), std::max(range.most, sum)};
        }
        std::size_t place = 0;
        while (place < digits.size() && ++digits[place] == levels.size())
            digits[place++] = 0;
        if (place == digits.size())
            return range;
    }
}

/// Every sum of a layer, product by product.
IntegerRange summed(const Engine& engine, const Instruction& in)
{
    const Codes& codes = engine.values()[std::size_t(in.sources.front())].codes;
    const Shape src = codes.shape();
    IntegerRange range;
    bool isFirst = true;
    const auto take = [&](std::int64_t sum) {
        range = isFirst ? IntegerRange{sum, sum}
                        : IntegerRange{std::min(range.least, sum), std::max(range.most, sum)};
        isFirst = false;
    };
    Codes seen(in.compute == Compute::Conv ? in.conv.seenShape(src) : src, codes.grid());
    std::ranges::copy(codes.bytes(), seen.bytes().begin());
    for (int n = 0; n < src.n; ++n)
        for (int y = 0; y < in.computed.h; ++y)
            for (int x = 0; x < in.computed.w; ++x)
                for (int c = 0; c < in.computed.c; ++c) {
                    if (in.compute == Compute::Conv) {
                        take(sumOfProducts(in.conv, seen, in.weightCodes, n, y, x, c));
                        continue;
                    }
                    std::int64_t sum = 0;
                    for (int v = 0; v < in.sum.kernelH; ++v)
                        for (int u = 0; u < in.sum.kernelW; ++u) {
                            const int row = y * in.sum.stride - in.sum.pad + v;
                            const int column = x * in.sum.stride - in.sum.pad + u;
                            if (row >= 0 && row < src.h && column >= 0 && column < src.w)
                                sum += codes.at(
                                    ((std::int64_t(n) * src.h + row) * src.w + column) * src.c + c);
                        }
                    take(sum);
                }
    return range;
}

} // namespace

/// Accumulator bits against every input there is, and against sums taken product by product.
class TestAccumulators : public QObject
{
    Q_OBJECT

private slots:
    void bitsOfRanges_data()
    {
        QTest::addColumn<int>("least");
        QTest::addColumn<int>("most");
        QTest::addColumn<int>("bits");
        QTest::newRow("nothing") << 0 << 0 << 1;
        QTest::newRow("-1 .. 0") << -1 << 0 << 1;
        QTest::newRow("0 .. 1") << 0 << 1 << 2;
        QTest::newRow("a byte with sign") << -128 << 127 << 8;
        QTest::newRow("one below a byte") << -129 << 0 << 9;
        QTest::newRow("a byte without sign") << 0 << 255 << 9;
        QTest::newRow("what f32 holds") << -(1 << 24) << (1 << 24) - 1 << exactFloatBits;
    }

    void bitsOfRanges()
    {
        QFETCH(int, least);
        QFETCH(int, most);
        QFETCH(int, bits);
        QCOMPARE((IntegerRange{least, most}.bits()), bits);
    }

    void worstIsWhatSomeInputReaches_data()
    {
        QTest::addColumn<int>("input");
        QTest::addColumn<int>("weight");
        QTest::newRow("u2 by s3") << 0 << 0;
        QTest::newRow("s2 by s3") << 1 << 0;
        QTest::newRow("binary by ternary") << 2 << 1;
        QTest::newRow("a zero point of 1 by s3") << 3 << 0;
        QTest::newRow("u2 by odd 2 bits") << 0 << 2;
    }

    void worstIsWhatSomeInputReaches()
    {
        QFETCH(int, input);
        QFETCH(int, weight);
        const Grid inputs[]
            = {Grid::uniform(2, false), Grid::uniform(2, true), Grid::odd(1), Grid::shifted(2, 1)};
        const Grid weights[] = {Grid::uniform(3, true), Grid::ternary(), Grid::odd(2)};
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const Program program = linearProgram(inputs[input], weights[weight], seed);
            const IntegerRange worst = worstAccumulators(program, program.instructions.front());
            const IntegerRange every = enumerated(program);
            QCOMPARE(worst.least, every.least);
            QCOMPARE(worst.most, every.most);
            const auto listed = listAccumulators(program);
            QCOMPARE(listed.size(), std::size_t(1));
            QVERIFY(listed.front().genericBits >= worst.bits());
        }
    }

    void seenIsWhatProductsGive_data()
    {
        QTest::addColumn<int>("tiny");
        for (int i = 0; i < int(tinyNetworks().size()); ++i)
            QTest::newRow(tinyNetworks()[std::size_t(i)].name.c_str()) << i;
    }

    void seenIsWhatProductsGive()
    {
        QFETCH(int, tiny);
        Runtime runtime(testThreads());
        Model model = loweredModel({}, tiny, 0);
        trainBriefly(model, runtime, trainedSteps, trainedImages);
        const Program program = lower(model);
        const TinyBatch first(model.graph(), 3, 5), second(model.graph(), 2, 6);
        std::vector<LayerAccumulators> layers = listAccumulators(program);
        QVERIFY(layers.size() >= 3);
        observeAccumulators(program, runtime, first.bytes(), layers);
        observeAccumulators(program, runtime, second.bytes(), layers);
        Engine engine(program, runtime);
        engine.keepValues(true);
        for (const LayerAccumulators& layer : layers) {
            const Instruction& in = program.instructions[std::size_t(layer.instruction)];
            engine.run(first.bytes());
            const IntegerRange a = summed(engine, in);
            engine.run(second.bytes());
            const IntegerRange b = summed(engine, in);
            QCOMPARE(layer.seen->least, std::min(a.least, b.least));
            QCOMPARE(layer.seen->most, std::max(a.most, b.most));
            QVERIFY(layer.worst.least <= layer.seen->least);
            QVERIFY(layer.worst.most >= layer.seen->most);
            QVERIFY(layer.worst.bits() <= layer.genericBits);
        }
    }
};

QTEST_GUILESS_MAIN(TestAccumulators)
#include "tst_accumulators.moc"
