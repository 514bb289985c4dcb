#include "core/infer/engine.h"

#include "core/infer/inference_bench.h"
#include "core/lower/float_twin.h"
#include "core/ops/integer/kernels.h"
#include "core/ops/simd/bit_kernels.h"
#include "tests/support/lowered_models.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace stair;

namespace {

constexpr Shape image{1, 8, 8, 3};

int convBlock(Graph& g, const std::string& name, int x, int out, bool poolBefore = false)
{
    x = g.conv("c" + name, x, conv3(g.node(x).shape.c, out));
    if (poolBefore)
        x = g.maxPool("p" + name, x, {2, 2, 0});
    return g.activation("t" + name, Op::HardTanh, g.batchNorm("n" + name, x));
}

struct WideNetwork
{
    std::string name;
    bool isChain; // each value has one reader
    std::function<Graph()> build;
};

/// Networks wide enough that bits are counted.
std::vector<WideNetwork> wideNetworks()
{
    return {
        {"chained, whole words, maxima before the norm, rows of pixels", true,
         [] {
             Graph g(image);
             int x = convBlock(g, "1", 0, 64);
             x = convBlock(g, "2", x, 128, true);
             x = convBlock(g, "3", x, 64);
             x = convBlock(g, "4", x, 64, true);
             x = g.activation("t5", Op::HardTanh, g.batchNorm("n5", g.linear("fc5", x, 96, false)));
             g.batchNorm("n6", g.linear("head", x, 4, false));
             return g;
         }},
        {"odd channels, maxima before the norm, rows of pixels", true,
         [] {
             Graph g(image);
             int x = convBlock(g, "1", 0, 70);
             x = convBlock(g, "2", x, 131, true);
             x = convBlock(g, "3", x, 67);
             x = g.activation("t5", Op::HardTanh, g.batchNorm("n5", g.linear("fc5", x, 97, false)));
             g.batchNorm("n6", g.linear("head", x, 4, false));
             return g;
         }},
        {"maxima between packed layers, overlapping and padded", true,
         [] {
             Graph g(image);
             int x = convBlock(g, "1", 0, 65);
             x = g.maxPool("p1", convBlock(g, "2", x, 66), {3, 1, 1});
             x = g.maxPool("p2", convBlock(g, "3", x, 129), {3, 2, 1});
             x = convBlock(g, "4", x, 64);
             g.batchNorm("n6", g.linear("head", x, 4, false));
             return g;
         }},
        {"joins, and two readers of one value", false,
         [] {
             Graph g(image);
             int x = convBlock(g, "1", 0, 72);
             const int y = convBlock(g, "2", x, 72);
             int z = g.batchNorm("n3", g.conv("c3", y, conv3(72, 72)));
             z = g.activation("t3", Op::HardTanh, g.add("a3", z, x));
             x = g.batchNorm("n4", g.conv("c4", z, conv3(72, 72)));
             x = g.activation("t4", Op::HardTanh, g.add("a4", x, y));
             g.linear("head", g.globalAvgPool("gap", x), 4);
             return g;
         }},
    };
}

struct FewBits
{
    const char* name;
    const char* method;
    int bits;
    bool isOne;
};

constexpr FewBits fewBits[] = {{"BNN 1/1", "bnn", 1, true},
                               {"AQE 1/1", "aqe", 1, true},
                               {"AQE 2/2", "aqe", 2, false},
                               {"DoReFa 1/1", "dorefa", 1, true},
                               {"LSQ 2/2", "lsq", 2, false}};

} // namespace

/// What the engine prepares, packs and fuses changes no integer.
class TestEngine : public QObject
{
    Q_OBJECT

private slots:
    void packedLayersGiveTheReferenceIntegers_data()
    {
        QTest::addColumn<int>("network");
        QTest::addColumn<int>("widths");
        const auto networks = wideNetworks();
        for (int b = 0; b < int(std::size(fewBits)); ++b)
            for (int i = 0; i < int(networks.size()); ++i)
                QTest::addRow("%s: %s", fewBits[b].name, networks[std::size_t(i)].name.c_str())
                    << i << b;
    }

    void packedLayersGiveTheReferenceIntegers()
    {
        QFETCH(int, network);
        QFETCH(int, widths);
        const FewBits& few = fewBits[widths];
        Model model(wideNetworks()[std::size_t(network)].build(),
                    quantSpec(few.method, few.bits, few.bits), colours(), 7);
        trainBriefly(model, m_runtime, 2, 8);
        turnNorms(model);
        const Program program = lower(model);
        const TinyBatch batch(model.graph(), 3, 78);
        QCOMPARE(firstUnlikeReference(program, m_runtime, batch), std::string());

        // The same without keeping, and with other numbers of images in between.
        Engine kept(program, m_runtime), chained(program, m_runtime);
        kept.keepValues(true);
        const std::vector<float> expected = copyOf(kept.run(batch.bytes()));
        QCOMPARE(copyOf(chained.run(batch.bytes())), expected);
        const TinyBatch other(model.graph(), 1, 79);
        chained.run(other.bytes());
        QCOMPARE(copyOf(chained.run(batch.bytes())), expected);

        chained.computeAtOnce(2); // two parts, the second of one image
        QCOMPARE(copyOf(chained.run(batch.bytes())), expected);

        int packed = 0;
        for (std::size_t i = 0; i < program.instructions.size(); ++i)
            packed += chained.describe(i) == "bits, packed";
        const bool counts = m_runtime.hasVnni() ? bits::counting() == bits::Counting::Words
                                                : bits::counting() == bits::Counting::Bytes;
        // A value that a join reads too is written as bytes.
        if (few.isOne && counts)
            QCOMPARE(packed > 0, wideNetworks()[std::size_t(network)].isChain);
    }

    void theHookReachesPackedLayers_data()
    {
        QTest::addColumn<QByteArray>("broken");
        QTest::addColumn<bool>("isSeen");
        QTest::newRow("sums and thresholds, checked") << QByteArray("xnor") << false;
        QTest::newRow("sums and thresholds, unchecked") << QByteArray("xnor:unchecked") << true;
        QTest::newRow("maxima, checked") << QByteArray("bit_maximum") << false;
        QTest::newRow("maxima, unchecked") << QByteArray("bit_maximum:unchecked") << true;
    }

    // What is written packed is checked before its first use, as sums are.
    void theHookReachesPackedLayers()
    {
        QFETCH(QByteArray, broken);
        QFETCH(bool, isSeen);
        Model model(wideNetworks()[2].build(), quantSpec("bnn", 1, 1), colours(), 7);
        trainBriefly(model, m_runtime, 2, 8);
        turnNorms(model);
        const Program program = lower(model);
        const TinyBatch batch(model.graph(), 3, 78);
        qputenv("STAIR_BREAK_KERNEL", broken);
        Runtime runtime(2);
        qunsetenv("STAIR_BREAK_KERNEL");
        const bool counts = m_runtime.hasVnni() ? bits::counting() == bits::Counting::Words
                                                : bits::counting() == bits::Counting::Bytes;
        const std::string unlike = firstUnlikeReference(program, runtime, batch);
        QCOMPARE(!unlike.empty(), isSeen && counts);
        const std::vector<std::string> lines = describeKernels(runtime.integerKernels());
        const bool isTold = std::ranges::any_of(lines, [](const std::string& line) {
            return line.find(" gave wrong ") != std::string::npos;
        });
        QCOMPARE(isTold, !isSeen && counts);
    }

    void theTwinComputesTheSameReals_data()
    {
        QTest::addColumn<int>("network");
        const auto networks = tinyNetworks();
        for (int i = 0; i < int(networks.size()); ++i)
            QTest::addRow("%s", networks[std::size_t(i)].name.c_str()) << i;
    }

    // 8-bit codes are near the reals: what is left is their rounding.
    void theTwinComputesTheSameReals()
    {
        QFETCH(int, network);
        const TinyNetwork tiny = tinyNetworks()[std::size_t(network)];
        Model model(tiny.build(), tiny.with(quantSpec("minmax", 8, 8)), colours(), 7);
        trainBriefly(model, m_runtime, 3, 16);
        const TinyBatch batch(model.graph(), 16, 102);
        // Running statistics and ranges that fit the batch: nothing is cut off.
        TrainingPass pass(model, m_runtime);
        for (int step = 0; step < 60; ++step) {
            pass.forward(batch.bytes(), PassMode::Train);
            pass.updateRunningStatistics();
        }
        const Program program = lower(model);
        const Program twin = floatTwin(program);
        QCOMPARE(twin.instructions.size(), program.instructions.size());
        Engine integers(program, m_runtime), reals(twin, m_runtime);
        integers.keepValues(true);
        reals.keepValues(true);
        integers.run(batch.bytes());
        reals.run(batch.bytes());
        for (std::size_t id = 0; id < program.values.size(); ++id) {
            const ProgramValue& described = program.values[id];
            std::size_t other = 0;
            while (twin.values[other].name != described.name)
                ++other;
            const Engine::Value& value = integers.values()[id];
            const std::span<const float> expected = reals.values()[other].floats.values();
            double difference = 0, size = 0;
            for (std::size_t i = 0; i < expected.size(); ++i) {
                const double real = value.codes
                    ? double(described.step) * value.codes.at(std::int64_t(i))
                    : double(value.floats.data()[i]);
                difference += std::pow(real - double(expected[i]), 2);
                size += std::pow(double(expected[i]), 2);
            }
            QVERIFY2(difference < 0.01 * size,
                     qPrintable(QString::fromStdString(described.name)
                                + QString(": %1").arg(difference / size)));
        }
    }

    void theBenchTellsEveryLayer()
    {
        const Program program = untrainedProgram("lenet5", quantSpec("lsq", 8, 8), 32, m_runtime);
        const Json result = runInferenceBench(program, m_runtime, {4, 1}, 2);
        QCOMPARE(result["runs"].size(), 2u);
        for (const Json& run : result["runs"]) {
            QCOMPARE(run["layers"].size(), program.instructions.size() + 1);
            double sum = 0, kilobytes = 0;
            for (const Json& layer : run["layers"]) {
                sum += layer["integer_ms"].get<double>();
                kilobytes += layer["integer_kb"].get<double>();
                if (layer["integer_kb"].get<double>() > 0)
                    QCOMPARE(layer["float_kb"].get<double>(),
                             4 * layer["integer_kb"].get<double>());
            }
            QVERIFY(sum > 0 && kilobytes > 0);
            QVERIFY(run["integer"]["images_per_s"].get<double>() > 0);
        }
    }

private:
    static std::vector<float> copyOf(const Tensor& tensor)
    {
        return {tensor.values().begin(), tensor.values().end()};
    }

    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
