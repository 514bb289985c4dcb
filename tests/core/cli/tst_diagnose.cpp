#include "core/base/files.h"
#include "core/data/archive.h"
#include "core/session/diagnostics.h"
#include "core/session/line_reader.h"
#include "tests/support/stair_process.h"

using namespace stair;

namespace fs = std::filesystem;

/// `stair diagnose`, `stair conformance` and `stair bench --spec`, as from a shell.
class TestDiagnose : public QObject
{
    Q_OBJECT

    StairProgram m_stair;

    QString path(const char* name) const { return QString::fromStdString(m_stair.path(name)); }

    /// Name and content of each file.
    static std::map<std::string, std::string> unpacked(const fs::path& file)
    {
        std::map<std::string, std::string> files;
        for (const auto archive = Archive::open(file); archive->next();) {
            const auto content = archive->read();
            files[archive->name()] = std::string(content.begin(), content.end());
        }
        return files;
    }

private slots:
    void initTestCase()
    {
        const auto trained = m_stair.run(smallRun() << "--out" << path("run") << "--set"
                                                    << "training.epochs=12");
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        writeFileAtomically(m_stair.path("window.json"), R"({"window": 1})");
    }

    void theBundleHoldsWhatItSays_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addRow("tar") << "bundle.tar.gz";
        QTest::addRow("zip") << "bundle.zip";
    }

    void theBundleHoldsWhatItSays()
    {
        QFETCH(QString, name);
        const auto done = m_stair.run(
            {"diagnose", path("run"), "--out", name, "--window", "window.json", "--json"});
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const Json document = Json::parse(done.out.toStdString());
        const auto files = unpacked(m_stair.path(name.toLatin1().data()));
        QCOMPARE(document.at("files").size(), files.size());
        const std::string top = "staircase-diagnostics/";
        QCOMPARE(files.size(), std::size_t(7)); // so no data, no weights
        QVERIFY(
            QString::fromStdString(files.at(top + "README.txt")).contains("No images, no weights"));
        QVERIFY(!QString::fromStdString(files.at(top + "README.txt")).contains("Not here"));
        QCOMPARE(files.at(top + "window.json"), std::string(R"({"window": 1})"));
        QCOMPARE(files.at(top + "runs/run/spec.json"), readFile(m_stair.path("run") / "spec.json"));
        const Json environment = Json::parse(files.at(top + "environment.json"));
        QVERIFY(environment.at("libraries").contains("onednn"));
        QVERIFY(!environment.at("cpu").get<std::string>().empty());
        QCOMPARE(Json::parse(files.at(top + "conformance.json")).at("wrong").get<int>(), 0);
        // The end of the log, in whole lines.
        const std::string log = readFile(m_stair.path("run") / "events.jsonl");
        const std::string& end = files.at(top + "runs/run/events-end.jsonl");
        QVERIFY(log.ends_with(end));
        QCOMPARE(std::ranges::count(end, '\n'), keptEventLines);
        QVERIFY(log[log.size() - end.size() - 1] == '\n');
        QVERIFY(std::ranges::count(log, '\n') > keptEventLines);
    }

    /// The run is what is broken: the bundle says so and holds the rest.
    void aBrokenRunIsNoHindrance()
    {
        fs::create_directories(m_stair.path("broken"));
        writeFileAtomically(m_stair.path("broken") / "spec.json", "no JSON");
        const auto done = m_stair.run({"diagnose", path("broken"), "--out", "broken.zip"});
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const auto files = unpacked(m_stair.path("broken.zip"));
        QCOMPARE(files.at("staircase-diagnostics/runs/broken/spec.json"), std::string("no JSON"));
        QVERIFY(QString::fromStdString(files.at("staircase-diagnostics/README.txt"))
                    .contains("Not here: runs/broken/events-end.jsonl"));
    }

    void whatCannotBeWrittenIsSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("words");
        QTest::addRow("no run") << QStringList{"nowhere"} << "nowhere";
        QTest::addRow("another kind")
            << QStringList{"--out", "a.rar"} << "neither .tar.gz nor .zip";
        QTest::addRow("no folder") << QStringList{"--out", "no/where.zip"} << "cannot write";
    }

    void whatCannotBeWrittenIsSaid()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, words);
        const auto refused = m_stair.run(QStringList{"diagnose"} + arguments);
        QCOMPARE(refused.code, 2);
        QVERIFY2(refused.err.contains(words), qPrintable(refused.err));
    }

    void conformanceNamesTheMachine()
    {
        const auto done = m_stair.run({"conformance", "--json"});
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const Json document = Json::parse(done.out.toStdString());
        QVERIFY(document.at("environment").at("isa") == document.at("isa"));
        QVERIFY(document.at("environment").at("libraries").contains("eigen"));
        QVERIFY(document.at("rows").size() > 20);
    }

    /// 1280 images in batches of 64 are 20 steps.
    void anEpochOfASpecIsTimed()
    {
        const auto done = m_stair.run(
            {"bench", "--spec", path("run") + "/spec.json", "--seconds", "0.2", "--json"});
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const Json document = Json::parse(done.out.toStdString());
        QCOMPARE(document.at("steps_per_epoch").get<int>(), 20);
        QVERIFY(document.at("steps").get<int>() >= 9);
        const double step = document.at("step_ms").get<double>();
        QVERIFY(step > 0);
        QVERIFY(std::abs(document.at("epoch_s").get<double>() - 20 * step / 1000) < 1e-3);
        const auto text
            = m_stair.run({"bench", "--spec", path("run") + "/spec.json", "--seconds", "0.2"});
        QVERIFY2(text.out.contains("an epoch of 20 steps takes about"), qPrintable(text.out));
        const auto alone = m_stair.run({"bench", "--seconds", "1"});
        QCOMPARE(alone.code, 2);
    }
};

QTEST_GUILESS_MAIN(TestDiagnose)
#include "tst_diagnose.moc"
