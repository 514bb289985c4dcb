#include "core/base/files.h"
#include "core/base/json.h"
#include "core/session/run_meta.h"

#include <QTemporaryDir>
#include <QTest>

using namespace stair;

/// What the user adds to a run, in meta.json.
class TestRunMeta : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_home;

    std::filesystem::path file() const
    {
        return m_home.filePath(QStringLiteral("meta.json")).toStdString();
    }

private slots:
    void cleanup() { std::filesystem::remove(file()); }

    void isReadAsWritten()
    {
        const RunMeta meta = {"Ä title", {"good", "w4"}, "two\nlines", true};
        meta.write(file());
        QVERIFY(RunMeta::read(file()) == meta);
    }

    void otherKeysStay()
    {
        writeFileAtomically(file(), R"({"sweep": "s1", "title": "old", "unattended": true})");
        RunMeta meta = RunMeta::read(file());
        QCOMPARE(meta.title, "old");
        meta.title = "new";
        meta.write(file());
        const Json json = readJsonFile(file());
        QCOMPARE(json.at("sweep").get<std::string>(), "s1");
        QCOMPARE(json.at("unattended").get<bool>(), true);
        QCOMPARE(json.at("title").get<std::string>(), "new");
    }

    void anEditIsOfWhatDiffers()
    {
        const RunMeta before = {"title", {"a"}, "notes", false};
        RunMeta after = before;
        after.tags = {"a", "b"};
        const RunMeta elsewhere = {"another title", {"c"}, "other notes", true};
        QVERIFY(elsewhere.edited(before, after)
                == (RunMeta{"another title", {"a", "b"}, "other notes", true}));
        QVERIFY(elsewhere.edited(before, before) == elsewhere);
    }

    void aRaceIsReadAndStays()
    {
        const RaceRecord race{"Three at 2 bits", {"minmax", "aqe"}, {4, 5}};
        writeFileAtomically(file(), Json({{"sweep", "r1"}, {"race", race.toJson()}}).dump());
        RunMeta meta = RunMeta::read(file());
        QCOMPARE(meta.sweep, "r1");
        QVERIFY(meta.race == race);
        meta.star = true;
        meta.write(file());
        QVERIFY(RunMeta::read(file()) == meta);
    }

    void whatIsNoRaceIsNone_data()
    {
        QTest::addColumn<QString>("json");
        QTest::newRow("no sweep") << R"({"race": {"title": "", "methods": ["lsq"], "seeds": [1]}})";
        QTest::newRow("no lane")
            << R"({"sweep": "r", "race": {"title": "", "methods": [], "seeds": [1]}})";
        QTest::newRow("no seed")
            << R"({"sweep": "r", "race": {"title": "", "methods": ["lsq"], "seeds": []}})";
        QTest::newRow("of another kind") << R"({"sweep": "r", "race": {"methods": "lsq"}})";
        QTest::newRow("no object") << R"({"sweep": "r", "race": 3})";
    }

    void whatIsNoRaceIsNone()
    {
        QFETCH(QString, json);
        writeFileAtomically(file(), json.toStdString());
        QVERIFY(!RunMeta::read(file()).race);
    }

    void aMissingFileAndOtherKindsAreDefaults()
    {
        QVERIFY(RunMeta::read(file()) == RunMeta());
        writeFileAtomically(file(), R"({"title": 3, "tags": ["a", 4], "star": "yes"})");
        QVERIFY(RunMeta::read(file()) == (RunMeta{"", {"a"}, "", false}));
    }

    void aDamagedFileIsNotWrittenOver()
    {
        writeFileAtomically(file(), "{\"title\": ");
        QVERIFY_THROWS_EXCEPTION(std::exception, RunMeta::read(file()));
        QVERIFY_THROWS_EXCEPTION(std::exception, RunMeta().write(file()));
        QCOMPARE(readFile(file()), "{\"title\": ");
    }
};

QTEST_GUILESS_MAIN(TestRunMeta)
#include "tst_run_meta.moc"
