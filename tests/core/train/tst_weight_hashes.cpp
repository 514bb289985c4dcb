#include "core/base/hash.h"
#include "core/session/event_lines.h"
#include "core/session/weight_trail.h"
#include "core/train/layer_statistics.h"
#include "tests/support/small_run.h"

#include <QTest>

#include <set>

using namespace stair;

namespace {

/// The hashes of each step, and the run's own lines of events as a reader finds them.
class HashObserver : public TrainObserver
{
public:
    void onStep(const StepReport& report) override
    {
        steps.push_back(report.weights);
        trail.add(stepLine(report));
    }

    std::vector<std::vector<WeightHash>> steps;
    WeightTrail trail;
};

struct HashedRun
{
    explicit HashedRun(const Json& json, std::int64_t stopAt = 0)
        : spec(readSpec(json))
        , data(openSmall(spec))
        , runtime(spec.threads)
        , trainer(spec, data, runtime)
    {
        ScriptedControls controls;
        if (stopAt > 0)
            controls.at[stopAt] = {{{"command", "stop"}}};
        trainer.run(observer, controls, {});
    }

    ExperimentSpec spec;
    Dataset data;
    Runtime runtime;
    Trainer trainer;
    HashObserver observer;
};

Json hashedSpec(const std::string& method, int bits = 4)
{
    Json spec = smallSpec(method);
    spec["training"]["epochs"] = 1;
    spec["training"]["guards"] = {{"saturation", 1}, {"dead", false}};
    spec["statistics"] = {{"every", 0}, {"weight_hashes", true}};
    if (method != "float") {
        spec["quant"]["weights"]["bits"] = bits;
        spec["quant"]["activations"]["bits"] = bits;
    }
    return spec;
}

} // namespace

/// statistics.weight_hashes: from the trainer's step to where two runs part.
class TestWeightHashes : public QObject
{
    Q_OBJECT

private slots:
    void bytesAndTheirHash()
    {
        std::set<std::uint64_t> seen;
        std::vector<std::uint8_t> bytes(21, 7); // eight, eight and a tail
        seen.insert(quickHash(bytes));
        for (std::uint8_t& byte : bytes) {
            byte ^= 1;
            seen.insert(quickHash(bytes));
            byte ^= 1;
        }
        bytes.push_back(0);
        seen.insert(quickHash(bytes));
        QCOMPARE(seen.size(), std::size_t(23)); // every single change tells
        bytes.pop_back();
        QVERIFY(seen.contains(quickHash(bytes)));
    }

    void absentUnlessAskedFor()
    {
        Json json = hashedSpec("lsq");
        json["statistics"].erase("weight_hashes");
        const HashedRun run(json);
        QVERIFY(run.observer.steps.front().empty());
        QCOMPARE(run.observer.trail.size(), std::size_t(0));
        QVERIFY(!stepLine(StepReport()).contains("weights"));
    }

    void aFloatRunHasNone()
    {
        const HashedRun run(hashedSpec("float"));
        QVERIFY(run.observer.steps.front().empty());
    }

    // With learned steps nothing moves between a step's update and the next step's begin.
    void areThoseOfTheCodesThatTheStepBeginsWith()
    {
        const HashedRun whole(hashedSpec("lsq"));
        HashedRun part(hashedSpec("lsq"), 4);
        const auto done = part.trainer.step();
        QVERIFY(done > 1 && std::size_t(done) < whole.observer.steps.size());
        Model& model = part.trainer.model();
        const std::vector<Codes> codes = weightCodes(model);
        std::vector<WeightHash> expected;
        std::size_t next = 0;
        for (int id = 0; id < int(model.stages().size()); ++id) {
            if (!model.parts(id).weightQuantizer)
                continue;
            const Codes& layer = codes[next++];
            std::vector<std::uint8_t> bytes; // code by code, as the reference
            for (std::int64_t i = 0; i < layer.size(); ++i)
                bytes.push_back(std::uint8_t(layer.at(i)));
            expected.push_back({model.parts(id).weight->name, quickHash(bytes)});
        }
        QVERIFY(expected.size() > 2);
        QVERIFY(whole.observer.steps[std::size_t(done)] == expected);
        QVERIFY(whole.observer.steps[std::size_t(done) - 1] != expected);
    }

    void theSameRunTwiceNeverParts()
    {
        const HashedRun one(hashedSpec("minmax")), two(hashedSpec("minmax"));
        QVERIFY(one.observer.trail.size() > 5);
        QVERIFY(!firstParting(one.observer.trail, two.observer.trail));
    }

    // The first step is the same; what it learned is not.
    void anotherRatePartsAfterTheFirstUpdate()
    {
        Json faster = hashedSpec("lsq");
        faster["training"]["optimizer"]["learning_rate"] = 5.0;
        const HashedRun one(hashedSpec("lsq")), two(faster);
        const auto found = firstParting(one.observer.trail, two.observer.trail);
        QVERIFY(found);
        QCOMPARE(found->step, 2);
        QVERIFY(found->layers > 0);
    }

    void anotherGridPartsFromTheStart()
    {
        const HashedRun one(hashedSpec("minmax", 2)), two(hashedSpec("aqe", 1));
        const auto found = firstParting(one.observer.trail, two.observer.trail);
        QVERIFY(found);
        QCOMPARE(found->step, 1);
    }
};

QTEST_GUILESS_MAIN(TestWeightHashes)
#include "tst_weight_hashes.moc"
