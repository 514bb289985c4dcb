#include "core/base/files.h"
#include "core/base/json.h"
#include "core/session/line_reader.h"
#include "tests/support/stair_process.h"

#include <onnx/onnx_pb.h>

#include <cmath>
#include <cstring>

using namespace stair;

namespace fs = std::filesystem;

/// A run's model leaves, is verified, judged and used, as from a shell.
class TestExport : public QObject
{
    Q_OBJECT

    StairProgram m_stair;

    QString path(const char* name) const { return QString::fromStdString(m_stair.path(name)); }

    StairProgram::Result exported(const char* format, const char* file)
    {
        return m_stair.run(
            {"export", path("run"), "--format", format, "--out", path(file), "--json"});
    }

private slots:
    void initTestCase()
    {
        const auto trained = m_stair.run(smallRun() << "--out" << path("run"));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
    }

    void everyFormatIsWritten_data()
    {
        QTest::addColumn<QString>("format");
        for (const char* format :
             {"packed", "onnx-integer", "onnx-qdq", "qonnx", "c", "c-thresholds", "npz"})
            QTest::newRow(format) << format;
    }

    void everyFormatIsWritten()
    {
        QFETCH(QString, format);
        const QByteArray name = format.toUtf8();
        const auto result = exported(name, name);
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const Json document = Json::parse(result.out.toStdString());
        QCOMPARE(document.at("bytes").get<std::uintmax_t>(), fs::file_size(m_stair.path(name)));
        QVERIFY(document.at("unproved").empty());
        const auto again = exported(name, name);
        QCOMPARE(again.code, 2);
        QVERIFY2(again.err.contains("is there already"), qPrintable(again.err));
    }

    void dryRunWritesNothing()
    {
        const auto result = m_stair.run({"export", path("run"), "--dry-run"});
        QCOMPARE(result.code, 0);
        QVERIFY2(result.out.contains(" bytes, "), qPrintable(result.out));
        QVERIFY(!fs::exists(m_stair.path("run") / "export"));
    }

    void whatIsShippedIsWhatWasJudged_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("file");
        QTest::newRow("packed") << "packed"
                                << "model.stair";
        QTest::newRow("onnx-integer") << "onnx-integer"
                                      << "model.onnx";
    }

    void whatIsShippedIsWhatWasJudged()
    {
        QFETCH(QString, format);
        QFETCH(QString, file);
        const QByteArray name = file.toUtf8();
        QCOMPARE(exported(format.toUtf8(), name).code, 0);
        const auto verified = m_stair.run({"verify", path(name)});
        QVERIFY2(verified.code == 0 && verified.out.contains("holds:"), qPrintable(verified.out));

        const auto judged = m_stair.run({"eval", path(name), "--json"});
        QVERIFY2(judged.code == 0, qPrintable(judged.err));
        const Json test = Json::parse(judged.out.toStdString()).at("test");
        Json last;
        for (const Json& line : readLines(m_stair.path("run") / "events.jsonl")) {
            if (line.value("event", "") == "evaluation")
                last = line.at("test");
        }
        QCOMPARE(test.at("top1").dump(), last.at("top1").dump());
        QCOMPARE(test.at("loss").dump(), last.at("loss").dump());
        QCOMPARE(test.at("confusion").dump(), last.at("confusion").dump());
    }

    // The integers are near the program's, and what computes them is the file.
    void aQdqFileIsJudgedAndUsed()
    {
        QCOMPARE(exported("onnx-qdq", "near.onnx").code, 0);
        const auto judged = m_stair.run({"eval", path("near.onnx"), "--json"});
        QVERIFY2(judged.code == 0, qPrintable(judged.err));
        const double near = Json::parse(judged.out.toStdString()).at("test").at("top1");
        const auto own = m_stair.run({"eval", path("run"), "--json"});
        const double exact = Json::parse(own.out.toStdString()).at("test").at("top1");
        QVERIFY2(std::abs(near - exact) < 0.05, qPrintable(judged.out));
        const auto verified = m_stair.run({"verify", path("near.onnx")});
        QCOMPARE(verified.code, 2);
        QVERIFY2(verified.err.contains("has no proof"), qPrintable(verified.err));
    }

    // The same file without what we write about it: node by node, on the data that one names.
    void anotherProgramsFileWantsItsData()
    {
        QCOMPARE(exported("onnx-qdq", "ours.onnx").code, 0);
        onnx::ModelProto proto;
        QVERIFY(proto.ParseFromString(readFile(m_stair.path("ours.onnx"))));
        proto.clear_metadata_props();
        writeFileAtomically(m_stair.path("other.onnx"), proto.SerializeAsString());
        const auto alone = m_stair.run({"eval", path("other.onnx")});
        QCOMPARE(alone.code, 2);
        QVERIFY2(alone.err.contains("give --data"), qPrintable(alone.err));
        const auto ours = m_stair.run({"eval", path("ours.onnx"), "--json"});
        const double expected = Json::parse(ours.out.toStdString()).at("test").at("top1");
        for (const QStringList& data :
             {QStringList{path("run") + "/spec.json"},
              QStringList{"procedural", "--set", "data.params.train=1280", "--set",
                          "data.params.test=64", "--set", "data.params.size=20"}}) {
            const auto judged
                = m_stair.run(QStringList{"eval", path("other.onnx"), "--json", "--data"} + data);
            QVERIFY2(judged.code == 0, qPrintable(judged.err));
            const Json document = Json::parse(judged.out.toStdString());
            const double found = document.at("test").at("top1");
            QVERIFY2(std::abs(found - expected) < 0.05, qPrintable(judged.out));
            QVERIFY(document.at("proved").get<bool>());
        }
        const auto wrong = m_stair.run({"predict", path("other.onnx"), path("other.onnx")});
        QCOMPARE(wrong.code, 2);
        QVERIFY2(wrong.err.contains("was not written by Staircase"), qPrintable(wrong.err));
    }

    void trainingGoesOnFromAFile_data()
    {
        QTest::addColumn<QString>("format");
        for (const char* format : {"packed", "onnx-integer", "onnx-qdq"})
            QTest::newRow(format) << format;
    }

    void trainingGoesOnFromAFile()
    {
        QFETCH(QString, format);
        const QByteArray file = ("from-" + format + (format == "packed" ? "" : ".onnx")).toUtf8();
        QCOMPARE(exported(format.toUtf8(), file).code, 0);
        const QString folder = path(("run-" + format.toUtf8()).constData());
        const auto trained = m_stair.run(smallRun() << "--set"
                                                    << "training.from=" + path(file) << "--set"
                                                    << "training.epochs=1"
                                                    << "--out" << folder);
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        const auto other
            = m_stair.run(QStringList{"run", "default-2bit", "--set", "training.from=" + path(file),
                                      "--out", path(("not-" + format.toUtf8()).constData())});
        QCOMPARE(other.code, 2);
        QVERIFY2(other.err.contains("the file's network is not this") && other.err.count('\n') == 1,
                 qPrintable(other.err));
    }

    void aChangedFileIsToldByItsLayer()
    {
        QCOMPARE(exported("packed", "fine.stair").code, 0);
        std::string content = readFile(m_stair.path("fine.stair"));
        std::uint64_t length = 0;
        std::memcpy(&length, content.data(), 8);
        const Json header = Json::parse(content.substr(8, length));
        const auto offset
            = header.at("stage2.conv.weight").at("data_offsets").at(0).get<std::size_t>();
        content[8 + length + offset + 3] ^= 4;
        writeFileAtomically(m_stair.path("changed.stair"), content);
        const auto verified = m_stair.run({"verify", path("changed.stair")});
        QCOMPARE(verified.code, 1);
        QVERIFY2(verified.out.contains("layer stage2.conv:"), qPrintable(verified.out));
        const auto judged = m_stair.run({"eval", path("changed.stair")});
        QCOMPARE(judged.code, 2);
        QVERIFY2(judged.err.contains("has been changed"), qPrintable(judged.err));
    }

    void picturesAreClassified()
    {
        QCOMPARE(exported("packed", "model").code, 0);
        std::string picture = "P6\n31 47\n255\n";
        for (int i = 0; i < 31 * 47 * 3; ++i)
            picture += char(i * 7);
        writeFileAtomically(m_stair.path("a.ppm"), picture);
        const auto result
            = m_stair.run({"predict", path("model"), path("a.ppm"), path("a.ppm"), "--json"});
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const Json document = Json::parse(result.out.toStdString());
        QCOMPARE(document.size(), std::size_t(2));
        QCOMPARE(document.at(0).at("classes").size(), std::size_t(3));
        QCOMPARE(document.at(0).at("classes").dump(), document.at(1).at("classes").dump());
        const auto bad = m_stair.run({"predict", path("model"), path("model")});
        QCOMPARE(bad.code, 2);
        QVERIFY2(bad.err.contains("cannot be read"), qPrintable(bad.err));
    }

    void badInputIsOneLine_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("part");
        QTest::newRow("format") << "export RUN --format onx"
                                << "did you mean";
        QTest::newRow("run") << "export nowhere"
                             << "nowhere";
        QTest::newRow("samples") << "export RUN --samples 0"
                                 << "--samples";
        QTest::newRow("checkpoint") << "export RUN --checkpoint first"
                                    << "first";
        QTest::newRow("file") << "verify nowhere.stair"
                              << "nowhere.stair";
        QTest::newRow("kind") << "verify RUN/spec.json"
                              << "not a packed model";
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

    void cFilesAreComparedAsTheyStand()
    {
        const auto written = exported("c", "verified.c");
        QVERIFY2(written.code == 0, qPrintable(written.err));
        const auto held = m_stair.run({"verify", path("verified.c")});
        QVERIFY2(held.code == 0, qPrintable(held.out + held.err));
        QVERIFY2(held.out.contains("It was not run"), qPrintable(held.out));
        std::string source = readFile(m_stair.path("verified.c"));
        // The proof is of the fixed point's own integers: every layer has its checksums.
        QVERIFY(source.find("[\"\"]") == std::string::npos);
        const std::size_t table = source.find("static const int8_t st_w");
        const std::size_t number = source.find_first_of("123456789", source.find('{', table));
        source[number] = source[number] == '1' ? '2' : '1';
        writeFileAtomically(m_stair.path("changed.c"), source);
        const auto told = m_stair.run({"verify", path("changed.c"), "--json"});
        QCOMPARE(told.code, 1);
        const Json document = Json::parse(told.out.toStdString());
        QVERIFY(!document.at("run").get<bool>());
        QCOMPARE(document.at("findings").size(), std::size_t(1));
        QVERIFY(document.at("findings").at(0).get<std::string>().starts_with("layer "));
    }

    void kernelsAreCheckedOnThisCpu()
    {
        const auto result = m_stair.run({"conformance", "--json"});
        QVERIFY2(result.code == 0, qPrintable(result.out));
        const Json document = Json::parse(result.out.toStdString());
        QCOMPARE(document.at("wrong").get<int>(), 0);
        QVERIFY(document.at("rows").size() > 40);
        for (const Json& row : document.at("rows"))
            QCOMPARE(row.at("kernels").back().at("kernel").get<std::string>(),
                     std::string("reference"));
        const auto said = m_stair.run({"conformance"});
        QCOMPARE(said.code, 0);
        QVERIFY(said.out.contains("at once: ") && said.out.contains("All are exact."));
        QCOMPARE(said.out.count("Not taken on this CPU: "),
                 int(document.at("absent_kernels").size()));
    }
};

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"
