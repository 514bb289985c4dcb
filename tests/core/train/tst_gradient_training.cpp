#include "core/train/trainer.h"

#include "tests/support/small_run.h"
#include "tests/support/tiny_networks.h"

#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace stair;

namespace {

Json specOf(const std::string& quant)
{
    Json spec = smallSpec("lsq");
    spec["quant"] = Json::parse(quant);
    return spec;
}

/// All weights' gradients of one step, one after the other.
std::vector<float> gradientsOf(const Graph& graph, const QuantSpec& quant, Kernels kernels)
{
    Runtime runtime(testThreads(), kernels);
    Model model(graph, quant, colours(), 3);
    const TinyBatch batch(graph, 16, 5);
    TrainingPass pass(model, runtime);
    const Tensor& logits = pass.forward(batch.bytes(), PassMode::Train);
    Tensor dLogits(logits.shape());
    softmaxLoss(logits, batch.labels, dLogits);
    pass.addAuxiliaryLoss(batch.labels);
    pass.backward(dLogits);
    std::vector<float> all;
    for (Parameter* parameter : model.parameters()) {
        if (parameter->name.ends_with(".weight"))
            all.insert(all.end(), parameter->gradient.values().begin(),
                       parameter->gradient.values().end());
    }
    return all;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b)
{
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += double(a[i]) * double(b[i]);
        aa += double(a[i]) * double(a[i]);
        bb += double(b[i]) * double(b[i]);
    }
    return ab / std::sqrt(aa * bb + 1e-60);
}

} // namespace

/// Training with quantized gradients, whole.
class TestGradientTraining : public QObject
{
    Q_OBJECT

private slots:
    void learnsAndResumes_data()
    {
        QTest::addColumn<std::string>("quant");
        const auto row = [](const char* name, const char* quant) {
            QTest::addRow("%s", name) << std::string(quant);
        };
        row("dai8", R"({"method":"dai8"})");
        row("dai8, its options", R"({"method":"dai8","params":{"rounding":"stochastic",
            "update_every":3,"global":"max","ends":false,"k":0.9,"A":0.5,"lambda":0.4}})");
        row("plain int8", R"({"method":"dai8","params":{"quantizer":"minmax"}})");
        row("lsq with 8-bit gradients", R"({"method":"lsq","weights":{"bits":4,"per":"channel"},
            "activations":{"bits":4},"gradients":{"bits":8},"first":"float"})");
        row("dorefa with 6-bit gradients", R"({"method":"dorefa","weights":{"bits":3},
            "activations":{"bits":4},"gradients":{"bits":6}})");
        row("float at first", R"({"method":"dai8","schedule":{"start":6}})");
    }

    void learnsAndResumes()
    {
        QFETCH(std::string, quant);
        Json spec = specOf(quant);
        spec["training"]["epochs"] = spec["training"]["evaluate_every"] = 3;
        const Run whole(spec);
        const auto& losses = whole.observer.losses;
        QCOMPARE(losses.size(), std::size_t(24));
        const double first = std::accumulate(losses.begin(), losses.begin() + 8, 0.0);
        const double third = std::accumulate(losses.end() - 8, losses.end(), 0.0);
        QVERIFY2(third < 0.95 * first, QByteArray::number(third / first));
        const Checkpoint& last = whole.observer.checkpoints.at(24);
        for (const int step : {4, 17}) {
            const Run rest(spec, {}, &whole.observer.checkpoints.at(step));
            QVERIFY2(sameTensors(last, rest.observer.checkpoints.at(24)), QByteArray::number(step));
            QVERIFY(whole.observer.log.ends_with(rest.observer.log));
        }
    }

    void checkpointsHoldTheThresholds()
    {
        const Run run(specOf(R"({"method":"dai8"})"));
        int found = 0;
        for (const auto& [name, tensor] : run.observer.checkpoints.at(16).tensors()) {
            if (!name.ends_with(".gradient.thresholds"))
                continue;
            ++found;
            for (const float s : tensor.values())
                QVERIFY(std::isfinite(s) && s >= 0);
            QVERIFY(tensor.values().back() > 0);
        }
        QVERIFY(found > 2);
        const Run none(smallSpec("lsq"));
        for (const auto& [name, tensor] : none.observer.checkpoints.at(16).tensors())
            QVERIFY2(name.find(".gradient.") == std::string::npos, name.c_str());
    }

    void layersTellTheClip()
    {
        const Run run(specOf(R"({"method":"dai8"})"));
        for (const LayersReport& layers : run.observer.layers) {
            for (const GradientReport& gradient : layers.gradients) {
                QVERIFY2(gradient.clip.has_value(), gradient.name.c_str());
                QVERIFY(gradient.clip->gaussian >= 0 && gradient.clip->gaussian <= 1);
                QVERIFY(gradient.clip->clip > 0 && gradient.clip->dataClip > 0);
            }
        }
        const Run none(smallSpec("lsq"));
        QVERIFY(!none.observer.layers.front().gradients.front().clip);
    }

    /// Integer products of codes against f32 products of what they stand for, and 8 bits against 32.
    void followsTheFloatGradient_data()
    {
        QTest::addColumn<int>("network");
        const auto networks = tinyNetworks();
        for (std::size_t i = 0; i < networks.size(); ++i)
            QTest::addRow("%s", networks[i].name.c_str()) << int(i);
    }

    void followsTheFloatGradient()
    {
        QFETCH(int, network);
        const TinyNetwork tiny = tinyNetworks()[std::size_t(network)];
        const Graph graph = tiny.build();
        QuantSpec dai8 = tiny.with(quantSpec("dai8", 8, 8));
        const auto eight = gradientsOf(graph, dai8, Kernels::Fast);
        QVERIFY(cosine(gradientsOf(graph, dai8, Kernels::Reference), eight) > 1 - 1e-4);
        dai8.gradientBits = floatBits;
        const double likeness = cosine(gradientsOf(graph, dai8, Kernels::Fast), eight);
        QVERIFY2(likeness > 0.995 && likeness < 1, QByteArray::number(likeness));
    }
};

QTEST_GUILESS_MAIN(TestGradientTraining)
#include "tst_gradient_training.moc"
