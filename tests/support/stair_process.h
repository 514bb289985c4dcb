#pragma once

#include "tests/support/temp_run.h"

#include <QProcess>
#include <QTest>

namespace stair {

/// The program `stair` as its user sees it, in a workspace of its own.
class StairProgram
{
public:
    struct Result
    {
        int code = -1;
        QString out;
        QString err;
    };

    std::filesystem::path workspace() const { return m_folder / "workspace"; }
    std::filesystem::path path(const char* name) const { return m_folder / name; }

    /// Starts it and returns once it runs; the caller waits for it or kills it.
    std::unique_ptr<QProcess> start(const QStringList& arguments) const
    {
        auto process = std::make_unique<QProcess>();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("STAIRCASE_WORKSPACE", QString::fromStdString(workspace()));
        environment.insert("XDG_CACHE_HOME", QString::fromStdString(path("cache")));
        environment.insert("OMP_WAIT_POLICY", "passive");
        process->setProcessEnvironment(environment);
        process->setWorkingDirectory(QString::fromStdString(m_folder.path()));
        process->start(STAIR_BINARY_DIR "/app/stair", arguments);
        process->waitForStarted();
        return process;
    }

    static Result finish(QProcess& process)
    {
        process.waitForFinished(240000);
        Result result;
        result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
        result.out = QString::fromUtf8(process.readAllStandardOutput());
        result.err = QString::fromUtf8(process.readAllStandardError());
        return result;
    }

    Result run(const QStringList& arguments) const { return finish(*start(arguments)); }

private:
    TempFolder m_folder;
};

/// The spec of a run that takes a second: 160 steps of a tiny network at 2 bits, one thread.
inline QStringList smallRun()
{
    QStringList arguments = {"run", "default-2bit", "--threads", "1"};
    for (const char* assignment :
         {"data.params.train=1280", "data.params.test=64", "data.params.size=20", "data.batch=64",
          "data.validation=0", "data.augment.flip=true", "network.params.width=0.5",
          "quant.method=lsq", "quant.first=8bit", "training.epochs=8", "training.evaluate_every=4",
          "training.checkpoint_every=5", "training.guards.saturation=1",
          "training.guards.dead=false", "statistics.every=10"})
        arguments << "--set" << assignment;
    return arguments;
}

} // namespace stair
