#include "core/train/recipe_fit.h"
#include "core/train/schedules.h"
#include "tests/support/small_experiment.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

TrainingSpec recipe(int epochs, int evaluateEvery = 1)
{
    TrainingSpec training;
    training.epochs = epochs;
    training.evaluateEvery = evaluateEvery;
    return training;
}

Json scheduleOf(const ExperimentSpec& spec)
{
    return spec.toJson().at("training").at("schedule");
}

} // namespace

/// Nine tenths of what is left beside evaluations are planned; evaluations get a tenth of the
/// budget, or one evaluation where that takes more.
class TestRecipeFit : public QObject
{
    Q_OBJECT

private slots:
    void aBudgetGivesEpochs_data()
    {
        QTest::addColumn<int>("recipeEpochs");
        QTest::addColumn<double>("epoch"); // seconds
        QTest::addColumn<double>("evaluation");
        QTest::addColumn<double>("budget");
        QTest::addColumn<int>("epochs");
        QTest::addColumn<bool>("fits");
        QTest::addRow("(100 - 10) * 0.9 = 81") << 200 << 1.0 << 1.0 << 100.0 << 81 << true;
        QTest::addRow("the recipe is the most") << 50 << 1.0 << 1.0 << 1000.0 << 50 << true;
        QTest::addRow("one evaluation takes half") << 200 << 1.0 << 50.0 << 100.0 << 45 << true;
        QTest::addRow("exactly one") << 200 << 81.0 << 1.0 << 100.0 << 1 << true;
        QTest::addRow("not even one") << 200 << 82.0 << 1.0 << 100.0 << 1 << false;
        QTest::addRow("not even an evaluation") << 200 << 1.0 << 500.0 << 100.0 << 1 << false;
        QTest::addRow("steps that take no time") << 200 << 0.0 << 0.0 << 1.0 << 200 << true;
        QTest::addRow("a recipe of one epoch") << 1 << 1.0 << 0.1 << 60.0 << 1 << true;
    }

    void aBudgetGivesEpochs()
    {
        QFETCH(int, recipeEpochs);
        QFETCH(double, epoch);
        QFETCH(double, evaluation);
        QFETCH(double, budget);
        const RecipeFit fit = fitRecipe(recipe(recipeEpochs), {epoch, evaluation}, budget);
        QTEST(fit.epochs, "epochs");
        QTEST(fit.fits, "fits");
        QVERIFY(fit.trainingSeconds > 0 && fit.trainingSeconds <= budget);
        if (fit.fits)
            QVERIFY(fit.expectedSeconds <= budget);
    }

    void evaluationsThinOut_data()
    {
        QTest::addColumn<int>("recipeEvery");
        QTest::addColumn<double>("evaluation");
        QTest::addColumn<int>("every"); // of 81 epochs in 100 seconds
        QTest::addRow("as often as the recipe") << 40 << 1.0 << 17;
        QTest::addRow("ten fit into a tenth") << 1 << 1.0 << 9;
        QTest::addRow("each epoch, for nothing") << 1 << 0.001 << 1;
        QTest::addRow("one, at the end") << 1 << 10.0 << 81;
    }

    void evaluationsThinOut()
    {
        QFETCH(int, recipeEvery);
        QFETCH(double, evaluation);
        const RecipeFit fit = fitRecipe(recipe(200, recipeEvery), {1, evaluation}, 100);
        QCOMPARE(fit.epochs, 81);
        QTEST(fit.evaluateEvery, "every");
    }

    void aLongerBudgetNeverGivesLess()
    {
        for (const TrainingCost& cost : {TrainingCost{3, 1}, {0.7, 5}, {40, 0.2}, {1, 30}}) {
            int before = 1;
            bool fitBefore = false;
            for (double budget = 0.5; budget < 2000; budget *= 1.01) {
                const RecipeFit fit = fitRecipe(recipe(300, 5), cost, budget);
                QVERIFY(fit.epochs >= before && fit.epochs <= 300);
                QVERIFY(fit.fits || !fitBefore);
                QVERIFY(fit.evaluateEvery >= 1 && fit.evaluateEvery <= 300);
                if (fit.fits)
                    QVERIFY(fit.expectedSeconds <= budget);
                before = fit.epochs;
                fitBefore = fit.fits;
            }
        }
    }

    // 200 epochs shortened to 50: a quarter.
    void ratesKeepTheirShape_data()
    {
        QTest::addColumn<std::string>("schedule");
        QTest::addColumn<std::string>("expected");
        const auto row = [](const char* name, const char* schedule, const char* expected) {
            QTest::addRow("%s", name) << std::string(schedule) << std::string(expected);
        };
        row("milestones in epochs", R"({"id": "step", "warmup": 8, "milestones": "80,141"})",
            R"({"id":"step","warmup":2,"milestones":"20, 35.25","gamma":0.1})");
        row("milestones in shares", R"({"id": "step", "milestones": "50%, 75 %"})",
            R"({"id":"step","warmup":0,"milestones":"50%, 75 %","gamma":0.1})");
        row("cosine", R"({"id": "cosine", "warmup": 10})",
            R"({"id":"cosine","warmup":3,"floor":0.0})");
        row("constant", R"({"id": "constant"})", R"({"id":"constant","warmup":0})");
    }

    void ratesKeepTheirShape()
    {
        QFETCH(std::string, schedule);
        QFETCH(std::string, expected);
        Json json = smallSpec("lsq");
        json["training"]["epochs"] = 200;
        json["training"]["schedule"] = Json::parse(schedule);
        const ExperimentSpec whole = readSpec(json);
        const ExperimentSpec spec = shortened(whole, 50);
        QCOMPARE(spec.training.epochs, 50);
        QCOMPARE(scheduleOf(spec).dump(), expected);
        QCOMPARE(shortened(whole, 200).toJson().dump(), whole.toJson().dump());
    }

    void aDecayIsAsLowInTheLastStep_data()
    {
        QTest::addColumn<int>("epochs"); // of 200
        for (const int epochs : {200, 199, 50, 3, 2, 1})
            QTest::addRow("%d", epochs) << epochs;
    }

    void aDecayIsAsLowInTheLastStep()
    {
        QFETCH(int, epochs);
        constexpr int perEpoch = 8;
        Json json = smallSpec("lsq");
        json["training"]["epochs"] = 200;
        json["training"]["schedule"] = {{"id", "exponential"}, {"gamma", 0.97}, {"warmup", 200}};
        const TrainingSpec spec = shortened(readSpec(json), epochs).training;
        const auto factor = [&](int step) {
            return schedule(spec.schedule)
                .factor(spec.scheduleParams, step, epochs * perEpoch, perEpoch);
        };
        const double last = std::pow(0.97, 199);
        QVERIFY(std::abs(factor(epochs * perEpoch - 1) / last - 1) < 1e-9);
        QVERIFY(factor(epochs * perEpoch / 2 - 1) > 2 * last); // on the way there, not at once
    }

    void scheduledChangesKeepTheirPlace()
    {
        Json json = smallSpec("lsq");
        json["training"]["epochs"] = 200;
        json["quant"]["schedule"] = Json::parse(R"({
            "start": 101, "freeze_ranges": 0, "freeze_norm": 1600,
            "bits": [{"step": 401, "weights": {"bits": 6}},
                     {"step": 801, "weights": {"bits": 5}, "activations": {"bits": 5}},
                     {"step": 802, "weights": {"bits": 3}}]})");
        const QuantSchedule schedule = shortened(readSpec(json), 50).quant.schedule;
        QCOMPARE(schedule.startStep, 26);
        QCOMPARE(schedule.freezeRangesStep, 0);
        QCOMPARE(schedule.freezeNormStep, 400); // of 400 steps
        QCOMPARE(schedule.bits.size(), std::size_t(2));
        QCOMPARE(schedule.bits[0].step, 101);
        QCOMPARE(schedule.bits[1].step, 201); // where two changes have met
        QCOMPARE(schedule.bits[1].weightBits, 3);
        QCOMPARE(schedule.bits[1].activationBits, 5);
        QVERIFY(shortened(readSpec(json), 1).quant.schedule.freezeNormStep <= 8);
    }
};

QTEST_GUILESS_MAIN(TestRecipeFit)
#include "tst_recipe_fit.moc"
