#include "core/base/files.h"
#include "core/base/json.h"
#include "core/session/line_reader.h"
#include "tests/support/stair_process.h"

#include <fstream>
#include <set>

using namespace stair;

namespace fs = std::filesystem;

/// `stair sensitivity` and `stair layers`, as from a shell.
class TestSensitivityCmd : public QObject
{
    Q_OBJECT

    StairProgram m_stair;

    QString path(const char* name) const { return QString::fromStdString(m_stair.path(name)); }
    fs::path mapFile() const { return m_stair.path("run") / "sensitivity.jsonl"; }

    QStringList command(const char* rest) const
    {
        return QStringList{"sensitivity",          path("run"), "--threads", "1",
                           "--calibration-images", "64"}
        + QString(rest).split(' ', Qt::SkipEmptyParts);
    }

    /// Wall-clock values left out.
    static std::vector<Json> linesOf(const fs::path& file)
    {
        std::vector<Json> lines = readLines(file);
        for (Json& line : lines)
            line.erase("t");
        return lines;
    }

private slots:
    void initTestCase()
    {
        const auto trained = m_stair.run(smallRun() << "--set"
                                                    << "data.validation=256"
                                                    << "--out" << path("run"));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        const auto mapped = m_stair.run(command("--modes only,all-but --widths 8,2,2 --json"));
        QVERIFY2(mapped.code == 0, qPrintable(mapped.err));
        m_document = Json::parse(mapped.out.toStdString());
        m_lines = linesOf(mapFile());
    }

    void theMapIsWhole()
    {
        const Json& header = m_lines.front();
        QCOMPARE(header.at("images").get<int>(), 256);
        QVERIFY(header.at("widths") == Json({2, 8}));
        QCOMPARE(m_lines.at(1).at("event").get<std::string>(), std::string("base"));
        QCOMPARE(m_lines.back().at("event").get<std::string>(), std::string("finished"));
        const std::size_t layers = header.at("layers").size();
        QVERIFY(layers >= 3);
        QCOMPARE(m_document.at("cells").size(), layers * 4);
        QCOMPARE(m_lines.size(), layers * 4 + 3);
        std::set<std::string> cells;
        for (const Json& cell : m_document.at("cells")) {
            QVERIFY(cell.at("proved").get<bool>());
            cells.insert(cell.at("mode").get<std::string>() + cell.at("layer").get<std::string>()
                         + cell.at("bits").dump());
        }
        QCOMPARE(cells.size(), layers * 4);
        QVERIFY(m_document.at("correlations").at("only").contains("weights.sqnr_db"));
    }

    void theBaseIsWhatTheRunReported()
    {
        Json last;
        for (const Json& line : readLines(m_stair.path("run") / "events.jsonl")) {
            if (line.value("event", "") == "evaluation")
                last = line.at("validation");
        }
        QCOMPARE(m_lines.at(1).at("top1").get<double>(), last.at("top1").get<double>());
    }

    void whatIsThereIsNotDoneAgain()
    {
        const auto again = m_stair.run(command("--modes only,all-but --widths 2,8"));
        QVERIFY2(again.code == 0, qPrintable(again.err));
        QVERIFY2(!again.out.contains(" s\n"), qPrintable(again.out)); // no cell was computed
        QVERIFY2(again.out.contains("points of top-1 lost, all-but"), qPrintable(again.out));
        QVERIFY(linesOf(mapFile()) == m_lines);
    }

    void aCutMapGoesOnToTheSameLines()
    {
        const std::string whole = readFile(mapFile());
        std::size_t cut = 0;
        for (int line = 0; line < 6; ++line)
            cut = whole.find('\n', cut) + 1;
        std::ofstream(mapFile(), std::ios::binary | std::ios::trunc)
            << whole.substr(0, cut + 25); // and a piece of the next
        const auto again = m_stair.run(command("--modes only,all-but --widths 2,8"));
        QVERIFY2(again.code == 0, qPrintable(again.err));
        QVERIFY(linesOf(mapFile()) == m_lines);
    }

    void aStoppedMapGoesOnToTheSameLines()
    {
        const char* modes = "--modes only,weights,activations,all-but --widths 2,3,4,5,6,7,8 --out";
        const auto whole = m_stair.run(command(modes) << path("whole"));
        QVERIFY2(whole.code == 0, qPrintable(whole.err));
        const auto process = m_stair.start(command(modes) << path("stopped"));
        QTRY_VERIFY_WITH_TIMEOUT(readLines(m_stair.path("stopped")).size() > 3, 60000);
        process->terminate();
        const auto stopped = StairProgram::finish(*process);
        QCOMPARE(stopped.code, 130);
        QVERIFY2(stopped.out.contains("goes on"), qPrintable(stopped.out));
        QVERIFY(linesOf(m_stair.path("stopped")).size() < linesOf(m_stair.path("whole")).size());
        const auto again = m_stair.run(command(modes) << path("stopped"));
        QVERIFY2(again.code == 0, qPrintable(again.err));
        QVERIFY(linesOf(m_stair.path("stopped")) == linesOf(m_stair.path("whole")));
    }

    void anotherMapIsRefused()
    {
        const auto other = m_stair.run(command("--widths 3"));
        QCOMPARE(other.code, 2);
        QCOMPARE(other.err.count('\n'), 1);
        QVERIFY2(other.err.contains("widths") && other.err.contains("--restart"),
                 qPrintable(other.err));
        QVERIFY(linesOf(mapFile()) == m_lines);
    }

    void badInputIsOneLine_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("part");
        QTest::newRow("mode") << "sensitivity RUN --modes onyl"
                              << "did you mean 'only'";
        QTest::newRow("width") << "sensitivity RUN --widths 1"
                               << "--widths";
        QTest::newRow("run") << "sensitivity nowhere"
                             << "nowhere";
        QTest::newRow("split") << "sensitivity RUN --split train"
                               << "--split";
        QTest::newRow("layers of nothing") << "layers nowhere"
                                           << "nowhere";
    }

    void badInputIsOneLine()
    {
        QFETCH(QString, arguments);
        QFETCH(QString, part);
        const auto result = m_stair.run(arguments.replace("RUN", path("run")).split(' '));
        QCOMPARE(result.code, 2);
        QCOMPARE(result.err.count('\n'), 1);
        QVERIFY2(result.err.contains(part), qPrintable(result.err));
    }

    void layersOfRunAndFileAreTheSame()
    {
        const auto ofRun = m_stair.run({"layers", path("run"), "--images", "32", "--json"});
        QVERIFY2(ofRun.code == 0, qPrintable(ofRun.err));
        QCOMPARE(m_stair.run({"export", path("run"), "--out", path("net.stair")}).code, 0);
        const auto ofFile = m_stair.run({"layers", path("net.stair"), "--images", "32", "--json"});
        QVERIFY2(ofFile.code == 0, qPrintable(ofFile.err));
        QCOMPARE(ofFile.out, ofRun.out);
        const Json document = Json::parse(ofRun.out.toStdString());
        QCOMPARE(document.at("images").get<int>(), 32);
        int sums = 0;
        for (const Json& layer : document.at("layers")) {
            const Json& acc = layer.at("accumulator");
            if (acc.is_null())
                continue;
            ++sums;
            QVERIFY(acc.at("seen").at("bits") <= acc.at("worst").at("bits"));
            QVERIFY(acc.at("worst").at("bits") <= acc.at("generic_bits"));
            QCOMPARE(acc.at("headroom").get<int>(), 32 - acc.at("worst").at("bits").get<int>());
        }
        QVERIFY(sums >= 4);
        const auto text = m_stair.run({"layers", path("run"), "--images", "0"});
        QVERIFY2(text.out.contains("weight kB") && text.out.contains("total"),
                 qPrintable(text.out));
    }

private:
    Json m_document;
    std::vector<Json> m_lines;
};

QTEST_GUILESS_MAIN(TestSensitivityCmd)
#include "tst_sensitivity_cmd.moc"
