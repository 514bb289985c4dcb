#include "core/lower/lowering.h"

#include "core/infer/engine.h"
#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"
#include "core/zoo/networks.h"
#include "tests/support/tiny_networks.h"

#include <QTest>

using namespace stair;

namespace {

constexpr int trainedSteps = 4;

/// A few plain descent steps, so that statistics, steps and weights are a trained network's.
void train(Model& model, Runtime& runtime)
{
    TrainingPass pass(model, runtime);
    for (int step = 0; step < trainedSteps; ++step) {
        const TinyBatch batch(model.graph(), 16, std::uint64_t(100 + step));
        const Tensor& logits = pass.forward(batch.bytes(), PassMode::Train);
        Tensor dLogits(logits.shape());
        softmaxLoss(logits, batch.labels, dLogits);
        pass.backward(dLogits);
        pass.updateRunningStatistics();
        for (Parameter* parameter : model.parameters()) {
            for (std::int64_t i = 0; i < parameter->value.size(); ++i) {
                float& value = parameter->value.data()[i];
                value = std::max(value - 0.02f * parameter->gradient.data()[i],
                                 float(parameter->least));
            }
        }
    }
}

/// Ramps at their end: AQE's alpha at 1.
void harden(Model& model)
{
    model.advance({.step = trainedSteps, .progress = 1, .epoch = 1});
}

/// Values of a program in the order of stages and views, as the lowering numbers them.
std::vector<std::pair<int, int>> placesOf(const Model& model)
{
    std::vector<std::pair<int, int>> places;
    for (int i = 0; i < int(model.stages().size()); ++i) {
        for (int v = 0; v < int(model.stages()[std::size_t(i)].views.size()); ++v)
            places.emplace_back(i, v);
    }
    return places;
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
    for (const NetworkInfo& info : networks()) {
        if (info.id != "resnet56" && info.id != "resnet110" && info.id != "vgg_small")
            QTest::addRow("%s at W4A4", info.id.c_str())
                << QString::fromStdString(info.id) << -1 << 0;
    }
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
        train(model, m_runtime);
        harden(model);
        if (std::ranges::any_of(model.quantizers(), &Quantizer::isSoft))
            QSKIP("training is soft to the end; only its evaluation is hard");
        const TinyBatch batch(model.graph(), 5, 77);
        TrainingPass pass(model, m_runtime);
        pass.forward(batch.bytes(), PassMode::TrainFrozenNorm);
        const Program program = lower(model);
        QVERIFY(program.floatLayers().empty());
        Engine engine(program, m_runtime);
        engine.keepValues(true);
        engine.run(batch.bytes());
        std::int64_t compared = 0;
        const auto places = placesOf(model);
        for (std::size_t id = 0; id < places.size(); ++id) {
            const Value& trained = pass.value(places[id].first, places[id].second);
            const Engine::Value& shipped = engine.values()[id];
            if (trained.codes) {
                QVERIFY2(std::ranges::equal(trained.codes.bytes(), shipped.codes.bytes()),
                         program.values[id].name.c_str());
                compared += trained.codes.size();
            } else {
                QVERIFY2(std::ranges::equal(trained.floats.values(), shipped.floats.values()),
                         program.values[id].name.c_str());
            }
        }
        QVERIFY(compared > 0);
    }

    void fastKernelsGiveTheReferenceIntegers_data() { addRows(false); }

    void fastKernelsGiveTheReferenceIntegers()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        Model model = makeModel(network, tiny, widths);
        train(model, m_runtime);
        const TinyBatch batch(model.graph(), 3, 78);
        const Program program = lower(model);
        Engine fast(program, m_runtime);
        Engine reference(program, m_runtime, EngineKernels::Reference);
        fast.keepValues(true);
        reference.keepValues(true);
        fast.run(batch.bytes());
        reference.run(batch.bytes());
        for (std::size_t id = 0; id < program.values.size(); ++id) {
            const Engine::Value& a = fast.values()[id];
            const Engine::Value& b = reference.values()[id];
            QVERIFY2(std::ranges::equal(a.codes.bytes(), b.codes.bytes())
                         && std::ranges::equal(a.floats.values(), b.floats.values()),
                     program.values[id].name.c_str());
        }
    }

    void floatEndsAreNamed()
    {
        QuantSpec quant = quantSpec("lsq", 4, 4);
        quant.first = EndPolicy::Float;
        quant.last = EndPolicy::Float;
        Model model(tinyNetworks()[0].build(), quant, colours(), 7);
        train(model, m_runtime);
        const std::vector<std::string> expected{"c1", "gap", "head"};
        QCOMPARE(lower(model).floatLayers(), expected);
    }

    void imagesOfAnotherSizeAreRefused()
    {
        Model model(tinyNetworks()[0].build(), quantSpec("lsq", 4, 4), colours(), 7);
        train(model, m_runtime);
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
