#include "core/session/presets.h"
#include "core/session/spec_source.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_run.h"

#include <QTest>

#include <algorithm>

using namespace stair;

namespace fs = std::filesystem;

class TestSpecSource : public QObject
{
    Q_OBJECT

private slots:
    void everyPresetIsASpec_data()
    {
        QTest::addColumn<std::string>("id");
        for (const PresetInfo& preset : presets())
            QTest::newRow(preset.id.c_str()) << preset.id;
    }

    void everyPresetIsASpec()
    {
        QFETCH(std::string, id);
        const auto preset = std::ranges::find(presets(), id, &PresetInfo::id);
        const ExperimentSpec spec = ExperimentSpec::read(preset->spec, id);
        QVERIFY(!spec.name.empty());
        if (id.starts_with("default-"))
            QCOMPARE(spec.data.id, std::string("procedural")); // nothing to download first
    }

    void theDefaultPairDiffersInTheQuantizerAlone()
    {
        Json one = loadSpec("default-float", {}).toJson();
        Json two = loadSpec("default-2bit", {}).toJson();
        QVERIFY(one.at("quant") != two.at("quant"));
        QVERIFY(one.at("data").at("id") == "procedural"); // nothing to download first
        for (const char* key : {"name", "quant"}) {
            one.erase(key);
            two.erase(key);
        }
        QCOMPARE(one.dump(1), two.dump(1));
    }

    void aFileComesBeforeAPreset()
    {
        const TempFolder folder;
        writeFileAtomically(folder / "default-float", R"({"name": "mine"})");
        fs::current_path(folder.path());
        QCOMPARE(loadSpec("default-float", {"seed=7"}).name, std::string("mine (seed=7)"));
        QCOMPARE(loadSpec("default-float", {"seed=7", "name=my own"}).name, std::string("my own"));
        QCOMPARE(loadSpec("default-float", {"seed=7"}).seed, std::uint64_t(7));
        fs::current_path("/");
    }

    void whatIsNeitherIsRefused()
    {
        VERIFY_CONTAINS(errorText([] { loadSpec("default-flaot", {}); }), "'default-float'?");
        VERIFY_CONTAINS(errorText([] { loadSpec("/tmp", {}); }), "--resume");
        VERIFY_CONTAINS(errorText([] { loadSpec("default-float", {"epochs=3"}); }),
                        "preset default-float");
        VERIFY_CONTAINS(errorText([] { loadSpec("default-float", {"epochs"}); }), "key=value");
    }

    void aCardIsOfferedBesideThePresets()
    {
        const QString card = errorText([] { loadSpec("dai8", {}); });
        VERIFY_CONTAINS(card, "Known: ");
        VERIFY_CONTAINS(card, "default-2bit");
        VERIFY_CONTAINS(card, "or did you mean the card 'dai8-resnet20'?");
        for (const char* path : {"specs/dai8-resnet20", "dai8-resnet.json"}) {
            const QString text = errorText([path] { loadSpec(path, {}); });
            VERIFY_CONTAINS(text, "Known: ");
            QVERIFY2(!text.contains("card"), qPrintable(text));
        }
    }

    void aFolderIsNoSpec()
    {
        const TempFolder folder;
        QVERIFY(!namesSpec(folder.path().string()));
        writeFileAtomically(folder / "a.json", "{}");
        QVERIFY(namesSpec((folder / "a.json").string()));
        QVERIFY(namesSpec("default-float") && !namesSpec("default-flaot"));
    }

    void pathsAreMeantFromTheSpecOrFromTheUser()
    {
        const TempFolder folder;
        fs::create_directories(folder / "specs/data");
        fs::create_directories(folder / "here/data");
        writeFileAtomically(folder / "specs/a.json",
                            R"({"data": {"id": "cifar10", "path": "data"},
                                "training": {"from": "old.safetensors"}})");
        fs::current_path(folder / "here");
        const std::string name = (folder / "specs/a.json").string();
        const fs::path base = fs::canonical(folder.path());
        QCOMPARE(fs::canonical(loadSpec(name, {}).data.path), base / "specs/data");
        QCOMPARE(fs::canonical(loadSpec(name, {"data.path=./data"}).data.path), base / "here/data");
        const fs::path from = loadSpec(name, {}).training.from;
        QCOMPARE(from.parent_path().filename(), fs::path("specs"));
        VERIFY_CONTAINS(errorText([&] { loadSpec(name, {"data.path=nowhere"}); }), "here/nowhere");
        fs::current_path("/");
    }

    void aRunsFolderMeansItsBestCheckpoint()
    {
        const TempFolder folder;
        const RunFolder run = makeRun(folder / "run");
        VERIFY_CONTAINS(errorText([&] { startingCheckpoint(run.path()); }), "none yet");
        writeFileAtomically(run.checkpointFolder() / checkpointName(5), "");
        QCOMPARE(startingCheckpoint(run.path()).filename(), fs::path(checkpointName(5)));
        writeFileAtomically(run.bestCheckpoint(), "");
        QCOMPARE(startingCheckpoint(run.path()), run.bestCheckpoint());
        QCOMPARE(startingCheckpoint("a/file"), fs::path("a/file"));
        VERIFY_CONTAINS(errorText([&] { startingCheckpoint(folder.path()); }), "holds no run");
    }
};

QTEST_GUILESS_MAIN(TestSpecSource)
#include "tst_spec_source.moc"
