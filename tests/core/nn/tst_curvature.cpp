#include "core/nn/curvature.h"

#include "core/nn/training_pass.h"
#include "core/ops/softmax_loss.h"
#include "tests/support/tiny_networks.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

/// Linear behind the first ReLU: the Hessian is the loss's own, positive, so that its trace stands
/// out of the estimate's noise, and no kinks lie within the displacements.
Graph smoothGraph()
{
    Graph g({1, 5, 5, 3});
    int x = g.activation("r1", Op::Relu, g.batchNorm("n1", g.conv("c1", 0, conv3(3, 4))));
    x = g.conv("c2", x, conv3(4, 5, 2), true);
    const int y = g.conv("c3", x, ConvGeometry::square(5, 5, 1), true);
    x = g.concatChannels("cat", {g.add("a3", y, x), y});
    g.linear("head", g.globalAvgPool("gap", x), 4);
    return g;
}

/// One entry of a tensor.
Perturbation::Direction entry(std::int64_t index)
{
    return [index](const Quantizer&, std::int64_t first, std::span<float> v) {
        std::ranges::fill(v, 0.0f);
        if (index >= first && index < first + std::int64_t(v.size()))
            v[std::size_t(index - first)] = 1;
    };
}

void near(double value, double expected, double share)
{
    QVERIFY2(std::abs(value - expected) <= share * std::abs(expected),
             qPrintable(QString("%1 instead of %2").arg(value).arg(expected)));
}

std::vector<float> allTensors(Model& model)
{
    std::vector<float> all;
    model.forEachTensor([&all](const std::string&, Tensor& tensor) {
        all.insert(all.end(), tensor.values().begin(), tensor.values().end());
    });
    return all;
}

/// A model whose quantizers have their steps, with a batch.
struct Subject
{
    Subject(const Graph& graph, const QuantSpec& quant, Runtime& runtime, int images = 4)
        : model(graph, quant, colours(), 1)
        , batch(graph, images, 6)
        , pass(model, runtime)
    {
        const Tensor& logits = pass.forward(batch.bytes(), PassMode::Train);
        Tensor dLogits(logits.shape());
        softmaxLoss(logits, batch.labels, dLogits);
        pass.addAuxiliaryLoss(batch.labels);
        pass.backward(dLogits);
    }

    /// Takes the ends of all ranges out of reach but for one tensor's: min-max puts them where the
    /// largest value is, a kink that counts in tensors so small.
    void widen(const Quantizer* but = nullptr)
    {
        for (Quantizer* quantizer : model.quantizers()) {
            if (quantizer == but || quantizer->kind() == QuantizerKind::Weight)
                continue;
            for (float& step : quantizer->parameter().value.values())
                step *= 4;
            quantizer->stepsChanged();
        }
    }

    Quantizer* named(const std::string& name)
    {
        for (Quantizer* quantizer : model.quantizers()) {
            if (quantizer->name() == name)
                return quantizer;
        }
        qFatal("there is no %s", name.c_str());
    }

    /// The loss; the perturbation gets its gradients.
    double loss(Perturbation& perturbation)
    {
        const Tensor& logits = pass.forward(batch.bytes(), perturbation);
        Tensor dLogits(logits.shape());
        double loss = softmaxLoss(logits, batch.labels, dLogits);
        loss += pass.addAuxiliaryLoss(batch.labels);
        pass.backward(dLogits);
        return loss;
    }

    GradientSums sums(Quantizer* target, double size, const Perturbation::Direction& direction)
    {
        Perturbation perturbation({&target, 1}, size, direction);
        loss(perturbation);
        return perturbation.sums(*target);
    }

    /// Tr(H) / N: each entry's gradient by moving that entry alone.
    double meanTrace(Quantizer* target, double size)
    {
        double trace = 0;
        const std::int64_t count = sums(target, 0, entry(0)).count;
        for (std::int64_t i = 0; i < count; ++i)
            trace += (sums(target, size, entry(i)).along - sums(target, -size, entry(i)).along)
                / (2 * size);
        return trace / double(count);
    }

    Model model;
    TinyBatch batch;
    TrainingPass pass;
};

QuantSpec perChannel(QuantSpec quant)
{
    quant.perChannel = true;
    return quant;
}

} // namespace

class TestCurvature : public QObject
{
    Q_OBJECT

private slots:
    /// Cross-entropy of softmax(W x): Tr(H) = mean over images of sum_c p_c (1 - p_c) |x|^2.
    void aLinearLayersTraceIsKnown()
    {
        Subject subject(smoothGraph(), quantSpec("lsq", 4, 4), m_runtime);
        Quantizer* target = subject.named("head.weight.step");
        subject.widen();
        Perturbation none({}, 0, rademacher(1));
        const Tensor logits = subject.pass.forward(subject.batch.bytes(), none).clone();
        const Reading source = subject.model.stages().back().source;
        const Tensor& x = subject.pass.value(source.stage, source.view).floats;
        const int images = logits.shape().n, classes = logits.shape().c, inputs = x.shape().c;
        QCOMPARE(x.shape().n, images);
        double trace = 0;
        for (int n = 0; n < images; ++n) {
            double total = 0, spread = 0, square = 0;
            for (int c = 0; c < classes; ++c)
                total += std::exp(double(logits.data()[n * classes + c]));
            for (int c = 0; c < classes; ++c) {
                const double p = std::exp(double(logits.data()[n * classes + c])) / total;
                spread += p * (1 - p);
            }
            for (int i = 0; i < inputs; ++i)
                square += std::pow(double(x.data()[n * inputs + i]), 2);
            trace += spread * square / images;
        }
        const double step = double(target->step());
        const double expected = trace * step * step / (classes * inputs);
        near(subject.meanTrace(target, 1), expected, 0.01);
        near(estimate(subject, {target}, {.vectors = 400, .size = 1})[0].meanTrace, expected, 0.1);
    }

    void traceIsThatOfEntryByEntry_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<bool>("byChannel");
        QTest::addColumn<QString>("target");
        QTest::addRow("weights") << "lsq" << false << "c2.weight.step";
        QTest::addRow("weights by channel") << "lsq" << true << "c2.weight.step";
        QTest::addRow("weights without zero") << "ewgs" << false << "c2.weight.step";
        QTest::addRow("behind tanh") << "dorefa" << false << "c2.weight.step";
        QTest::addRow("weights before a join") << "ewgs" << false << "c3.weight.step";
        QTest::addRow("activations") << "ewgs" << false << "r1.step";
        QTest::addRow("activations with an offset") << "lsq_plus" << false << "r1.step";
    }

    void traceIsThatOfEntryByEntry()
    {
        QFETCH(QString, method);
        QFETCH(bool, byChannel);
        QFETCH(QString, target);
        const QuantSpec quant = quantSpec(method.toStdString(), 3, 3);
        Subject subject(smoothGraph(), byChannel ? perChannel(quant) : quant, m_runtime);
        Quantizer* quantizer = subject.named(target.toStdString());
        subject.widen(subject.named("r1.step"));
        const double expected = subject.meanTrace(quantizer, 0.05);
        const Curvature found = estimate(subject, {quantizer}, {.vectors = 400})[0];
        near(found.meanTrace, expected, 0.1);
        const GradientSums still = subject.sums(quantizer, 0, entry(0));
        const double mean = still.sum / double(still.count);
        near(found.deviation, std::sqrt(still.square / double(still.count) - mean * mean), 0.03);
    }

    /// Others that move as well add noise, no bias.
    void targetsMayShareAPass()
    {
        Subject subject(smoothGraph(), quantSpec("ewgs", 3, 3), m_runtime);
        const std::vector<Quantizer*> targets{subject.named("c2.weight.step"),
                                              subject.named("c3.weight.step"),
                                              subject.named("r1.step")};
        subject.widen(subject.named("r1.step"));
        const auto together = estimate(subject, targets, {.vectors = 400});
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const double alone = estimate(subject, {targets[i]}, {.vectors = 400})[0].meanTrace;
            near(together[i].meanTrace, alone, 0.2);
        }
    }

    void gradientsAreThoseOfTheLoss_data() { everyNetworkCanBeEstimated_data(); }

    /// (L(+ size v) - L(- size v)) / (2 size) = sum of v g, v a direction of one tensor.
    void gradientsAreThoseOfTheLoss()
    {
        QFETCH(int, network);
        const TinyNetwork tiny = tinyNetworks()[std::size_t(network)];
        Subject subject(tiny.build(), tiny.with(quantSpec("ewgs", 4, 4)), m_runtime);
        subject.widen();
        const double size = 0.001; // few kinks lie within it
        double error = 0, length = 0;
        for (Quantizer* target : subject.model.quantizers()) {
            Perturbation forwards({&target, 1}, size, rademacher(7));
            Perturbation backwards({&target, 1}, -size, rademacher(7));
            const double slope = (subject.loss(forwards) - subject.loss(backwards)) / (2 * size);
            const double found = (forwards.sums(*target).along + backwards.sums(*target).along) / 2;
            error += (slope - found) * (slope - found);
            length += found * found;
        }
        QVERIFY2(error < length * 0.1 * 0.1,
                 qPrintable(QString("%1 of %2").arg(std::sqrt(error)).arg(std::sqrt(length))));
    }

    void everyNetworkCanBeEstimated_data()
    {
        QTest::addColumn<int>("network");
        const auto networks = tinyNetworks();
        for (std::size_t i = 0; i < networks.size(); ++i)
            QTest::addRow("%s", networks[i].name.c_str()) << int(i);
    }

    void everyNetworkCanBeEstimated()
    {
        QFETCH(int, network);
        QuantSpec quant = quantSpec("ewgs", 4, 4);
        quant.gradientBits = 8; // estimates pass by them
        Runtime runtime(testThreads());
        const TinyNetwork tiny = tinyNetworks()[std::size_t(network)];
        Subject subject(tiny.build(), tiny.with(quant), runtime);
        const std::vector<float> before = allTensors(subject.model);
        const auto found = estimate(subject, subject.model.quantizers(), {.vectors = 2});
        QVERIFY(before == allTensors(subject.model));
        for (std::size_t i = 0; i < found.size(); ++i)
            QVERIFY2(std::isfinite(found[i].meanTrace) && found[i].deviation > 0,
                     qPrintable(QString("%1: %2, %3")
                                    .arg(subject.model.quantizers()[i]->name().c_str())
                                    .arg(found[i].meanTrace)
                                    .arg(found[i].deviation)));
        const auto again = estimate(subject, subject.model.quantizers(), {.vectors = 2});
        const auto other = estimate(subject, subject.model.quantizers(), {.vectors = 2, .seed = 9});
        for (std::size_t i = 0; i < found.size(); ++i) {
            QCOMPARE(again[i].meanTrace, found[i].meanTrace);
            QVERIFY(other[i].meanTrace != found[i].meanTrace);
        }
    }

    void stepsNotSetYetAreSetByTheBatch()
    {
        const Graph graph = smoothGraph();
        Model model(graph, quantSpec("ewgs", 3, 3), colours(), 1);
        const TinyBatch batch(graph, 3, 6);
        const auto targets = model.quantizers();
        QVERIFY(std::ranges::none_of(targets, &Quantizer::isInitialised));
        estimateCurvature(model, m_runtime, batch.bytes(), batch.labels, targets, {.vectors = 1});
        QVERIFY(std::ranges::all_of(targets, &Quantizer::isInitialised));
    }

    void signsDependOnTheElementAlone()
    {
        Subject subject(smoothGraph(), quantSpec("lsq", 3, 3), m_runtime);
        const Quantizer& one = *subject.named("c2.weight.step");
        const auto draw = rademacher(5);
        std::vector<float> whole(3000), part, other(3000);
        draw(one, 0, whole);
        for (std::size_t first = 0, size = 1; first < whole.size(); first += size, size += 13) {
            part.resize(std::min(size, whole.size() - first));
            draw(one, std::int64_t(first), part);
            QVERIFY(std::ranges::equal(part, std::span(whole).subspan(first, part.size())));
        }
        draw(*subject.named("r1.step"), 0, other);
        double sum = 0, product = 0, neighbours = 0;
        for (std::size_t i = 0; i < whole.size(); ++i) {
            QCOMPARE(std::abs(whole[i]), 1.0f);
            sum += double(whole[i]);
            product += double(whole[i] * other[i]);
            neighbours += double(whole[i] * whole[(i + 1) % whole.size()]);
        }
        for (const double s : {sum, product, neighbours})
            QCOMPARE_LE(std::abs(s), 4 * std::sqrt(3000.0));
    }

    void lambdaIsTheTraceByThreeDeviations()
    {
        const auto lambda = [](std::vector<Curvature> batches) {
            return curvatureLambda(batches);
        };
        QCOMPARE(lambda({{0.6, 2}}), 0.1);
        QCOMPARE(lambda({{0.6, 2}, {1.2, 1}, {0.3, 0.5}}), (0.1 + 0.4 + 0.2) / 3);
        QCOMPARE(lambda({{-0.6, 2}}), 0.0);
        QCOMPARE(lambda({{-0.6, 2}, {1.2, 1}}), 0.15); // the mean counts
        QCOMPARE(lambda({{0, 0}}), 0.0); // no gradient at all
        QCOMPARE(lambda({{1, 0}}), 0.0);
        QCOMPARE(lambda({{std::nan(""), 1}}), 0.0);
    }

private:
    std::vector<Curvature> estimate(Subject& subject, const std::vector<Quantizer*>& targets,
                                    const CurvatureProbe& probe)
    {
        return estimateCurvature(subject.model, m_runtime, subject.batch.bytes(),
                                 subject.batch.labels, targets, probe);
    }

    Runtime m_runtime{1}; // thousands of passes too small to share out
};

QTEST_GUILESS_MAIN(TestCurvature)
#include "tst_curvature.moc"
