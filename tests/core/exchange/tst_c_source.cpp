#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/exchange/c_proof.h"
#include "core/exchange/c_source.h"
#include "core/exchange/verify.h"
#include "tests/support/c_program.h"
#include "tests/support/error_text.h"
#include "tests/support/shipped.h"

#include <QTemporaryDir>

#include <array>
#include <cstring>

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

    void headTellsTheIntegersThatTheFileComputes_data()
    {
        QTest::addColumn<int>("tiny");
        QTest::addColumn<CEpilogue>("form");
        QTest::addRow("fixed point") << 0 << CEpilogue::FixedPoint;
        QTest::addRow("fixed point, joins") << 3 << CEpilogue::FixedPoint;
        QTest::addRow("fixed point, concats and moves") << 5 << CEpilogue::FixedPoint;
        QTest::addRow("thresholds") << 5 << CEpilogue::Thresholds;
    }

    // The checksums at its head are those of what the compiled file writes.
    void headTellsTheIntegersThatTheFileComputes()
    {
        QFETCH(int, tiny);
        QFETCH(CEpilogue, form);
        ShippedModel model = shippedRow("", tiny, 0, m_runtime);
        const Program& program = model.program;
        model.fixedProof
            = prove(program, m_runtime, EngineKernels::Fast, images, EngineEpilogue::FixedPoint);
        const CProgram compiled(m_folder.path().toStdString(), encodeC(model, form));
        const CFile file = CFile::read(netFile());
        QVERIFY(file.isIntact && file.changedLayers.empty());
        QCOMPARE(file.form, std::string(form == CEpilogue::FixedPoint ? "c" : "c-thresholds"));
        QCOMPARE(file.origin.toJson().dump(), model.origin.toJson().dump());
        QCOMPARE(file.program, programHash(model.proof));
        QCOMPARE(file.proof.samples, images);
        const auto pixels = sampleImages(program.image, images);
        const auto found = tracedChecksums(
            program, compiled.trace({pixels.data(), program.image.withImages(images)}));
        QCOMPARE(file.proof.layers.size(), program.instructions.size() + 1);
        int compared = 0;
        for (std::size_t i = 0; i < file.proof.layers.size(); ++i) {
            const bool isImage = i == 0;
            const std::vector<int>& ids
                = isImage ? program.imageValues : program.instructions[i - 1].outputs;
            QCOMPARE(file.proof.layers[i].content, model.proof.layers[i].content);
            QCOMPARE(file.proof.layers[i].values.size(), ids.size());
            for (std::size_t k = 0; k < ids.size(); ++k) {
                // Behind thresholds the logits alone are none of the program's integers.
                if (form == CEpilogue::Thresholds && ids[k] == program.logits) {
                    QVERIFY(file.proof.layers[i].values[k].empty());
                    continue;
                }
                QCOMPARE(file.proof.layers[i].values[k], found.at(ids[k]));
                ++compared;
            }
        }
        QVERIFY(compared > 3);
    }

    void whatWasChangedIsNamed_data()
    {
        QTest::addColumn<QString>("behind"); // the place
        QTest::addColumn<QString>("was");
        QTest::addColumn<QString>("is");
        QTest::addColumn<QString>("finding");
        const QString layer = "layer c2: its tables or steps and its checksum",
                      text = "the text about", functions = "the functions and their checksum";
        QTest::addRow("nothing") << ""
                                 << ""
                                 << ""
                                 << "";
        QTest::addRow("a weight") << ": c2 */"
                                  << "] = {"
                                  << "] = { 1," << layer;
        QTest::addRow("a step") << "    /* layer 2: c2 */"
                                << "src = {"
                                << "src = {1" << layer;
        QTest::addRow("a function") << "st_convolve"
                                    << "sum = 0"
                                    << "sum = 1" << functions;
        QTest::addRow("the spec") << "\"seed\":"
                                  << "7"
                                  << "8" << text;
        QTest::addRow("a checksum of integers") << "\"samples\":"
                                                << " 2"
                                                << " 1" << text;
    }

    void whatWasChangedIsNamed()
    {
        QFETCH(QString, behind);
        QFETCH(QString, was);
        QFETCH(QString, is);
        QFETCH(QString, finding);
        ShippedModel model = shippedRow("", 0, 0, m_runtime);
        std::string source = encodeC(model, CEpilogue::FixedPoint);
        if (!finding.isEmpty()) {
            const std::size_t place = source.find(behind.toStdString());
            QVERIFY(place != std::string::npos);
            const std::size_t at = source.find(was.toStdString(), place + behind.size());
            QVERIFY(at != std::string::npos);
            source.replace(at, was.size(), is.toStdString());
        }
        writeFileAtomically(netFile(), source);
        const Verdict verdict = verifyFile(netFile(), m_runtime);
        QVERIFY(!verdict.isRun);
        QCOMPARE(verdict.layers, int(model.program.instructions.size()));
        QCOMPARE(verdict.findings.size(), std::size_t(finding.isEmpty() ? 0 : 1));
        if (!finding.isEmpty())
            QVERIFY2(verdict.findings.front().find(finding.toStdString()) != std::string::npos,
                     verdict.findings.front().c_str());
    }

    void tablesAndFunctionsAreBothTold()
    {
        std::string source = encodeC(shippedRow("", 0, 0, m_runtime), CEpilogue::FixedPoint);
        for (const auto& [behind, was, is] :
             {std::array{"st_convolve", "sum = 0", "sum = 1"},
              std::array{"    /* layer 2: c2 */", "src = {", "src = {1"}})
            source.replace(source.find(was, source.find(behind)), std::strlen(was), is);
        writeFileAtomically(netFile(), source);
        QCOMPARE(verifyFile(netFile(), m_runtime).findings.size(), std::size_t(2));
    }

    // The model of shippedRow() tells no integers of the fixed point.
    void checksumsOfIntegersAreClaimedWhereTheyAre()
    {
        ShippedModel model = shippedRow("", 0, 0, m_runtime);
        writeFileAtomically(netFile(), encodeC(model, CEpilogue::FixedPoint));
        QCOMPARE(verifyFile(netFile(), m_runtime).summedLayers, 0);
        model.fixedProof = prove(model.program, m_runtime, EngineKernels::Fast, images,
                                 EngineEpilogue::FixedPoint);
        writeFileAtomically(netFile(), encodeC(model, CEpilogue::FixedPoint));
        const Verdict verdict = verifyFile(netFile(), m_runtime);
        QCOMPARE(verdict.summedLayers, verdict.layers);
    }

    void damagedHeadsAreRefused_data()
    {
        QTest::addColumn<QString>("was");
        QTest::addColumn<QString>("is");
        const QString samples = QString("\"samples\": %1,").arg(images);
        QTest::newRow("no samples") << samples << "\"samples\": 0,";
        QTest::newRow("fewer than none") << samples << "\"samples\": -1,";
        QTest::newRow("half a sample") << samples << "\"samples\": 2.5,";
        QTest::newRow("more than an int") << samples << "\"samples\": 99999999999,";
        QTest::newRow("more than any number") << samples << "\"samples\": 1e99,";
        const QString layers = "\"layers\": [\n";
        QTest::newRow("no layers") << layers << "\"layers\": [], \"others\": [";
        QTest::newRow("a layer more") << layers << "\"layers\": [[\"x\", \"x\", \"x\", []], ";
        QTest::newRow("no marks") << "/* layer 0: "
                                  << "/* stair 0: ";
        QTest::newRow("another program") << "\n\"program\": \""
                                         << "\n\"program\": \"0";
    }

    void damagedHeadsAreRefused()
    {
        QFETCH(QString, was);
        QFETCH(QString, is);
        std::string source = encodeC(shippedRow("", 0, 0, m_runtime), CEpilogue::FixedPoint);
        const std::string from = was.toStdString(), to = is.toStdString();
        std::size_t at = source.find(from);
        QVERIFY(at != std::string::npos);
        for (; at != std::string::npos; at = source.find(from, at + to.size()))
            source.replace(at, from.size(), to);
        writeFileAtomically(netFile(), source);
        const QString error = errorText([&] { verifyFile(netFile(), m_runtime); });
        VERIFY_CONTAINS(error, "is damaged");
        VERIFY_CONTAINS(error, "net.c");
    }

    // What is in a spec or a layer's name does not end the comment.
    void commentsHoldAnyText()
    {
        ShippedModel model = shippedRow("", 0, 0, m_runtime);
        model.origin.spec = {{"name", std::string("*/ int x = \"/* ?") + "?/\n\\"}};
        model.program.instructions[1].name = "odd/*name*/\n";
        const CProgram compiled(m_folder.path().toStdString(),
                                encodeC(model, CEpilogue::FixedPoint));
        const CFile file = CFile::read(netFile());
        QVERIFY(file.isIntact && file.changedLayers.empty());
        QCOMPARE(file.origin.spec.dump(), model.origin.spec.dump());
    }

    void othersFilesHaveNoProof()
    {
        writeFileAtomically(netFile(), "int main(void) { return 0; }\n");
        VERIFY_CONTAINS(errorText([&] { verifyFile(netFile(), m_runtime); }),
                        "has no proof at its head");
        writeFileAtomically(
            netFile(),
            "/* Origin and proof, for `stair verify`.\n{\"form\": \"c\", \"sha256\": \""
                + std::string(64, '0') + "\"");
        VERIFY_CONTAINS(errorText([&] { verifyFile(netFile(), m_runtime); }), "is damaged");
        writeFileAtomically(netFile(),
                            "/* Origin and proof, for `stair verify`.\n\"sha256\": \""
                                + std::string(64, '0') + "\" */\n");
        const QString error = errorText([&] { verifyFile(netFile(), m_runtime); });
        VERIFY_CONTAINS(error, "is damaged");
        VERIFY_CONTAINS(error, "net.c");
    }

private:
    std::filesystem::path netFile() const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / "net.c";
    }

    /// By value id, of what a trace has of it for all images: codes as bytes, logits as they are.
    static std::map<int, std::string> tracedChecksums(const Program& program,
                                                      const QByteArray& trace)
    {
        std::vector<int> order = program.imageValues;
        for (const Instruction& in : program.instructions)
            order.insert(order.end(), in.outputs.begin(), in.outputs.end());
        std::map<int, std::string> bytes;
        const char* from = trace.constData();
        for (int image = 0; image < images; ++image)
            for (const int id : order) {
                const std::int64_t size
                    = program.values[std::size_t(id)].shape.withImages(1).size();
                const std::size_t width = id == program.logits ? 8 : 2;
                for (std::int64_t i = 0; i < size; ++i, from += width)
                    bytes[id].append(from, id == program.logits ? 8 : 1); // the low byte first
            }
        std::map<int, std::string> sums;
        for (const auto& [id, text] : bytes)
            sums[id] = sha256(std::as_bytes(std::span(text.data(), text.size()))).substr(0, 16);
        return sums;
    }

    QTemporaryDir m_folder;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestCSource)
#include "tst_c_source.moc"
