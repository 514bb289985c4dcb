#include "core/ops/integer/thresholds.h"

#include "core/base/random.h"
#include "core/ops/reference/ref_hard_rule.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

struct Case
{
    HardRule rule;
    int low = 0;
    int high = 0;
};

HardRule ruleOf(HardRule::Kind kind)
{
    HardRule rule;
    rule.kind = kind;
    if (kind == HardRule::Kind::Thresholds) {
        rule.thresholds = {-3, -1.5f, -0.5f, 0.5f, 1.5f, 3};
        rule.codes = {-4, -2, -1, 0, 1, 2, 4};
    }
    return rule;
}

int epilogueCode(const Case& c, std::int64_t acc, float m, float b)
{
    const float product = float(acc) * m;
    return int(refHardRule(c.rule, product + b, float(c.low), float(c.high)));
}

std::int64_t countWrong(const Case& c, float m, float b, std::int64_t low, std::int64_t high)
{
    const ChannelThresholds at = thresholds(m, b, c.rule, c.low, c.high, low, high);
    std::int64_t wrong = 0;
    for (std::int64_t acc = low; acc <= high; ++acc)
        wrong += at.code(acc) != epilogueCode(c, acc, m, b);
    return wrong;
}

} // namespace

Q_DECLARE_METATYPE(Case)

/// Integers in the place of the float epilogue: the same code for every accumulator.
class TestThresholds : public QObject
{
    Q_OBJECT

private slots:
    void equalsTheFloatEpilogueEverywhere_data()
    {
        using Kind = HardRule::Kind;
        QTest::addColumn<Case>("c");
        QTest::newRow("1 bit, nearest") << Case{ruleOf(Kind::NearestEven), 0, 1};
        QTest::newRow("2 bits, nearest") << Case{ruleOf(Kind::NearestEven), 0, 3};
        QTest::newRow("4 bits, nearest") << Case{ruleOf(Kind::NearestEven), 0, 15};
        QTest::newRow("4 bits signed, nearest") << Case{ruleOf(Kind::NearestEven), -8, 7};
        QTest::newRow("4 bits cut by ReLU6") << Case{ruleOf(Kind::NearestEven), 0, 11};
        QTest::newRow("3 bits, ceil") << Case{ruleOf(Kind::Ceil), 0, 7};
        QTest::newRow("sign") << Case{ruleOf(Kind::Sign), -1, 1};
        QTest::newRow("sign on 0 and 1") << Case{ruleOf(Kind::Sign), 0, 1};
        QTest::newRow("odd, 3 bits") << Case{ruleOf(Kind::NearestOdd), -7, 7};
        QTest::newRow("odd, cut at an even code") << Case{ruleOf(Kind::NearestOdd), 0, 7};
        QTest::newRow("ternary") << Case{ruleOf(Kind::NearestEven), -1, 1};
        QTest::newRow("powers of two") << Case{ruleOf(Kind::Thresholds), -4, 4};
        QTest::newRow("powers of two, cut below 0") << Case{ruleOf(Kind::Thresholds), 0, 4};
    }

    void equalsTheFloatEpilogueEverywhere()
    {
        QFETCH(Case, c);
        Random random(3, RandomUse::Test);
        const float steps[] = {0.5f, 0.25f, 0.01f, 1e-3f, 1, 3, 1e-20f, 1e20f};
        for (int i = 0; i < 60; ++i) {
            const float sign = i % 3 == 1 ? -1.0f : i % 3 == 2 ? 0.7f : 1.0f;
            const float m = i == 0 ? 0.0f : sign * steps[i % 8] * (i < 16 ? 1 : random.uniform());
            const float b = i < 24 ? 0.5f * float(i % 5 - 2) : 20 * random.uniform() - 10;
            QVERIFY2(countWrong(c, m, b, -3000, 3000) == 0,
                     qPrintable(QString("m %1 b %2").arg(m).arg(b)));
        }
    }

    // f32(acc) is rounded there, so several sums may share a code's edge.
    void exactBeyond24Bits()
    {
        const Case c{ruleOf(HardRule::Kind::NearestEven), 0, 15};
        for (const std::int64_t centre : {std::int64_t(1) << 24, std::int64_t(1) << 30}) {
            const float m = 3.0f / float(centre >> 12), b = -float(centre) * m + 7.3f;
            QCOMPARE(countWrong(c, m, b, centre - 20'000, centre + 20'000), 0);
            QCOMPARE(countWrong(c, -m, 2 * 7.3f - b, centre - 20'000, centre + 20'000), 0);
        }
    }

    void directionsByHand()
    {
        const HardRule nearest = ruleOf(HardRule::Kind::NearestEven);
        const ChannelThresholds up = thresholds(1, 0.25f, nearest, 0, 3, -10, 10);
        QVERIFY(!up.descending);
        QCOMPARE(up.levels, (std::vector<int>{0, 1, 2, 3}));
        QCOMPARE(up.at, (std::vector<std::int64_t>{1, 2, 3}));
        const ChannelThresholds down = thresholds(-1, 0.25f, nearest, 0, 3, -10, 10);
        QVERIFY(down.descending);
        QCOMPARE(down.at, (std::vector<std::int64_t>{-1, -2, -3}));
        // Never or always reached: at the ends.
        const ChannelThresholds flat = thresholds(0, 1, nearest, 0, 3, -10, 10);
        QCOMPARE(flat.at, (std::vector<std::int64_t>{-10, 11, 11}));
        QCOMPARE(flat.code(-10), 1);
        QCOMPARE(flat.code(10), 1);
    }

    void aTieAtZeroIsPlusOne()
    {
        const ChannelThresholds at
            = thresholds(2, -4, ruleOf(HardRule::Kind::Sign), -1, 1, -100, 100);
        QCOMPARE(at.levels, (std::vector<int>{-1, 1}));
        QCOMPARE(at.at, (std::vector<std::int64_t>{2}));
    }
};

QTEST_GUILESS_MAIN(TestThresholds)
#include "tst_thresholds.moc"
