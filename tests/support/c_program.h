#pragma once

#include "core/base/files.h"
#include "core/exchange/c_source.h"
#include "core/infer/engine.h"

#include <QProcess>

#include <cstring>
#include <filesystem>

namespace stair {

/// A C export, compiled without a warning, that writes every value it computes.
class CProgram
{
public:
    /// `folder` takes its files; complaints of the compiler end the test.
    CProgram(std::filesystem::path folder, const std::string& source)
        : m_folder(std::move(folder))
    {
        writeFileAtomically(m_folder / "net.c", source);
        compile({"-DST_TRACE", path("net.c"), "-o", path("net")});
    }

    /// The library without a main() compiles as well.
    void compileLibrary() const
    {
        compile({"-c", "-DST_NO_MAIN", path("net.c"), "-o", path("net.o")});
    }

    /// Every value of every image, as encodeC tells it.
    QByteArray trace(const ImageBytes& images) const
    {
        writeFileAtomically(
            m_folder / "images",
            {reinterpret_cast<const char*>(images.pixels), std::size_t(images.shape.size())});
        return call(path("net"), {path("images")});
    }

private:
    QString path(const char* name) const
    {
        return QString::fromStdString((m_folder / name).string());
    }

    static void compile(const QStringList& arguments)
    {
        call("cc",
             QStringList{"-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic"}
                 + arguments);
    }

    static QByteArray call(const QString& program, const QStringList& arguments)
    {
        QProcess process;
        process.start(program, arguments);
        if (!process.waitForFinished(1'200'000) || process.exitStatus() != QProcess::NormalExit
            || process.exitCode() != 0)
            qFatal("%s: %s", qPrintable(program), process.readAllStandardError().constData());
        return process.readAllStandardOutput();
    }

    std::filesystem::path m_folder;
};

/// The name of the first value in which the trace differs from what the engine, keeping values, last
/// computed on those images; empty when none does. Logits are compared where the engine has them as
/// integers.
inline std::string firstUnlike(const Program& program, const QByteArray& trace,
                               const Engine& engine, int images, EngineEpilogue epilogue)
{
    std::vector<int> order = program.imageValues;
    for (const Instruction& in : program.instructions)
        order.insert(order.end(), in.outputs.begin(), in.outputs.end());
    qsizetype next = 0;
    const auto take = [&](auto& number) {
        if (next + qsizetype(sizeof number) > trace.size())
            return false;
        std::memcpy(&number, trace.constData() + next, sizeof number);
        next += qsizetype(sizeof number);
        return true;
    };
    for (int image = 0; image < images; ++image) {
        for (const int id : order) {
            const ProgramValue& value = program.values[std::size_t(id)];
            const std::int64_t size = value.shape.withImages(1).size();
            for (std::int64_t i = image * size; i < (image + 1) * size; ++i) {
                std::int64_t logit = 0;
                std::int16_t code = 0;
                bool equal = id == program.logits ? take(logit) : take(code);
                if (id != program.logits)
                    equal = equal && code == engine.values()[std::size_t(id)].codes.at(i);
                else if (epilogue == EngineEpilogue::FixedPoint)
                    equal = equal && logit == engine.integerLogits()[std::size_t(i)];
                if (!equal)
                    return value.name;
            }
        }
    }
    return next == trace.size() ? std::string() : "more than all";
}

} // namespace stair
