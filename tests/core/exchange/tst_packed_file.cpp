#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/exchange/packed_file.h"
#include "core/lower/program_check.h"
#include "tests/support/error_text.h"
#include "tests/support/shipped.h"

#include <QTemporaryDir>

using namespace stair;

namespace fs = std::filesystem;

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
            // Tolerated, it may be read or not, but nothing else happens.
            errorText([&] { readPacked(file("damaged.stair"), Damage::Tolerated); });
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
