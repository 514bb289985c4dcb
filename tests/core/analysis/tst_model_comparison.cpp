#include "core/analysis/model_comparison.h"
#include "core/base/error.h"
#include "core/data/datasets.h"
#include "core/lower/lowering.h"
#include "core/train/evaluator.h"
#include "core/zoo/networks.h"
#include "tests/support/lowered_check.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace stair;

/// What is told of two models, against what each of them says by itself.
class TestModelComparison : public QObject
{
    Q_OBJECT

    Dataset m_data;
    std::vector<std::uint32_t> m_images;
    Runtime m_runtime{2};

    static Graph graph()
    {
        const NetworkInfo& info = network("convnet_small");
        return info.build({1, 16, 16, 3}, 10, ParamValues(info.params));
    }

    Program program(const QuantSpec& quant, std::uint64_t seed)
    {
        Model model(graph(), quant, colours(), seed);
        trainBriefly(model, m_runtime, 4, 16);
        return lower(model);
    }

    ModelComparison compare(const Program& a, const Program& b)
    {
        return compareModels(a, b, m_runtime, m_data.test, m_images, {}, m_data.classes());
    }

private slots:
    void initTestCase()
    {
        const Shape image = program(quantSpec("lsq", 4, 4), 7).image;
        const DatasetInfo& info = dataset("procedural");
        Json params = {{"train", 64}, {"test", 150}, {"size", image.h}};
        ObjectReader reader(params, "test");
        m_data = info.open(
            {.path = {}, .cacheFolder = {}, .params = ParamValues::read(info.params, reader)});
        m_images.resize(std::size_t(m_data.test.count()));
        std::iota(m_images.begin(), m_images.end(), 0u);
    }

    void aModelIsEqualToItself()
    {
        const Program a = program(quantSpec("lsq", 4, 4), 7);
        const ModelComparison same = compare(a, a);
        QVERIFY(same.flipped.empty());
        QCOMPARE(same.values.size(), a.values.size());
        for (const ValueDifference& value : same.values) {
            QVERIFY2(std::isinf(value.sqnr), value.name.c_str());
            QCOMPARE(value.cosine, 1.0);
            QVERIFY(value.codesUnlike <= 0);
        }
        QCOMPARE(same.first.confusion, same.second.confusion);
    }

    void accuraciesAreTheEvaluations()
    {
        const Program a = program(quantSpec("lsq", 4, 4), 7);
        const Program b = program(quantSpec("lsq", 2, 2), 9);
        const ModelComparison both = compare(a, b);
        const auto judged = [&](const Program& program) {
            return evaluateProgram(program, m_runtime, m_data.test, &m_images, {},
                                   m_data.classes());
        };
        QCOMPARE(both.first.confusion, judged(a).confusion);
        QCOMPARE(both.second.confusion, judged(b).confusion);
    }

    // Image by image, from the engines' own logits and values.
    void flippedImagesAndLayersAreThoseOfTheEngines()
    {
        const Program a = program(quantSpec("lsq", 4, 4), 7);
        const Program b = program(quantSpec("lsq", 2, 2), 9);
        const ModelComparison both = compare(a, b);
        Engine first(a, m_runtime), second(b, m_runtime);
        first.keepValues(true);
        second.keepValues(true);
        const auto says = [](const Tensor& logits) {
            return int(std::ranges::max_element(logits.values()) - logits.values().begin());
        };
        std::size_t next = 0;
        double difference = 0, energy = 0;
        std::size_t checked = 1; // the first value behind the image
        for (int i = 0; i < m_data.test.count(); ++i) {
            const ImageBytes image{m_data.test.image(i).data(), a.image.withImages(1)};
            const int x = says(first.run(image)), y = says(second.run(image));
            const Engine::Value& u = first.values()[checked];
            const Engine::Value& v = second.values()[checked];
            for (std::int64_t k = 0; k < a.values[checked].shape.withImages(1).size(); ++k) {
                const double p = double(a.values[checked].step) * u.codes.at(k);
                const double q = double(b.values[checked].step) * v.codes.at(k);
                energy += p * p;
                difference += (p - q) * (p - q);
            }
            if (x == y)
                continue;
            QVERIFY(next < both.flipped.size());
            const FlippedSample& flipped = both.flipped[next++];
            QCOMPARE(flipped.image, i);
            QCOMPARE(flipped.first, x);
            QCOMPARE(flipped.second, y);
            QCOMPARE(flipped.label, int(m_data.test.labels[std::size_t(i)]));
        }
        QCOMPARE(next, both.flipped.size());
        QVERIFY(next > 0);
        QCOMPARE(both.values[checked].name, a.values[checked].name);
        QVERIFY(std::abs(both.values[checked].sqnr - 10 * std::log10(energy / difference)) < 1e-9);
    }

    void floatAndIntegersAreComparedInRealUnits()
    {
        const QuantSpec quant = quantSpec("lsq", 8, 8);
        Model model(graph(), quant, colours(), 7);
        trainBriefly(model, m_runtime, 4, 16);
        const Program integers = lower(model);
        model.requantize(quant.asFloat());
        const Program floats = lower(model);
        const ModelComparison both = compare(floats, integers);
        QVERIFY(both.values.size() > 2);
        QVERIFY(both.values.back().cosine > 0.9); // 8 bits are close
        QVERIFY(std::isfinite(both.values.back().sqnr));
    }

    void modelsOfOtherImagesAreRefused()
    {
        const Program a = program(quantSpec("lsq", 4, 4), 7);
        Program b = program(quantSpec("lsq", 4, 4), 7);
        b.image.h += 1;
        QVERIFY_THROWS_EXCEPTION(Error, compare(a, b));
    }
};

QTEST_GUILESS_MAIN(TestModelComparison)
#include "tst_model_comparison.moc"
