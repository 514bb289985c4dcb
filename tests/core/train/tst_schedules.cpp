#include "core/base/error.h"
#include "core/train/schedules.h"

#include <QTest>

using namespace stair;

namespace {

double factor(const char* id, const char* json, std::int64_t step, std::int64_t steps,
              std::int64_t stepsPerEpoch)
{
    const ScheduleInfo& info = schedule(id);
    const Json parsed = Json::parse(json);
    ObjectReader reader(parsed, "test");
    const ParamValues values = ParamValues::read(info.params, reader);
    reader.finish();
    return info.factor(values, step, steps, stepsPerEpoch);
}

} // namespace

class TestSchedules : public QObject
{
    Q_OBJECT

private slots:
    // 100 steps, 10 in an epoch.
    void hasTheFactor_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("params");
        QTest::addColumn<int>("step");
        QTest::addColumn<double>("expected");
        const auto row = [](const char* id, const char* params, int step, double expected) {
            QTest::addRow("%s %s at %d", id, params, step)
                << QString(id) << QString(params) << step << expected;
        };
        row("constant", "{}", 0, 1);
        row("constant", "{}", 99, 1);
        row("constant", R"({"warmup": 10})", 0, 0.1);
        row("constant", R"({"warmup": 10})", 4, 0.5);
        row("constant", R"({"warmup": 10})", 9, 1);
        row("cosine", "{}", 0, 1);
        row("cosine", "{}", 25, 0.853553);
        row("cosine", "{}", 50, 0.5);
        row("cosine", "{}", 100, 0);
        row("cosine", R"({"floor": 0.5})", 50, 0.75);
        row("cosine", R"({"warmup": 20})", 9, 0.5);
        row("cosine", R"({"warmup": 20})", 20, 1);
        row("cosine", R"({"warmup": 20})", 60, 0.5);
        row("step", "{}", 49, 1);
        row("step", "{}", 50, 0.1);
        row("step", "{}", 75, 0.01);
        row("step", R"({"milestones": "3", "gamma": 0.5})", 29, 1);
        row("step", R"({"milestones": "3", "gamma": 0.5})", 30, 0.5);
        row("step", R"({"milestones": "3,6, 9", "gamma": 0.5})", 99, 0.125);
        row("step", R"({"milestones": ""})", 99, 1);
        row("exponential", R"({"gamma": 0.5})", 9, 1);
        row("exponential", R"({"gamma": 0.5})", 10, 0.5);
        row("exponential", R"({"gamma": 0.5})", 39, 0.125);
    }

    void hasTheFactor()
    {
        QFETCH(QString, id);
        QFETCH(QString, params);
        QFETCH(int, step);
        QFETCH(double, expected);
        const double found
            = factor(id.toUtf8().constData(), params.toUtf8().constData(), step, 100, 10);
        QVERIFY2(std::abs(found - expected) < 1e-6, qPrintable(QString::number(found)));
    }

    void everyScheduleStaysBetweenZeroAndOne()
    {
        for (const ScheduleInfo& info : schedules()) {
            const ParamValues defaults(info.params);
            for (int step = 0; step < 100; ++step) {
                const double found = info.factor(defaults, step, 100, 10);
                QVERIFY2(found >= 0 && found <= 1, info.id.c_str());
            }
        }
    }

    void aMilestoneThatIsNoneIsRefused_data()
    {
        QTest::addColumn<QString>("milestones");
        for (const char* text : {"x", "10x", "150%", "-3", "5, soon", "10,,20", "1 2"})
            QTest::newRow(text) << QString(text);
    }

    void aMilestoneThatIsNoneIsRefused()
    {
        QFETCH(QString, milestones);
        const std::string params = Json({{"milestones", milestones.toStdString()}}).dump();
        QVERIFY_THROWS_EXCEPTION(Error, factor("step", params.c_str(), 0, 1, 1));
    }

    void anUnknownScheduleIsRefused() { QVERIFY_THROWS_EXCEPTION(Error, schedule("cosin")); }
};

QTEST_GUILESS_MAIN(TestSchedules)
#include "tst_schedules.moc"
