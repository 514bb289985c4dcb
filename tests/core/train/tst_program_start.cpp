#include "core/train/program_start.h"
#include "tests/support/error_text.h"
#include "tests/support/lowered_models.h"
#include "tests/support/small_run.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace stair;

namespace {

Json spec(const std::string& method, int weights, int activations, bool perChannel,
          const std::string& network, const std::string& residual = "codes8")
{
    Json json = smallSpec("float");
    for (const char* assignment : {"data.params.train=672", "data.params.test=512",
                                   "training.epochs=3", "training.optimizer.learning_rate=0.1",
                                   "training.evaluate_every=3", "training.checkpoint_every=0",
                                   "training.guards.dead=false", "training.guards.saturation=1"})
        assign(json, assignment);
    json["network"] = {{"id", network}};
    if (network == "convnet_small")
        json["network"]["params"] = {{"width", 0.5}};
    json["quant"] = {{"method", method},
                     {"weights", {{"bits", weights}, {"per", perChannel ? "channel" : "tensor"}}},
                     {"activations", {{"bits", activations}}},
                     {"residual", residual}};
    return json;
}

/// Weight codes of all layers, one after the other.
std::vector<std::uint8_t> weightCodes(const Program& program)
{
    std::vector<std::uint8_t> all;
    for (const Instruction& in : program.instructions) {
        const auto bytes = in.weightCodes.bytes();
        all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
}

/// The largest difference of multipliers and offsets, as a share of the layer's largest.
double farthest(const std::vector<float>& a, const std::vector<float>& b)
{
    double most = 1e-30, apart = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        most = std::max(most, std::abs(double(a[i])));
        apart = std::max(apart, std::abs(double(a[i]) - double(b[i])));
    }
    return apart / most;
}

double farthest(const Program& a, const Program& b)
{
    double most = 0;
    for (std::size_t i = 0; i < a.instructions.size(); ++i) {
        const Epilogue &x = a.instructions[i].epilogue, &y = b.instructions[i].epilogue;
        most = std::max({most, farthest(x.m, y.m), farthest(x.b, y.b)});
        for (std::size_t o = 0; o < x.outputs.size(); ++o)
            most = std::max({most, farthest(x.outputs[o].m, y.outputs[o].m),
                             farthest(x.outputs[o].b, y.outputs[o].b)});
    }
    return most;
}

/// Every operation without weights, of the same shapes whatever the arguments.
Graph withMoves(int kernel, int first, int groups, int sum)
{
    Graph g({1, 8, 8, 3});
    const auto block = [&g](const std::string& name, int from, int channels) {
        const int conv = g.conv("c" + name, from, conv3(g.node(from).shape.c, channels));
        return g.activation("t" + name, Op::Relu, g.batchNorm("n" + name, conv));
    };
    int x = g.maxPool("pool", block("1", 0, 16), {kernel, 2, kernel - 2});
    x = g.slice("slice", block("2", x, 16), {first, 8});
    x = g.shuffle("shuffle", block("3", x, 16), {groups});
    x = g.avgPool("mean", block("4", x, 8), {sum, 2, sum - 2});
    g.linear("head", x, 4);
    return g;
}

} // namespace

/// A shipped program is a place to train on from: the trainer starts where the file stands.
class TestProgramStart : public QObject
{
    Q_OBJECT

private slots:
    void startsWhereTheProgramStands_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("weights");
        QTest::addColumn<int>("activations");
        QTest::addColumn<bool>("perChannel");
        QTest::addColumn<QString>("network");
        QTest::addColumn<QString>("residual");
        QTest::newRow("LSQ W4A4") << "lsq" << 4 << 4 << false << "convnet_small"
                                  << "codes8";
        QTest::newRow("LSQ W2A2 per channel") << "lsq" << 2 << 2 << true << "convnet_small"
                                              << "codes8";
        QTest::newRow("LSQ+ W4A4") << "lsq_plus" << 4 << 4 << false << "convnet_small"
                                   << "codes8";
        QTest::newRow("min-max W4A4") << "minmax" << 4 << 4 << false << "convnet_small"
                                      << "codes8";
        QTest::newRow("ASR W2A2") << "asr" << 2 << 2 << false << "convnet_small"
                                  << "codes8";
        QTest::newRow("BCGD W2A4") << "bcgd" << 2 << 4 << false << "convnet_small"
                                   << "codes8";
        QTest::newRow("TWN W2A4") << "twn" << 2 << 4 << false << "convnet_small"
                                  << "codes8";
        QTest::newRow("residual joins") << "lsq" << 4 << 4 << false << "resnet20"
                                        << "codes8";
        QTest::newRow("shared joins") << "lsq" << 4 << 4 << false << "resnet20"
                                      << "shared";
        QTest::newRow("no batch norm") << "lsq" << 4 << 4 << false << "lenet5"
                                       << "codes8";
    }

    // The bounds: m and b to a part in 100,000, for batch norm's own values are rounded; so that one
    // image of 100 at most is judged otherwise.
    void startsWhereTheProgramStands()
    {
        QFETCH(QString, method);
        QFETCH(int, weights);
        QFETCH(int, activations);
        QFETCH(bool, perChannel);
        QFETCH(QString, network);
        QFETCH(QString, residual);
        const Json json = spec(method.toStdString(), weights, activations, perChannel,
                               network.toStdString(), residual.toStdString());
        Run first(json);
        const Program shipped = first.trainer.program();
        const double before = first.trainer.evaluate().test.top1;

        Json again = json;
        again["training"]["epochs"] = 2;
        const ExperimentSpec other = readSpec(again);
        const Dataset data = openSmall(other);
        Runtime runtime(2);
        Trainer trainer(other, data, runtime);
        trainer.startFrom(shipped);
        const Program now = trainer.program();
        QVERIFY(weightCodes(now) == weightCodes(shipped));
        for (std::size_t id = 0; id < now.values.size(); ++id)
            QCOMPARE(now.values[id].step, shipped.values[id].step);
        QVERIFY2(farthest(shipped, now) < 1e-5, QByteArray::number(farthest(shipped, now)));
        const double after = trainer.evaluate().test.top1;
        qInfo("%.4f shipped, %.4f at step 0", before, after);
        QVERIFY(std::abs(after - before) <= 0.01);

        RecordingObserver observer;
        ScriptedControls controls;
        QVERIFY(trainer.run(observer, controls, {}) == RunEnd::Finished);
        QVERIFY(observer.losses.back() < observer.losses.front() + 0.5);
        QVERIFY(observer.evaluations.back().test.top1 > before - 0.15);
    }

    // A file of another program has the same layers under names of its own.
    void namesDoNotMatterButWiringDoes()
    {
        const Json json = spec("lsq", 4, 4, false, "resnet20");
        Run first(json);
        Program shipped = first.trainer.program();
        for (Instruction& in : shipped.instructions)
            in.name = "Conv_" + std::to_string(&in - shipped.instructions.data());
        const ExperimentSpec same = readSpec(json);
        const Dataset data = openSmall(same);
        Runtime runtime(2);
        Trainer trainer(same, data, runtime);
        trainer.startFrom(shipped);
        QVERIFY(weightCodes(trainer.program()) == weightCodes(shipped));

        const auto join = std::ranges::find_if(shipped.instructions, [&](const Instruction& in) {
            return in.skip >= 0
                && shipped.values[std::size_t(in.sources.front())].shape
                == shipped.values[std::size_t(in.skip)].shape;
        });
        QVERIFY(join != shipped.instructions.end());
        join->skip = join->sources.front();
        Trainer other(same, data, runtime);
        VERIFY_CONTAINS(errorText([&] { other.startFrom(shipped); }), "reads other layers than");
    }

    // Fewer bits than the file's: its weights as they are, steps of the run's own.
    void otherWidthsTakeTheWeights()
    {
        Run first(spec("lsq", 4, 4, false, "convnet_small"));
        const Program shipped = first.trainer.program();
        const ExperimentSpec other = readSpec(spec("lsq", 3, 3, true, "convnet_small"));
        const Dataset data = openSmall(other);
        Runtime runtime(2);
        Trainer trainer(other, data, runtime);
        trainer.startFrom(shipped);
        RecordingObserver observer;
        ScriptedControls controls;
        QVERIFY(trainer.run(observer, controls, {}) == RunEnd::Finished);
        QVERIFY(observer.losses.front() < first.observer.losses.front());
    }

    void anotherNetworkIsRefused()
    {
        Run first(spec("lsq", 4, 4, false, "convnet_small"));
        const Program shipped = first.trainer.program();
        const ExperimentSpec other = readSpec(spec("lsq", 4, 4, false, "lenet5"));
        const Dataset data = openSmall(other);
        Runtime runtime(2);
        Trainer trainer(other, data, runtime);
        VERIFY_CONTAINS(errorText([&] { trainer.startFrom(shipped); }),
                        "the file's network is not this lenet5");
    }

    void operationsWithoutWeightsCountToo_data()
    {
        QTest::addColumn<int>("kernel");
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("groups");
        QTest::addColumn<int>("sum");
        QTest::addColumn<QString>("refused");
        QTest::newRow("the same") << 2 << 0 << 2 << 2 << "";
        QTest::newRow("another maximum") << 3 << 0 << 2 << 2 << "pool";
        QTest::newRow("another slice") << 2 << 8 << 2 << 2 << "slice";
        QTest::newRow("another shuffle") << 2 << 0 << 4 << 2 << "shuffle";
        QTest::newRow("another average") << 2 << 0 << 2 << 3 << "mean";
    }

    // Shapes alone do not tell them apart.
    void operationsWithoutWeightsCountToo()
    {
        QFETCH(int, kernel);
        QFETCH(int, first);
        QFETCH(int, groups);
        QFETCH(int, sum);
        QFETCH(QString, refused);
        Runtime runtime(2);
        Model shipped(withMoves(2, 0, 2, 2), quantSpec("lsq", 4, 4), colours(), 7);
        trainBriefly(shipped, runtime, 2, 8);
        Model model(withMoves(kernel, first, groups, sum), quantSpec("lsq", 4, 4), colours(), 8);
        const TinyBatch tiny(model.graph(), 8, 78);
        const ImageBytes bytes = tiny.bytes();
        Batch batch;
        batch.count = bytes.shape.n;
        batch.height = bytes.shape.h;
        batch.width = bytes.shape.w;
        batch.channels = bytes.shape.c;
        batch.pixels.assign(bytes.pixels, bytes.pixels + bytes.shape.size());
        const QString error = errorText(
            [&] { startFromProgram(model, runtime, lower(shipped), std::span(&batch, 1), "net"); });
        if (refused.isEmpty())
            QCOMPARE(error, QString());
        else
            VERIFY_CONTAINS(error, "stands where this has " + refused + ", or has another size");
    }

    void weightsThatAMethodSeesOtherwiseAreRefused()
    {
        Run first(spec("lsq", 2, 2, false, "convnet_small"));
        Program shipped = first.trainer.program();
        for (Instruction& in :
             shipped.instructions) // a grid of DoReFa's, and codes that do not reach it
            if (in.weightCodes && in.weightCodes.grid().bits == 2) {
                Codes codes(in.weightCodes.shape(), Grid::odd(2));
                std::ranges::fill(codes.bytes(), std::uint8_t(1));
                in.weightCodes = std::move(codes);
            }
        const ExperimentSpec other = readSpec(spec("dorefa", 2, 2, false, "convnet_small"));
        const Dataset data = openSmall(other);
        Runtime runtime(2);
        Trainer trainer(other, data, runtime);
        VERIFY_CONTAINS(errorText([&] { trainer.startFrom(shipped); }),
                        "other codes than the file's");
    }
};

QTEST_GUILESS_MAIN(TestProgramStart)
#include "tst_program_start.moc"
