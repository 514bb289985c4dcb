#include "core/nn/summary.h"

#include <QTest>

using namespace stair;

namespace {

Graph example()
{
    Graph graph({1, 4, 4, 2});
    int x = graph.conv("stem.conv", 0, ConvGeometry::square(2, 4, 3, 1, 1, 2), true);
    x = graph.batchNorm("stem.bn", x);
    x = graph.maxPool("stem.pool", x, PoolGeometry{});
    graph.linear("head.linear", x, 10);
    return graph;
}

} // namespace

class TestSummary : public QObject
{
    Q_OBJECT

private slots:
    void countsParametersAndProducts_data()
    {
        QTest::addColumn<int>("layer");
        QTest::addColumn<qint64>("parameters");
        QTest::addColumn<qint64>("macs");
        QTest::addRow("the image has none") << 0 << qint64(0) << qint64(0);
        QTest::addRow("grouped convolution with bias: 4*9*1 + 4, 16 pixels of 4*9")
            << 1 << qint64(40) << qint64(576);
        QTest::addRow("batch norm: scale and shift of 4") << 2 << qint64(8) << qint64(0);
        QTest::addRow("a pool has none") << 3 << qint64(0) << qint64(0);
        QTest::addRow("linear: 16*10 + 10") << 4 << qint64(170) << qint64(160);
    }

    void countsParametersAndProducts()
    {
        QFETCH(int, layer);
        const NetworkSummary summary = summarize(example());
        QCOMPARE(summary.layers.size(), std::size_t(5));
        QTEST(qint64(summary.layers.at(std::size_t(layer)).parameters), "parameters");
        QTEST(qint64(summary.layers.at(std::size_t(layer)).macs), "macs");
    }

    void totalsAreSums()
    {
        const NetworkSummary summary = summarize(example());
        QCOMPARE(summary.parameters, std::int64_t(40 + 8 + 170));
        QCOMPARE(summary.macs, std::int64_t(576 + 160));
    }

    void textIsATable()
    {
        const char* expected = "layer        operation   output  parameters  MACs\n"
                               "input        input       4x4x2\n"
                               "stem.conv    conv        4x4x4           40   576\n"
                               "stem.bn      batch_norm  4x4x4            8\n"
                               "stem.pool    max_pool    2x2x4\n"
                               "head.linear  linear      1x1x10         170   160\n"
                               "total                                   218   736\n";
        QCOMPARE(QString::fromStdString(toText(summarize(example()))), QString(expected));
    }

    void jsonHasEveryLayer()
    {
        const Json json = toJson(summarize(example()));
        QCOMPARE(json["parameters"].get<int>(), 218);
        QCOMPARE(json["macs"].get<int>(), 736);
        QCOMPARE(json["layers"].size(), std::size_t(5));
        const Json expected = {{"name", "stem.bn"},
                               {"op", "batch_norm"},
                               {"shape", {4, 4, 4}},
                               {"parameters", 8},
                               {"macs", 0}};
        QCOMPARE(json["layers"][2].dump(), expected.dump());
    }
};

QTEST_GUILESS_MAIN(TestSummary)
#include "tst_summary.moc"
