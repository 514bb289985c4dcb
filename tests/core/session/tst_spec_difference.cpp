#include "core/session/spec_difference.h"

#include <QTest>

using namespace stair;

class TestSpecDifference : public QObject
{
    Q_OBJECT

private slots:
    void keysThatDifferAreListedInOrder()
    {
        const Json a = {{"name", "a"},
                        {"seed", 1},
                        {"quant", {{"method", "lsq"}, {"weights", {{"bits", 4}}}}},
                        {"training", {{"epochs", 5}}}};
        const Json b = {
            {"name", "b"},
            {"seed", 1},
            {"quant", {{"method", "asr"}, {"weights", {{"bits", 4}}}, {"params", {{"form", "A"}}}}},
            {"training", {{"epochs", 5}, {"from", "runs/0001"}}}};
        const std::vector<SpecDifference> expected = {{"quant.method", "lsq", "asr"},
                                                      {"quant.params.form", "–", "A"},
                                                      {"training.from", "–", "runs/0001"}};
        QVERIFY(specDifferences(a, b) == expected);
        QVERIFY(specDifferences(a, a).empty());
    }

    void listsAreComparedAsAWhole()
    {
        const Json a = {{"quant", {{"layers", Json::array({{{"match", "x"}}})}}}};
        const Json b = {{"quant", {{"layers", Json::array()}}}};
        QCOMPARE(specDifferences(a, b).size(), std::size_t(1));
        QCOMPARE(specDifferences(a, b).front().second, std::string("[]"));
    }
};

QTEST_GUILESS_MAIN(TestSpecDifference)
#include "tst_spec_difference.moc"
