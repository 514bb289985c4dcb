#include "core/lower/lowering.h"
#include "core/quant/methods.h"
#include "core/train/calibration.h"
#include "tests/support/lowered_check.h"

#include <QTest>

#include <cmath>
#include <numeric>
#include <set>

using namespace stair;

namespace {

constexpr int imageCount = 80; // a whole batch and a part of one

ImageSet imagesFor(const Graph& graph)
{
    const TinyBatch batch(graph, imageCount, 5);
    ImageSet set;
    set.height = batch.shape.h;
    set.width = batch.shape.w;
    set.channels = batch.shape.c;
    set.pixels = batch.pixels;
    set.labels = batch.labels;
    return set;
}

std::vector<std::uint32_t> allImages()
{
    std::vector<std::uint32_t> all(imageCount);
    std::iota(all.begin(), all.end(), 0u);
    return all;
}

QuantSpec ptqSpec(int weightBits, int activationBits, const Json& values)
{
    QuantSpec quant = quantSpec("ptq", weightBits, activationBits);
    ObjectReader reader(values, "values");
    quant.params = ParamValues::read(method("ptq").params, reader);
    return quant;
}

/// A tiny network trained for some steps, quantized and in float.
struct Pair
{
    explicit Pair(const TinyNetwork& network, const QuantSpec& quant)
        : real(network.build(), network.with(quant).asFloat(), colours(), 7)
        , model(network.build(), network.with(quant), colours(), 7)
        , set(imagesFor(real.graph()))
    {
        trainBriefly(real, runtime, 6, 16);
        std::map<std::string, Tensor*> theirs;
        real.forEachTensor([&](const std::string& name, Tensor& t) { theirs[name] = &t; });
        model.forEachTensor([&](const std::string& name, Tensor& t) {
            if (theirs.contains(name))
                std::ranges::copy(theirs[name]->values(), t.data());
        });
        model.tensorsChanged();
    }

    void calibrate() { stair::calibrate(model, runtime, set, allImages(), {}); }

    ImageBytes images() const
    {
        return {set.pixels.data(), {set.count(), set.height, set.width, set.channels}};
    }

    /// By stage: how far a channel's mean behind its norm or bias is from the float network's, in
    /// the worst channel.
    std::vector<double> meanErrors()
    {
        TrainingPass a(real, runtime), b(model, runtime);
        a.begin(images(), PassMode::Evaluate);
        b.begin(images(), PassMode::Evaluate);
        std::vector<double> worst;
        for (int id = 0; id < int(model.stages().size()); ++id) {
            double error = 0;
            if (model.parts(id).norm || model.parts(id).bias) {
                const auto x = a.channelMeans(id), y = b.channelMeans(id);
                for (std::size_t c = 0; c < x.size(); ++c)
                    error = std::max(
                        error,
                        std::abs((y[c] - shift(model, id, c)) - (x[c] - shift(real, id, c))));
            }
            worst.push_back(error);
            a.runStage(id);
            b.runStage(id);
        }
        return worst;
    }

    static double shift(const Model& m, int id, std::size_t channel)
    {
        return m.parts(id).norm ? double(m.parts(id).norm->runningMean.data()[channel]) : 0;
    }

    Runtime runtime{testThreads()};
    Model real;
    Model model;
    ImageSet set;
};

void addTinyNetworks()
{
    QTest::addColumn<int>("tiny");
    const auto all = tinyNetworks();
    for (int i = 0; i < int(all.size()); ++i)
        QTest::addRow("%s", all[std::size_t(i)].name.c_str()) << i;
}

} // namespace

/// Post-training calibration of small networks of every kind of stage.
class TestCalibration : public QObject
{
    Q_OBJECT

private slots:
    void correctionBringsTheMeansToFloat_data() { addTinyNetworks(); }

    void correctionBringsTheMeansToFloat()
    {
        QFETCH(int, tiny);
        const TinyNetwork network = tinyNetworks()[std::size_t(tiny)];
        Pair plain(network, ptqSpec(3, 3, {{"bias_correction", false}}));
        Pair corrected(network, ptqSpec(3, 3, Json::object()));
        plain.calibrate();
        corrected.calibrate();
        const std::vector<double> before = plain.meanErrors(), after = corrected.meanErrors();
        QVERIFY2(std::ranges::max(before) > 1e-2,
                 qPrintable(QString::number(std::ranges::max(before))));
        QVERIFY2(std::ranges::max(after) < 1e-5,
                 qPrintable(QString::number(std::ranges::max(after))));
    }

    void theShippedProgramIsTheCalibratedNetwork_data() { addTinyNetworks(); }

    void theShippedProgramIsTheCalibratedNetwork()
    {
        QFETCH(int, tiny);
        QuantSpec quant = ptqSpec(4, 4, Json::object());
        quant.perChannel = true;
        Pair pair(tinyNetworks()[std::size_t(tiny)], quant);
        pair.calibrate();
        QVERIFY(lower(pair.model).floatLayers().empty());
        const TinyBatch batch(pair.model.graph(), 5, 77);
        QCOMPARE(firstUnlikeTraining(pair.model, pair.runtime, batch), std::string());
    }

    void activationsCoverAllImages()
    {
        Pair pair(tinyNetworks()[0], ptqSpec(4, 4, {{"ranges", "minmax"}}));
        pair.calibrate();
        TrainingPass pass(pair.real, pair.runtime);
        pass.forward(pair.images(), PassMode::TrainFrozenNorm);
        int compared = 0;
        for (int id = 1; id < int(pair.model.stages().size()); ++id) {
            for (const auto& quantizer : pair.model.parts(id).viewQuantizers) {
                if (!quantizer || !pair.model.stages()[std::size_t(id)].hasEpilogue())
                    continue;
                const float peak = std::ranges::max(pass.value(id, 0).floats.values());
                QVERIFY(std::abs(quantizer->step() * float(quantizer->grid().qp) - peak)
                        <= 1e-5f * peak); // batches of another size add up in another order
                ++compared;
            }
        }
        QVERIFY(compared >= 3);
    }

    void everyCriterionGivesItsOwnSteps()
    {
        std::set<std::vector<float>> steps;
        for (const char* ranges : {"minmax", "percentile", "mse", "kl"}) {
            Pair pair(tinyNetworks()[0], ptqSpec(4, 4, {{"ranges", ranges}, {"percentile", 99.0}}));
            pair.calibrate();
            std::vector<float> found;
            for (const Quantizer* quantizer : pair.model.quantizers()) {
                QVERIFY(quantizer->isInitialised() && quantizer->step() > 0);
                found.push_back(quantizer->step());
            }
            steps.insert(found);
        }
        QCOMPARE(steps.size(), std::size_t(4));
    }

    void calibratingTwiceIsTheSame()
    {
        Pair a(tinyNetworks()[0], ptqSpec(3, 3, Json::object()));
        Pair b(tinyNetworks()[0], ptqSpec(3, 3, Json::object()));
        a.calibrate();
        b.calibrate();
        std::map<std::string, std::vector<float>> tensors;
        a.model.forEachTensor([&](const std::string& name, Tensor& t) {
            tensors[name] = {t.values().begin(), t.values().end()};
        });
        b.model.forEachTensor([&](const std::string& name, Tensor& t) {
            QVERIFY2(std::ranges::equal(tensors.at(name), t.values()), name.c_str());
        });
    }

    void imagesAreDrawnBySeed()
    {
        const std::vector<std::uint32_t> indices = {3, 5, 8, 13, 21, 34, 55, 89};
        const auto chosen = calibrationImages(indices, 4, 1);
        QVERIFY(chosen == calibrationImages(indices, 4, 1));
        QVERIFY(chosen != calibrationImages(indices, 4, 2));
        QCOMPARE(std::set(chosen.begin(), chosen.end()).size(), std::size_t(4));
        for (const std::uint32_t image : chosen)
            QVERIFY(std::ranges::find(indices, image) != indices.end());
        QCOMPARE(calibrationImages(indices, 100, 1).size(), indices.size());
    }

    void valuesThatAreNotFiniteAreRefused()
    {
        Pair pair(tinyNetworks()[0], ptqSpec(4, 4, Json::object()));
        pair.model.parts(1).norm->shift.value.fill(std::numeric_limits<float>::infinity());
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, pair.calibrate());
    }
};

QTEST_GUILESS_MAIN(TestCalibration)
#include "tst_calibration.moc"
