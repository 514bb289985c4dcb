#include "core/ops/dnnl/isa.h"
#include "core/ops/integer/conv_codes.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/ops/epilogue.h"
#include "core/ops/integer/conformance.h"
#include "core/ops/reference/ref_integer.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace stair;

namespace {

/// A convolution with everything odd about it that a user may ask for.
struct RandomCase
{
    ConvGeometry g;
    Shape src;
    Grid srcGrid;
    Grid weightGrid;
};

int pick(Random& random, int least, int most)
{
    return least + int(random.below(std::uint32_t(most - least + 1)));
}

RandomCase makeCase(Random& random)
{
    RandomCase c;
    const int kind = pick(random, 0, 5);
    const bool depthwise = kind == 0;
    c.g.groups = depthwise ? pick(random, 1, 70) : kind == 1 ? pick(random, 2, 4) : 1;
    const int inPerGroup = depthwise ? 1 : pick(random, 1, kind == 1 ? 20 : 70);
    const int outPerGroup = depthwise ? 1 : pick(random, 1, kind == 1 ? 20 : 70);
    c.g.inC = c.g.groups * inPerGroup;
    c.g.outC = c.g.groups * outPerGroup;
    c.g.kernelH = pick(random, 1, 5);
    c.g.kernelW = pick(random, 1, 5);
    c.g.stride = pick(random, 1, 3);
    c.g.dilation = pick(random, 1, 2);
    c.g.padTop = pick(random, 0, c.g.kernelH - 1);
    c.g.padBottom = pick(random, 0, c.g.kernelH - 1);
    c.g.padLeft = pick(random, 0, c.g.kernelW - 1);
    c.g.padRight = pick(random, 0, c.g.kernelW - 1);
    const int extent = 4 * c.g.dilation + 1;
    c.src = {pick(random, 1, 3), pick(random, extent, extent + 8), pick(random, extent, extent + 8),
             c.g.inC};
    c.srcGrid = Grid::uniform(pick(random, 2, 8), random.below(2) == 0);
    c.weightGrid = Grid::uniform(pick(random, 2, 8), true);
    return c;
}

/// Half of the codes at the grid's ends.
Codes extremeCodes(const Shape& shape, const Grid& grid, Random& random)
{
    Codes codes(shape, grid);
    for (std::uint8_t& byte : codes.bytes()) {
        const std::uint32_t kind = random.below(4);
        byte = std::uint8_t(kind == 0       ? grid.qn
                                : kind == 1 ? grid.qp
                                            : pick(random, grid.qn, grid.qp));
    }
    return codes;
}

std::vector<float> perChannel(int channels, Random& random, float scale)
{
    std::vector<float> values;
    for (int c = 0; c < channels; ++c)
        values.push_back(c % 7 == 3 ? 0 : scale * (random.uniform() * 2 - 1));
    return values;
}

QByteArray describe(const RandomCase& c)
{
    return QByteArray::fromStdString(concat(
        toString(c.src), " * ", toString(c.g.weightShape()), " stride ", c.g.stride, " dilation ",
        c.g.dilation, " groups ", c.g.groups, " pad ", c.g.padTop, c.g.padLeft, c.g.padBottom,
        c.g.padRight, " bits ", c.srcGrid.bits, c.srcGrid.isSigned ? "s" : "u", c.weightGrid.bits));
}

} // namespace

/// Whatever kernel this CPU (or STAIR_MAX_ISA) gets: the integers are those of the reference.
class TestConvCodes : public QObject
{
    Q_OBJECT

private slots:
    void equalsReferenceOnRandomShapes()
    {
        Random random(20261120, RandomUse::Test);
        std::map<std::string, int> kernels;
        int fusedCases = 0;
        for (int i = 0; i < 560; ++i) {
            const RandomCase c = makeCase(random);
            const Codes src = extremeCodes(c.src, c.srcGrid, random);
            const Codes weight = extremeCodes(c.g.weightShape(), c.weightGrid, random);
            Tensor acc(c.g.outputShape(c.src));
            convCodes(m_runtime, c.g, src, weight, acc);
            const std::int64_t wrong = countWrong(c, src, weight, acc);
            QVERIFY2(wrong == 0, describe(c) + ": " + QByteArray::number(qint64(wrong)) + " wrong");
            fusedCases += checkEpilogue(c, src, weight, acc, random);
        }
        for (const auto& [key, choice] : m_runtime.integerKernels().choices())
            ++kernels[choice.implementation];
        for (const auto& [name, count] : kernels)
            qInfo("%s: %d shapes", name.c_str(), count);
        qInfo("fused epilogue: %d shapes", fusedCases);
        // Exact by falling back to the reference everywhere would be no feat.
        const auto shapesOf = [&kernels](const char* kernel) {
            int shapes = 0;
            for (const auto& [name, count] : kernels)
                shapes += name.starts_with(kernel) ? count : 0;
            return shapes;
        };
        QVERIFY(shapesOf("dnnl_int8") > 100);
        QVERIFY(fusedCases > 50);
        if (!dnnlops::effectiveIsa().hasVnni) {
            QVERIFY(shapesOf("dnnl_int8_shifted") > 100);
            QVERIFY(shapesOf("short") > 5);
            // oneDNN's own gemm for AVX-512 takes most of what AVX2 leaves to floats.
            const bool isWide = dnnlops::effectiveIsa().name.starts_with("avx512");
            QVERIFY(shapesOf("f32_exact") > (isWide ? 25 : 100));
        }
        QCOMPARE(shapesOf("dnnl_int8") + shapesOf("short") + shapesOf("f32_exact"), shapesOf(""));
    }

    void sumsBeyondExactFloatsAreRoundedOnce()
    {
        const ConvGeometry g = ConvGeometry::linear(2048, 17);
        Codes src({3, 1, 1, 2048}, Grid::uniform(8, false));
        Codes weight(g.weightShape(), Grid::uniform(8, true));
        Random random(5, RandomUse::Test);
        for (std::uint8_t& byte : src.bytes())
            byte = std::uint8_t(250 + random.below(6));
        for (std::uint8_t& byte : weight.bytes())
            byte = std::uint8_t(120 + random.below(8));
        Tensor acc(g.outputShape(src.shape()));
        convCodes(m_runtime, g, src, weight, acc);
        QVERIFY(acc.data()[0] > 0x1p24f);
        for (int n = 0; n < 3; ++n) {
            for (int c = 0; c < 17; ++c)
                QCOMPARE(acc.data()[n * 17 + c], float(sumOfProducts(g, src, weight, n, 0, 0, c)));
        }
    }

    // A kernel that is wrong at the longest sums alone: random codes do not get there.
    void longestCodesReachTheBound()
    {
        const IntegerConvKey key{ConvGeometry::square(64, 8, 3),
                                 {1, 5, 5, 64},
                                 Grid::uniform(8, false),
                                 Grid::uniform(8, true)};
        const IntegerConvKernel saturating{
            "saturating", nullptr,
            [](Runtime&, const ConvGeometry& g, const Codes& src, const Codes& weight, KeptWeights&,
               Tensor& acc) {
                const float most = float(g.terms() * 255 * 127);
                const std::vector<std::int32_t> sums = refConvInt(g, src, weight);
                for (std::size_t i = 0; i < sums.size(); ++i)
                    acc.data()[i] = std::clamp(float(sums[i]), -most, most - 255 * 127);
            },
            nullptr};
        QCOMPARE(KernelTrial(m_runtime, key, TrialCodes::Mixed).wrongSums(saturating), 0);
        QVERIFY(KernelTrial(m_runtime, key, TrialCodes::Longest).wrongSums(saturating) > 0);
    }

    // A fused kernel that is wrong for m < 0 alone, or at ties of one kind, is seen at every width.
    void everyKindOfEpilogueIsLookedAt()
    {
        for (const int outC : {16, 71, 96, 128, 192, 288, 320, 384, 512, 576, 1000}) {
            std::set<std::pair<float, bool>> kinds;
            std::set<int> channels;
            for (const int channel : trialChannels(outC)) {
                QVERIFY(channel >= 0 && channel < outC);
                channels.insert(channel);
                kinds.emplace(trialMultiplier(channel, 0.125f), isTrialTie(channel));
            }
            QCOMPARE(kinds.size(), std::size_t(12));
            QCOMPARE(channels.size(), std::size_t(std::min(outC, 48)));
            QCOMPARE(*channels.rbegin(), outC - 1);
        }
        QCOMPARE(trialChannels(3).size(), std::size_t(3));
    }

    void sumsThatMayOverflowAreRefused()
    {
        const ConvGeometry g = ConvGeometry::linear(70'000, 1);
        const Codes src({1, 1, 1, 70'000}, Grid::uniform(8, false));
        const Codes weight(g.weightShape(), Grid::uniform(8, true));
        Tensor acc(g.outputShape(src.shape()));
        QVERIFY_THROWS_EXCEPTION(Error, convCodes(m_runtime, g, src, weight, acc));
    }

private:
    static std::int64_t countWrong(const RandomCase& c, const Codes& src, const Codes& weight,
                                   const Tensor& acc)
    {
        const Shape out = acc.shape();
        std::int64_t wrong = 0;
        std::int64_t i = 0;
        for (int n = 0; n < out.n; ++n)
            for (int y = 0; y < out.h; ++y)
                for (int x = 0; x < out.w; ++x)
                    for (int k = 0; k < out.c; ++k, ++i)
                        wrong
                            += acc.data()[i] != float(sumOfProducts(c.g, src, weight, n, y, x, k));
        return wrong;
    }

    /// The lowered epilogue, tile by tile and fused into the convolution, against the reference.
    bool checkEpilogue(const RandomCase& c, const Codes& src, const Codes& weight,
                       const Tensor& acc, Random& random)
    {
        const Grid grid = Grid::uniform(pick(random, 2, 8), random.below(2) == 0);
        const float scale = float(grid.qp) / std::sqrt(float(c.g.terms()))
            / float(c.srcGrid.qp * c.weightGrid.qp) * 4;
        EpilogueOutput output;
        output.m = perChannel(c.g.outC, random, scale);
        output.b = perChannel(c.g.outC, random, float(grid.qp));
        output.low = grid.qn;
        output.high = grid.qp;
        Codes expected(acc.shape(), grid), tiled(acc.shape(), grid), fused(acc.shape(), grid);
        Epilogue epilogue;
        epilogue.outputs.push_back(output);
        epilogue.outputs[0].codes = &expected;
        refRunEpilogue(acc, epilogue);
        epilogue.outputs[0].codes = &tiled;
        runEpilogue(acc, epilogue);
        if (!std::ranges::equal(expected.bytes(), tiled.bytes()))
            QTest::qFail(describe(c) + ": epilogue differs", __FILE__, __LINE__);
        if (!convCodesFused(m_runtime, c.g, src, weight, output.m, output.b, grid.qn, grid.qp,
                            fused))
            return false;
        if (!std::ranges::equal(expected.bytes(), fused.bytes()))
            QTest::qFail(describe(c) + ": fused epilogue differs", __FILE__, __LINE__);
        return true;
    }

    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestConvCodes)
#include "tst_conv_codes.moc"
