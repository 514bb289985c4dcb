#include "core/base/error.h"
#include "core/nn/model.h"
#include "core/nn/quant_plan.h"
#include "core/nn/summary.h"
#include "core/zoo/networks.h"
#include "tests/support/tiny_networks.h"

#include <QTest>

using namespace stair;

/// What is foretold of a quantization is what a model of it has.
class TestQuantPlan : public QObject
{
    Q_OBJECT

    static Graph graph(const char* id)
    {
        return network(id).build({1, 32, 32, 3}, 10, ParamValues(network(id).params));
    }

private slots:
    void countsAreTheSummarys_data()
    {
        QTest::addColumn<QString>("id");
        for (const char* id : {"resnet20", "mobilenet_v2", "vgg_small", "convnet_d", "mlp"})
            QTest::addRow("%s", id) << QString(id);
    }

    void countsAreTheSummarys()
    {
        QFETCH(QString, id);
        const QuantPlan plan = planQuantization(graph(id.toLatin1()), quantSpec("lsq", 4, 4));
        QCOMPARE(plan.macs(), summarize(graph(id.toLatin1())).macs);
        for (const LayerPlan& layer : plan.layers)
            QVERIFY(layer.isInteger());
        QCOMPARE(plan.layers.front().weightBits, 8); // the ends
        QCOMPARE(plan.layers.back().weightBits, 8);
        QCOMPARE(plan.layers[1].weightBits, 4);
    }

    void gridsAreTheModels()
    {
        QuantSpec quant = quantSpec("lsq", 2, 3);
        quant.layers = {{.match = "stage1.*", .weightBits = 5, .activationBits = 6}};
        const QuantPlan plan = planQuantization(graph("resnet20"), quant);
        Model model(graph("resnet20"), quant,
                    {.mean = {0.5f, 0.5f, 0.5f}, .deviation = {0.2f, 0.2f, 0.2f}}, 1);
        std::size_t next = 0;
        for (std::size_t i = 0; i < model.stages().size(); ++i) {
            const Stage& stage = model.stages()[i];
            if (stage.compute != Compute::Conv)
                continue;
            const LayerPlan& layer = plan.layers.at(next++);
            QCOMPARE(layer.name, stage.name);
            QCOMPARE(layer.weightGrid, model.parts(int(i)).weightQuantizer->grid());
            if (layer.name.starts_with("stage1.")) {
                QCOMPARE(layer.weightBits, 5);
                QCOMPARE(layer.sourceBits, 6);
            }
        }
        QCOMPARE(next, plan.layers.size());
    }

    void floatLayersAreNamed()
    {
        QuantSpec quant = quantSpec("lsq", 4, 4);
        quant.last = EndPolicy::Float;
        const QuantPlan plan = planQuantization(graph("resnet20"), quant);
        QCOMPARE(plan.floatLayers().size(), std::size_t(1));
        QCOMPARE(plan.floatLayers().front(), plan.layers.back().name);
        QCOMPARE(planQuantization(graph("resnet20"), quant.asFloat()).floatLayers().size(),
                 plan.layers.size());
    }

    void sizesAreThoseOfTheirWidths()
    {
        const QuantPlan plan = planQuantization(graph("resnet20"), quantSpec("lsq", 2, 2));
        double kilobytes = 0, operations = 0;
        for (const LayerPlan& layer : plan.layers) {
            kilobytes += double(layer.weights) * layer.weightBits / 8 / 1000;
            operations += double(layer.macs) * layer.weightBits * layer.sourceBits;
        }
        QVERIFY(std::abs(plan.kilobytes() - kilobytes) < 1e-9);
        QCOMPARE(plan.bitOperations(), operations);
        QVERIFY(plan.floatKilobytes() > 12 * plan.kilobytes());
    }

    void aPatternThatMatchesNothingIsRefused()
    {
        QuantSpec quant = quantSpec("lsq", 4, 4);
        quant.layers = {{.match = "nowhere", .weightBits = 2, .activationBits = 0}};
        QVERIFY_THROWS_EXCEPTION(Error, planQuantization(graph("resnet20"), quant));
    }
};

QTEST_GUILESS_MAIN(TestQuantPlan)
#include "tst_quant_plan.moc"
