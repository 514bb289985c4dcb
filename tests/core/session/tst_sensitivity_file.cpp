#include "core/base/error.h"
#include "core/session/line_reader.h"
#include "core/session/sensitivity_file.h"
#include "core/session/sensitivity_lines.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_run.h"

#include <QTest>

#include <fstream>

using namespace stair;

/// The file that a map grows in, across stops, damage and other maps.
class TestSensitivityFile : public QObject
{
    Q_OBJECT

    const Json m_header = {{"event", "sensitivity"}, {"checkpoint", "abc"}, {"images", 5}};

    static Json cell(int bits) { return {{"event", "cell"}, {"bits", bits}}; }

    static void write(const std::filesystem::path& path, const std::string& content)
    {
        std::ofstream(path, std::ios::binary) << content;
    }

private slots:
    void linesStay()
    {
        TempFolder folder;
        {
            SensitivityFile file(folder / "map", m_header, false);
            QVERIFY(file.lines().empty());
            file.append(cell(2));
            file.append(cell(3));
            QCOMPARE(file.lines().size(), std::size_t(2));
        }
        SensitivityFile file(folder / "map", m_header, false);
        QCOMPARE(file.lines().size(), std::size_t(2));
        file.append(cell(4));
        const auto all = readLines(folder / "map");
        QCOMPARE(all.size(), std::size_t(4));
        QVERIFY(all.front() == m_header && all.back() == cell(4));
    }

    void whatIsDamagedIsLeftOut_data()
    {
        QTest::addColumn<QByteArray>("tail");
        QTest::addColumn<int>("whole");
        const QByteArray two = QByteArray::fromStdString(cell(2).dump());
        QTest::newRow("half a line") << two + "\n" + two.left(9) << 1;
        QTest::newRow("no JSON between") << two + "\n{{{\n" + two + "\n" << 2;
        QTest::newRow("zeros") << two + "\n" + QByteArray(20, '\0') << 1;
    }

    void whatIsDamagedIsLeftOut()
    {
        QFETCH(QByteArray, tail);
        QFETCH(int, whole);
        TempFolder folder;
        write(folder / "map", m_header.dump() + '\n' + tail.toStdString());
        SensitivityFile file(folder / "map", m_header, false);
        QCOMPARE(int(file.lines().size()), whole);
        file.append(cell(7));
        QVERIFY(readLines(folder / "map").back() == cell(7));
    }

    void halfAHeaderIsBegunAnew()
    {
        TempFolder folder;
        write(folder / "map", m_header.dump().substr(0, 20));
        SensitivityFile file(folder / "map", m_header, false);
        QVERIFY(readLines(folder / "map") == std::vector<Json>{m_header});
    }

    void otherFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("part");
        QTest::newRow("another checkpoint")
            << QByteArray(R"({"event":"sensitivity","checkpoint":"x","images":5})"
                          "\n")
            << "(checkpoint differ)";
        QTest::newRow("other images") << QByteArray(R"({"event":"sensitivity","checkpoint":"abc"})"
                                                    "\n")
                                      << "(images differ)";
        QTest::newRow("a run's events")
            << QByteArray("{\"event\":\"started\"}\n") << "does not begin as a map";
        QTest::newRow("no lines at all") << QByteArray("hello") << "does not begin as a map";
    }

    void otherFilesAreRefused()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, part);
        TempFolder folder;
        write(folder / "map", content.toStdString());
        const QString text = errorText([&] { SensitivityFile(folder / "map", m_header, false); });
        QVERIFY2(text.contains(part) && text.contains("--restart"), qPrintable(text));
        QCOMPARE(readFile(folder / "map"), content.toStdString());
        SensitivityFile file(folder / "map", m_header, true);
        QVERIFY(file.lines().empty());
        QVERIFY(readLines(folder / "map") == std::vector<Json>{m_header});
    }

    void oneWriterAtATime()
    {
        TempFolder folder;
        SensitivityFile file(folder / "map", m_header, false);
        const QString text = errorText([&] { SensitivityFile(folder / "map", m_header, true); });
        QVERIFY2(text.contains("another process"), qPrintable(text));
    }

    void correlationsAreOfEachMode()
    {
        const auto line = [](const char* mode, double drop, const Json& mse, const Json& fit) {
            return Json{{"event", "cell"},       {"mode", mode},
                        {"drop", drop},          {"weights", {{"mse", mse}, {"sqnr_db", -drop}}},
                        {"activations", Json()}, {"fit", fit}};
        };
        const std::vector<Json> lines
            = {{{"event", "base"}},      line("only", 0.1, 1, 5),   line("only", 0.2, 2, 5),
               line("only", 0.3, 3, 5),  line("weights", 0, 3, {}), line("weights", 1, 2, {}),
               line("weights", 2, 1, {})};
        const Json found = proxyCorrelations(lines);
        QCOMPARE(found.at("only").at("weights.mse").get<double>(), 1.0);
        QCOMPARE(found.at("only").at("weights.sqnr_db").get<double>(), -1.0);
        QVERIFY(found.at("only").at("fit").is_null()); // nothing varies
        QCOMPARE(found.at("weights").at("weights.mse").get<double>(), -1.0);
        QVERIFY(!found.at("weights").contains("fit") && !found.contains("activations"));
    }
};

QTEST_GUILESS_MAIN(TestSensitivityFile)
#include "tst_sensitivity_file.moc"
