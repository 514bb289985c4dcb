#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/safetensors.h"
#include "core/exchange/packed_file.h"
#include "core/exchange/verify.h"
#include "core/lower/program_check.h"
#include "tests/support/error_text.h"
#include "tests/support/shipped.h"

#include <QTemporaryDir>

#include <cstring>

using namespace stair;

namespace fs = std::filesystem;

namespace {

constexpr StoredKind packedKind = {"staircase-packed", 1, "packed model", "use another"};
constexpr std::size_t depth = 100'000; // that no stack holds

/// Lists in one another.
std::string nested()
{
    return std::string(depth, '[') + std::string(depth, ']');
}

/// The description with a part of it changed: the first instruction that has the key, or, without
/// one, the whole.
std::string patched(const std::string& text, const QString& key, const QString& patch)
{
    Json whole = Json::parse(text);
    Json* place = &whole;
    for (Json& in : whole["program"]["instructions"]) {
        if (place == &whole && in.contains(key.toStdString()))
            place = &in;
    }
    place->merge_patch(Json::parse(patch.toStdString()));
    return whole.dump();
}

} // namespace

/// A program that went through a packed file gives the same integers; one that was changed on the
/// way is found out.
class TestPackedFile : public QObject
{
    Q_OBJECT

    ShippedModel trained(const QString& network, int tiny, int widths)
    {
        return shippedRow(network, tiny, widths, m_runtime);
    }

    fs::path file(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

    /// Writes the model with another description and the checksum that belongs to it.
    template<typename Change>
    void craft(const ShippedModel& model, const Change& change)
    {
        writeFileAtomically(file("whole.stair"), encodePacked(model));
        const StoredTensors stored = StoredTensors::read(file("whole.stair"), packedKind);
        std::vector<StoredTensor> tensors = stored.tensors();
        StoredTensor& about
            = *std::ranges::find(tensors, std::string("model.json"), &StoredTensor::name);
        const std::string text = change(
            std::string(reinterpret_cast<const char*>(about.values.data()), about.values.size()));
        about.shape = {std::int64_t(text.size())};
        about.values = std::as_bytes(std::span(text.data(), text.size()));
        writeFileAtomically(file("crafted.stair"),
                            StoredTensors::encode(packedKind, Json::object(), tensors));
    }

private slots:
    void comesBackWithEveryInteger_data() { addLoweredRows(true); }

    void comesBackWithEveryInteger()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel before = trained(network, tiny, widths);
        checkProgram(before.program);
        writeFileAtomically(file("a.stair"), encodePacked(before));

        const ShippedModel after = readPacked(file("a.stair"));
        QCOMPARE(after.origin.toJson().dump(), before.origin.toJson().dump());
        QVERIFY(after.proof.layers == before.proof.layers);
        const Proof now = prove(after.program, m_runtime, EngineKernels::Reference, 2);
        QCOMPARE(differences(after.proof, now), std::vector<std::string>());
        int integers = 0;
        for (const Proof::Layer& layer : now.layers)
            integers
                += int(layer.values.size() - std::size_t(std::ranges::count(layer.values, "")));
        QVERIFY(integers > int(before.program.instructions.size()) / 2);
    }

    void aFlippedBitIsLocatedToItsLayer()
    {
        const ShippedModel model = trained("resnet20", -1, 1);
        const std::string whole = encodePacked(model);
        int located = 0;
        for (const Instruction& in : model.program.instructions) {
            if (!in.weightCodes)
                continue;
            // The layer's weights lie where the header says.
            std::uint64_t length = 0;
            std::memcpy(&length, whole.data(), 8);
            const Json header = Json::parse(whole.substr(8, length));
            const auto begin
                = header.at(in.name + ".weight").at("data_offsets").at(0).get<std::size_t>();
            std::string damaged = whole;
            damaged[8 + length + begin] ^= 1;
            writeFileAtomically(file("damaged.stair"), damaged);
            VERIFY_CONTAINS(errorText([&] { readPacked(file("damaged.stair")); }),
                            "has been changed since it was written");
            const ShippedModel read = readPacked(file("damaged.stair"), Damage::Tolerated);
            const auto lines
                = differences(read.proof, prove(read.program, m_runtime, EngineKernels::Fast, 2));
            QVERIFY(!lines.empty());
            QVERIFY2(lines.front().starts_with("layer " + in.name + ":"), lines.front().c_str());
            ++located;
        }
        QVERIFY(located >= 20); // 19 convolutions, the shortcuts', and the classifier
    }

    void damageIsAnErrorInWords()
    {
        const ShippedModel model = trained("", 0, 0);
        const std::string whole = encodePacked(model);
        int refused = 0;
        Random random(5, RandomUse::Test);
        for (int i = 0; i < 1000; ++i) {
            std::string damaged = whole;
            const auto place = [&] {
                return std::size_t(random.bits()) % damaged.size();
            };
            const int kind = i % 4;
            if (kind == 0)
                damaged[place()] ^= char(1 << (i / 4 % 8));
            else if (kind == 1)
                damaged.resize(place());
            else if (kind == 2)
                damaged.insert(place(), std::string(1 + std::size_t(i) % 9, char(i)));
            else
                damaged.erase(place(), 1 + std::size_t(i) % 16);
            if (damaged == whole)
                continue;
            writeFileAtomically(file("damaged.stair"), damaged);
            // Tolerated, it may be read and run or not, but nothing else happens.
            errorText([&] { verifyFile(file("damaged.stair"), m_runtime); });
            const QString text = errorText([&] { readPacked(file("damaged.stair")); });
            if (!text.isEmpty()) {
                VERIFY_CONTAINS(text, "damaged.stair");
                ++refused;
                continue;
            }
            // The header's padding may change: it says nothing.
            const ShippedModel same = readPacked(file("damaged.stair"));
            QVERIFY(differences(model.proof, prove(same.program, m_runtime, EngineKernels::Fast, 2))
                        .empty());
        }
        QVERIFY(refused >= 990);
    }

    void aCraftedProgramIsRefusedInWords_data()
    {
        QTest::addColumn<int>("tiny");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("patch");
        QTest::addColumn<QString>("part");
        const auto row
            = [](const char* name, int tiny, const char* key, const char* patch, const char* part) {
                  QTest::newRow(name) << tiny << key << patch << part;
              };
        row("channels beyond the last int", 6, "move", R"({"move":{"slice":[2147483647,1]}})",
            "there are no channels 2147483647");
        row("weights of one level", 0, "weights", R"({"weights":[1,1,0,2,"odd"]})", "two levels");
        row("weights of no level", 0, "weights", R"({"weights":[3,1,5,7,"power_of_two"]})",
            "two levels");
        row("two milliards of samples", 0, "", R"({"proof":{"samples":2000000000}})", "samples");
        row("fewer than no samples", 0, "", R"({"proof":{"samples":-1}})", "samples");
        row("no samples", 0, "", R"({"proof":{"samples":0}})", "samples");
        row("weights that are not in the file", 0, "weights",
            R"({"weights":null,"conv":[3,65536,36,36,1,1,35,35,35,35,1]})", "than the file has");
        row("a map that its pooling hides", 0, "conv",
            R"({"conv":[3,5,3,3,1,1,65535,65535,65535,65535,1],"pool":[1,65536,0]})", "too large");
        row("a window of 2^32 pixels", 0, "sum", R"({"sum":[65536,65536,65535,65535]})",
            "a window that is none");
        row("a window of 2^24 pixels", 0, "sum", R"({"sum":[4096,4096,4096,2048]})",
            "could pass 2^31");
        row("weights on an infinite step", 0, "weight_steps", R"({"weight_steps":[1e39]})",
            "not finite");
        row("a join on an infinite step", 3, "skip_step", R"({"skip_step":1e39})", "not finite");
    }

    void aCraftedProgramIsRefusedInWords()
    {
        QFETCH(int, tiny);
        QFETCH(QString, key);
        QFETCH(QString, patch);
        QFETCH(QString, part);
        craft(trained("", tiny, 3), // W8A8
              [&](const std::string& text) { return patched(text, key, patch); });
        const QString text = errorText([&] { readPacked(file("crafted.stair")); });
        VERIFY_CONTAINS(text, "crafted.stair is damaged");
        VERIFY_CONTAINS(text, part);
    }

    void anOriginMayNotBeNestedWithoutEnd()
    {
        craft(trained("", 0, 0), [](std::string text) {
            const std::string key = "\"spec\":";
            return text.replace(text.find(key), key.size(), key + nested() + ",\"was\":");
        });
        VERIFY_CONTAINS(errorText([&] { readPacked(file("crafted.stair")); }), "nested too deeply");
    }

    void aCraftedHeaderIsRefusedInWords_data()
    {
        QTest::addColumn<QString>("texts");
        QTest::addColumn<bool>("isPacked");
        QTest::newRow("texts that are a number") << "3" << false;
        QTest::newRow("a format that is a number") << R"({"format":3})" << false;
        const std::string deep = R"({"format":"staircase-packed","schema":"1","sha256":"","a":)"
            + nested() + R"(,"b":""})";
        QTest::newRow("texts that are lists in one another")
            << QString::fromStdString(deep) << false;
    }

    void aCraftedHeaderIsRefusedInWords()
    {
        QFETCH(QString, texts);
        QFETCH(bool, isPacked);
        const std::string header = R"({"__metadata__":)" + texts.toStdString() + "}";
        const std::uint64_t length = header.size();
        std::string content(sizeof(length), '\0');
        std::memcpy(content.data(), &length, sizeof(length));
        writeFileAtomically(file("crafted.stair"), content + header);
        QCOMPARE(isPackedFile(file("crafted.stair")), isPacked);
        VERIFY_CONTAINS(errorText([&] { readPacked(file("crafted.stair")); }), "crafted.stair");
    }

    void twoBitsTakeATwelfth()
    {
        const NetworkInfo& resnet = stair::network("resnet20");
        const Json noParams = Json::object();
        ObjectReader reader(noParams, "test");
        Model network(resnet.build({1, 32, 32, 3}, 10, ParamValues::read(resnet.params, reader)),
                      quantSpec("lsq", 2, 2), colours(), 7);
        trainBriefly(network, m_runtime, 1, 2);
        const ShippedModel model = shipped(network, m_runtime);
        const std::int64_t real = floatBytes(model.program);
        QVERIFY(real > 1'000'000);
        const std::int64_t packed = std::int64_t(encodePacked(model).size());
        qInfo("floats %lld bytes, packed %lld: 1/%.1f", (long long)real, (long long)packed,
              double(real) / double(packed));
        QVERIFY(12 * packed <= real);
    }

private:
    QTemporaryDir m_folder;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestPackedFile)
#include "tst_packed_file.moc"
