#include "core/base/concat.h"
#include "core/base/files.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/onnx_qdq.h"
#include "tests/support/shipped.h"

#include <QProcess>
#include <QTemporaryDir>

#include <cstring>

using namespace stair;

namespace fs = std::filesystem;

namespace {

constexpr int images = 3;

/// NHWC values in the order of the file, NCHW; T is the stored type.
template<typename T>
std::string inOrder(const Shape& s, const std::function<T(std::int64_t)>& at)
{
    std::string bytes;
    for (int n = 0; n < s.n; ++n)
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < s.h; ++y)
                for (int x = 0; x < s.w; ++x) {
                    const T value = at(((std::int64_t(n) * s.h + y) * s.w + x) * s.c + c);
                    bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
                }
    return bytes;
}

} // namespace

/// What ONNX Runtime computes from our files is what the engine computes, integer by integer. Needs
/// node and onnxruntime-node in build/onnxruntime: tests/run installs it.
class TestOnnxRuntime : public QObject
{
    Q_OBJECT

    /// Writes one model with its images and all values that the engine gives; returns its manifest.
    Json writeCase(const std::string& name, const ShippedModel& model)
    {
        const fs::path base = fs::path(m_folder.path().toStdString()) / std::to_string(m_cases++);
        const Program& program = model.program;
        const Shape shape = program.image.withImages(images);
        const std::vector<std::uint8_t> pixels = sampleImages(program.image, images);
        writeFileAtomically(base.string() + ".onnx",
                            encodeOnnxInteger(model, OnnxOutputs::Everything));
        writeFileAtomically(
            base.string() + ".image",
            inOrder<std::uint8_t>(shape, [&](std::int64_t i) { return pixels[std::size_t(i)]; }));
        Engine engine(program, m_runtime);
        engine.keepValues(true);
        engine.run({pixels.data(), shape});
        std::string data;
        Json values = Json::array();
        for (int id = 0; id < int(program.values.size()); ++id) {
            const Engine::Value& value = engine.values()[std::size_t(id)];
            values.push_back({{"name", onnxValueName(program, id)},
                              {"type", value.codes ? "uint8" : "float32"},
                              {"offset", data.size()}});
            const int zero = value.codes && value.codes.grid().isSigned ? 128 : 0;
            const std::string bytes = value.codes
                ? inOrder<std::uint8_t>(
                    value.codes.shape(),
                    [&](std::int64_t i) { return std::uint8_t(value.codes.at(i) + zero); })
                : inOrder<float>(value.floats.shape(),
                                 [&](std::int64_t i) { return value.floats.data()[i]; });
            values.back()["count"] = bytes.size() / (value.codes ? 1 : sizeof(float));
            data += bytes;
        }
        writeFileAtomically(base.string() + ".data", data);
        return {{"name", name},
                {"model", base.string() + ".onnx"},
                {"image", base.string() + ".image"},
                {"dims", Json::array({shape.n, shape.c, shape.h, shape.w})},
                {"data", base.string() + ".data"},
                {"values", values}};
    }

    /// What the script finds; an object with "error" when it cannot run.
    Json compare(const Json& manifest, const QStringList& levels)
    {
        const fs::path file = fs::path(m_folder.path().toStdString()) / "manifest.json";
        writeFileAtomically(file, manifest.dump());
        QProcess node;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("NODE_PATH", STAIR_SOURCE_DIR "/build/onnxruntime/node_modules");
        node.setProcessEnvironment(environment);
        node.start("node",
                   QStringList{STAIR_SOURCE_DIR "/tests/onnxruntime/compare.cjs",
                               QString::fromStdString(file.string()), "2"}
                       + levels);
        if (!node.waitForFinished(600'000) || node.exitCode() != 0)
            return {{"error", node.readAllStandardError().toStdString()}};
        return Json::parse(node.readAllStandardOutput().toStdString());
    }

    /// The QDQ file's logits, to be the engine's within a thousandth of their range.
    Json qdqCase(const std::string& name, const ShippedModel& model, QdqBias bias)
    {
        Json entry = writeCase(name, model);
        writeFileAtomically(entry.at("model").get<std::string>(), encodeOnnxQdq(model, bias));
        Json last = entry.at("values").back();
        const std::string bytes = readFile(entry.at("data").get<std::string>());
        std::vector<float> values(last.at("count").get<std::size_t>());
        std::memcpy(values.data(), bytes.data() + last.at("offset").get<std::size_t>(),
                    values.size() * sizeof(float));
        const auto [least, most] = std::ranges::minmax(values);
        last["name"] = "logits";
        last["tolerance"] = 0.001 * double(most - least);
        entry["values"] = Json::array({last});
        return entry;
    }

    static std::int64_t unlike(const Json& found)
    {
        std::int64_t count = 0;
        for (const Json& entry : found.at("unlike"))
            count += entry.at("count").get<std::int64_t>();
        return count;
    }

private slots:
    void everyMethodGivesTheEnginesIntegers()
    {
        Json manifest = Json::array();
        const auto tiny = tinyNetworks();
        for (int w = 0; w < int(std::size(allWidths)); ++w)
            for (int i = 0; i < int(tiny.size()); ++i)
                manifest.push_back(
                    writeCase(concat(allWidths[w].name, ": ", tiny[std::size_t(i)].name),
                              shippedRow("", i, w, m_runtime)));
        for (const char* id : {"mlp", "lenet5", "convnet_d", "resnet20"})
            manifest.push_back(writeCase(id, shippedRow(id, -1, 0, m_runtime)));
        const Json found = compare(manifest, {"disabled", "basic", "extended", "all"});
        QVERIFY2(!found.contains("error"), found.dump().c_str());
        qInfo("%d files: %lld integers and %lld floats compared", int(manifest.size()),
              found.at("integers").get<long long>(), found.at("floats").get<long long>());
        QVERIFY(found.at("integers").get<std::int64_t>() > 1'000'000);
        QVERIFY2(found.at("unlike").empty(), found.at("unlike").dump(1).substr(0, 4000).c_str());
    }

    // With biases as floats, run as it stands, the file is the program but for the last bits of float
    // sums: now and then a code on the edge moves. Integer biases are counted.
    void qdqFilesAreTheProgramInReals()
    {
        Json exact = Json::array(), rounded = Json::array();
        std::int64_t logits = 0;
        const auto tiny = tinyNetworks();
        for (int w = 0; w < int(std::size(allWidths)); ++w)
            for (int i = 0; i < int(tiny.size()); ++i) {
                const ShippedModel model = shippedRow("", i, w, m_runtime);
                if (!qdqRefusal(model.program).empty())
                    continue;
                const auto name = concat(allWidths[w].name, ": ", tiny[std::size_t(i)].name);
                exact.push_back(qdqCase(name, model, QdqBias::Floats));
                rounded.push_back(qdqCase(name, model, QdqBias::Integers));
                logits += exact.back().at("values").at(0).at("count").get<std::int64_t>();
            }
        QVERIFY(exact.size() > 100);
        const Json found = compare(exact, {"disabled"});
        QVERIFY2(!found.contains("error"), found.dump().c_str());
        const Json counted = compare(rounded, {"disabled"});
        QVERIFY2(!counted.contains("error"), counted.dump().c_str());
        qInfo("%d files: of %lld logits %lld differ, with integer biases %lld", int(exact.size()),
              (long long)logits, (long long)unlike(found), (long long)unlike(counted));
        QVERIFY2(20 * unlike(found) <= logits, found.at("unlike").dump(1).c_str());
    }

private:
    QTemporaryDir m_folder;
    Runtime m_runtime{2};
    int m_cases = 0;
};

QTEST_GUILESS_MAIN(TestOnnxRuntime)
#include "tst_onnxruntime.moc"
