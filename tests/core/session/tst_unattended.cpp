#include "core/session/unattended.h"

#include <QTest>

using namespace stair;

namespace {

/// Says what it was asked.
class TellingControls : public TrainControls
{
public:
    std::vector<Json> poll(std::int64_t) override { return {"polled"}; }
    std::vector<Json> wait(std::int64_t) override { return {"waited"}; }
};

} // namespace

class TestUnattended : public QObject
{
    Q_OBJECT

private slots:
    void aGuardsPauseGoesOnAndAnothersLasts_data()
    {
        QTest::addColumn<std::string>("reason");
        QTest::addColumn<QString>("answer");
        QTest::newRow("a guard") << std::string("the loss is not a number") << "resume";
        QTest::newRow("a command") << std::string(pausedByCommand) << "waited";
        QTest::newRow("one step") << std::string(pausedAfterOneStep) << "waited";
    }

    void aGuardsPauseGoesOnAndAnothersLasts()
    {
        QFETCH(std::string, reason);
        QFETCH(QString, answer);
        TellingControls controls;
        Unattended unattended(controls);
        QVERIFY(unattended.poll(1).front() == "polled");
        unattended.onPaused(1, reason);
        const Json first = unattended.wait(1).front();
        QCOMPARE(QString::fromStdString(first.is_object() ? first.at("command").get<std::string>()
                                                          : first.get<std::string>()),
                 answer);
    }

    void afterManyPausesTheRunIsStopped()
    {
        TellingControls controls;
        Unattended unattended(controls);
        for (int i = 0; i < Unattended::mostPauses; ++i) {
            unattended.onPaused(i, "dead");
            QVERIFY(unattended.wait(i).front().at("command") == "resume");
        }
        unattended.onPaused(100, "dead");
        QVERIFY(unattended.wait(100).front().at("command") == "stop");
    }
};

QTEST_GUILESS_MAIN(TestUnattended)
#include "tst_unattended.moc"
