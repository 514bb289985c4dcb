#include "core/lower/lowering.h"

#include "core/ops/reference/ref_half.h"
#include "core/zoo/networks.h"
#include "tests/support/lowered_check.h"

#include <QTest>

using namespace stair;

namespace {

constexpr int trainedSteps = 4;
constexpr int trainedImages = 16;

/// Ramps at their end: AQE's alpha at 1.
void harden(Model& model)
{
    model.advance({.step = trainedSteps, .progress = 1, .epoch = 1});
}

struct Widths
{
    const char* name;
    const char* method;
    int weights;
    int activations;
    bool perChannel = false;
};

const Widths allWidths[] = {{"LSQ W4A4", "lsq", 4, 4},
                            {"LSQ W2A2", "lsq", 2, 2},
                            {"LSQ W3A5 per channel", "lsq", 3, 5, true},
                            {"LSQ W8A8", "lsq", 8, 8},
                            {"min-max W2A2", "minmax", 2, 2},
                            {"PTQ W3A4 per channel", "ptq", 3, 4, true},
                            {"LLSQ W3A3 per channel", "llsq", 3, 3, true},
                            {"ASR W2A2", "asr", 2, 2},
                            {"LG-LSQ W3A3", "lg_lsq", 3, 3},
                            {"AQE 1/1", "aqe", 1, 1},
                            {"AQE 2/2", "aqe", 2, 2},
                            {"AQE 3/3", "aqe", 3, 3},
                            {"BCGD W1A4", "bcgd", 1, 4},
                            {"BCGD W2A2 per channel", "bcgd", 2, 2, true},
                            {"BCGD W4A4", "bcgd", 4, 4},
                            {"PACT W2A2", "pact", 2, 2},
                            {"DoReFa W1A2", "dorefa", 1, 2},
                            {"DoReFa W7A8", "dorefa", 7, 8},
                            {"BNN W1A1", "bnn", 1, 1},
                            {"TWN W2A4", "twn", 2, 4},
                            {"DSQ W3A3", "dsq", 3, 3},
                            {"EWGS W2A2", "ewgs", 2, 2},
                            {"soft rounding W3A3", "soft_round", 3, 3},
                            {"stochastic W4A4", "stochastic", 4, 4}};

void addRows(bool zoo)
{
    QTest::addColumn<QString>("network");
    QTest::addColumn<int>("tiny");
    QTest::addColumn<int>("widths");
    const auto tiny = tinyNetworks();
    for (int w = 0; w < int(std::size(allWidths)); ++w) {
        for (int i = 0; i < int(tiny.size()); ++i)
            QTest::addRow("%s: %s", allWidths[w].name, tiny[std::size_t(i)].name.c_str())
                << QString() << i << w;
    }
    if (!zoo)
        return;
    // tst_lowered_papers has the large ones.
    for (const char* id : {"convnet_small", "mlp", "lenet5", "convnet_a", "convnet_b", "convnet_c",
                           "convnet_d", "resnet20", "resnet32"})
        QTest::addRow("%s at W4A4", id) << QString(id) << -1 << 0;
}

Model makeModel(const QString& network, int tiny, int widths)
{
    const Widths& w = allWidths[widths];
    QuantSpec quant = quantSpec(w.method, w.weights, w.activations);
    quant.perChannel = w.perChannel;
    if (tiny >= 0)
        return Model(tinyNetworks()[std::size_t(tiny)].build(), quant, colours(), 7);
    const NetworkInfo& info = stair::network(network.toStdString());
    Json params = Json::object();
    for (const ParamSpec& spec : info.params) {
        if (spec.name == "width" && spec.type == ParamSpec::Type::Real)
            params["width"] = 0.25;
    }
    ObjectReader reader(params, "test");
    return Model(info.build({1, 32, 32, 3}, 10, ParamValues::read(info.params, reader)), quant,
                 colours(), 7);
}

} // namespace

/// The first promise: what is trained is what is shipped.
class TestLowering : public QObject
{
    Q_OBJECT

private slots:
    void frozenTrainingGivesTheShippedCodes_data() { addRows(true); }

    void frozenTrainingGivesTheShippedCodes()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        Model model = makeModel(network, tiny, widths);
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

    void fastKernelsGiveTheReferenceIntegers_data() { addRows(false); }

    void fastKernelsGiveTheReferenceIntegers()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        Model model = makeModel(network, tiny, widths);
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
            Model model(network.build(), quantSpec(method.toStdString(), weights, activations),
                        colours(), 7);
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
