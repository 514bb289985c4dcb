#include "core/lower/lowering.h"

#include "core/lower/program_check.h"
#include "core/ops/reference/ref_half.h"
#include "tests/support/error_text.h"
#include "tests/support/lowered_models.h"

#include <QTest>

#include <limits>

using namespace stair;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

/// What makes a program one that cannot be run.
struct Fault
{
    const char* name;
    void (*put)(Program& program);
    const char* part;
};

Instruction& firstOf(Program& program, Compute compute)
{
    return *std::ranges::find(program.instructions, compute, &Instruction::compute);
}

EpilogueOutput& firstOutput(Program& program)
{
    return program.instructions.front().epilogue.outputs.front();
}

const Fault faults[] = {
    {"a multiplier that is no number",
     [](Program& p) { firstOutput(p).m[0] = std::numeric_limits<float>::quiet_NaN(); },
     "not finite"},
    {"an infinite offset", [](Program& p) { firstOutput(p).b[0] = infinite; }, "not finite"},
    {"an infinite inverse step", [](Program& p) { firstOutput(p).inverseStep = infinite; },
     "not finite"},
    {"an infinite step of weights",
     [](Program& p) { firstOf(p, Compute::Conv).weightSteps[0] = infinite; }, "not finite"},
    {"a grid of one level",
     [](Program& p) {
         const int id = p.instructions.front().outputs.front();
         p.values[std::size_t(id)].grid = {1, false, 0, 2, Grid::Kind::Odd};
     },
     "two levels"},
    {"a sum beyond 2^31",
     [](Program& p) {
         firstOf(p, Compute::SumPool).sum = {4096, 4096, 4096, 2048};
     },
     "could pass 2^31"},
    {"a window beyond 2^31",
     [](Program& p) {
         firstOf(p, Compute::SumPool).sum = {65536, 65536, 65535, 65535};
     },
     "a window that is none"},
    {"a maximum of padding before the norm",
     [](Program& p) {
         firstOf(p, Compute::Conv).poolBefore = PoolGeometry{2, 2, 2};
     },
     "a maximum of padding alone"},
    {"a moved maximum of padding",
     [](Program& p) {
         Instruction& in = firstOf(p, Compute::SumPool);
         in.compute = Compute::Move;
         in.move = PoolGeometry{3, 1, 3};
     },
     "a maximum of padding alone"},
};

} // namespace

/// The first promise: what is trained is what is shipped.
class TestLowering : public QObject
{
    Q_OBJECT

private slots:
    void everyMethodIsAmongTheWidths()
    {
        for (const MethodInfo& info : methods()) {
            QVERIFY2(!info.quantizes()
                         || std::ranges::any_of(
                             allWidths, [&](const Widths& w) { return w.method == info.id; }),
                     info.id.c_str());
        }
    }

    void frozenTrainingGivesTheShippedCodes_data() { addLoweredRows(true); }

    void frozenTrainingGivesTheShippedCodes()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        Model model = loweredModel(network, tiny, widths);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        harden(model);
        const bool isSoft = std::ranges::any_of(model.quantizers(), &Quantizer::isSoft);
        // Stochastic rounding alone trains on drawn values to the end; only its evaluation is hard.
        QCOMPARE(isSoft, model.quant().method == "stochastic");
        if (isSoft)
            return;
        const TinyBatch batch(model.graph(), 5, 77);
        QVERIFY(lower(model).floatLayers().empty());
        QCOMPARE(firstUnlikeTraining(model, m_runtime, batch), std::string());
    }

    void fastKernelsGiveTheReferenceIntegers_data() { addLoweredRows(false); }

    void fastKernelsGiveTheReferenceIntegers()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        Model model = loweredModel(network, tiny, widths);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        const TinyBatch batch(model.graph(), 3, 78);
        const Program program = lower(model);
        QCOMPARE(firstUnlikeReference(program, m_runtime, batch), std::string());
    }

    void floatEndsAreNamed()
    {
        QuantSpec quant = quantSpec("lsq", 4, 4);
        quant.first = EndPolicy::Float;
        quant.last = EndPolicy::Float;
        Model model(tinyNetworks()[0].build(), quant, colours(), 7);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        const std::vector<std::string> expected{"c1", "gap", "head"};
        QCOMPARE(lower(model).floatLayers(), expected);
    }

    void halvesAreNamedAndComputedAlike_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("weights");
        QTest::addColumn<int>("activations");
        QTest::addRow("AQE, 16-bit weights") << "aqe" << 16 << 2;
        QTest::addRow("AQE, 16-bit inputs") << "aqe" << 2 << 16;
        QTest::addRow("LSQ, 16-bit weights") << "lsq" << 16 << 4;
        QTest::addRow("LSQ, 16-bit inputs") << "lsq" << 4 << 16;
        QTest::addRow("halves alone") << "lsq" << 16 << 16;
    }

    // "Float, not proved": yet training and the program compute the same values, rounded to halves.
    void halvesAreNamedAndComputedAlike()
    {
        QFETCH(QString, method);
        QFETCH(int, weights);
        QFETCH(int, activations);
        for (const TinyNetwork& network : tinyNetworks()) {
            const QuantSpec quant = quantSpec(method.toStdString(), weights, activations);
            Model model(network.build(), network.with(quant), colours(), 7);
            trainBriefly(model, m_runtime, trainedSteps, trainedImages);
            harden(model);
            const Program program = lower(model);
            int halves = 0;
            for (const Instruction& in : program.instructions) {
                halves
                    += int(std::ranges::count(in.epilogue.outputs, true, &EpilogueOutput::isHalf));
                const Stage* stage = nullptr;
                for (const Stage& s : model.stages())
                    stage = s.name == in.name ? &s : stage;
                if (in.realWeight && stage->weightBits == halfBits) {
                    ++halves;
                    QVERIFY(std::ranges::all_of(in.realWeight.values(),
                                                [](float w) { return w == refRoundToHalf(w); }));
                }
            }
            QCOMPARE(halves > 0, !program.floatLayers().empty());
            const TinyBatch batch(model.graph(), 5, 77);
            QCOMPARE(firstUnlikeTraining(model, m_runtime, batch), std::string());
        }
    }

    void theAuxiliaryHeadIsNotShipped()
    {
        Model model(tinyNetworks().back().build(), quantSpec("lsq", 4, 4), colours(), 7);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        std::vector<std::string> names;
        for (const Instruction& in : lower(model).instructions)
            names.push_back(in.name);
        const std::vector<std::string> expected{"c0", "c1", "gap", "head"};
        QCOMPARE(names, expected);
    }

    void whatCannotBeRunIsRefused_data()
    {
        QTest::addColumn<int>("number");
        for (int i = 0; i < int(std::size(faults)); ++i)
            QTest::newRow(faults[i].name) << i;
    }

    void whatCannotBeRunIsRefused()
    {
        QFETCH(int, number);
        Model model(tinyNetworks()[0].build(), quantSpec("lsq", 8, 8), colours(), 7);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        Program program = lower(model);
        checkProgram(program);
        faults[number].put(program);
        VERIFY_CONTAINS(errorText([&] { checkProgram(program); }), faults[number].part);
    }

    void imagesOfAnotherSizeAreRefused()
    {
        Model model(tinyNetworks()[0].build(), quantSpec("lsq", 4, 4), colours(), 7);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        const Program program = lower(model);
        Engine engine(program, m_runtime);
        const std::vector<std::uint8_t> pixels(9 * 9 * 3);
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, engine.run({pixels.data(), {1, 9, 9, 3}}));
    }

private:
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestLowering)
#include "tst_lowering.moc"
