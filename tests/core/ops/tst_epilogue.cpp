#include "core/ops/epilogue.h"

#include "core/ops/runtime.h"
#include "tests/support/gradient_check.h"

#include <QTest>

using namespace stair;

Q_DECLARE_METATYPE(stair::Activation)

namespace {

enum class Skip
{
    None,
    Codes,
    Floats
};

/// One epilogue with room for its results, twice: for the kernel and for the reference.
struct Case
{
    Tensor acc;
    Codes skipCodes;
    Tensor skipFloats;
    Epilogue epilogue;
    std::vector<Codes> codes[2];
    std::vector<Tensor> floats[2];

    Epilogue into(int which)
    {
        Epilogue e = epilogue;
        for (std::size_t i = 0; i < e.outputs.size(); ++i) {
            if (codes[which][i])
                e.outputs[i].codes = &codes[which][i];
            else
                e.outputs[i].floats = &floats[which][i];
        }
        return e;
    }
};

std::vector<float> perChannel(int channels, Random& random, float scale)
{
    std::vector<float> values;
    for (int c = 0; c < channels; ++c)
        values.push_back(c % 5 == 4 ? 0 : scale * random.normal());
    return values;
}

HardRule ruleOf(HardRule::Kind kind)
{
    HardRule rule{.kind = kind, .thresholds = {}, .codes = {}};
    if (kind == HardRule::Kind::Thresholds) {
        rule.thresholds = {-2.5f, -0.5f, 0, 0.5f, 1.5f};
        rule.codes = {-4, -2, -1, 1, 2, 4};
    }
    return rule;
}

Grid gridOf(HardRule::Kind kind, bool isSigned)
{
    return kind == HardRule::Kind::NearestEven || kind == HardRule::Kind::Ceil
        ? Grid::uniform(4, isSigned)
        : Grid::uniform(4, true);
}

/// Accumulators are whole numbers; half of the multipliers make ties, so that rounding is put to
/// the test rather than spared.
Case makeCase(const Shape& shape, Skip skip, const Activation& activation,
              const std::vector<HardRule::Kind>& kinds, bool isSigned, int floatOutputs)
{
    Random random(20261122, RandomUse::Test);
    Case c;
    c.acc = Tensor(shape);
    for (float& value : c.acc.values())
        value = float(int(random.below(401)) - 200);
    c.epilogue.activation = activation;
    const auto multipliers = [&] {
        std::vector<float> m = perChannel(shape.c, random, 0.03f);
        for (std::size_t i = 0; i < m.size(); i += 2)
            m[i] = 0.03125f;
        return m;
    };
    if (skip != Skip::None) {
        c.epilogue.m = multipliers();
        c.epilogue.b = perChannel(shape.c, random, 1);
    }
    if (skip == Skip::Codes) {
        c.skipCodes = Codes(shape, Grid::uniform(8, isSigned));
        for (std::uint8_t& byte : c.skipCodes.bytes())
            byte = std::uint8_t(random.below(256));
        c.epilogue.skipCodes = &c.skipCodes;
        c.epilogue.skipStep = 0.0371f;
    } else if (skip == Skip::Floats) {
        c.skipFloats = randomTensor(shape, random);
        c.epilogue.skipFloats = &c.skipFloats;
    }
    for (std::size_t i = 0; i < kinds.size() + std::size_t(floatOutputs); ++i) {
        EpilogueOutput output;
        if (skip == Skip::None) {
            output.m = multipliers();
            output.b = perChannel(shape.c, random, 2);
        } else {
            output.inverseStep = float(1 / 0.219);
        }
        const bool real = i >= kinds.size();
        output.isHalf = real && (i - kinds.size()) % 2 == 1;
        Grid grid;
        if (!real) {
            grid = gridOf(kinds[i], isSigned);
            output.rule = ruleOf(kinds[i]);
            output.low = grid.qn;
            output.high = grid.qp;
        }
        for (int which = 0; which < 2; ++which) {
            c.codes[which].push_back(real ? Codes() : Codes(shape, grid));
            c.floats[which].push_back(real ? Tensor(shape) : Tensor());
        }
        c.epilogue.outputs.push_back(std::move(output));
    }
    return c;
}

/// Runs both; the number of results that differ.
int countDifferences(Case& c)
{
    runEpilogue(c.acc, c.into(0));
    refRunEpilogue(c.acc, c.into(1));
    int different = 0;
    for (std::size_t i = 0; i < c.epilogue.outputs.size(); ++i) {
        for (std::int64_t k = 0; k < c.acc.size(); ++k) {
            if (c.codes[0][i])
                different += c.codes[0][i].at(k) != c.codes[1][i].at(k);
            else
                different += c.floats[0][i].data()[k] != c.floats[1][i].data()[k];
        }
    }
    return different;
}

} // namespace

/// The tiled epilogue gives the integers and the floats of the plain one.
class TestEpilogue : public QObject
{
    Q_OBJECT

private slots:
    void equalsReference_data()
    {
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("skip");
        QTest::addColumn<Activation>("activation");
        QTest::addColumn<bool>("isSigned");
        const std::vector<std::pair<const char*, Activation>> activations
            = {{"none", Activation::none()},
               {"relu", Activation::relu()},
               {"relu6", Activation::relu6()},
               {"hardtanh", Activation::hardTanh()}};
        const std::vector<std::pair<const char*, Skip>> skips
            = {{"no join", Skip::None}, {"codes join", Skip::Codes}, {"floats join", Skip::Floats}};
        for (const int channels : {1, 3, 16, 37, 2100}) {
            for (const auto& [skipName, skip] : skips) {
                for (const auto& [name, activation] : activations) {
                    const bool isSigned = !activation.isNonNegative();
                    QTest::addRow("%d channels, %s, %s", channels, skipName, name)
                        << channels << int(skip) << activation << isSigned;
                }
            }
        }
    }

    void equalsReference()
    {
        QFETCH(int, channels);
        QFETCH(int, skip);
        QFETCH(Activation, activation);
        QFETCH(bool, isSigned);
        using Kind = HardRule::Kind;
        const Shape shape{3, 11, 7, channels};
        Case c
            = makeCase(channels > 1000 ? Shape{2, 3, 1, channels} : shape, Skip(skip), activation,
                       {Kind::NearestEven, Kind::Ceil, Kind::Sign, Kind::Thresholds}, isSigned, 2);
        QCOMPARE(countDifferences(c), 0);
    }

    void equalsReferenceOverManyBlocks()
    {
        Case c = makeCase({5, 64, 48, 19}, Skip::Codes, Activation::relu(),
                          {HardRule::Kind::NearestEven, HardRule::Kind::NearestEven}, false, 0);
        QCOMPARE(countDifferences(c), 0);
    }

    // acc * m is 1 + 2^-11 once rounded, which b cancels; fused, 2^-24 would be left over.
    void productsAreRoundedBeforeTheyAreAdded()
    {
        const float near = 1 + 0x1p-12f;
        const Shape shape{1, 5, 5, 3};
        Tensor acc(shape), real(shape), joined(shape), skip(shape);
        acc.fill(near);
        Epilogue epilogue;
        epilogue.outputs.emplace_back();
        epilogue.outputs[0].m.assign(3, near);
        epilogue.outputs[0].b.assign(3, -(1 + 0x1p-11f));
        epilogue.outputs[0].floats = &real;
        Epilogue join;
        join.m = epilogue.outputs[0].m;
        join.b = epilogue.outputs[0].b;
        join.skipFloats = &skip;
        join.outputs.emplace_back();
        join.outputs[0].floats = &joined;
        for (const auto run : {runEpilogue, refRunEpilogue}) {
            real.fill(-1);
            joined.fill(-1);
            run(acc, epilogue);
            run(acc, join);
            for (std::int64_t i = 0; i < acc.size(); ++i) {
                QCOMPARE(real.data()[i], 0.0f);
                QCOMPARE(joined.data()[i], 0.0f);
            }
        }
    }

    // The same trap where it costs a code: the ceiling of 0 is 0, of 2^-24 it is 1.
    void codesDoNotSeeAFusedProduct()
    {
        const Shape shape{1, 1, 40, 1};
        Tensor acc(shape);
        acc.fill(1 + 0x1p-12f);
        Codes codes(shape, Grid::uniform(2, false));
        Epilogue epilogue;
        epilogue.outputs.emplace_back();
        EpilogueOutput& output = epilogue.outputs[0];
        output.m = {1 + 0x1p-12f};
        output.b = {-(1 + 0x1p-11f)};
        output.rule.kind = HardRule::Kind::Ceil;
        output.high = 3;
        output.codes = &codes;
        for (const auto run : {runEpilogue, refRunEpilogue}) {
            run(acc, epilogue);
            for (std::int64_t i = 0; i < codes.size(); ++i)
                QCOMPARE(codes.at(i), 0);
        }
    }

    void rulesAtTheirEdges_data()
    {
        using Kind = HardRule::Kind;
        QTest::addColumn<int>("kind");
        QTest::addColumn<float>("t");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, Kind kind, float t, int code) {
            QTest::addRow("%s", name) << int(kind) << t << code;
        };
        row("half goes to the even 0", Kind::NearestEven, 0.5f, 0);
        row("one and a half goes to 2", Kind::NearestEven, 1.5f, 2);
        row("minus two and a half goes to -2", Kind::NearestEven, -2.5f, -2);
        row("above the grid", Kind::NearestEven, 7.5f, 7);
        row("below the grid", Kind::NearestEven, -1e9f, -8);
        row("ceiling of a whole number", Kind::Ceil, 3, 3);
        row("ceiling just above", Kind::Ceil, 3.0000002f, 4);
        row("ceiling of a negative", Kind::Ceil, -0.5f, 0);
        row("ceiling above the grid", Kind::Ceil, 7.25f, 7);
        row("sign of 0 is +1", Kind::Sign, 0, 1);
        row("sign of -0 is +1", Kind::Sign, -0.0f, 1);
        row("sign of a negative", Kind::Sign, -1e-30f, -1);
        row("a threshold itself is below", Kind::Thresholds, 0.5f, 1);
        row("just above a threshold", Kind::Thresholds, 0.50000006f, 2);
        row("below all thresholds", Kind::Thresholds, -2.5f, -4);
        row("above all thresholds", Kind::Thresholds, 9, 4);
    }

    void rulesAtTheirEdges()
    {
        QFETCH(int, kind);
        QFETCH(float, t);
        QFETCH(int, code);
        const Shape shape{1, 1, 1, 37};
        Tensor acc(shape);
        acc.fill(t);
        Codes codes(shape, Grid::uniform(4, true));
        Epilogue epilogue;
        epilogue.outputs.emplace_back();
        EpilogueOutput& output = epilogue.outputs[0];
        output.m.assign(37, 1);
        output.b.assign(37, 0);
        output.rule = ruleOf(HardRule::Kind(kind));
        output.low = -8;
        output.high = 7;
        output.codes = &codes;
        for (const auto run : {runEpilogue, refRunEpilogue}) {
            run(acc, epilogue);
            for (std::int64_t i = 0; i < codes.size(); ++i)
                QCOMPARE(codes.at(i), code);
        }
    }

private:
    Runtime m_runtime{2}; // applies STAIR_MAX_ISA
};

QTEST_GUILESS_MAIN(TestEpilogue)
#include "tst_epilogue.moc"
