#include "core/base/files.h"
#include "core/cli/propose_text.h"
#include "core/cli/text_format.h"
#include "core/session/line_reader.h"
#include "core/session/measured_map.h"
#include "tests/support/error_text.h"
#include "tests/support/stair_process.h"

#include <fstream>

using namespace stair;

namespace fs = std::filesystem;

namespace {

Json uniformRow(int bits, int bytes, double top1, const char* verdict)
{
    return {{"bits", bits}, {"ends", "same"}, {"bytes", bytes},
            {"top1", top1}, {"images", 1000}, {"verdict", verdict}};
}

void writeLines(const fs::path& file, const std::vector<Json>& lines)
{
    std::ofstream out(file, std::ios::trunc);
    for (const Json& line : lines)
        out << line.dump() << '\n';
}

} // namespace

/// `stair propose`, as from a shell, on a run that was really trained and mapped.
class TestPropose : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    std::vector<Json> m_lines; // of the map

    QString path(const char* name) const { return QString::fromStdString(m_stair.path(name)); }
    fs::path mapFile() const { return m_stair.path("run") / "sensitivity.jsonl"; }

    StairProgram::Result propose(const QString& budget, const QStringList& rest = {}) const
    {
        return m_stair.run(QStringList{"propose", path("run"), "--budget", budget, "--threads", "1"}
                           + rest);
    }

    StairProgram::Result map(const QStringList& rest) const
    {
        return m_stair.run(QStringList{"sensitivity", path("run"), "--threads", "1", "--widths",
                                       "2,3,8", "--calibration-images", "64"}
                           + rest);
    }

private slots:
    void initTestCase()
    {
        const auto trained = m_stair.run(smallRun() << "--set"
                                                    << "data.validation=256"
                                                    << "--set"
                                                    << "quant.weights.bits=4"
                                                    << "--set"
                                                    << "quant.activations.bits=4"
                                                    << "--out" << path("run"));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        const auto none = propose("5kB");
        QCOMPARE(none.code, 2);
        QVERIFY2(none.err.contains("measure it first with `stair sensitivity"),
                 qPrintable(none.err));
        const auto mapped = map({});
        QVERIFY2(mapped.code == 0, qPrintable(mapped.err));
        m_lines = readLines(mapFile());
    }

    void sizesAreRead_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("bytes"); // 0: refused
        QTest::addRow("thousands") << "90kB" << 90'000;
        QTest::addRow("with a space") << "1.5 MB" << 1'500'000;
        QTest::addRow("of two") << "88KiB" << 90'112;
        QTest::addRow("bytes") << "1234" << 1234;
        QTest::addRow("another unit") << "90 apples" << 0;
        QTest::addRow("no number") << "kB" << 0;
        QTest::addRow("two points") << "1.2.3kB" << 0;
        QTest::addRow("nothing") << "0kB" << 0;
        QTest::addRow("less than nothing") << "-5kB" << 0;
    }

    void sizesAreRead()
    {
        QFETCH(QString, text);
        QFETCH(int, bytes);
        if (bytes > 0)
            QCOMPARE(readSize(text.toStdString()), bytes);
        else
            VERIFY_CONTAINS(errorText([&] { readSize(text.toStdString()); }), "is no size");
    }

    void theProposalFitsAndIsChecked()
    {
        const MeasuredMap map = readMeasuredMap(mapFile());
        const SizeRange range = sizeRange(map.options());
        const std::int64_t budget = (range.least + range.most) / 2;
        const auto done = propose(QString::number(budget), {"--json"});
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const Json document = Json::parse(done.out.toStdString());
        const auto expected = proposeWidths(map.options(), budget);
        std::int64_t bytes = 0;
        QCOMPARE(document.at("layers").size(), map.layers.size());
        for (std::size_t i = 0; i < map.layers.size(); ++i) {
            const WidthOption& option = map.layers[i].options[expected->chosen[i]];
            const Json& layer = document.at("layers")[i];
            QCOMPARE(layer.at("bits").is_null() ? 0 : layer.at("bits").get<int>(), option.bits);
            bytes += layer.at("bytes").get<std::int64_t>();
        }
        QVERIFY(bytes <= budget);
        QCOMPARE(document.at("proposal").at("bytes").get<std::int64_t>(), bytes);
        QCOMPARE(document.at("proposal").at("images").get<int>(), 64); // the whole test set
        QVERIFY(document.at("proposal").at("proved").get<bool>());
        QCOMPARE(document.at("uniform").size(), std::size_t(6)); // with the ends and without
        QVERIFY(!document.contains("warning"));
        // The run itself is what its own evaluation found.
        Json last;
        for (const Json& line : readLines(m_stair.path("run") / "events.jsonl")) {
            if (line.value("event", "") == "evaluation")
                last = line.at("test");
        }
        QCOMPARE(document.at("base").at("top1").get<double>(), last.at("top1").get<double>());
        const auto text = propose(QString::number(budget));
        QVERIFY2(text.out.contains("holds only roughly"), qPrintable(text.out));
        QVERIFY2(text.out.contains(QString::fromStdString(document.at("verdict"))),
                 qPrintable(text.out));
    }

    /// A map that allows one change only: the result is then that cell's, on the test split.
    void oneChangeIsItsCell()
    {
        const auto onTest = map({"--split", "test", "--out", path("test-map")});
        QVERIFY2(onTest.code == 0, qPrintable(onTest.err));
        std::vector<Json> lines = m_lines;
        const std::string layer = lines.front().at("layers")[1].at("name");
        for (Json& line : lines) {
            if (line.value("event", "") == "cell")
                line["drop"] = line.at("layer") == layer && line.at("bits") == 3 ? 0 : 1;
        }
        writeLines(m_stair.path("one-change"), lines);
        std::int64_t whole = 0;
        for (const MeasuredLayer& each : measuredMap(lines).layers)
            whole += each.options.front().bytes;
        const auto done
            = propose(QString::number(whole - 1), {"--json", "--map", path("one-change")});
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const Json document = Json::parse(done.out.toStdString());
        for (const Json& row : document.at("layers"))
            QVERIFY(row.at("bits") == (row.at("layer") == layer ? Json(3) : Json()));
        Json cell;
        for (const Json& line : readLines(m_stair.path("test-map"))) {
            if (line.value("layer", "") == layer && line.value("bits", 0) == 3)
                cell = line;
        }
        QCOMPARE(document.at("proposal").at("top1").get<double>(), cell.at("top1").get<double>());
        QCOMPARE(document.at("proposal").at("loss").get<double>(), cell.at("loss").get<double>());
        // A map of test images is no ground for a check on them.
        const auto warned = propose(QString::number(whole - 1), {"--map", path("test-map")});
        QVERIFY2(warned.out.contains("not independent"), qPrintable(warned.out));
    }

    void whatCannotBeIsSaid_data()
    {
        QTest::addColumn<QString>("budget");
        QTest::addColumn<QStringList>("rest");
        QTest::addColumn<QString>("words");
        QTest::addRow("too small") << "10" << QStringList() << "no widths fit into 0.01 kB";
        QTest::addRow("too large") << "900MB" << QStringList() << "constrains nothing";
        QTest::addRow("no size") << "much" << QStringList() << "is no size";
        QTest::addRow("half a map") << "5kB" << QStringList{"--map", "half-map"} << "are missing";
        QTest::addRow("no map") << "5kB" << QStringList{"--map", "run/spec.json"}
                                << "does not begin as a sensitivity map does";
        QTest::addRow("another mode")
            << "5kB" << QStringList{"--map", "other-mode"} << "no cells of the mode 'only'";
        QTest::addRow("an older map")
            << "5kB" << QStringList{"--map", "older-map"} << "another version";
        QTest::addRow("another checkpoint")
            << "" << QStringList{"--map", "other-checkpoint"} << "another checkpoint";
    }

    void whatCannotBeIsSaid()
    {
        QFETCH(QString, budget);
        QFETCH(QStringList, rest);
        QFETCH(QString, words);
        writeLines(m_stair.path("half-map"),
                   {m_lines.begin(), m_lines.begin() + std::ptrdiff_t(m_lines.size() / 2)});
        std::vector<Json> lines = m_lines;
        lines.front()["modes"] = {"weights"};
        writeLines(m_stair.path("other-mode"), lines);
        lines = m_lines;
        for (Json& layer : lines.front()["layers"])
            layer.erase("count");
        writeLines(m_stair.path("older-map"), lines);
        lines = m_lines;
        lines.front()["checkpoint"] = "of another file";
        writeLines(m_stair.path("other-checkpoint"), lines);
        if (budget.isEmpty()) {
            const SizeRange range = sizeRange(measuredMap(m_lines).options());
            budget = QString::number((range.least + range.most) / 2);
        }
        const auto refused = propose(budget, rest);
        QCOMPARE(refused.code, 2);
        QVERIFY2(refused.err.contains(words), qPrintable(refused.err));
        QCOMPARE(refused.err.count('\n'), 1);
    }

    void theVerdictTellsWhatWasFound_data()
    {
        QTest::addColumn<QString>("uniform");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* name, const std::vector<Json>& uniform, const char* words) {
            QTest::addRow("%s", name) << QString::fromStdString(Json(uniform).dump()) << words;
        };
        row("smaller", {uniformRow(4, 70, 0.8, "beaten"), uniformRow(2, 20, 0.3, "neither")},
            "Better than uniform 4 bits: smaller, as accurate");
        row("more accurate", {uniformRow(3, 50, 0.7, "beaten"), uniformRow(2, 20, 0.3, "neither")},
            "Better than uniform 3 bits: more accurate at the same size");
        row("by little", {uniformRow(3, 60, 0.799, "beaten")}, "within one standard error");
        row("worse than another",
            {uniformRow(4, 70, 0.8, "beaten"), uniformRow(3, 45, 0.9, "better")},
            "None was found that is better than a uniform width: uniform 3 bits is better");
        row("the same", {uniformRow(3, 50, 0.8, "equal")}, "does as well as");
        row("between", {uniformRow(4, 70, 0.9, "neither"), uniformRow(2, 20, 0.3, "neither")},
            "either smaller or more accurate");
    }

    void theVerdictTellsWhatWasFound()
    {
        QFETCH(QString, uniform);
        QFETCH(QString, words);
        const Json document = {{"proposal", {{"bytes", 50}, {"top1", 0.8}, {"images", 1000}}},
                               {"uniform", Json::parse(uniform.toStdString())}};
        const QString text = QString::fromStdString(verdictText(document));
        QVERIFY2(text.contains(words), qPrintable(text));
    }
};

QTEST_GUILESS_MAIN(TestPropose)
#include "tst_propose.moc"
