#include "core/base/names.h"

#include <QTest>

using namespace stair;

class TestNames : public QObject
{
    Q_OBJECT

private slots:
    void findsTheNameWithTheFewestEdits_data()
    {
        QTest::addColumn<std::string>("name");
        QTest::addColumn<std::string>("nearest");
        QTest::addRow("a letter missing") << std::string("ciar10") << std::string("cifar10");
        QTest::addRow("a letter wrong") << std::string("folber") << std::string("folder");
        QTest::addRow("a letter too many") << std::string("idxx") << std::string("idx");
        QTest::addRow("already right") << std::string("cifar100") << std::string("cifar100");
        QTest::addRow("a tie takes the first") << std::string("") << std::string("idx");
    }

    void findsTheNameWithTheFewestEdits()
    {
        QFETCH(std::string, name);
        const std::vector<std::string> known = {"cifar10", "cifar100", "idx", "folder"};
        QTEST(nearestName(name, known), "nearest");
    }

    void nothingIsNearInAnEmptyList() { QCOMPARE(nearestName("a", {}), std::string()); }

    void theMessageNamesTheNearestAndAll()
    {
        const std::vector<std::string> known = {"sgd", "adam"};
        QCOMPARE(unknownName("optimizer", "adan", known),
                 std::string("unknown optimizer 'adan'; did you mean 'adam'? Known: sgd, adam"));
    }

    void theMessageHoldsNoEmptyList()
    {
        QCOMPARE(unknownName("key", "lr", {}), std::string("unknown key 'lr'"));
    }

    void joinsWithCommas()
    {
        QCOMPARE(joinNames(std::vector<std::string>{"a", "b", "c"}), std::string("a, b, c"));
        QCOMPARE(joinNames({}), std::string());
    }
};

QTEST_GUILESS_MAIN(TestNames)
#include "tst_names.moc"
