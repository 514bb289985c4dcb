#include "core/data/batch_loader.h"
#include "tests/support/error_text.h"

#include <QTest>

#include <algorithm>

using namespace stair;

namespace {

ImageSet labelled(const std::vector<std::uint16_t>& labels)
{
    return {.height = 1, .width = 1, .channels = 1, .pixels = {}, .labels = labels};
}

/// counts[k] images of class k, mixed.
ImageSet withCounts(std::vector<int> counts)
{
    std::vector<std::uint16_t> labels;
    for (bool any = true; any;) {
        any = false;
        for (std::size_t label = 0; label < counts.size(); ++label) {
            if (counts[label]-- > 0) {
                labels.push_back(std::uint16_t(label));
                any = true;
            }
        }
    }
    return labelled(labels);
}

std::vector<int> countClasses(const ImageSet& set, const std::vector<std::uint32_t>& indices,
                              std::size_t classes)
{
    std::vector<int> counts(classes);
    for (const std::uint32_t i : indices)
        ++counts[set.labels[i]];
    return counts;
}

} // namespace

class TestSplit : public QObject
{
    Q_OBJECT

private slots:
    void classesAreHeldInEqualShares_data()
    {
        using Counts = std::vector<int>;
        QTest::addColumn<Counts>("counts");
        QTest::addColumn<int>("held");
        QTest::addColumn<Counts>("expected");
        QTest::addRow("equal classes") << Counts{10, 10, 10} << 6 << Counts{2, 2, 2};
        QTest::addRow("a remainder goes to the first")
            << Counts{10, 10, 10} << 7 << Counts{3, 2, 2};
        QTest::addRow("unequal classes") << Counts{20, 10, 30} << 6 << Counts{2, 1, 3};
        QTest::addRow("the largest remainder is served") << Counts{4, 7, 1} << 4 << Counts{2, 2, 0};
        QTest::addRow("none held") << Counts{5, 5} << 0 << Counts{0, 0};
        QTest::addRow("all but one") << Counts{2, 2} << 3 << Counts{2, 1};
        QTest::addRow("an empty class") << Counts{0, 8} << 2 << Counts{0, 2};
    }

    void classesAreHeldInEqualShares()
    {
        QFETCH(std::vector<int>, counts);
        QFETCH(int, held);
        const ImageSet set = withCounts(counts);
        const Split split = splitValidation(set, held, 1);
        QCOMPARE(int(split.validation.size()), held);
        QTEST(countClasses(set, split.validation, counts.size()), "expected");

        std::vector<std::uint32_t> both = split.train;
        both.insert(both.end(), split.validation.begin(), split.validation.end());
        std::ranges::sort(both);
        for (std::uint32_t i = 0; i < std::uint32_t(set.count()); ++i)
            QCOMPARE(both.at(i), i);
        QVERIFY(std::ranges::is_sorted(split.train) && std::ranges::is_sorted(split.validation));
    }

    void theSeedAloneDecides()
    {
        const ImageSet set = withCounts({50, 50});
        QVERIFY(splitValidation(set, 20, 1).validation == splitValidation(set, 20, 1).validation);
        QVERIFY(splitValidation(set, 20, 1).validation != splitValidation(set, 20, 2).validation);
    }

    void holdingTooManyIsRefused()
    {
        const ImageSet set = withCounts({5, 5});
        VERIFY_CONTAINS(errorText([&] { splitValidation(set, 10, 1); }),
                        "cannot hold back 10 of 10 training images for validation; choose from 0 "
                        "to 9");
        VERIFY_CONTAINS(errorText([&] { splitValidation(set, -1, 1); }), "cannot hold back -1");
    }
};

QTEST_GUILESS_MAIN(TestSplit)
#include "tst_split.moc"
