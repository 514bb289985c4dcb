#include "core/session/weight_trail.h"

#include <QTest>

using namespace stair;

namespace {

/// "1 a:5 b:6, 2 a:5 b:7": steps with their layers' hashes.
WeightTrail trailOf(const QString& text)
{
    WeightTrail trail;
    for (const QString& record : text.split(", ", Qt::SkipEmptyParts)) {
        const QStringList parts = record.split(' ');
        Json event = {{"event", "step"}, {"step", parts.front().toInt()}};
        for (const QString& part : parts.mid(1))
            event["weights"][part.section(':', 0, 0).toStdString()]
                = part.section(':', 1).toStdString();
        trail.add(event);
    }
    return trail;
}

} // namespace

/// Where two runs part, by the hashes in their step events.
class TestWeightTrail : public QObject
{
    Q_OBJECT

private slots:
    void parting_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("two");
        QTest::addColumn<QString>("expected");
        QTest::newRow("equal throughout") << "1 a:5, 2 a:6"
                                          << "1 a:5, 2 a:6"
                                          << "";
        QTest::newRow("from the start") << "1 a:5 b:1"
                                        << "1 a:6 b:1"
                                        << "1 a 1";
        QTest::newRow("in the second layer") << "1 a:5 b:1, 2 a:7 b:2"
                                             << "1 a:5 b:1, 2 a:7 b:3"
                                             << "2 b 1";
        QTest::newRow("in both") << "1 a:5 b:1"
                                 << "1 a:6 b:2"
                                 << "1 a 2";
        QTest::newRow("one is further") << "1 a:5, 2 a:6, 3 a:7"
                                        << "1 a:5"
                                        << "";
        QTest::newRow("one began later") << "3 a:7, 4 a:8"
                                         << "1 a:1, 2 a:1, 3 a:7, 4 a:9"
                                         << "4 a 1";
        QTest::newRow("a layer of one alone") << "1 a:5"
                                              << "1 a:5 b:1"
                                              << "1 b 1";
        QTest::newRow("another order") << "1 b:1 a:5"
                                       << "1 a:5 b:1"
                                       << "";
        QTest::newRow("layers become integers") << "1 a:5, 2 a:5 b:1"
                                                << "1 a:5, 2 a:5 b:2"
                                                << "2 b 1";
        QTest::newRow("nothing is known") << ""
                                          << "1 a:5"
                                          << "";
        QTest::newRow("large hashes") << "1 a:ffffffffffffffff"
                                      << "1 a:fffffffffffffffe"
                                      << "1 a 1";
    }

    void parting()
    {
        QFETCH(QString, one);
        QFETCH(QString, two);
        const auto found = firstParting(trailOf(one), trailOf(two));
        const QString text = found ? QStringLiteral("%1 %2 %3")
                                         .arg(found->step)
                                         .arg(QString::fromStdString(found->layer))
                                         .arg(found->layers)
                                   : QString();
        QTEST(text, "expected");
    }

    void whatWasLookedAtIsLeftOut()
    {
        const WeightTrail one = trailOf("1 a:1, 2 a:2, 3 a:3"),
                          two = trailOf("1 a:9, 2 a:2, 3 a:8");
        QCOMPARE(firstParting(one, two, 2)->step, 3);
        QVERIFY(!firstParting(one, two, 4));
    }

    void otherLinesAreLeftOut()
    {
        WeightTrail trail;
        for (const char* line :
             {R"({"event":"step","step":1})", R"({"event":"step","step":2,"weights":3})",
              R"({"event":"step","weights":{"a":"1"}})"})
            trail.add(Json::parse(line));
        QCOMPARE(trail.size(), std::size_t(0));
        trail.add(Json::parse(R"({"event":"step","step":7,"weights":{"a":"1"}})"));
        QCOMPARE(trail.lastStep(), 7);
        trail.clear();
        QCOMPARE(trail.lastStep(), 0);
    }
};

QTEST_GUILESS_MAIN(TestWeightTrail)
#include "tst_weight_trail.moc"
