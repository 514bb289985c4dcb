#include "core/analysis/sensitivity.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "tests/support/error_text.h"
#include "tests/support/small_run.h"

#include <QTest>

#include <numeric>
#include <set>

using namespace stair;

namespace {

struct Trained
{
    const char* name;
    const char* method;
    const char* network;
    bool perChannel;
    int every; // of the plan's cells, that many apart are tried
};

const Trained trainedRuns[]
    = {{"LSQ W4A4", "lsq", "convnet_small", false, 1},
       {"float", "float", "convnet_small", false, 1},
       {"DoReFa, whose weights are transformed", "dorefa", "convnet_small", false, 3},
       {"joins, per channel", "lsq", "resnet20", true, 23}};

const std::vector<SensitivityMode> allModes
    = {SensitivityMode::Only, SensitivityMode::Weights, SensitivityMode::Activations,
       SensitivityMode::AllBut};

Json specOf(const Trained& row)
{
    Json spec = smallSpec(row.method);
    spec["network"] = {{"id", row.network}, {"params", {{"width", row.perChannel ? 0.25 : 0.5}}}};
    if (row.perChannel)
        spec["quant"]["weights"]["per"] = "channel";
    return spec;
}

/// A run of one of these, and the map of its training images (two batches).
struct Mapped
{
    explicit Mapped(const Trained& row)
        : run(specOf(row))
        , sensitivity(run.trainer, run.spec, run.data, run.runtime, images(), 64)
    {
    }

    EvaluationImages images() const
    {
        EvaluationImages all{.set = &run.data.train,
                             .indices = {},
                             .augmentation = run.spec.data.augment,
                             .classes = run.data.classes()};
        all.indices.resize(std::size_t(run.data.train.count()));
        std::iota(all.indices.begin(), all.indices.end(), 0u);
        return all;
    }

    /// All of it from the bytes on.
    Metrics fromTheStart(const Program& program)
    {
        const EvaluationImages all = images();
        return evaluateProgram(program, run.runtime, *all.set, &all.indices, all.augmentation,
                               all.classes);
    }

    Run run;
    Sensitivity sensitivity;
};

bool equal(const Metrics& a, const Metrics& b)
{
    return a.images == b.images && a.top1 == b.top1 && a.top5 == b.top5 && a.loss == b.loss
        && a.confusion == b.confusion;
}

std::string nameOf(const Sensitivity& map, const SensitivityCell& cell)
{
    return concat(info(cell.mode).id, " ", map.layers()[std::size_t(cell.layer)].name, " ",
                  cell.bits);
}

const Instruction& layerIn(const Program& program, const std::string& name)
{
    return *std::ranges::find(program.instructions, name, &Instruction::name);
}

int inputBits(const Program& program, const Instruction& in)
{
    return program.values[std::size_t(in.sources.front())].grid.bits;
}

bool sameWeights(const Instruction& a, const Instruction& b)
{
    return a.weightCodes.grid() == b.weightCodes.grid() && a.weightSteps == b.weightSteps
        && std::ranges::equal(a.weightCodes.bytes(), b.weightCodes.bytes());
}

} // namespace

/// Cells against whole evaluations of newly lowered programs, and these against what a cell is
/// defined to change.
class TestSensitivity : public QObject
{
    Q_OBJECT

    static void addRows()
    {
        QTest::addColumn<int>("row");
        for (int i = 0; i < int(std::size(trainedRuns)); ++i)
            QTest::newRow(trainedRuns[i].name) << i;
    }

private slots:
    void cellsAreWholeEvaluations_data() { addRows(); }

    void cellsAreWholeEvaluations()
    {
        QFETCH(int, row);
        Mapped mapped(trainedRuns[row]);
        Sensitivity& map = mapped.sensitivity;
        const auto plan = map.plan(allModes, {2, 5, 8});
        std::set<double> seen;
        for (std::size_t i = 0; i < plan.size(); i += std::size_t(trainedRuns[row].every)) {
            const SensitivityResult result = map.evaluate(plan[i]);
            const Program lowered = map.program(plan[i]);
            const Metrics whole = mapped.fromTheStart(lowered);
            QVERIFY2(equal(result.metrics, whole), nameOf(map, plan[i]).c_str());
            QCOMPARE(result.proved, lowered.floatLayers().empty());
            QVERIFY(result.proved);
            seen.insert(result.metrics.loss);
        }
        QVERIFY(seen.size() > 3); // widths make a difference
    }

    /// One width for one layer is a cell of Only, one for all but the ends a cell of AllBut.
    void widthsOfManyLayersAtOnce_data() { addRows(); }

    void widthsOfManyLayersAtOnce()
    {
        QFETCH(int, row);
        Mapped mapped(trainedRuns[row]);
        Sensitivity& map = mapped.sensitivity;
        std::vector<int> bits(map.layers().size(), 0);
        QVERIFY(equal(map.evaluate(map.programAt(bits)), map.base()));
        bits[1] = 3;
        QVERIFY(equal(map.evaluate(map.programAt(bits)),
                      map.evaluate({SensitivityMode::Only, 1, 3}).metrics));
        QVERIFY(map.layers()[0].isEnd);
        for (std::size_t i = 0; i < bits.size(); ++i)
            bits[i] = map.layers()[i].isEnd ? 0 : 3;
        QVERIFY(equal(map.evaluate(map.programAt(bits)),
                      map.evaluate({SensitivityMode::AllBut, 0, 3}).metrics));
    }

    void anyOrderGivesTheSame()
    {
        Mapped mapped(trainedRuns[0]);
        Sensitivity& map = mapped.sensitivity;
        auto plan = map.plan(allModes, {3, 4});
        std::vector<Metrics> forwards;
        for (const SensitivityCell& cell : plan)
            forwards.push_back(map.evaluate(cell).metrics);
        for (std::size_t i = plan.size(); i-- > 0;)
            QVERIFY2(equal(map.evaluate(plan[i]).metrics, forwards[i]),
                     nameOf(map, plan[i]).c_str());
    }

    void theBaseIsTheRunsProgram()
    {
        Mapped mapped(trainedRuns[0]);
        QVERIFY(
            equal(mapped.sensitivity.base(), mapped.fromTheStart(mapped.run.trainer.program())));
        QVERIFY(!mapped.sensitivity.inFloat());
        QVERIFY(mapped.sensitivity.isBaseProved());
    }

    void aFloatRunsBaseIsProved()
    {
        Mapped mapped(trainedRuns[1]);
        QVERIFY(mapped.sensitivity.isBaseProved());
        const auto inFloat = mapped.sensitivity.inFloat();
        QVERIFY(inFloat && equal(*inFloat, mapped.fromTheStart(mapped.run.trainer.program())));
        for (const SensitivityLayer& layer : mapped.sensitivity.layers()) {
            QCOMPARE(layer.weightBits, 8);
            QCOMPARE(layer.activationBits, 8);
        }
    }

    void atTheTrainedWidthsNothingChanges()
    {
        Mapped mapped(trainedRuns[0]);
        Sensitivity& map = mapped.sensitivity;
        const Metrics base = map.base();
        int tried = 0;
        for (const SensitivityCell& cell : map.plan({SensitivityMode::Only}, {4, 8})) {
            const SensitivityLayer& layer = map.layers()[std::size_t(cell.layer)];
            if (layer.weightBits != cell.bits || layer.activationBits != cell.bits)
                continue;
            QVERIFY2(equal(map.evaluate(cell).metrics, base), nameOf(map, cell).c_str());
            ++tried;
        }
        QCOMPARE(tried, int(map.layers().size()));
    }

    void aCellChangesItsTensorsAlone_data() { addRows(); }

    void aCellChangesItsTensorsAlone()
    {
        QFETCH(int, row);
        Mapped mapped(trainedRuns[row]);
        Sensitivity& map = mapped.sensitivity;
        const Program base = map.program({SensitivityMode::Only, 1, map.layers()[1].weightBits});
        const auto plan = map.plan(allModes, {3});
        for (std::size_t i = 0; i < plan.size(); i += std::size_t(trainedRuns[row].every)) {
            const SensitivityCell& cell = plan[i];
            const Program program = map.program(cell);
            for (int at = 0; at < int(map.layers().size()); ++at) {
                const SensitivityLayer& layer = map.layers()[std::size_t(at)];
                const bool all = cell.mode == SensitivityMode::AllBut;
                const bool meant = all ? at != cell.layer && !layer.isEnd : at == cell.layer;
                const bool weights = meant && cell.mode != SensitivityMode::Activations;
                const bool input
                    = meant && cell.mode != SensitivityMode::Weights && !layer.readsImage;
                const Instruction& now = layerIn(program, layer.name);
                const std::string what = concat(nameOf(map, cell), " at ", layer.name);
                QVERIFY2(now.weightCodes.grid().bits == (weights ? 3 : layer.weightBits),
                         what.c_str());
                QVERIFY2(inputBits(program, now) == (input ? 3 : layer.activationBits),
                         what.c_str());
                QVERIFY2(weights || sameWeights(now, layerIn(base, layer.name)), what.c_str());
            }
        }
    }

    void whatIsKeptDoesNotMatter()
    {
        Mapped mapped(trainedRuns[0]);
        Sensitivity& map = mapped.sensitivity;
        const Program base = mapped.run.trainer.program();
        for (const std::size_t budget : {std::size_t(0), std::size_t(300000)}) {
            SuffixEvaluation evaluation(base, mapped.run.runtime, mapped.images(), budget);
            for (const SensitivityCell& cell : map.plan({SensitivityMode::Weights}, {2}))
                QVERIFY2(equal(evaluation.evaluate(map.program(cell)), map.evaluate(cell).metrics),
                         nameOf(map, cell).c_str());
        }
    }

    void whatComesBeforeIsShared()
    {
        Mapped mapped(trainedRuns[3]);
        Sensitivity& map = mapped.sensitivity;
        const Program base = mapped.run.trainer.program();
        const int layers = int(map.layers().size());
        for (int at = 0; at < layers; at += 5) {
            const auto shared = sharedPrefix(base, map.program({SensitivityMode::Weights, at, 2}));
            const std::string& name = map.layers()[std::size_t(at)].name;
            QCOMPARE(base.instructions[shared.instructions].name, name);
            QVERIFY(shared.partner.front() >= 0); // the image
        }
    }

    void cheapestComeFirst()
    {
        Mapped mapped(trainedRuns[0]);
        const Sensitivity& map = mapped.sensitivity;
        const auto plan = map.plan(allModes, {2, 4});
        const int layers = int(map.layers().size());
        // The first layer's input is the image, which keeps its width.
        QCOMPARE(int(plan.size()), 2 * (3 * layers + layers - 1));
        // A sum pool writes the last layer's input: no multiplications more than its weights.
        QCOMPARE(plan.front(), (SensitivityCell{SensitivityMode::Only, layers - 1, 2}));
        QCOMPARE(plan[1], (SensitivityCell{SensitivityMode::Only, layers - 1, 4}));
        QCOMPARE(plan[2], (SensitivityCell{SensitivityMode::Weights, layers - 1, 2}));
        QVERIFY(plan.back().mode == SensitivityMode::AllBut || plan.back().layer == 0);
    }

    void proxiesFollowTheWidth()
    {
        Mapped mapped(trainedRuns[1]);
        Sensitivity& map = mapped.sensitivity;
        for (int layer = 1; layer < int(map.layers().size()); ++layer) {
            const SensitivityResult few = map.evaluate({SensitivityMode::Only, layer, 2});
            const SensitivityResult many = map.evaluate({SensitivityMode::Only, layer, 8});
            QVERIFY(few.weights->mse() > 10 * many.weights->mse());
            QVERIFY(few.weights->sqnr() + 15 < many.weights->sqnr());
            QVERIFY(few.activations->mse() > 10 * many.activations->mse());
            QVERIFY(*few.fit > 10 * *many.fit && *many.fit > 0);
            const SensitivityResult alone = map.evaluate({SensitivityMode::Weights, layer, 2});
            QVERIFY(alone.weights && !alone.activations);
            QCOMPARE(alone.weights->mse(), few.weights->mse());
        }
    }

    void unknownModesAreNamed()
    {
        QCOMPARE(sensitivityMode("all-but"), SensitivityMode::AllBut);
        VERIFY_CONTAINS(errorText([] { sensitivityMode("al-but"); }), "did you mean 'all-but'");
    }
};

QTEST_GUILESS_MAIN(TestSensitivity)
#include "tst_sensitivity.moc"
