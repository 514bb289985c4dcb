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

    void aPartFindsTheWhole_data()
    {
        QTest::addColumn<std::string>("name");
        QTest::addColumn<std::string>("nearest");
        QTest::addRow("a beginning") << std::string("dai8") << std::string("dai8-resnet20");
        QTest::addRow("a part") << std::string("resnet20") << std::string("dai8-resnet20");
        QTest::addRow("a beginning, misspelt")
            << std::string("aqe-convent") << std::string("aqe-convnet-d-w1a1");
        QTest::addRow("the end is missing")
            << std::string("lsq-vgg_small-w2a") << std::string("lsq-vgg_small-w2a2");
        QTest::addRow("the whole") << std::string("lsq") << std::string("lsq");
    }

    void aPartFindsTheWhole()
    {
        QFETCH(std::string, name);
        const std::vector<std::string> known = {"aqe-convnet-d-w1a1", "dai8-resnet20",
                                                "llsq-vgg_small-w2a2", "lsq-vgg_small-w2a2", "lsq"};
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
