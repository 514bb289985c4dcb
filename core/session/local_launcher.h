#pragma once

#include "core/base/json.h"

#include <QString>

#include <filesystem>

namespace stair {

/// A worker process that was started here.
struct Launch
{
    std::filesystem::path folder; // the run's
    std::filesystem::path log; // what the worker printed: its last words when it dies early
    qint64 pid = 0;

    bool isAlive() const;

    /// The last lines of the log, trimmed; empty when it printed nothing.
    QString lastWords() const;
};

/// Starts `stair run` on this machine. The worker outlives the program that started it.
class LocalLauncher
{
public:
    /// `program`: the `stair` binary.
    explicit LocalLauncher(QString program);

    const QString& program() const { return m_program; }

    /// The `stair` binary beside the running program's own.
    static QString besideApplication();

    /// Threads for each of `together` runs that share this machine: its cores divided, at least 1.
    static int threadsEach(int together);

    /// Trains `spec` into the new folder `folder`, sharing the machine with others when `together`
    /// is more than 1. `meta`: keys of its meta.json; null: none. Throws Error when the folder cannot
    /// be made or the program not be started.
    Launch start(const Json& spec, const std::filesystem::path& folder, int together,
                 const Json& meta = {}) const;

    /// Continues a stopped or interrupted run from its last checkpoint. Throws Error likewise.
    Launch resume(const std::filesystem::path& folder, int together) const;

private:
    Launch launch(const QStringList& arguments, const std::filesystem::path& folder,
                  int together) const;

    QString m_program;
};

} // namespace stair
