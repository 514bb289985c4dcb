#pragma once

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/exchange/onnx_integer.h"
#include "core/infer/engine.h"

#include <QProcess>

#include <filesystem>

namespace stair {

/// NHWC values in the order of ONNX, NCHW; at(i) gives a value of the stored type.
template<typename At>
std::string inOnnxOrder(const Shape& s, const At& at)
{
    using T = decltype(at(std::int64_t(0)));
    std::string bytes(std::size_t(s.size()) * sizeof(T), '\0');
    char* to = bytes.data();
    for (int n = 0; n < s.n; ++n)
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < s.h; ++y)
                for (int x = 0; x < s.w; ++x, to += sizeof(T)) {
                    const T value = at(((std::int64_t(n) * s.h + y) * s.w + x) * s.c + c);
                    std::copy_n(reinterpret_cast<const char*>(&value), sizeof(T), to);
                }
    return bytes;
}

/// How a form carries signed codes.
enum class OnnxCodes
{
    AroundZero, // int8
    Around128, // uint8, as the integer form
};

/// Files of one comparison by tests/onnxruntime/compare.cjs: BASE.onnx, BASE.image, BASE.data.
class OnnxCase
{
public:
    OnnxCase(std::filesystem::path base, const std::string& name, const std::string& model,
             const ImageBytes& images)
        : m_base(std::move(base))
    {
        const Shape& shape = images.shape;
        writeFileAtomically(file(".onnx"), model);
        writeFileAtomically(file(".image"),
                            inOnnxOrder(shape, [&](std::int64_t i) { return images.pixels[i]; }));
        m_entry = {{"name", name},
                   {"model", file(".onnx")},
                   {"image", file(".image")},
                   {"dims", Json::array({shape.n, shape.c, shape.h, shape.w})},
                   {"data", file(".data")},
                   {"values", Json::array()}};
    }

    void expect(const std::string& output, const Engine::Value& value, OnnxCodes carried)
    {
        if (value.codes) {
            const bool isSigned = value.codes.grid().isSigned;
            const int zero = isSigned && carried == OnnxCodes::Around128 ? 128 : 0;
            const bool isInt8 = isSigned && carried == OnnxCodes::AroundZero;
            expectBytes(output, isInt8 ? "int8" : "uint8", value.codes.size(),
                        inOnnxOrder(value.codes.shape(), [&](std::int64_t i) {
                            return std::uint8_t(value.codes.at(i) + zero);
                        }));
        } else {
            expectBytes(output, "float32", value.floats.size(),
                        inOnnxOrder(value.floats.shape(),
                                    [&](std::int64_t i) { return value.floats.data()[i]; }));
        }
    }

    /// Have an output written to a file instead.
    void save(const std::string& output, const std::filesystem::path& path)
    {
        m_entry["values"].push_back({{"name", output}, {"save", path.string()}});
    }

    /// Floats of the value expected last may differ by that much.
    void tolerate(double difference) { m_entry["values"].back()["tolerance"] = difference; }

    /// Its line of the manifest.
    Json write() const
    {
        writeFileAtomically(file(".data"), m_data);
        return m_entry;
    }

private:
    std::string file(const char* suffix) const { return m_base.string() + suffix; }

    void expectBytes(const std::string& output, const char* type, std::int64_t count,
                     const std::string& bytes)
    {
        m_entry["values"].push_back(
            {{"name", output}, {"type", type}, {"offset", m_data.size()}, {"count", count}});
        m_data += bytes;
    }

    std::filesystem::path m_base;
    Json m_entry;
    std::string m_data;
};

/// What compare.cjs finds; an object with "error" when it cannot run. `folder` takes the manifest.
inline Json runOnnxCases(const std::filesystem::path& folder, const Json& manifest, int threads,
                         const QStringList& levels)
{
    const std::filesystem::path file = folder / "manifest.json";
    writeFileAtomically(file, manifest.dump());
    QProcess node;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("NODE_PATH", STAIR_SOURCE_DIR "/build/onnxruntime/node_modules");
    node.setProcessEnvironment(environment);
    node.start("node",
               QStringList{STAIR_SOURCE_DIR "/tests/onnxruntime/compare.cjs",
                           QString::fromStdString(file.string()), QString::number(threads)}
                   + levels);
    if (!node.waitForFinished(1'200'000) || node.exitCode() != 0)
        return {{"error", node.readAllStandardError().toStdString()}};
    return Json::parse(node.readAllStandardOutput().toStdString());
}

/// How many values differ in what compare.cjs found.
inline std::int64_t countOfUnlike(const Json& found)
{
    std::int64_t count = 0;
    for (const Json& entry : found.at("unlike"))
        count += entry.at("count").get<std::int64_t>();
    return count;
}

} // namespace stair
