#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/checkpoint.h"

#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <limits>

using namespace stair;

namespace fs = std::filesystem;

namespace {

Checkpoint sample()
{
    Checkpoint checkpoint;
    checkpoint.step = 390;
    checkpoint.state = {{"best", 0.1 + 0.2}, {"name", "grün"}, {"list", {1, 2, 3}}};
    Tensor weights(Shape{4, 3, 3, 2});
    for (std::int64_t i = 0; i < weights.size(); ++i)
        weights.data()[i] = float(i) / 7;
    weights.data()[0] = -0.0f;
    weights.data()[1] = std::numeric_limits<float>::infinity();
    weights.data()[2] = std::numeric_limits<float>::denorm_min();
    checkpoint.add("conv1.weight", weights);
    checkpoint.add("conv1.step", Tensor(Shape{1, 1, 1, 1}));
    return checkpoint;
}

std::string messageOf(const fs::path& file)
{
    try {
        Checkpoint::read(file);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestCheckpoint : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void comesBackBitForBit()
    {
        const Checkpoint before = sample();
        before.write(path("a.safetensors"), {{"logs", {{"events", 12}}}});
        const Checkpoint after = Checkpoint::read(path("a.safetensors"));
        QCOMPARE(after.step, 390);
        QCOMPARE(after.state.at("best").get<double>(), 0.1 + 0.2);
        QCOMPARE(after.state.at("name").get<std::string>(), std::string("grün"));
        QCOMPARE(after.state.at("logs").at("events").get<int>(), 12);
        QVERIFY(!before.state.contains("logs"));
        const Shape shape{4, 3, 3, 2};
        const Tensor& weights = after.tensor("conv1.weight", shape);
        QCOMPARE(std::memcmp(weights.data(), before.find("conv1.weight")->data(),
                             std::size_t(shape.size()) * sizeof(float)),
                 0);
        QCOMPARE(after.tensors().size(), std::size_t(2));
    }

    // Eight bytes of length, then JSON whose entries are what the safetensors format asks for.
    void isASafetensorsFile()
    {
        sample().write(path("b.safetensors"));
        const std::string content = readFile(path("b.safetensors"));
        std::uint64_t length = 0;
        std::memcpy(&length, content.data(), 8);
        QCOMPARE(length % 8, std::uint64_t(0));
        const Json header = Json::parse(content.substr(8, length));
        const Json& entry = header.at("conv1.weight");
        QCOMPARE(entry.at("dtype").get<std::string>(), std::string("F32"));
        QCOMPARE(entry.at("shape").dump(), std::string("[4,3,3,2]"));
        QCOMPARE(entry.at("data_offsets").dump(), std::string("[0,288]"));
        QCOMPARE(header.at("conv1.step").at("data_offsets").dump(), std::string("[288,292]"));
        for (const auto& [key, value] : header.at("__metadata__").items())
            QVERIFY2(value.is_string(), key.c_str());
        QCOMPARE(content.size(), 8 + length + 292);
    }

    void aWrongTensorIsRefusedByName()
    {
        sample().write(path("c.safetensors"));
        const Checkpoint checkpoint = Checkpoint::read(path("c.safetensors"));
        for (const auto& [name, shape, part] :
             {std::tuple("fc.weight", Shape{1, 1, 1, 1}, "no tensor 'fc.weight'"),
              std::tuple("conv1.weight", Shape{4, 3, 3, 3}, "4x3x3x2")}) {
            try {
                checkpoint.tensor(name, shape);
                QFAIL("must be refused");
            } catch (const Error& error) {
                const std::string text = error.what();
                QVERIFY2(text.find(part) != std::string::npos, text.c_str());
                QVERIFY2(text.find("c.safetensors") != std::string::npos, text.c_str());
                QVERIFY2(text.find("another network") != std::string::npos, text.c_str());
            }
        }
    }

    void everyTruncationIsRefused()
    {
        sample().write(path("whole.safetensors"));
        const std::string whole = readFile(path("whole.safetensors"));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            writeFileAtomically(path("cut.safetensors"), whole.substr(0, size));
            const std::string text = messageOf(path("cut.safetensors"));
            QVERIFY2(text.find("cut.safetensors") != std::string::npos, text.c_str());
            QVERIFY2(text.find("use another checkpoint") != std::string::npos, text.c_str());
        }
    }

    // Any one byte changed, header or values, is noticed: only the padding may change.
    void everyDamagedByteIsRefused()
    {
        sample().write(path("whole.safetensors"));
        const std::string whole = readFile(path("whole.safetensors"));
        int accepted = 0;
        for (std::size_t i = 0; i < whole.size(); ++i) {
            std::string damaged = whole;
            damaged[i] = char(damaged[i] ^ 1);
            writeFileAtomically(path("damaged.safetensors"), damaged);
            accepted += messageOf(path("damaged.safetensors")).empty() ? 1 : 0;
        }
        QCOMPARE(accepted, 0);
    }

    void whatIsNoCheckpointIsRefused_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("this is not a checkpoint at all");
        QTest::newRow("an array") << QByteArray("\2\0\0\0\0\0\0\0[]", 10);
        QTest::newRow("no metadata") << QByteArray("\2\0\0\0\0\0\0\0{}", 10);
        QTest::newRow("a huge length") << QByteArray(16, '\xff');
    }

    void whatIsNoCheckpointIsRefused()
    {
        QFETCH(QByteArray, content);
        writeFileAtomically(path("other.safetensors"), content.toStdString());
        QVERIFY(!messageOf(path("other.safetensors")).empty());
        QVERIFY(!messageOf(path("missing.safetensors")).empty());
        QVERIFY(!messageOf(path(".")).empty());
    }
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
