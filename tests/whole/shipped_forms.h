#pragma once

#include "core/exchange/onnx_qdq.h"
#include "core/exchange/packed_file.h"
#include "core/train/metrics.h"
#include "tests/support/c_program.h"
#include "tests/support/onnx_cases.h"

#include <filesystem>
#include <optional>

namespace stair {

/// Name of the first value in which two engines that keep values differ, or empty.
inline std::string firstUnlike(const Program& program, const Engine& a, const Engine& b)
{
    for (std::size_t id = 0; id < program.values.size(); ++id) {
        const Engine::Value& x = a.values()[id];
        const Engine::Value& y = b.values()[id];
        const bool equal = x.codes ? std::ranges::equal(x.codes.bytes(), y.codes.bytes())
                                   : std::ranges::equal(x.floats.values(), y.floats.values());
        if (!equal)
            return program.values[id].name;
    }
    return {};
}

/// A model in every form that leaves, each to be held against the engine, batch by batch. What
/// differs is told in words; empty: nothing.
class ShippedForms
{
public:
    ShippedForms(const ShippedModel& shipped, Runtime& runtime, const std::filesystem::path& folder)
        : m_folder(folder)
        , m_runtime(runtime)
        , m_program(shipped.program)
        , m_qdqMeter(m_program.values[std::size_t(m_program.logits)].shape.c)
    {
        writeFileAtomically(packedFile(), encodePacked(shipped));
        m_packed = readPacked(packedFile());
        m_reloaded.emplace(m_packed.program, runtime);
        m_reloaded->keepValues(true);
        m_integers = encodeOnnxInteger(shipped, OnnxOutputs::Everything);
        if (qdqRefusal(m_program).empty()) {
            m_qdq = encodeOnnxQdq(shipped);
            m_qdqOpen = encodeOnnxQdq(shipped, OnnxOutputs::Everything);
        }
        m_fixedC.emplace(subfolder("fixed"), encodeC(shipped, CEpilogue::FixedPoint));
        if (cRefusal(m_program, CEpilogue::Thresholds).empty())
            m_thresholdC.emplace(subfolder("thresholds"), encodeC(shipped, CEpilogue::Thresholds));
    }

    std::filesystem::path packedFile() const { return m_folder / "model.stair"; }
    bool hasQdq() const { return !m_qdq.empty(); }
    bool hasThresholds() const { return m_thresholdC.has_value(); }

    /// What the engine has just computed, against the packed file after reload.
    std::string unlikeReloaded(const Engine& engine, const ImageBytes& images)
    {
        m_reloaded->run(images);
        return firstUnlike(m_program, engine, *m_reloaded);
    }

    /// Against the integer ONNX file in ONNX Runtime.
    std::string unlikeInOnnxRuntime(const Engine& engine, const ImageBytes& images)
    {
        OnnxCase files(m_folder / "integer", "integer", m_integers, images);
        for (int id = 0; id < int(m_program.values.size()); ++id)
            files.expect(onnxValueName(m_program, id), engine.values()[std::size_t(id)],
                         OnnxCodes::Around128);
        const Json found = run({files.write()}, "all");
        if (found.contains("error") || !found.at("unlike").empty())
            return found.dump();
        m_compared += found.at("integers").get<std::int64_t>();
        return {};
    }

    /// Against the plain kernels.
    std::string unlikePlain(const Engine& engine, const ImageBytes& images)
    {
        Engine plain(m_program, m_runtime, EngineKernels::Reference);
        plain.keepValues(true);
        plain.run(images);
        return firstUnlike(m_program, engine, plain);
    }

    /// The C programs against the engine with their epilogue.
    std::string unlikeInC(const Engine& engine, const ImageBytes& images)
    {
        Engine fixed(m_program, m_runtime, EngineKernels::Fast, EngineEpilogue::FixedPoint);
        fixed.keepValues(true);
        fixed.run(images);
        std::string unlike = firstUnlike(m_program, m_fixedC->trace(images), fixed, images.shape.n,
                                         EngineEpilogue::FixedPoint);
        if (unlike.empty() && m_thresholdC)
            unlike = firstUnlike(m_program, m_thresholdC->trace(images), engine, images.shape.n,
                                 EngineEpilogue::Float);
        return unlike;
    }

    /// Runs the QDQ file: its logits are judged, its integers that differ counted.
    std::string countQdq(const Engine& engine, const ImageBytes& images,
                         std::span<const std::uint16_t> labels)
    {
        OnnxCase shipped(m_folder / "qdq", "qdq", m_qdq, images);
        shipped.save("logits", m_folder / "logits");
        OnnxCase open(m_folder / "qdq_open", "qdq", m_qdqOpen, images);
        for (int id = 0; id < int(m_program.values.size()); ++id) {
            const std::string name = onnxValueName(m_program, id);
            if (id != m_program.logits && m_qdqOpen.find(name) != std::string::npos)
                open.expect(name, engine.values()[std::size_t(id)], OnnxCodes::AroundZero);
        }
        const Json found = run({shipped.write(), open.write()}, "all");
        if (found.contains("error"))
            return found.dump();
        m_qdqCompared += found.at("integers").get<std::int64_t>();
        m_qdqUnlike += countOfUnlike(found);
        const std::string bytes = readFile(m_folder / "logits");
        Tensor logits({images.shape.n, 1, 1, int(bytes.size() / 4) / images.shape.n});
        std::memcpy(logits.data(), bytes.data(), bytes.size());
        m_qdqMeter.add(logits, labels);
        return {};
    }

    /// The packed file's digest over raw images in a process of its own; `cpu`: the instruction set
    /// that it had.
    std::string digest(const std::filesystem::path& pixels, const char* isa, int threads,
                       QByteArray* cpu) const
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        if (*isa)
            environment.insert("STAIR_MAX_ISA", isa);
        process.setProcessEnvironment(environment);
        process.start(STAIR_BINARY_DIR "/tests/whole/integer_digest",
                      {QString::fromStdString(packedFile().string()),
                       QString::fromStdString(pixels.string()), QString::number(threads)});
        process.waitForFinished(1'200'000);
        *cpu = process.readAllStandardError().trimmed();
        return process.readAllStandardOutput().toStdString();
    }

    /// Integers compared with ONNX Runtime so far; of the QDQ file also those that differ.
    std::int64_t compared() const { return m_compared; }
    std::int64_t qdqCompared() const { return m_qdqCompared; }
    std::int64_t qdqUnlike() const { return m_qdqUnlike; }
    Metrics qdqMetrics() const { return m_qdqMeter.value(); }

private:
    std::filesystem::path subfolder(const char* name) const
    {
        std::filesystem::create_directories(m_folder / name);
        return m_folder / name;
    }

    Json run(std::vector<Json> cases, const char* level) const
    {
        return runOnnxCases(m_folder, Json(cases), m_runtime.threads(), {level});
    }

    std::filesystem::path m_folder;
    Runtime& m_runtime;
    const Program& m_program;
    ShippedModel m_packed;
    std::optional<Engine> m_reloaded;
    std::string m_integers, m_qdq, m_qdqOpen;
    std::optional<CProgram> m_fixedC, m_thresholdC;
    std::int64_t m_compared = 0, m_qdqCompared = 0, m_qdqUnlike = 0;
    MetricsMeter m_qdqMeter;
};

} // namespace stair
