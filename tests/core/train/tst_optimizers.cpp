#include "core/base/error.h"
#include "core/train/optimizers.h"

#include <QTest>

#include <array>

using namespace stair;

namespace {

ParamValues valuesOf(const OptimizerInfo& info, const char* json)
{
    const Json parsed = Json::parse(json);
    ObjectReader reader(parsed, "test");
    ParamValues values = ParamValues::read(info.params, reader);
    reader.finish();
    return values;
}

Parameter parameterOf(std::int64_t count, float value)
{
    Parameter p;
    p.name = "layer.weight";
    p.value = Tensor(Shape{1, 1, 1, int(count)});
    p.value.fill(value);
    p.gradient = Tensor(p.value.shape());
    return p;
}

constexpr std::array<float, 3> gradients = {1, 1, -2};

} // namespace

class TestOptimizers : public QObject
{
    Q_OBJECT

private slots:
    // One weight that starts at 1 and sees the gradients 1, 1, -2. SGD's numbers are exact binary
    // fractions: with momentum 1/2, v = 1, 1.5, -1.25 and the weight moves by half of that.
    void followsPyTorch_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<double>("rate");
        QTest::addColumn<QString>("params");
        QTest::addColumn<QList<double>>("expected");
        const auto row = [](const char* name, const char* id, double rate, const char* params,
                            const QList<double>& expected) {
            QTest::newRow(name) << QString(id) << rate << QString(params) << expected;
        };
        row("plain", "sgd", 0.5, R"({"momentum": 0, "weight_decay": 0})", {0.5, 0, 1});
        row("momentum", "sgd", 0.5, R"({"momentum": 0.5, "weight_decay": 0})", {0.5, -0.25, 0.375});
        row("nesterov", "sgd", 0.5, R"({"momentum": 0.5, "nesterov": true, "weight_decay": 0})",
            {0.25, -0.625, 0.6875});
        row("weight decay enters the momentum", "sgd", 0.5,
            R"({"momentum": 0.5, "weight_decay": 0.5})", {0.25, -0.6875, 0.015625});
        row("nesterov with weight decay", "sgd", 0.5,
            R"({"momentum": 0.5, "nesterov": true, "weight_decay": 0.5})",
            {-0.125, -1.015625, 0.654296875});
        // torch.optim.Adam 1.13 in f32.
        row("adam", "adam", 0.1, "{}", {0.9, 0.8, 0.807565});
        row("adam with a large epsilon", "adam", 0.1,
            R"({"beta1": 0.5, "beta2": 0.75, "epsilon": 0.125})", {0.911111, 0.822222, 0.865758});
        row("adam with weight decay", "adam", 0.1, R"({"weight_decay": 0.5})",
            {0.9, 0.800103, 0.777737});
    }

    void followsPyTorch()
    {
        QFETCH(QString, id);
        QFETCH(double, rate);
        QFETCH(QString, params);
        QFETCH(QList<double>, expected);
        const OptimizerInfo& info = optimizer(id.toStdString());
        Parameter p = parameterOf(1, 1);
        std::vector<Parameter*> all = {&p};
        const auto updater = info.create(valuesOf(info, params.toUtf8().constData()), all);
        for (int step = 0; step < 3; ++step) {
            p.gradient.fill(gradients[std::size_t(step)]);
            updater->update(all, rate);
            const double error = std::abs(double(p.value.data()[0]) - expected[step]);
            QVERIFY2(error < (id == "sgd" ? 1e-12 : 2e-6), qPrintable(QString::number(error)));
        }
    }

    void parameterPropertiesCount()
    {
        const OptimizerInfo& info = optimizer("sgd");
        Parameter p = parameterOf(1, 1);
        p.decays = false;
        p.rateFactor = 0.5;
        p.least = 0.75;
        std::vector<Parameter*> all = {&p};
        const auto updater
            = info.create(valuesOf(info, R"({"momentum": 0, "weight_decay": 8})"), all);
        p.gradient.fill(0.25);
        updater->update(all, 1);
        QCOMPARE(p.value.data()[0], 0.875f); // 1 - 1 * 0.5 * 0.25: no decay
        updater->update(all, 1);
        updater->update(all, 1);
        QCOMPARE(p.value.data()[0], 0.75f); // 0.625 is below the least
    }

    // A rate of 0.003 must not throw an 8-bit step of 0.001 across zero.
    void adamMovesScalesByShares()
    {
        const OptimizerInfo& info = optimizer("adam");
        Parameter p = parameterOf(1, 0.001f);
        p.isScale = true;
        std::vector<Parameter*> all = {&p};
        const auto updater = info.create(valuesOf(info, "{}"), all);
        for (int step = 1; step <= 3; ++step) {
            p.gradient.fill(5);
            updater->update(all, 0.003);
            QCOMPARE_LE(std::abs(double(p.value.data()[0]) - 0.001 * std::pow(0.997, step)), 1e-9);
        }
    }

    void savedStateGoesOnWithTheSameBits_data()
    {
        QTest::addColumn<std::string>("id");
        for (const OptimizerInfo& info : optimizers())
            QTest::newRow(info.id.c_str()) << info.id;
    }

    // 40,000 values, so that the parallel loop is the one that runs.
    void savedStateGoesOnWithTheSameBits()
    {
        QFETCH(std::string, id);
        const OptimizerInfo& info = optimizer(id);
        Parameter unbroken = parameterOf(40000, 1);
        Parameter resumed = parameterOf(40000, 1);
        std::vector<Parameter*> first = {&unbroken};
        std::vector<Parameter*> second = {&resumed};
        const auto fill = [](Parameter& p, int step) {
            for (std::int64_t i = 0; i < p.gradient.size(); ++i)
                p.gradient.data()[i] = float((i * 7 + step * 13) % 101 - 50) / 50;
        };
        const auto run = [&fill](Optimizer& o, std::vector<Parameter*>& all, int from, int to) {
            for (int step = from; step < to; ++step) {
                fill(*all[0], step);
                o.update(all, 0.01);
            }
        };
        const auto one = info.create(ParamValues(info.params), first);
        run(*one, first, 0, 6);
        const auto two = info.create(ParamValues(info.params), second);
        run(*two, second, 0, 3);
        two->set("weight_decay", 0.25);
        two->set("weight_decay", std::get<double>(info.params.back().fallback));
        Checkpoint checkpoint;
        two->save(checkpoint);
        const auto three = info.create(ParamValues(info.params), second);
        three->load(checkpoint, Missing::Refuse);
        run(*three, second, 3, 6);
        QVERIFY(std::ranges::equal(unbroken.value.values(), resumed.value.values()));
    }

    void aSettingSurvivesTheCheckpoint()
    {
        const OptimizerInfo& info = optimizer("sgd");
        Parameter p = parameterOf(1, 1);
        std::vector<Parameter*> all = {&p};
        const auto before = info.create(ParamValues(info.params), all);
        before->set("momentum", 0.5);
        Checkpoint checkpoint;
        before->save(checkpoint);
        QCOMPARE(checkpoint.state.at("optimizer").at("momentum").get<double>(), 0.5);
    }

    void refusesWhatItCannotSet()
    {
        const OptimizerInfo& info = optimizer("sgd");
        Parameter p = parameterOf(1, 1);
        std::vector<Parameter*> all = {&p};
        const auto updater = info.create(ParamValues(info.params), all);
        QVERIFY_THROWS_EXCEPTION(Error, updater->set("momentun", 0.5));
        QVERIFY_THROWS_EXCEPTION(Error, updater->set("momentum", 1.5));
        QVERIFY_THROWS_EXCEPTION(Error, updater->set("learning_rate", 0.1));
        Checkpoint other;
        const auto adam = optimizer("adam").create(ParamValues(optimizer("adam").params), all);
        adam->save(other);
        QVERIFY_THROWS_EXCEPTION(Error, updater->load(other, Missing::Refuse));
        QVERIFY_THROWS_EXCEPTION(Error, optimizer("sdg"));
    }
};

QTEST_GUILESS_MAIN(TestOptimizers)
#include "tst_optimizers.moc"
