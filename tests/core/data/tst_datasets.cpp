#include "core/data/datasets.h"
#include "tests/support/error_text.h"

#include <QTest>

#include <set>

using namespace stair;

class TestDatasets : public QObject
{
    Q_OBJECT

private:
    static void rowPerKind()
    {
        QTest::addColumn<std::string>("id");
        for (const DatasetInfo& info : datasets())
            QTest::addRow("%s", info.id.c_str()) << info.id;
    }

private slots:
    void theMenuHasItsOrder()
    {
        std::vector<std::string> ids;
        for (const DatasetInfo& info : datasets())
            ids.push_back(info.id);
        QVERIFY((ids == std::vector<std::string>{"procedural", "cifar10", "cifar100", "idx"}));
    }

    void everyKindIsDescribed_data() { rowPerKind(); }

    void everyKindIsDescribed()
    {
        QFETCH(std::string, id);
        const DatasetInfo& info = dataset(id);
        QCOMPARE(info.id, id);
        QVERIFY(!info.title.empty() && !info.help.empty() && info.open);
        std::set<std::string> names;
        for (const ParamSpec& spec : info.params) {
            QVERIFY(!spec.title.empty() && !spec.help.empty());
            QVERIFY(names.insert(spec.name).second);
        }
        const ParamValues defaults(info.params); // throws where a default is out of range
    }

    void everyKindThatNeedsAPathSaysSo_data() { rowPerKind(); }

    void everyKindThatNeedsAPathSaysSo()
    {
        QFETCH(std::string, id);
        const DatasetInfo& info = dataset(id);
        if (!info.needsPath)
            return;
        const ParamValues params(info.params);
        VERIFY_CONTAINS(errorText([&] { info.open({{}, {}, params}); }), "no data path is given");
        VERIFY_CONTAINS(errorText([&] {
                            info.open({"/nowhere/set.zip", {}, params});
                        }),
                        "there is no file or folder /nowhere/set.zip");
    }

    void anUnknownIdIsRefused()
    {
        QCOMPARE(errorText([] { dataset("cifr10"); }),
                 QString("unknown data set 'cifr10'; did you mean 'cifar10'? Known: procedural, "
                         "cifar10, cifar100, idx"));
    }
};

QTEST_GUILESS_MAIN(TestDatasets)
#include "tst_datasets.moc"
