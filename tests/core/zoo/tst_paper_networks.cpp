#include "core/base/error.h"
#include "core/nn/summary.h"
#include "core/zoo/networks.h"
#include "tests/support/build_network.h"

#include <QTest>

using namespace stair;

namespace {

constexpr Shape photo{1, 224, 224, 3};
constexpr Shape thumbnail{1, 32, 32, 3};

bool hasNode(const Graph& graph, const std::string& name)
{
    return std::ranges::count(graph.nodes(), name, &Node::name) > 0;
}

} // namespace

/// The networks that the papers train on large images.
class TestPaperNetworks : public QObject
{
    Q_OBJECT

private slots:
    void hasItsPublishedSize_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<std::string>("values");
        QTest::addColumn<Shape>("image");
        QTest::addColumn<int>("classes");
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<qint64>("macs");
        const auto row = [](const char* id, const char* values, const Shape& image, int classes,
                            qint64 parameters, qint64 macs) {
            QTest::addRow("%s %s %d", id, values, image.h)
                << std::string(id) << std::string(values) << image << classes << parameters << macs;
        };
        row("resnet18", "{}", photo, 1000, 11'689'512, 1'814'073'344);
        row("resnet34", "{}", photo, 1000, 21'797'672, 3'663'761'408);
        row("resnet50", "{}", photo, 1000, 25'557'032, 4'089'184'256);
        row("resnet18", "{}", thumbnail, 10, 11'173'962, 555'422'720);
        row("mobilenet_v2", "{}", photo, 1000, 3'504'872, 300'774'272);
        row("mobilenet_v2", "{}", thumbnail, 10, 2'236'682, 87'976'448);
        row("alexnet", "{}", photo, 1000, 61'100'840, 714'188'480);
        row("alexnet", R"({"batch_norm": true})", photo, 1000, 61'110'184, 714'188'480);
        row("alexnet", "{}", thumbnail, 10, 23'468'874, 75'325'440);
        row("vgg11_bn", "{}", photo, 1000, 132'868'840, 7'609'090'048);
        row("vgg11_bn", "{}", thumbnail, 10, 9'231'114, 152'769'536);
        row("vgg16_bn", "{}", photo, 1000, 138'365'992, 15'470'264'320);
        row("vgg16_bn", "{}", thumbnail, 10, 14'728'266, 313'201'664);
        row("shufflenet_v2", "{}", photo, 1000, 2'278'604, 144'907'992);
        row("shufflenet_v2", R"({"width": "x0.5"})", photo, 1000, 1'366'792, 40'476'448);
        row("shufflenet_v2", "{}", thumbnail, 10, 1'263'854, 45'002'112);
        row("inception_v3", "{}", {1, 299, 299, 3}, 1000, 23'834'568, 5'713'216'096);
        row("inception_v3", R"({"auxiliary": true})", {1, 299, 299, 3}, 1000, 27'161'264,
            5'718'899'296);
        row("inception_v3", "{}", photo, 1000, 23'834'568, 2'837'921'120);
        row("inception_v3", "{}", thumbnail, 10, 21'806'058, 3'631'154'176);
        row("densenet100", "{}", thumbnail, 10, 769'162, 287'929'692);
        row("densenet100", "{}", photo, 1000, 1'111'660, 924'339'312);
    }

    void hasItsPublishedSize()
    {
        QFETCH(std::string, id);
        QFETCH(std::string, values);
        QFETCH(Shape, image);
        QFETCH(int, classes);
        const NetworkSummary summary = summarize(buildWith(id, image, values, classes));
        QTEST(qint64(summary.parameters), "parameters");
        QTEST(qint64(summary.macs), "macs");
    }

    void theFormFollowsTheImage_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<std::string>("part");
        for (const NetworkInfo& info : networks()) {
            for (const ParamSpec& param : info.params) {
                if (param.name == "stem" || param.name == "head")
                    QTest::addRow("%s", info.id.c_str()) << info.id << param.name;
            }
        }
    }

    void theFormFollowsTheImage()
    {
        QFETCH(std::string, id);
        QFETCH(std::string, part);
        const auto sizesOf = [&](const Shape& image, const char* form) {
            std::vector<std::string> sizes;
            const Graph graph = buildWith(id, image, concat("{\"", part, "\": \"", form, "\"}"));
            for (const Node& node : graph.nodes())
                sizes.push_back(concat(node.name, " ", toString(node.shape)));
            return sizes;
        };
        QCOMPARE(sizesOf(thumbnail, "auto"), sizesOf(thumbnail, "small"));
        QCOMPARE(sizesOf(photo, "auto"), sizesOf(photo, "large"));
        QVERIFY(sizesOf(photo, "large") != sizesOf(photo, "small"));
    }

    void averagesThatDoNotDivideAreRefused()
    {
        try {
            buildWith("alexnet", {1, 256, 256, 3});
            QFAIL("7x7 pixels were averaged down to 6x6");
        } catch (const Error& error) {
            QVERIFY2(QString(error.what()).contains("cannot average 7x7 pixels"), error.what());
        }
        const Graph graph = buildWith("vgg11_bn", {1, 448, 448, 3});
        QVERIFY(hasNode(graph, "stage5.average"));
        QVERIFY(!hasNode(buildWith("vgg11_bn", photo), "stage5.average"));
    }

    void mobileNetsChannelsAreMultiplesOfEight()
    {
        const Graph graph = buildWith("mobilenet_v2", thumbnail, R"({"width": 0.35})");
        for (const Node& node : graph.nodes()) {
            if (node.op == Op::Conv)
                QVERIFY2(node.shape.c % 8 == 0, node.name.c_str());
        }
        QCOMPARE(graph.node(graph.output() - 1).shape.c, 1280);
        // 0.35 * 24 = 8.4, and 0.35 * 64 = 22.4: 24 is nearest. 0.75 * 24 = 18: 16 is too few.
        const Graph wide = buildWith("mobilenet_v2", thumbnail, R"({"width": 0.75})");
        for (const Node& node : wide.nodes()) {
            if (node.name == "stage2.block0.conv3")
                QCOMPARE(node.shape.c, 24);
        }
    }

    void halfOfAShuffleUnitPassesUntouched()
    {
        const Graph graph = buildWith("shufflenet_v2", thumbnail);
        for (const Node& node : graph.nodes()) {
            if (node.op == Op::Slice)
                QCOMPARE(2 * node.slice.channels, graph.node(node.inputs.front()).shape.c);
            if (node.op == Op::ChannelShuffle)
                QCOMPARE(node.shuffle.groups, 2);
        }
        QVERIFY(hasNode(graph, "stage2.unit7.shuffle"));
        QVERIFY(!hasNode(graph, "stage2.unit0.left"));
    }

    void denseLayersSeeAllMapsBeforeThem()
    {
        const Graph graph = buildWith("densenet100", thumbnail);
        for (const Node& node : graph.nodes()) {
            if (node.name == "block2.layer15.concat")
                QCOMPARE(node.shape.c, 108 + 15 * 12);
            if (node.name == "last.act")
                QCOMPARE(toString(node.shape), std::string("1x8x8x342"));
        }
    }

    void inceptionsGridsAreThePapers()
    {
        const Graph graph = buildWith("inception_v3", {1, 299, 299, 3});
        const std::pair<const char*, const char*> expected[] = {{"stem.pool5", "1x35x35x192"},
                                                                {"mixed3.concat", "1x35x35x288"},
                                                                {"mixed8.concat", "1x17x17x768"},
                                                                {"mixed9.concat", "1x8x8x1280"},
                                                                {"mixed11.concat", "1x8x8x2048"}};
        for (const auto& [name, shape] : expected) {
            const auto node = std::ranges::find(graph.nodes(), name, &Node::name);
            QVERIFY2(node != graph.nodes().end(), name);
            QCOMPARE(toString(node->shape), std::string(shape));
        }
    }

    void blocksAreNamedByPlace()
    {
        for (const char* name : {"stem.pool", "stage1.block0.conv1", "stage1.block0.shortcut.conv",
                                 "stage4.block2.conv3", "stage4.block2.act", "head.linear"})
            QVERIFY2(hasNode(buildWith("resnet50", photo), name), name);
        QVERIFY(!hasNode(buildWith("resnet18", photo), "stage1.block0.shortcut.conv"));
        QVERIFY(!hasNode(buildWith("resnet18", thumbnail), "stem.pool"));
        QVERIFY(hasNode(buildWith("mobilenet_v2", photo), "stage3.block1.add"));
        QVERIFY(!hasNode(buildWith("mobilenet_v2", photo), "stage3.block0.add"));
    }
};

QTEST_GUILESS_MAIN(TestPaperNetworks)
#include "tst_paper_networks.moc"
