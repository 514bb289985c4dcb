#include "core/analysis/width_proposal.h"
#include "core/base/random.h"

#include <QTest>

#include <string>

using namespace stair;

namespace {

using Layers = std::vector<std::vector<WidthOption>>;

/// Every choice there is, one after the other.
std::optional<WidthProposal> refProposeWidths(const Layers& layers, std::int64_t budget)
{
    std::optional<WidthProposal> best;
    std::vector<std::size_t> chosen(layers.size(), 0);
    for (;;) {
        WidthProposal each{chosen, 0, 0};
        for (std::size_t i = 0; i < layers.size(); ++i) {
            each.bytes += layers[i][chosen[i]].bytes;
            each.lost += layers[i][chosen[i]].lost;
        }
        if (each.bytes <= budget
            && (!best || each.lost < best->lost
                || (each.lost == best->lost && each.bytes < best->bytes)))
            best = each;
        std::size_t layer = 0;
        while (layer < layers.size() && ++chosen[layer] == layers[layer].size())
            chosen[layer++] = 0;
        if (layer == layers.size())
            return best;
    }
}

/// Layers whose narrower widths mostly lose more; now and then one gains.
Layers randomLayers(Random& random)
{
    Layers layers(1 + random.below(5));
    for (std::vector<WidthOption>& options : layers) {
        const std::int64_t weights = 8 * (1 + std::int64_t(random.below(40)));
        for (const int bits : {2, 3, 4, 8})
            options.push_back({bits, weights * bits / 8,
                               std::int64_t(random.below(60)) / bits - std::int64_t(bits > 3)});
    }
    return layers;
}

} // namespace

/// The knapsack against all choices, one by one.
class TestWidthProposal : public QObject
{
    Q_OBJECT

private slots:
    // Layer a: 10 or 20 bytes; b: 10 or 40. 30 bytes buy the one, 50 the other, 60 both.
    void byHand_data()
    {
        QTest::addColumn<int>("budget");
        QTest::addColumn<QString>("expected");
        QTest::addRow("too little") << 19 << "none";
        QTest::addRow("the smallest alone") << 20 << "0 0: 20 bytes, 12 lost";
        QTest::addRow("a's second width") << 49 << "1 0: 30 bytes, 9 lost";
        QTest::addRow("b's, which saves more") << 50 << "0 1: 50 bytes, 5 lost";
        QTest::addRow("both") << 60 << "1 1: 60 bytes, 2 lost";
        QTest::addRow("more than all") << 1000 << "1 1: 60 bytes, 2 lost";
    }

    void byHand()
    {
        QFETCH(int, budget);
        const Layers layers = {{{2, 10, 4}, {4, 20, 1}}, {{2, 10, 8}, {8, 40, 1}}};
        QCOMPARE(sizeRange(layers).least, 20);
        QCOMPARE(sizeRange(layers).most, 60);
        const auto proposal = proposeWidths(layers, budget);
        const QString text = proposal ? QString("%1 %2: %3 bytes, %4 lost")
                                            .arg(proposal->chosen[0])
                                            .arg(proposal->chosen[1])
                                            .arg(proposal->bytes)
                                            .arg(proposal->lost)
                                      : QString("none");
        QTEST(text, "expected");
    }

    void ofEqualOnesTheSmallest()
    {
        const auto proposal = proposeWidths({{{2, 10, 3}, {4, 20, 3}, {8, 40, 3}}}, 100);
        QCOMPARE(proposal->bytes, 10);
    }

    void asAllChoicesOneByOne()
    {
        Random random(7, RandomUse::Test);
        int found = 0;
        for (int round = 0; round < 300; ++round) {
            const Layers layers = randomLayers(random);
            const SizeRange range = sizeRange(layers);
            const std::int64_t budget
                = range.least - 3 + std::int64_t(random.below(std::uint32_t(range.most)));
            const auto fast = proposeWidths(layers, budget);
            const auto plain = refProposeWidths(layers, budget);
            QCOMPARE(fast.has_value(), plain.has_value());
            if (!fast)
                continue;
            ++found;
            QCOMPARE(fast->lost, plain->lost);
            QCOMPARE(fast->bytes, plain->bytes);
            std::int64_t bytes = 0, lost = 0;
            for (std::size_t i = 0; i < layers.size(); ++i) {
                bytes += layers[i][fast->chosen[i]].bytes;
                lost += layers[i][fast->chosen[i]].lost;
            }
            QCOMPARE(bytes, fast->bytes);
            QCOMPARE(lost, fast->lost);
        }
        QVERIFY(found > 200);
    }

    /// As many layers as Inception v3 has, at five widths, measured on 5000 images.
    void aDeepNetworkTakesSeconds()
    {
        Random random(3, RandomUse::Test);
        Layers layers(94);
        for (std::vector<WidthOption>& options : layers) {
            const std::int64_t weights = 1000 + std::int64_t(random.below(200000));
            for (const int bits : {2, 3, 4, 6, 8})
                options.push_back({bits, (weights * bits + 7) / 8,
                                   std::int64_t(random.below(2000)) / (bits * bits)});
        }
        const SizeRange range = sizeRange(layers);
        const auto proposal = proposeWidths(layers, (range.least + range.most) / 2);
        QVERIFY(proposal && proposal->bytes <= (range.least + range.most) / 2);
    }

    void whatIsBetter()
    {
        QVERIFY(isBetter({100, 50}, {120, 50}));
        QVERIFY(isBetter({100, 51}, {100, 50}));
        QVERIFY(!isBetter({100, 50}, {100, 50}));
        QVERIFY(!isBetter({100, 49}, {120, 50}));
        QVERIFY(!isBetter({130, 51}, {120, 50}));
    }
};

QTEST_GUILESS_MAIN(TestWidthProposal)
#include "tst_width_proposal.moc"
