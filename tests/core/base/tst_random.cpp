#include "core/base/random.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace stair;

namespace {

using Block = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

std::vector<std::uint32_t> draw(Random random, int count)
{
    std::vector<std::uint32_t> bits;
    for (int i = 0; i < count; ++i)
        bits.push_back(random.bits());
    return bits;
}

} // namespace

class TestRandom : public QObject
{
    Q_OBJECT

private slots:
    // Known answers published with Random123 (Salmon et al., SC 2011).
    void philoxGivesThePublishedAnswers_data()
    {
        QTest::addColumn<Block>("counter");
        QTest::addColumn<Key>("key");
        QTest::addColumn<Block>("answer");
        QTest::addRow("zeros") << Block{} << Key{}
                               << Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
        QTest::addRow("ones") << Block{~0u, ~0u, ~0u, ~0u} << Key{~0u, ~0u}
                              << Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
        QTest::addRow("digits of pi")
            << Block{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344} << Key{0xa4093822, 0x299f31d0}
            << Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    }

    void philoxGivesThePublishedAnswers()
    {
        QFETCH(Block, counter);
        QFETCH(Key, key);
        QFETCH(Block, answer);
        QVERIFY(philox(counter, key) == answer);
    }

    void bitsAreTheBlocksInOrder()
    {
        Random random(7, RandomUse::Test, 9);
        const Key key{7, std::uint32_t(RandomUse::Test) * 0x85EBCA6Bu};
        for (std::uint32_t block = 0; block < 3; ++block) {
            for (const std::uint32_t expected : philox({block, 0, 9, 0}, key))
                QCOMPARE(random.bits(), expected);
        }
    }

    void equalKeysGiveEqualNumbersAndOthersDoNot()
    {
        const auto numbers = draw(Random(1, RandomUse::Test, 2), 20);
        QVERIFY(draw(Random(1, RandomUse::Test, 2), 20) == numbers);
        QVERIFY(draw(Random(2, RandomUse::Test, 2), 20) != numbers);
        QVERIFY(draw(Random(1ull << 40 | 1, RandomUse::Test, 2), 20) != numbers);
        QVERIFY(draw(Random(1, RandomUse::Shuffle, 2), 20) != numbers);
        QVERIFY(draw(Random(1, RandomUse::Test, 3), 20) != numbers);
        QVERIFY(draw(Random(1, RandomUse::Test, 1ull << 40 | 2), 20) != numbers);
    }

    void aCopyGoesOnAlone()
    {
        Random random(1, RandomUse::Test);
        random.bits();
        Random copy = random;
        const std::uint32_t next = random.bits();
        random.bits();
        QCOMPARE(copy.bits(), next);
    }

    void uniformLiesInTheUnitInterval()
    {
        Random random(3, RandomUse::Test);
        double sum = 0;
        for (int i = 0; i < 20000; ++i) {
            const float value = random.uniform();
            QVERIFY(value >= 0 && value < 1);
            sum += value;
        }
        QVERIFY(std::abs(sum / 20000 - 0.5) < 0.01);
    }

    void normalHasMeanZeroAndDeviationOne()
    {
        Random random(4, RandomUse::Test);
        double sum = 0;
        double squares = 0;
        constexpr int count = 40000;
        for (int i = 0; i < count; ++i) {
            const double value = random.normal();
            QVERIFY(std::isfinite(value));
            sum += value;
            squares += value * value;
        }
        QVERIFY(std::abs(sum / count) < 0.02);
        QVERIFY(std::abs(squares / count - 1) < 0.03);
    }

    void belowReachesEachValueEquallyOften_data()
    {
        QTest::addColumn<std::uint32_t>("count");
        QTest::addRow("one") << 1u;
        QTest::addRow("a power of two") << 8u;
        QTest::addRow("no power of two") << 7u;
    }

    void belowReachesEachValueEquallyOften()
    {
        QFETCH(std::uint32_t, count);
        Random random(5, RandomUse::Test);
        std::vector<int> seen(count);
        for (std::uint32_t i = 0; i < 2000 * count; ++i)
            ++seen.at(random.below(count));
        for (const int times : seen)
            QVERIFY(std::abs(times - 2000) < 200);
    }

    void belowOfALargeCountStaysBelow()
    {
        Random random(6, RandomUse::Test);
        for (int i = 0; i < 1000; ++i)
            QVERIFY(random.below(0xC0000001u) < 0xC0000001u);
    }

    void permutationHoldsEachNumberOnce()
    {
        std::vector<std::uint32_t> order = Random(8, RandomUse::Test).permutation(100);
        QVERIFY(!std::ranges::is_sorted(order));
        std::ranges::sort(order);
        for (std::uint32_t i = 0; i < 100; ++i)
            QCOMPARE(order[i], i);
        QVERIFY(Random(8, RandomUse::Test).permutation(0).empty());
    }
};

QTEST_GUILESS_MAIN(TestRandom)
#include "tst_random.moc"
