#include "core/nn/graph.h"

#include "core/base/assert.h"
#include "core/base/error.h"

#include <QTest>

#include <functional>

using namespace stair;

Q_DECLARE_METATYPE(Shape)

namespace {

using Step = std::function<int(Graph&)>;

/// The message of the Error that adding `step` to a small graph throws; empty when none.
std::string refusal(const Step& step)
{
    Graph graph({1, 8, 8, 6});
    try {
        step(graph);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

Q_DECLARE_METATYPE(Step)

class TestGraph : public QObject
{
    Q_OBJECT

private slots:
    void infersShapes_data()
    {
        QTest::addColumn<Step>("step");
        QTest::addColumn<Shape>("shape");
        const auto row = [](const char* name, const Step& step, const Shape& shape) {
            QTest::addRow("%s", name) << step << shape;
        };
        row("a padded 3x3 convolution keeps the size",
            [](Graph& g) { return g.conv("a", 0, ConvGeometry::square(6, 4, 3, 1, 1)); },
            {1, 7, 9, 4});
        row("stride 2 rounds up where a border helps",
            [](Graph& g) { return g.conv("a", 0, ConvGeometry::square(6, 4, 3, 2, 1)); },
            {1, 4, 5, 4});
        row("groups divide the channels",
            [](Graph& g) { return g.conv("a", 0, ConvGeometry::square(6, 9, 3, 1, 0, 3)); },
            {1, 5, 7, 9});
        row("a linear layer flattens", [](Graph& g) { return g.linear("a", 0, 5); }, {1, 1, 1, 5});
        row("batch norm keeps", [](Graph& g) { return g.batchNorm("a", 0); }, {1, 7, 9, 6});
        row("an activation keeps", [](Graph& g) { return g.activation("a", Op::HardTanh, 0); },
            {1, 7, 9, 6});
        row("a sum keeps", [](Graph& g) { return g.add("a", 0, 0); }, {1, 7, 9, 6});
        row("a pool drops the last odd row",
            [](Graph& g) {
                return g.maxPool("a", 0, {2, 2, 0});
            },
            {1, 3, 4, 6});
        row("a padded average pool keeps the size",
            [](Graph& g) {
                return g.avgPool("a", 0, {3, 1, 1});
            },
            {1, 7, 9, 6});
        row("a global average is one pixel", [](Graph& g) { return g.globalAvgPool("a", 0); },
            {1, 1, 1, 6});
        row("a shortcut takes every second pixel",
            [](Graph& g) {
                return g.padShortcut("a", 0, {2, 10});
            },
            {1, 4, 5, 10});
        row("a slice has its channels",
            [](Graph& g) {
                return g.slice("a", 0, {2, 3});
            },
            {1, 7, 9, 3});
        row("a shuffle keeps", [](Graph& g) { return g.shuffle("a", 0, {3}); }, {1, 7, 9, 6});
        row("a concat adds channels",
            [](Graph& g) {
                return g.concatChannels("a", {0, 0});
            },
            {1, 7, 9, 12});
    }

    void infersShapes()
    {
        QFETCH(Step, step);
        QFETCH(Shape, shape);
        Graph graph({16, 7, 9, 6});
        QVERIFY(graph.image() == (Shape{1, 7, 9, 6}));
        const int id = step(graph);
        QCOMPARE(id, 1);
        QCOMPARE(graph.output(), id);
        QCOMPARE(toString(graph.node(id).shape), toString(shape));
        QCOMPARE(graph.classes(), shape.c);
    }

    void aLinearLayerIsAConvolutionOfOnePixel()
    {
        Graph graph({1, 4, 5, 3});
        graph.linear("a", 0, 7, false);
        QVERIFY(graph.node(1).conv == ConvGeometry::linear(60, 7));
        QVERIFY(graph.node(1).conv.weightShape() == (Shape{7, 1, 1, 60}));
        QVERIFY(!graph.node(1).bias);
    }

    void refusesWhatDoesNotFit_data()
    {
        QTest::addColumn<Step>("step");
        QTest::addColumn<QString>("text");
        const auto row = [](const char* name, const Step& step, const char* text) {
            QTest::addRow("%s", name) << step << QString(text);
        };
        row(
            "other channels",
            [](Graph& g) { return g.conv("a", 0, ConvGeometry::square(3, 4, 3)); },
            "layer 'a': [conv] weight has 3 input channels, src has 6");
        row(
            "a kernel larger than the image",
            [](Graph& g) { return g.conv("a", 0, ConvGeometry::square(6, 4, 9)); },
            "9x9 kernel does not fit into a 8x8 image");
        row(
            "groups that do not divide",
            [](Graph& g) { return g.conv("a", 0, ConvGeometry::square(6, 4, 3, 1, 1, 4)); },
            "4 groups do not divide 6 input and 4 output channels");
        row(
            "a window larger than the image",
            [](Graph& g) {
                return g.maxPool("a", 0, {9, 2, 0});
            },
            "layer 'a': [pool] a 9x9 window does not fit into a 8x8 image");
        row(
            "branches of two shapes",
            [](Graph& g) {
                return g.add("a", 0, g.maxPool("pool", 0, {2, 2, 0}));
            },
            "layer 'a': [add] the branches differ: 1x8x8x6 and 1x4x4x6");
        row(
            "a shortcut that loses channels",
            [](Graph& g) {
                return g.padShortcut("a", 0, {2, 5});
            },
            "layer 'a': [shortcut] cannot shrink 6 channels to 5");
        row(
            "a slice past the end",
            [](Graph& g) {
                return g.slice("a", 0, {4, 3});
            },
            "layer 'a': [slice] there are no channels 4 to 6 among 6");
        row(
            "groups of unequal size", [](Graph& g) { return g.shuffle("a", 0, {4}); },
            "layer 'a': [shuffle] 4 groups do not divide 6 channels");
        row(
            "a concat of two sizes",
            [](Graph& g) {
                return g.concatChannels("a", {0, g.maxPool("pool", 0, {2, 2, 0})});
            },
            "layer 'a': [concat] the inputs differ: 4x4 and 8x8 pixels");
    }

    void refusesWhatDoesNotFit()
    {
        QFETCH(Step, step);
        QFETCH(QString, text);
        const QString message = QString::fromStdString(refusal(step));
        QVERIFY2(message.contains(text), qPrintable(message));
        QVERIFY(!message.contains('\n'));
    }

    void refusesAnImageWithoutPixels() { QVERIFY_THROWS_EXCEPTION(Error, Graph({1, 0, 8, 3})); }

    void namesAreUniqueAndInputsEarlier()
    {
        Graph graph({1, 8, 8, 3});
        graph.batchNorm("a", 0);
        QVERIFY_THROWS_EXCEPTION(InternalError, graph.batchNorm("a", 0));
        QVERIFY_THROWS_EXCEPTION(InternalError, graph.batchNorm("input", 0));
        QVERIFY_THROWS_EXCEPTION(InternalError, graph.batchNorm("", 0));
        QVERIFY_THROWS_EXCEPTION(InternalError, graph.batchNorm("b", 2));
        QVERIFY_THROWS_EXCEPTION(InternalError, graph.linear("b", -1, 4));
        QVERIFY_THROWS_EXCEPTION(InternalError, graph.activation("b", Op::Add, 0));
        QCOMPARE(graph.output(), 1);
    }

    void readersAreListedOnceAndInOrder()
    {
        Graph graph({1, 8, 8, 3});
        const int a = graph.activation("a", Op::Relu, 0);
        const int b = graph.batchNorm("b", a);
        const int c = graph.add("c", b, a);
        const int d = graph.add("d", c, c);
        QCOMPARE(graph.readers(0), std::vector<int>({a}));
        QCOMPARE(graph.readers(a), std::vector<int>({b, c}));
        QCOMPARE(graph.readers(c), std::vector<int>({d}));
        QCOMPARE(graph.readers(d), std::vector<int>());
    }
};

QTEST_GUILESS_MAIN(TestGraph)
#include "tst_graph.moc"
