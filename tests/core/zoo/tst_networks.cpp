#include "core/zoo/networks.h"

#include "core/base/error.h"
#include "core/nn/summary.h"
#include "tests/support/build_network.h"

#include <QTest>

#include <set>

using namespace stair;

namespace {

/// Weights of convolution and linear layers, without biases and batch norm.
qint64 weightsOf(const Graph& graph)
{
    qint64 weights = 0;
    for (const Node& node : graph.nodes()) {
        if (node.op == Op::Conv || node.op == Op::Linear)
            weights += node.conv.weightShape().size();
    }
    return weights;
}

void addEveryNetwork()
{
    QTest::addColumn<std::string>("id");
    for (const NetworkInfo& info : networks())
        QTest::addRow("%s", info.id.c_str()) << info.id;
}

} // namespace

class TestNetworks : public QObject
{
    Q_OBJECT

private slots:
    // MACs: resnet20 is 40,813,184 (40.81 M), vgg_small 607,600,640 (607.60 M), both with their
    // linear layer. Parameters: batch norm's scale and shift and the last layer's bias included.
    void hasItsPapersSize_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<std::string>("values");
        QTest::addColumn<Shape>("image");
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<qint64>("macs");
        const auto row = [](const char* id, const char* values, const Shape& image,
                            qint64 parameters, qint64 macs) {
            QTest::addRow("%s %s", id, values)
                << std::string(id) << std::string(values) << image << parameters << macs;
        };
        const Shape rgb{1, 32, 32, 3}, digit{1, 28, 28, 1};
        row("convnet_small", "{}", rgb, 61'338, 4'829'824);
        row("convnet_d", R"({"width": 0.25})", {1, 28, 28, 3}, 114'180, 7'605'632);
        row("mlp", R"({"width": 256, "depth": 2, "batch_norm": false})", digit, 269'322, 268'800);
        row("mlp", R"({"depth": 0})", digit, 7'850, 7'840);
        row("lenet5", R"({"batch_norm": false})", digit, 61'706, 416'520);
        row("lenet5", R"({"batch_norm": false})", rgb, 62'006, 651'720);
        row("vgg_small", "{}", rgb, 4'660'106, 607'600'640);
        row("resnet20", R"({"shortcut": "A"})", rgb, 269'722, 40'551'040);
        row("resnet20", "{}", rgb, 272'474, 40'813'184);
        row("resnet32", R"({"shortcut": "A"})", rgb, 464'154, 68'862'592);
        row("resnet32", "{}", rgb, 466'906, 69'124'736);
        row("resnet56", R"({"shortcut": "A"})", rgb, 853'018, 125'485'696);
        row("resnet56", "{}", rgb, 855'770, 125'747'840);
        row("resnet110", R"({"shortcut": "A"})", rgb, 1'727'962, 252'887'680);
        row("resnet110", "{}", rgb, 1'730'714, 253'149'824);
    }

    void hasItsPapersSize()
    {
        QFETCH(std::string, id);
        QFETCH(std::string, values);
        QFETCH(Shape, image);
        const NetworkSummary summary = summarize(buildWith(id, image, values));
        QTEST(qint64(summary.parameters), "parameters");
        QTEST(qint64(summary.macs), "macs");
    }

    // The capacities of the paper's models are these numbers of 1-bit weights: they hold for 28x28
    // images, whose last map is 3x3.
    void convNetsHaveTheirWeights_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<qint64>("weights");
        QTest::addRow("A: 1.23 MiB") << std::string("convnet_a") << qint64(10'352'000);
        QTest::addRow("B: 0.54 MiB") << std::string("convnet_b") << qint64(4'562'624);
        QTest::addRow("C: 0.31 MiB") << std::string("convnet_c") << qint64(2'591'424);
        QTest::addRow("D: 0.21 MiB") << std::string("convnet_d") << qint64(1'802'432);
    }

    void convNetsHaveTheirWeights()
    {
        QFETCH(std::string, id);
        const Graph graph = buildWith(id, {1, 28, 28, 3});
        QTEST(weightsOf(graph), "weights");
        for (const Node& node : graph.nodes())
            QVERIFY2(!node.bias, node.name.c_str());
    }

    void convNetLayersFollowThePapersOrder()
    {
        const Graph graph = buildWith("convnet_d", {1, 28, 28, 3});
        const char* expected[] = {"input",        "stage1.conv1", "stage1.bn1", "stage1.act1",
                                  "stage1.conv2", "stage1.pool2", "stage1.bn2", "stage1.act2"};
        for (std::size_t i = 0; i < std::size(expected); ++i)
            QCOMPARE(graph.node(int(i)).name.c_str(), expected[i]);
        QVERIFY(graph.node(3).op == Op::HardTanh);
        QCOMPARE(graph.nodes().back().name.c_str(), "head.bn");
        const Graph relu = buildWith("convnet_d", {1, 28, 28, 3}, R"({"activation": "relu"})");
        QVERIFY(relu.node(3).op == Op::Relu);
    }

    void buildsForManyImages_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<Shape>("image");
        for (const NetworkInfo& info : networks()) {
            for (const Shape& image : {Shape{1, 28, 28, 1}, Shape{1, 32, 32, 3},
                                       Shape{1, 17, 40, 2}, Shape{1, 96, 96, 3}}) {
                if (info.id.starts_with("vgg") && info.id.ends_with("_bn") && image.h < 32)
                    continue;
                QTest::addRow("%s %s", info.id.c_str(), toString(image).c_str())
                    << info.id << image;
            }
        }
    }

    void buildsForManyImages()
    {
        QFETCH(std::string, id);
        QFETCH(Shape, image);
        const Graph graph = buildWith(id, image, "{}", 7);
        QVERIFY(graph.image() == image);
        QVERIFY(graph.node(graph.output()).shape == (Shape{1, 1, 1, 7}));
        std::set<std::string> names;
        for (const Node& node : graph.nodes())
            QVERIFY2(names.insert(node.name).second, node.name.c_str());
    }

    void refusesImagesThatAreTooSmall_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<int>("least"); // the smallest side that works
        for (const char model : {'a', 'b', 'c', 'd'})
            QTest::addRow("convnet_%c", model) << concat("convnet_", model) << 8;
        QTest::addRow("vgg_small") << std::string("vgg_small") << 8;
        QTest::addRow("lenet5") << std::string("lenet5") << 12;
        QTest::addRow("convnet_small") << std::string("convnet_small") << 4;
        QTest::addRow("resnet18") << std::string("resnet18") << 4;
        QTest::addRow("mobilenet_v2") << std::string("mobilenet_v2") << 4;
        QTest::addRow("alexnet") << std::string("alexnet") << 16;
        QTest::addRow("vgg11_bn") << std::string("vgg11_bn") << 32;
        QTest::addRow("shufflenet_v2") << std::string("shufflenet_v2") << 4;
        QTest::addRow("inception_v3") << std::string("inception_v3") << 7;
        QTest::addRow("densenet100") << std::string("densenet100") << 4;
        QTest::addRow("resnet20") << std::string("resnet20") << 4;
    }

    void refusesImagesThatAreTooSmall()
    {
        QFETCH(std::string, id);
        QFETCH(int, least);
        buildWith(id, {1, least, least + 3, 3});
        try {
            buildWith(id, {1, least + 3, least - 1, 3});
            QFAIL("a smaller image was taken");
        } catch (const Error& error) {
            const QString text = error.what();
            QVERIFY2(text.startsWith(QString("[%1] needs images").arg(id.c_str())), error.what());
        }
    }

    void residualBlocksAreNamedByPlace()
    {
        const Graph graph = buildWith("resnet20", {1, 32, 32, 3});
        std::set<std::string> names;
        for (const Node& node : graph.nodes())
            names.insert(node.name);
        for (const char* name : {"stem.conv", "stage1.block0.conv1", "stage1.block0.add",
                                 "stage2.block0.shortcut.conv", "stage2.block0.shortcut.bn",
                                 "stage3.block2.act2", "head.pool", "head.linear"})
            QVERIFY2(names.contains(name), name);
        QVERIFY(!names.contains("stage1.block0.shortcut.conv"));
    }

    void shortcutAHasNoWeights()
    {
        const Graph graph = buildWith("resnet20", {1, 32, 32, 3}, R"({"shortcut": "A"})");
        int shortcuts = 0;
        for (const Node& node : graph.nodes()) {
            QVERIFY(node.op != Op::Conv || node.conv.kernelH == 3);
            shortcuts += node.op == Op::PadShortcut;
        }
        QCOMPARE(shortcuts, 2);
    }

    void widthScalesEveryLayer_data()
    {
        QTest::addColumn<std::string>("id");
        for (const NetworkInfo& info : networks()) {
            if (info.id == "mobilenet_v2")
                continue; // its channels are multiples of 8
            for (const ParamSpec& param : info.params) {
                if (param.name == "width" && param.type == ParamSpec::Type::Real)
                    QTest::addRow("%s", info.id.c_str()) << info.id;
            }
        }
    }

    void widthScalesEveryLayer()
    {
        QFETCH(std::string, id);
        const Graph one = buildWith(id, {1, 32, 32, 3});
        const Graph half = buildWith(id, {1, 32, 32, 3}, R"({"width": 0.5})");
        for (int i = 1; i < one.output(); ++i) {
            if (!one.node(i).name.starts_with("head.")) // one unit a class
                QCOMPARE(2 * half.node(i).shape.c, one.node(i).shape.c);
        }
        QCOMPARE(half.classes(), one.classes());
        buildWith(id, {1, 32, 32, 3}, R"({"width": 0.33})");
    }

    void everyRowIsComplete_data() { addEveryNetwork(); }

    void everyRowIsComplete()
    {
        QFETCH(std::string, id);
        const NetworkInfo& info = network(id);
        QCOMPARE(info.id, id);
        QVERIFY(!info.title.empty());
        QVERIFY(!info.help.empty());
        for (const ParamSpec& param : info.params)
            QVERIFY2(!param.title.empty() && !param.help.empty(), param.name.c_str());
        QCOMPARE(std::ranges::count(networks(), id, &NetworkInfo::id), 1);
    }

    void theDefaultExperimentsNetworkIsSmall()
    {
        QVERIFY(summarize(buildWith("convnet_small", {1, 32, 32, 3})).macs < 10'000'000);
    }

    void unknownIdsNameTheNearest()
    {
        try {
            network("resnet21");
            QFAIL("an unknown id was found");
        } catch (const Error& error) {
            QVERIFY2(QString(error.what()).contains("did you mean 'resnet20'?"), error.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestNetworks)
#include "tst_networks.moc"
