#include "tests/support/error_text.h"
#include "tests/support/temp_run.h"

#include <QTest>

using namespace stair;

namespace fs = std::filesystem;

namespace {

ExperimentSpec specOf(const char* json)
{
    return ExperimentSpec::read(Json::parse(json), "test");
}

} // namespace

class TestRunFolder : public QObject
{
    Q_OBJECT

private slots:
    void holdsItsSpec()
    {
        const TempFolder folder;
        const ExperimentSpec spec = specOf(R"({"name": "x", "seed": 5})");
        const RunFolder made = RunFolder::create(folder / "a/b/run", spec.toJson());
        const RunFolder opened = RunFolder::open(folder / "a/b/run");
        QCOMPARE(opened.path(), made.path());
        QCOMPARE(opened.spec().toJson().dump(), spec.toJson().dump());
        QVERIFY(readJsonFile(opened.metaFile()).contains("tags"));
        QVERIFY(!opened.hasWorker());
        QVERIFY(opened.checkpoints().empty());
    }

    void knowsWhetherItIsUnattended()
    {
        const TempFolder folder;
        QVERIFY(!makeRun(folder / "watched").isUnattended());
        const RunFolder run = RunFolder::create(folder / "run", {}, true);
        QVERIFY(run.isUnattended());
        for (const char* meta : {"{}", "[]", R"({"unattended": "yes"})"}) {
            writeFileAtomically(run.metaFile(), meta);
            QVERIFY(!run.isUnattended());
        }
        fs::remove(run.metaFile());
        QVERIFY(!run.isUnattended());
    }

    void isCreatedOnce()
    {
        const TempFolder folder;
        makeRun(folder / "run");
        VERIFY_CONTAINS(errorText([&] { makeRun(folder / "run"); }), "--resume");
        fs::create_directories(folder / "full");
        writeFileAtomically(folder / "full/letter.txt", "dear");
        VERIFY_CONTAINS(errorText([&] { makeRun(folder / "full"); }), "not an empty folder");
        QCOMPARE(readFile(folder / "full/letter.txt"), std::string("dear"));
        fs::create_directories(folder / "empty");
        makeRun(folder / "empty");
    }

    void leavesNothingWhereItCannotBe()
    {
        const TempFolder folder;
        writeFileAtomically(folder / "file", "content");
        VERIFY_CONTAINS(errorText([&] { makeRun(folder / "file"); }), "not an empty folder");
        VERIFY_CONTAINS(errorText([&] { makeRun(folder / "file/a/b"); }), "cannot create");
        VERIFY_CONTAINS(errorText([] { makeRun("/proc/runs/a"); }), "cannot create");
        QCOMPARE(readFile(folder / "file"), std::string("content"));
    }

    void whatIsNoRunIsRefused()
    {
        const TempFolder folder;
        VERIFY_CONTAINS(errorText([&] { RunFolder::open(folder.path()); }), "holds no run");
        VERIFY_CONTAINS(errorText([&] { RunFolder::open(folder / "missing"); }), "holds no run");
    }

    void findsItsCheckpoints()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        VERIFY_CONTAINS(errorText([&] { run.checkpointFile("last"); }), "none yet");
        for (const char* name : {"step-00000300.safetensors", "step-00000020.safetensors",
                                 "step-100000000.safetensors", "best.safetensors",
                                 "step-00000400.safetensors.part123", "step-x.safetensors"})
            writeFileAtomically(run.checkpointFolder() / name, "");
        const std::vector<fs::path> files = run.checkpoints();
        QCOMPARE(files.size(), std::size_t(3));
        QCOMPARE(files.front().filename(), fs::path("step-00000020.safetensors"));
        QCOMPARE(run.checkpointFile("last").filename(), fs::path("step-100000000.safetensors"));
        QCOMPARE(run.checkpointFile("best"), run.bestCheckpoint());
        QCOMPARE(run.checkpointFile("step-00000300.safetensors"), files[1]);
        QCOMPARE(run.checkpointFile(files[0].string()), files[0]);
        const QString text = errorText([&] { run.checkpointFile("bset"); });
        VERIFY_CONTAINS(text, "step-00000020.safetensors");
        VERIFY_CONTAINS(text, "best");
        QCOMPARE(checkpointName(390), std::string("step-00000390.safetensors"));
    }

    void proposesTheNextName()
    {
        const TempFolder folder;
        const ExperimentSpec spec = specOf(
            R"({"quant": {"method": "lsq", "weights": {"bits": 4}, "activations": {"bits": 3}}})");
        QCOMPARE(proposeRunFolder(folder / "none", spec).filename(),
                 fs::path("0001-resnet20-lsq-w4a3"));
        fs::create_directories(folder / "0041-mlp-float");
        fs::create_directories(folder / "notes");
        QCOMPARE(proposeRunFolder(folder.path(), spec).filename(),
                 fs::path("0042-resnet20-lsq-w4a3"));
        QCOMPARE(proposeRunFolder(folder.path(), specOf("{}")).filename(),
                 fs::path("0042-resnet20-float"));
    }
};

QTEST_GUILESS_MAIN(TestRunFolder)
#include "tst_run_folder.moc"
