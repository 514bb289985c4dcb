#include "core/quant/methods.h"
#include "widgets/models/run_style.h"

#include <QTest>

#include <set>

using namespace stair;

/// Runs and methods by colour and dash.
class TestRunStyle : public QObject
{
    Q_OBJECT

private slots:
    /// Its colour is the same in the list, the lab, the curves and the race: those that are compared
    /// most have one each, and all methods a colour and a dash together.
    void aMethodKeepsItsColour()
    {
        const std::vector<std::string> known{"float", "minmax", "lsq",  "lg_lsq",
                                             "asr",   "aqe",    "bcgd", "dai8"};
        const auto styles = runStyles(known);
        for (std::size_t i = 0; i < known.size(); ++i)
            QCOMPARE(styles[i], methodStyle(known[i]));
        std::set<std::pair<int, int>> seen;
        for (const MethodInfo& info : methods())
            QVERIFY2(seen.insert({methodStyle(info.id).hue, methodStyle(info.id).dash}).second,
                     info.id.c_str());
    }

    void runsThatShareAMethodDifferInColour()
    {
        const auto styles = runStyles({"float", "minmax", "minmax", "float"});
        QCOMPARE(styles[0], (RunStyle{0, 0}));
        QCOMPARE(styles[1], methodStyle("minmax"));
        QCOMPARE(styles[2].dash, styles[1].dash);
        for (std::size_t i = 0; i < styles.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j)
                QVERIFY(styles[i].hue != styles[j].hue);
        }
    }
};

QTEST_GUILESS_MAIN(TestRunStyle)
#include "tst_run_style.moc"
