#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/experiment_spec.h"

#include <QTemporaryDir>
#include <QTest>

using namespace stair;

namespace fs = std::filesystem;

namespace {

/// What reading the smallest spec says after one assignment; empty when it is accepted.
std::string complaint(const std::string& assignment)
{
    try {
        Json json = Json::object();
        assign(json, assignment);
        ExperimentSpec::read(json, "spec.json");
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestExperimentSpec : public QObject
{
    Q_OBJECT

private slots:
    void refusesInWords_data()
    {
        QTest::addColumn<QString>("assignment");
        QTest::addColumn<QString>("place"); // which the message must name
        QTest::addColumn<QString>("remedy");
        const auto row = [](const char* assignment, const char* place, const char* remedy) {
            QTest::newRow(assignment) << QString(assignment) << QString(place) << QString(remedy);
        };
        row("trainning.epochs=3", "at the top level", "did you mean 'training'");
        row("training.epoch=3", "in training", "did you mean 'epochs'");
        row("training.optimizer.momentun=0.9", "in training.optimizer", "did you mean 'momentum'");
        row("training.optimizer.id=sdg", "training.optimizer.id", "did you mean 'sgd'");
        row("training.optimizer.momentum=2", "training.optimizer.momentum", "from 0 to 1");
        row("training.optimizer.momentum=high", "training.optimizer.momentum", "must be a number");
        row("training.optimizer=sgd", "training.optimizer", "must be an object");
        row("training.schedule.id=cosin", "training.schedule.id", "did you mean 'cosine'");
        row("training.schedule={\"id\":\"step\",\"milestones\":\"60x\"}",
            "training.schedule.milestones", "write epochs or shares");
        row("training.epochs=-1", "training.epochs", "from 0 to");
        row("training.epochs=0", "training.epochs is 0: nothing is trained", "in training.from");
        row(R"(quant={"method":"ptq","params":{"images":0}})", "quant.params.images is 0",
            "from 1 to");
        row(R"(quant={"method":"ptq","params":{"ranges":"msee"}})", "quant.params.ranges",
            "did you mean 'mse'");
        row(R"(quant={"method":"ptq","params":{"percentile":49}})", "quant.params.percentile is 49",
            "from 50 to 100");
        row(R"(quant={"method":"ptq","weights":{"bits":1}})", "quant.weights.bits is 1",
            "takes 2 to 8");
        row("training.epochs=1.5", "training.epochs", "whole number");
        row("training.patience=3", "training.patience", "data.validation");
        row("training.guards.saturation=2", "training.guards.saturation", "from 0 to 1");
        row("training.guards.dead=1", "training.guards.dead", "true or false");
        row("data.id=cifar11", "data.id", "did you mean 'cifar10'");
        row("data.id=cifar10", "data.path is missing", "opened from there");
        row("data.path=/tmp", "data.path", "leave it out");
        row("data.batch=0", "data.batch", "from 1 to");
        row("data.augment.crop=-1", "data.augment.crop", "from 0 to");
        row("data.augment.flop=true", "in data.augment", "did you mean 'flip'");
        row("network.id=resnet21", "network.id", "did you mean 'resnet20'");
        row("network.params.widht=3", "in network.params", "unknown key 'widht'");
        row("quant.method=lsqq", "quant.method", "did you mean 'lsq'");
        row("quant={\"method\":\"lsq\",\"weights\":{\"bits\":0}}", "quant.weights.bits is 0",
            "2 to 8, 16 for half precision or 32 for float");
        row("quant={\"method\":\"lsq\",\"activations\":{\"bits\":33}}",
            "quant.activations.bits is 33", "2 to 8, 16 for half precision or 32 for float");
        row("quant={\"method\":\"lsq\",\"weights\":{\"bits\":15}}", "quant.weights.bits is 15",
            "2 to 8, 16");
        row("quant={\"method\":\"lsq\",\"weights\":{\"bits\":\"4\"}}", "quant.weights.bits",
            "whole number");
        row("quant.weights.per=layer", "quant.weights.per", "Known: tensor, channel");
        row("quant.gradients.bits=8", "quant.gradients.bits is 8, but 'float'",
            "write 32 or leave it out");
        row(R"(quant={"method":"lsq","gradients":{"bits":4}})", "quant.gradients.bits is 4; 'lsq'",
            "takes 8, or 32 for float");
        row(R"(quant={"method":"dai8","gradients":{"bits":7}})", "quant.gradients.bits is 7",
            "takes 8, or 32 for float");
        row(R"(quant={"method":"dorefa","gradients":{"bits":9}})", "quant.gradients.bits is 9",
            "takes 1 to 8, or 32");
        row(R"(quant={"method":"lsq","gradients":{"bits":0}})", "quant.gradients.bits is 0",
            "from 1 to 32");
        row(R"(quant={"method":"stochastic","gradients":{"bits":8}})", "quant.gradients.bits is 8",
            "hard forward pass");
        row(R"(quant={"method":"asr","params":{"forward":true},"gradients":{"bits":8}})",
            "quant.gradients.bits is 8", "trains on soft values");
        row(R"(quant={"method":"dai8","weights":{"bits":4}})", "quant.weights.bits is 4",
            "takes 8, 16 for half precision or 32 for float");
        row(R"(quant={"method":"dai8","params":{"lamda":0.2}})", "in quant.params",
            "did you mean 'lambda'");
        row(R"(quant={"method":"dai8","params":{"A":1.5}})", "quant.params.A", "from 0.01 to 1");
        row(R"(quant={"method":"aqe","params":{"alpha":0}})", "quant.params.alpha is 0",
            "from 0.01 to 1");
        row(R"(quant={"method":"aqe","params":{"alpha":1.5}})", "quant.params.alpha is 1.5",
            "from 0.01 to 1");
        row(R"(quant={"method":"formula","params":{"slope":"1/u"}})",
            "quant.params.slope: the formula '1/u' is inf at u = 0", "from u = -128 to 255");
        row(R"(quant={"method":"formula","params":{"forward":"x"}})",
            "quant.params.forward: the formula 'x' cannot be read", "Known are u, q");
        row("quant.first=4bit", "quant.first", "did you mean '8bit'");
        row("quant.residual=shard", "quant.residual", "did you mean 'shared'");
        row("quant.epilogue=fixed", "quant.epilogue 'fixed' is not available yet", "write 'float'");
        row("quant.epilogue=thresholds", "quant.epilogue", "write 'float'");
        row("quant.epilogue=floating", "quant.epilogue", "did you mean 'float'");
        row("quant.layers=[{\"mach\":\"conv1\"}]", "quant.layers[0].match is missing", "stage1.*");
        row("quant.layers={\"match\":\"conv1\"}", "quant.layers", "must be a list");
        row(R"(quant={"method":"lsq","layers":[{"match":"*","weights":{"bits":9}}]})",
            "quant.layers[0].weights.bits is 9", "takes 2 to 8");
        row("quant.schedule={\"from\":8}", "in quant.schedule", "unknown key 'from'");
        row("quant.schedule.start=-1", "quant.schedule.start is -1", "from 0");
        row(R"(quant={"method":"lsq","schedule":{"bits":[{"step":5,"weights":{"bits":4}},{"step":5,"weights":{"bits":3}}]}})",
            "quant.schedule.bits[1].step must", "greater than the one before");
        row("quant.schedule.bits=[{}]", "quant.schedule.bits[0].step is missing", "training step");
        row("quant.schedule.bits=[{\"step\":5}]", "quant.schedule.bits[0].weights",
            "nothing changes");
        row(R"(quant={"method":"lsq","layers":[{"match":"*"}]})", "quant.layers[0].weights",
            "nothing changes");
        row("statistics.evry=5", "in statistics", "did you mean 'every'");
        row("schema=2", "schema is 2", "newer Staircase");
        row("schema=0", "schema is 0", "from 1");
        row("seed=-1", "seed is -1", "from 0");
        row("threads=100000", "threads is 100000", "from 0 to 1024");
        row("name=5", "name", "text in quotes");
    }

    void noEpochsAreForStepsThatNeedNoTraining()
    {
        Json json = Json::object();
        assign(json, "training={\"epochs\":0,\"from\":\"run\"}");
        for (const char* id : {"float", "ptq"}) {
            json["quant"] = {{"method", id}};
            QCOMPARE(ExperimentSpec::read(json, "test").training.epochs, 0);
        }
        json["quant"] = {{"method", "lsq"}};
        try {
            ExperimentSpec::read(json, "test");
            QFAIL("accepted");
        } catch (const Error& error) {
            const QString text = error.what();
            QVERIFY2(text.contains("training.epochs is 0, but 'lsq' sets its steps"), error.what());
        }
    }

    void refusesInWords()
    {
        QFETCH(QString, assignment);
        QFETCH(QString, place);
        QFETCH(QString, remedy);
        const QString text = QString::fromStdString(complaint(assignment.toStdString()));
        QVERIFY2(text.contains("spec.json"), qPrintable(text));
        QVERIFY2(text.contains(place), qPrintable(text));
        QVERIFY2(text.contains(remedy), qPrintable(text));
        QVERIFY2(!text.contains('\n'), qPrintable(text));
    }

    void acceptsWhatMeansNothingYet()
    {
        QCOMPARE(complaint("quant.layers=[]"), std::string());
        QCOMPARE(complaint("quant.schedule=null"), std::string());
        QCOMPARE(complaint("quant.gradients.bits=32"), std::string());
        QCOMPARE(complaint(R"(quant={"method":"lsq","weights":{"bits":32}})"), std::string());
    }

    void gradientsAreFloatUnlessTheMethodSaysOtherwise()
    {
        const auto bitsOf = [](const char* quant) {
            const Json spec = {{"quant", Json::parse(quant)}};
            return ExperimentSpec::read(spec, "test").quant.gradientBits;
        };
        QCOMPARE(bitsOf(R"({"method":"float"})"), 32);
        QCOMPARE(bitsOf(R"({"method":"lsq"})"), 32);
        QCOMPARE(bitsOf(R"({"method":"dai8"})"), 8);
        QCOMPARE(bitsOf(R"({"method":"dai8","gradients":{"bits":32}})"), 32);
        QCOMPARE(bitsOf(R"({"method":"lsq","gradients":{"bits":8}})"), 8);
        QCOMPARE(bitsOf(R"({"method":"dorefa","gradients":{"bits":1}})"), 1);
    }

    void nothingIsAWholeSpec()
    {
        const ExperimentSpec spec = ExperimentSpec::read(Json::object(), "test");
        QCOMPARE(spec.data.batch, 128);
        QCOMPARE(spec.network.id, std::string("resnet20"));
        QVERIFY(spec.quant.isFloat());
        QCOMPARE(spec.training.optimizerParams.real("learning_rate"), 0.1);
        QCOMPARE(spec.statisticsEvery, 50);
    }

    // Every key away from its default, so that a forgotten one cannot come back by luck.
    void comesBackFromJson()
    {
        const Json written = Json::parse(R"({
            "schema": 1, "name": "a name", "seed": 9007199254740991, "threads": 3,
            "data": {"id": "procedural", "path": "", "params": {}, "batch": 17, "validation": 33,
                     "augment": {"pad": 4, "crop": 24, "flip": true}},
            "network": {"id": "resnet20", "params": {}},
            "quant": {"method": "lsq", "params": {}, "weights": {"bits": 3, "per": "channel"},
                      "activations": {"bits": 5}, "gradients": {"bits": 8}, "first": "float",
                      "last": "same", "residual": "float", "epilogue": "float",
                      "layers": [{"match": "stage1.*", "weights": {"bits": 2},
                                  "activations": {"bits": 8}}],
                      "schedule": {"start": 11, "freeze_ranges": 70, "freeze_norm": 80,
                                   "bits": [{"step": 40, "weights": {"bits": 4},
                                             "activations": {"bits": 6}}]}},
            "training": {"epochs": 7, "from": "x.safetensors",
                         "optimizer": {"id": "adam", "learning_rate": 0.25, "beta1": 0.5,
                                       "beta2": 0.75, "epsilon": 0.001, "weight_decay": 0.125},
                         "schedule": {"id": "step", "warmup": 3, "milestones": "1", "gamma": 0.5},
                         "clip_norm": 2.5, "evaluate_every": 2, "patience": 4, "budget": 60.5,
                         "checkpoint_every": 100, "guards": {"saturation": 0.5, "dead": false}},
            "statistics": {"every": 10, "weight_hashes": true}})");
        const ExperimentSpec spec = ExperimentSpec::read(written, "test");
        Json back = spec.toJson();
        QVERIFY(ExperimentSpec::read(back, "again").toJson() == back);
        for (const char* table : {"data", "network", "quant"})
            back[table]["params"] = Json::object(); // the tables' own, with their defaults
        QCOMPARE(back.dump(1), written.dump(1));
    }

    void assignsBelowAndInstead()
    {
        Json json = Json::parse(R"({"training": {"epochs": 3}})");
        assign(json, "training.epochs=5");
        assign(json, "quant.weights.bits=4");
        assign(json, "name=a=b c");
        assign(json, "data.augment={\"flip\": true}");
        QCOMPARE(json.dump(),
                 std::string(R"({"training":{"epochs":5},"quant":{"weights":{"bits":4}},)"
                             R"("name":"a=b c","data":{"augment":{"flip":true}}})"));
        for (const char* wrong : {"name", "=3", ".a=3", "a.=3", "a..b=3", "name.deeper=3"})
            QVERIFY_THROWS_EXCEPTION(Error, assign(json, wrong));
    }

    void aSpecFileIsNamedInItsErrors()
    {
        QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "mine.json";
        writeFileAtomically(file, "{\n  \"name\": \"x\",\n  oops\n}\n");
        try {
            ExperimentSpec::readFile(file);
            QFAIL("must be refused");
        } catch (const Error& error) {
            const QString text = error.what();
            QVERIFY2(text.contains("mine.json: line 3"), qPrintable(text));
        }
    }

    void findsRelativeData()
    {
        QTemporaryDir folder;
        const fs::path base = folder.path().toStdString();
        fs::create_directories(base / "specs");
        fs::create_directories(base / "data");
        writeFileAtomically(base / "specs" / "near", "");
        writeFileAtomically(base / "data" / "far", "");
        qputenv("STAIRCASE_DATA", (base / "data").c_str());
        QCOMPARE(resolveDataPath("near", base / "specs"), base / "specs" / "near");
        QCOMPARE(resolveDataPath("far", base / "specs"), base / "data" / "far");
        QCOMPARE(resolveDataPath("../data/far", base / "specs"), base / "data" / "far");
        QCOMPARE(resolveDataPath((base / "data").string(), "/"), base / "data");
        try {
            resolveDataPath("nowhere", base / "specs");
            QFAIL("must be refused");
        } catch (const Error& error) {
            const QString text = error.what();
            QVERIFY2(text.contains("specs/nowhere") && text.contains("data/nowhere"),
                     qPrintable(text));
            QVERIFY2(text.contains("STAIRCASE_DATA"), qPrintable(text));
        }
        qunsetenv("STAIRCASE_DATA");
    }
};

QTEST_GUILESS_MAIN(TestExperimentSpec)
#include "tst_experiment_spec.moc"
