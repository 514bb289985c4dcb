#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"
#include "core/quant/methods.h"
#include "core/train/optimizers.h"
#include "core/zoo/networks.h"

#include <QTest>

using namespace stair;

namespace {

constexpr int steps = 20;
constexpr int batch = 6;
constexpr int imageSize = 16;
constexpr int classes = 10;

ParamValues halfWidth(const NetworkInfo& info)
{
    const Json json = {{"width", 0.5}};
    ObjectReader reader(json, "test");
    return ParamValues::read(info.params, reader);
}

QuantSpec quantOf(const std::string& method)
{
    QuantSpec quant;
    quant.method = method;
    if (!quant.isFloat()) {
        quant.params = ParamValues(stair::method(method).params);
        quant.weightBits = quant.activationBits = 4;
    }
    return quant;
}

/// Bytes of class-dependent brightness under noise, and their labels: something to learn.
struct Batch
{
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint16_t> labels;
};

Batch drawBatch(Random& random)
{
    Batch drawn;
    for (int i = 0; i < batch; ++i) {
        const auto label = std::uint16_t(random.below(classes));
        drawn.labels.push_back(label);
        for (int p = 0; p < imageSize * imageSize * 3; ++p)
            drawn.pixels.push_back(std::uint8_t(label * 20u + random.below(70)));
    }
    return drawn;
}

struct Outcome
{
    QString signature;
    double firstLoss = 0;
    double lastLoss = 0;
};

/// SHA-256 over every tensor of the model after the last step, to 16 digits.
Outcome train(const std::string& method, int threads)
{
    Runtime runtime(threads, Kernels::Reference);
    const NetworkInfo& info = network("convnet_small");
    const Shape image{1, imageSize, imageSize, 3};
    Model model(info.build(image, classes, halfWidth(info)), quantOf(method),
                {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}, 20261120);
    std::vector<Parameter*> parameters = model.parameters();
    const OptimizerInfo& sgd = optimizer("sgd");
    const auto update = sgd.create(ParamValues(sgd.params), parameters);
    TrainingPass pass(model, runtime);
    Random random(20261120, RandomUse::Test);
    Outcome outcome;
    for (int step = 0; step < steps; ++step) {
        const Batch drawn = drawBatch(random);
        const Tensor& logits
            = pass.forward({drawn.pixels.data(), image.withImages(batch)}, PassMode::Train);
        Tensor dLogits(logits.shape());
        outcome.lastLoss = softmaxLoss(logits, drawn.labels, dLogits);
        if (step == 0)
            outcome.firstLoss = outcome.lastLoss;
        pass.backward(dLogits);
        pass.updateRunningStatistics();
        update->update(parameters, 0.05);
        model.afterUpdate();
    }
    Sha256 hash;
    model.forEachTensor([&hash](const std::string& name, Tensor& tensor) {
        if (!name.ends_with(".code_step")) // follows from the weights
            hash.add(std::as_bytes(tensor.values()));
    });
    outcome.signature = QString::fromStdString(hash.hex()).left(16);
    return outcome;
}

} // namespace

/// Twenty steps on the reference convolutions give these very bits, on every instruction set (the
/// C library's exp, log and cos have a part in them: Debian 12's). A commit that changes a number
/// here changes what training computes, and says so in its message.
class TestSignature : public QObject
{
    Q_OBJECT

private slots:
    void twentyStepsGiveOneNumber_data()
    {
        QTest::addColumn<QString>("signature");
        QTest::addRow("float") << "5e6095e5279dab52";
        QTest::addRow("minmax") << "5e4861c0ae3f076f";
        QTest::addRow("lsq") << "a38ccddf72889adc";
    }

    void twentyStepsGiveOneNumber()
    {
        const Outcome outcome = train(QTest::currentDataTag(), 1);
        QVERIFY(outcome.lastLoss < outcome.firstLoss); // it does learn
        QTEST(outcome.signature, "signature");
    }

    void threadsDoNotChangeIt() { QCOMPARE(train("lsq", 3).signature, train("lsq", 1).signature); }
};

QTEST_GUILESS_MAIN(TestSignature)
#include "tst_signature.moc"
