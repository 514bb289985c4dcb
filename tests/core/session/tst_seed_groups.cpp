#include "core/session/seed_groups.h"
#include "core/train/experiment_spec.h"

#include <QTest>

using namespace stair;

using Groups = std::vector<std::vector<std::size_t>>;

class TestSeedGroups : public QObject
{
    Q_OBJECT

private:
    static Json specOf(int seed, const char* method, const char* name)
    {
        const Json json = {{"schema", 1},
                           {"name", name},
                           {"seed", seed},
                           {"network", {{"id", "convnet_a"}}},
                           {"quant", {{"method", method}}}};
        return ExperimentSpec::read(json, name).toJson();
    }

private slots:
    void runsThatDifferInTheirSeedAloneAreTogether()
    {
        std::vector<Json> specs = {specOf(1, "lsq", "a"),
                                   specOf(1, "float", "b"),
                                   specOf(2, "lsq", "another name"),
                                   nullptr,
                                   specOf(2, "minmax", "c"),
                                   specOf(3, "lsq", "d"),
                                   specOf(2, "float", "e")};
        QCOMPARE(seedGroups(specs), (Groups{{0, 2, 5}, {1, 6}}));
        specs[5]["training"]["epochs"] = 11; // something else as well
        QCOMPARE(seedGroups(specs), (Groups{{0, 2}, {1, 6}}));
        QVERIFY(seedGroups({}).empty());
    }
};

QTEST_APPLESS_MAIN(TestSeedGroups)
#include "tst_seed_groups.moc"
