#include "core/nn/training_pass.h"

#include "core/base/assert.h"
#include "core/ops/softmax_loss.h"
#include "tests/support/tiny_networks.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

double lossOf(Model& model, Runtime& runtime, const TinyBatch& batch, PassMode mode)
{
    TrainingPass pass(model, runtime);
    const Tensor& logits = pass.forward(batch.bytes(), mode);
    Tensor dLogits(logits.shape());
    return softmaxLoss(logits, batch.labels, dLogits) + pass.addAuxiliaryLoss(batch.labels);
}

void fillGradients(Model& model, Runtime& runtime, const TinyBatch& batch,
                   PassMode mode = PassMode::Train)
{
    TrainingPass pass(model, runtime);
    const Tensor& logits = pass.forward(batch.bytes(), mode);
    Tensor dLogits(logits.shape());
    softmaxLoss(logits, batch.labels, dLogits);
    pass.addAuxiliaryLoss(batch.labels);
    pass.backward(dLogits);
    pass.updateRunningStatistics();
}

/// Gives batch norms scales and shifts that are not the trivial ones.
void roughen(Model& model)
{
    Random random(9, RandomUse::Test);
    for (Parameter* parameter : model.parameters()) {
        for (float& v : parameter->value.values())
            v += 0.2f * (random.uniform() - 0.5f);
    }
}

} // namespace

class TestTrainingPass : public QObject
{
    Q_OBJECT

private slots:
    void gradientsMatchCentralDifferences_data()
    {
        QTest::addColumn<int>("network");
        QTest::addColumn<PassMode>("mode");
        const auto networks = tinyNetworks();
        for (std::size_t i = 0; i < networks.size(); ++i) {
            // Shared joins: sharedJoinsKeepFloatGradients holds them against the rows without.
            if (networks[i].residual != ResidualPolicy::Shared)
                QTest::addRow("%s", networks[i].name.c_str()) << int(i) << PassMode::Train;
            QTest::addRow("%s, frozen norms", networks[i].name.c_str())
                << int(i) << PassMode::TrainFrozenNorm;
        }
    }

    void gradientsMatchCentralDifferences()
    {
        QFETCH(int, network);
        QFETCH(PassMode, mode);
        const TinyNetwork tiny = tinyNetworks()[std::size_t(network)];
        const Graph graph = tiny.build();
        Model model(graph, tiny.with(QuantSpec()), colours(), 3);
        roughen(model);
        const TinyBatch batch(graph, 6, 4);
        fillGradients(model, m_runtime, batch, mode);
        Random random(11, RandomUse::Test);
        for (Parameter* parameter : model.parameters()) {
            // The whole parameter along a random direction: one number that every entry is in.
            std::vector<float> direction;
            double slope = 0;
            for (const float g : parameter->gradient.values()) {
                direction.push_back(random.uniform() - 0.5f);
                slope += double(g) * double(direction.back());
            }
            // A long step crosses kinks of the ReLUs, a short one drowns in f32: the best counts. (The
            // concats' n0.shift, on AVX2, wants the longest.)
            double numeric = 0, distance = 1e30;
            for (const float h : {3e-3f, 1e-3f, 3e-4f, 1e-4f}) {
                const double found
                    = centralDifference(model, *parameter, direction, h, batch, mode);
                if (std::abs(found - slope) < distance) {
                    distance = std::abs(found - slope);
                    numeric = found;
                }
            }
            // Signals that no batch norm holds are larger, and so is their rounding.
            const double looser = mode == PassMode::TrainFrozenNorm ? 5 : 1;
            const double tolerance = looser * (3e-3 * std::abs(slope) + 3e-4);
            QVERIFY2(distance < tolerance,
                     qPrintable(QString("%1: %2 against %3")
                                    .arg(parameter->name.c_str())
                                    .arg(slope)
                                    .arg(numeric)));
        }
    }

    /// In float the policy of joins changes no gradient but by the order of a sum.
    void sharedJoinsKeepFloatGradients_data()
    {
        QTest::addColumn<int>("network");
        const auto networks = tinyNetworks();
        for (std::size_t i = 0; i < networks.size(); ++i)
            if (networks[i].residual == ResidualPolicy::Shared)
                QTest::addRow("%s", networks[i].name.c_str()) << int(i);
    }

    void sharedJoinsKeepFloatGradients()
    {
        QFETCH(int, network);
        const TinyNetwork tiny = tinyNetworks()[std::size_t(network)];
        const Graph graph = tiny.build();
        const TinyBatch batch(graph, 6, 4);
        Model shared(graph, tiny.with(QuantSpec()), colours(), 3);
        Model plain(graph, QuantSpec(), colours(), 3);
        const auto parameters = plain.parameters();
        const auto twins = shared.parameters();
        QCOMPARE(twins.size(), parameters.size());
        const auto twin = [&](const Parameter* parameter) { // stages stand in another order
            return *std::ranges::find(twins, parameter->name, &Parameter::name);
        };
        roughen(plain);
        for (const Parameter* parameter : parameters) {
            Parameter* same = twin(parameter);
            std::ranges::copy(parameter->value.values(), same->value.values().begin());
        }
        fillGradients(shared, m_runtime, batch);
        fillGradients(plain, m_runtime, batch);
        for (const Parameter* parameter : parameters) {
            Parameter* same = twin(parameter);
            double error = 0, size = 0;
            for (std::size_t i = 0; i < parameter->gradient.values().size(); ++i) {
                const double g = parameter->gradient.values()[i];
                error += std::pow(same->gradient.values()[i] - g, 2);
                size += g * g;
            }
            QVERIFY2(error <= 1e-10 * size + 1e-14,
                     qPrintable(QString("%1: %2 of %3")
                                    .arg(parameter->name.c_str())
                                    .arg(std::sqrt(error))
                                    .arg(std::sqrt(size))));
        }
    }

    /// LSQ's straight-through gradients through a whole network: with 8 bits the quantized network
    /// is so near the float one that their weight gradients point the same way.
    void wideQuantizersFollowTheFloatGradient_data()
    {
        QTest::addColumn<int>("network");
        const auto networks = tinyNetworks();
        for (std::size_t i = 0; i < networks.size(); ++i)
            QTest::addRow("%s", networks[i].name.c_str()) << int(i);
    }

    void wideQuantizersFollowTheFloatGradient()
    {
        QFETCH(int, network);
        const TinyNetwork tiny = tinyNetworks()[std::size_t(network)];
        const Graph graph = tiny.build();
        const TinyBatch batch(graph, 16, 5);
        Model floating(graph, tiny.with(QuantSpec()), colours(), 3);
        // Min-max clips nothing, so only the rounding differs.
        Model quantized(graph, tiny.with(quantSpec("minmax", 8, 8)), colours(), 3);
        fillGradients(floating, m_runtime, batch);
        // A range that several tensors share covers them all from the second step on.
        fillGradients(quantized, m_runtime, batch);
        quantized.afterUpdate();
        fillGradients(quantized, m_runtime, batch);
        // A shared grid has a sign, and so half the levels for what is not negative.
        const double least = tiny.residual == ResidualPolicy::Shared ? 0.93 : 0.95;
        const auto expected = floating.parameters();
        const auto actual = quantized.parameters();
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (!expected[i]->name.ends_with(".weight"))
                continue; // too few entries for an angle
            double dot = 0, a = 0, b = 0;
            for (std::int64_t k = 0; k < expected[i]->gradient.size(); ++k) {
                const double x = expected[i]->gradient.data()[k];
                const double y = actual[i]->gradient.data()[k];
                dot += x * y;
                a += x * x;
                b += y * y;
            }
            const double cosine = dot / std::sqrt(a * b + 1e-30);
            QVERIFY2(
                cosine > least,
                qPrintable(QString("%1: cosine %2").arg(expected[i]->name.c_str()).arg(cosine)));
        }
    }

    void sameBitsForAnyOrderOfRuns()
    {
        const Graph graph = tinyNetworks()[3].build();
        const TinyBatch batch(graph, 8, 6);
        Model first(graph, quantSpec("lsq", 4, 4), colours(), 1);
        Model second(graph, quantSpec("lsq", 4, 4), colours(), 1);
        for (Model* model : {&first, &second}) {
            for (int i = 0; i < 3; ++i)
                fillGradients(*model, m_runtime, batch);
        }
        const auto a = first.parameters();
        const auto b = second.parameters();
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(std::ranges::equal(a[i]->gradient.values(), b[i]->gradient.values()));
    }

    void anAuxiliaryLossMayNotBeForgotten()
    {
        const Graph graph = tinyNetworks().back().build();
        QVERIFY(graph.auxiliary().has_value());
        Model model(graph, QuantSpec(), colours(), 1);
        const TinyBatch batch(graph, 2, 6);
        TrainingPass pass(model, m_runtime);
        const Tensor dLogits(pass.forward(batch.bytes(), PassMode::Train).shape());
        QVERIFY_THROWS_EXCEPTION(InternalError, pass.backward(dLogits));
        QVERIFY(pass.addAuxiliaryLoss(batch.labels) > 0);
        pass.backward(dLogits);
    }

    void reestimatingChangesNothing()
    {
        const Graph graph = tinyNetworks()[3].build();
        const TinyBatch batch(graph, 8, 6);
        Model model(graph, quantSpec("lsq", 2, 2), colours(), 1);
        fillGradients(model, m_runtime, batch);
        std::vector<float> before, after;
        model.forEachTensor([&](const std::string&, Tensor& t) {
            before.insert(before.end(), t.values().begin(), t.values().end());
        });
        TrainingPass pass(model, m_runtime);
        pass.forward(batch.bytes(), PassMode::Reestimate);
        model.forEachTensor([&](const std::string&, Tensor& t) {
            after.insert(after.end(), t.values().begin(), t.values().end());
        });
        QVERIFY(before == after);
    }

private:
    double centralDifference(Model& model, Parameter& parameter,
                             const std::vector<float>& direction, float h, const TinyBatch& batch,
                             PassMode mode)
    {
        const Tensor original = parameter.value.clone();
        const auto lossAt = [&](float distance) {
            for (std::int64_t i = 0; i < original.size(); ++i)
                parameter.value.data()[i]
                    = original.data()[i] + distance * direction[std::size_t(i)];
            return lossOf(model, m_runtime, batch, mode);
        };
        const double difference = (lossAt(h) - lossAt(-h)) / (2 * double(h));
        std::ranges::copy(original.values(), parameter.value.data());
        return difference;
    }

    Runtime m_runtime{testThreads()};
};

QTEST_GUILESS_MAIN(TestTrainingPass)
#include "tst_training_pass.moc"
