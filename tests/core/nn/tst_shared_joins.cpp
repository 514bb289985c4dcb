#include "core/base/error.h"
#include "core/lower/lowering.h"
#include "tests/support/build_network.h"
#include "tests/support/error_text.h"
#include "tests/support/lowered_check.h"
#include "tests/support/small_run.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace stair;

namespace {

constexpr const char* suffix = ".shared.step";

QuantSpec sharedSpec(const std::string& method, int weightBits, int activationBits)
{
    QuantSpec quant = quantSpec(method, weightBits, activationBits);
    quant.residual = ResidualPolicy::Shared;
    return quant;
}

/// Stages whose result the joins' quantizers see, by quantizer.
std::map<const Quantizer*, std::vector<int>> placesOfShared(const Model& model)
{
    std::map<const Quantizer*, std::vector<int>> places;
    for (int id = 0; id < int(model.stages().size()); ++id) {
        if (!model.stages()[std::size_t(id)].hasEpilogue())
            continue;
        for (const auto& quantizer : model.parts(id).viewQuantizers)
            if (quantizer && quantizer->servesSeveral())
                places[quantizer.get()].push_back(id);
    }
    return places;
}

Json sharedRun(const std::string& method)
{
    Json spec = smallSpec(method);
    spec["network"] = {{"id", "resnet20"}, {"params", {{"width", 0.5}}}};
    spec["quant"]["residual"] = "shared";
    return spec;
}

} // namespace

/// quant.residual shared: one quantizer for both branches of a join and again after their sum.
class TestSharedJoins : public QObject
{
    Q_OBJECT

private slots:
    void joinsThatHandOnTheirSkipsHaveOneQuantizer_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("quantizers");
        QTest::addRow("small images: one a stage") << "resnet20" << 32 << 3;
        QTest::addRow("projections: one a stage") << "resnet18" << 64 << 4;
        QTest::addRow("inverted residuals: one a run of blocks") << "mobilenet_v2" << 32 << 5;
        QTest::addRow("no joins") << "vgg_small" << 32 << 0;
    }

    void joinsThatHandOnTheirSkipsHaveOneQuantizer()
    {
        QFETCH(QString, network);
        QFETCH(int, size);
        QFETCH(int, quantizers);
        Model model(buildWith(network.toStdString(), {1, size, size, 3}), sharedSpec("lsq", 4, 4),
                    colours(), 7);
        int shared = 0;
        std::set<std::string> names;
        for (const Quantizer* quantizer : model.quantizers()) {
            shared += quantizer->servesSeveral();
            QCOMPARE(quantizer->servesSeveral(), quantizer->name().ends_with(suffix));
            QVERIFY2(names.insert(quantizer->name()).second, quantizer->name().c_str());
        }
        QCOMPARE(shared, quantizers);
        for (const Stage& stage : model.stages()) {
            QVERIFY(!stage.skip);
            if (stage.compute != Compute::Add)
                continue;
            std::set<int> groups;
            for (const Reading& part : stage.parts) {
                const View& view
                    = model.stages()[std::size_t(part.stage)].views[std::size_t(part.view)];
                QCOMPARE(view.bits, 8);
                QVERIFY(view.grid.isSigned);
                groups.insert(view.group);
            }
            QCOMPARE(groups.size(), std::size_t(1));
            QVERIFY(!groups.contains(-1));
        }
    }

    // In the program: both branches and what reads the sum at 8 bits have one grid and one step, and
    // codes that keep it come out of the sum as they are.
    void theSumIsOneOfCodes()
    {
        Model model(tinyNetworks()[3].build(), sharedSpec("bcgd", 4, 8), colours(), 7);
        trainBriefly(model, m_runtime, 4, 16);
        const Program program = lower(model);
        const auto value = [&program](int id) -> const ProgramValue& {
            return program.values[std::size_t(id)];
        };
        int joins = 0;
        for (const Instruction& in : program.instructions) {
            QVERIFY(in.skip < 0);
            if (in.compute != Compute::Add)
                continue;
            ++joins;
            QCOMPARE(in.sources.size(), std::size_t(2));
            QVERIFY(value(in.sources[0]).grid == Grid::uniform(8, true));
            QVERIFY(value(in.sources[1]).grid == Grid::uniform(8, true));
            QCOMPARE(value(in.sources[0]).step, value(in.sources[1]).step);
            QCOMPARE(in.outputs.size(), std::size_t(1));
            QCOMPARE(value(in.outputs.front()).step, value(in.sources[0]).step);
            for (const float m : in.epilogue.outputs.front().m)
                QCOMPARE(m, 1.0f);
            for (const float b : in.epilogue.outputs.front().b)
                QCOMPARE(b, 0.0f);
        }
        QCOMPARE(joins, 2);
    }

    // The range covers every tensor that the quantizer serves, and moves when the step is over.
    void theRangeIsThatOfAllItsTensors()
    {
        Model model(tinyNetworks()[3].build(), sharedSpec("minmax", 4, 4), colours(), 7);
        const TinyBatch batch(model.graph(), 16, 3);
        TrainingPass pass(model, m_runtime);
        pass.forward(batch.bytes(), PassMode::Train);
        const auto places = placesOfShared(model);
        QCOMPARE(places.size(), std::size_t(2));
        std::map<const Quantizer*, std::vector<float>> steps; // from each tensor alone
        for (const auto& [quantizer, stages] : places) {
            for (const int id : stages) {
                const Tensor real = pass.realResult(id);
                float peak = 0;
                for (const float v : real.values())
                    peak = std::max(peak, std::abs(v));
                steps[quantizer].push_back(float(double(peak) * 2 / 255));
            }
            QVERIFY(steps[quantizer].size() >= 2);
            QCOMPARE(quantizer->step(), steps[quantizer].front()); // for the pass, from the first
        }
        model.afterUpdate();
        int moved = 0;
        for (const auto& [quantizer, each] : steps) {
            QCOMPARE(quantizer->step(), std::ranges::max(each));
            moved += quantizer->step() != each.front();
        }
        QVERIFY(moved > 0);
    }

    void aBranchMayNotBeTheImage()
    {
        Graph graph({1, 8, 8, 3});
        const int x = graph.add("a", graph.conv("c", 0, conv3(3, 3)), 0);
        graph.linear("head", graph.globalAvgPool("gap", x), 4);
        VERIFY_CONTAINS(errorText([&] { Model(graph, sharedSpec("lsq", 4, 4), colours(), 1); }),
                        "quant.residual: the join a adds the image itself");
    }

    void reportsTellThePlaces()
    {
        Model model(tinyNetworks()[3].build(), sharedSpec("lsq", 4, 8), colours(), 7);
        std::set<std::string> names;
        for (const auto& [quantizer, stages] : placesOfShared(model))
            for (const int id : stages)
                for (std::size_t v = 0; v < model.stages()[std::size_t(id)].views.size(); ++v)
                    names.insert(model.viewName(id, v));
        for (const char* name : {"r0", "n2", "r2", "n4", "ns", "r4"})
            QVERIFY2(names.contains(std::string(name) + suffix), name);
    }

    void aRunLearnsAndResumesToTheSameBits_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"lsq", "minmax", "lg_lsq"})
            QTest::addRow("%s", method) << method;
    }

    void aRunLearnsAndResumesToTheSameBits()
    {
        QFETCH(QString, method);
        const Json spec = sharedRun(method.toStdString());
        const Run whole(spec);
        QCOMPARE(whole.end, RunEnd::Finished);
        QVERIFY(whole.observer.evaluations.back().proved);
        const Checkpoint& last = whole.observer.checkpoints.at(16);
        for (const int step : {1, 7}) {
            const Run rest(spec, {}, &whole.observer.checkpoints.at(step));
            QVERIFY(sameTensors(last, rest.observer.checkpoints.at(16)));
        }
    }

    void quantizationMayBeginLater()
    {
        Json spec = sharedRun("lsq");
        spec["quant"]["schedule"] = {{"start", 6}};
        const Run run(spec);
        QCOMPARE(run.end, RunEnd::Finished);
        QVERIFY(run.observer.evaluations.back().proved);
    }

private:
    Runtime m_runtime{testThreads()};
};

QTEST_GUILESS_MAIN(TestSharedJoins)
#include "tst_shared_joins.moc"
