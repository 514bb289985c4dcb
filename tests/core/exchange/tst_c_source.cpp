#include "core/base/error.h"
#include "core/exchange/c_source.h"
#include "tests/support/c_program.h"
#include "tests/support/shipped.h"

#include <QTemporaryDir>

using namespace stair;

namespace {

constexpr int images = 2;

} // namespace

/// The C file, compiled without a warning, gives the engine's integers.
class TestCSource : public QObject
{
    Q_OBJECT

    /// The first value that the compiled source and the plain kernels give differently, or empty.
    std::string firstUnlike(const ShippedModel& model, CEpilogue form, EngineEpilogue epilogue)
    {
        const Program& program = model.program;
        const auto pixels = sampleImages(program.image, images);
        const ImageBytes batch{pixels.data(), program.image.withImages(images)};
        Engine reference(program, m_runtime, EngineKernels::Reference, epilogue);
        reference.keepValues(true);
        reference.run(batch);
        const CProgram compiled(m_folder.path().toStdString(), encodeC(model, form));
        compiled.compileLibrary();
        return stair::firstUnlike(program, compiled.trace(batch), reference, images, epilogue);
    }

    /// Every method over a few networks, and every network with a few.
    void addRows()
    {
        QTest::addColumn<int>("tiny");
        QTest::addColumn<int>("widths");
        const auto tiny = tinyNetworks();
        for (int w = 0; w < int(std::size(allWidths)); ++w)
            for (int i = 0; i < int(tiny.size()); ++i)
                if (w < 2 || i == w % int(tiny.size()))
                    QTest::addRow("%s: %s", allWidths[w].name, tiny[std::size_t(i)].name.c_str())
                        << i << w;
    }

private slots:
    void fixedPointEqualsTheEngine_data() { addRows(); }

    void fixedPointEqualsTheEngine()
    {
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel model = shippedRow("", tiny, widths, m_runtime);
        QCOMPARE(cRefusal(model.program, CEpilogue::FixedPoint), std::string());
        QCOMPARE(firstUnlike(model, CEpilogue::FixedPoint, EngineEpilogue::FixedPoint),
                 std::string());
    }

    void thresholdsEqualTheFloatEpilogue_data() { addRows(); }

    void thresholdsEqualTheFloatEpilogue()
    {
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel model = shippedRow("", tiny, widths, m_runtime);
        const bool joins = std::ranges::any_of(model.program.instructions,
                                               [](const auto& in) { return in.skip >= 0; });
        const std::string refusal = cRefusal(model.program, CEpilogue::Thresholds);
        QCOMPARE(!refusal.empty(), joins);
        if (joins) {
            QVERIFY2(refusal.starts_with("layer "), refusal.c_str());
            return;
        }
        QCOMPARE(firstUnlike(model, CEpilogue::Thresholds, EngineEpilogue::Float), std::string());
    }

    // Two codes from one rounding: never further than one apart, and rarely that.
    void fixedPointStaysByTheFloatEpilogue()
    {
        std::int64_t compared = 0, unlike = 0;
        for (const int tiny : {0, 3, 7}) {
            const ShippedModel model = shippedRow("", tiny, 3, m_runtime); // W8A8
            const Program& program = model.program;
            for (const Instruction& in : program.instructions) {
                if (in.compute == Compute::Move || in.skip >= 0)
                    continue;
                const EpilogueOutput& output = in.epilogue.outputs.front();
                if (program.values[std::size_t(in.outputs.front())].isFloat)
                    continue;
                const FixedOutput fixed = fixedOutput(program, in, 0);
                const std::int64_t bound = accumulatorBound(program, in);
                for (std::int64_t acc = -bound; acc <= bound; acc += 1 + bound / 5000)
                    for (int c = 0; c < int(output.m.size()); ++c) {
                        const float t
                            = float(acc) * output.m[std::size_t(c)] + output.b[std::size_t(c)];
                        const int real = int(
                            std::clamp(std::nearbyint(t), float(output.low), float(output.high)));
                        const int code = fixedCode(fixed, output, c, fixed.value(c, acc, 0));
                        QVERIFY(std::abs(code - real) <= 1);
                        unlike += code != real;
                        ++compared;
                    }
            }
        }
        qInfo("%lld of %lld differ", (long long)unlike, (long long)compared);
        QVERIFY(compared > 100'000);
        QVERIFY(unlike * 10'000 < compared);
    }

    void floatLayersAreRefusedByName()
    {
        QuantSpec quant = quantSpec("lsq", 4, 4);
        quant.last = EndPolicy::Float;
        Model model(tinyNetworks()[0].build(), quant, colours(), 7);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        const std::string refusal = cRefusal(lower(model), CEpilogue::FixedPoint);
        QVERIFY2(refusal.find("layer ") == 0 && refusal.find("float") != std::string::npos,
                 refusal.c_str());
        QVERIFY_THROWS_EXCEPTION(Error, encodeC(shipped(model, m_runtime), CEpilogue::FixedPoint));
    }

private:
    QTemporaryDir m_folder;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestCSource)
#include "tst_c_source.moc"
