#include "core/session/local_launcher.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QProcess>

#include <algorithm>
#include <thread>

namespace stair {

namespace fs = std::filesystem;

namespace {

/// Where a launch keeps its spec and log: beside the folder that holds the runs, never in a run.
fs::path launchFile(const fs::path& runFolder, const char* suffix)
{
    return runFolder.parent_path().parent_path() / "launch"
        / (runFolder.filename().string() + suffix);
}

QString toText(const fs::path& path)
{
    return QString::fromStdString(path.string());
}

} // namespace

bool Launch::isAlive() const
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (pid <= 0 || !file.open(QIODevice::ReadOnly))
        return false;
    // The state follows the program's name in brackets. A zombie has ended; nobody asked yet.
    const QByteArray stat = file.readAll();
    const QByteArray fields = stat.mid(stat.lastIndexOf(')') + 1).trimmed();
    const char state = fields.isEmpty() ? 'X' : fields.front();
    return state != 'Z' && state != 'X';
}

QString Launch::lastWords() const
{
    constexpr qint64 most = 2000;
    QFile file(toText(log));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    file.seek(std::max<qint64>(0, file.size() - most));
    return QString::fromUtf8(file.readAll()).trimmed();
}

LocalLauncher::LocalLauncher(QString program)
    : m_program(std::move(program))
{
}

QString LocalLauncher::besideApplication()
{
    return QCoreApplication::applicationDirPath() + QStringLiteral("/stair");
}

int LocalLauncher::threadsEach(int together)
{
    const int cores = int(std::max(1u, std::thread::hardware_concurrency()));
    return std::max(1, cores / std::max(1, together));
}

Launch LocalLauncher::start(const Json& spec, const fs::path& folder, int together,
                            const Json& meta) const
{
    Json own = spec;
    if (together > 1 && own.value("threads", 0) == 0)
        own["threads"] = threadsEach(together);
    const fs::path specFile = launchFile(folder, ".json");
    makeWritableFolder(specFile.parent_path());
    makeWritableFolder(folder); // reserves the name for this run
    writeFileAtomically(specFile, own.dump(2) + "\n");
    QStringList arguments
        = {QStringLiteral("run"), toText(specFile), QStringLiteral("--out"), toText(folder)};
    if (!meta.is_null()) {
        const fs::path metaFile = launchFile(folder, ".meta.json");
        writeFileAtomically(metaFile, meta.dump(2) + "\n");
        arguments << QStringLiteral("--meta") << toText(metaFile);
    }
    return launch(arguments, folder, together);
}

Launch LocalLauncher::resume(const fs::path& folder, int together) const
{
    makeWritableFolder(launchFile(folder, ".log").parent_path());
    return launch({QStringLiteral("run"), QStringLiteral("--resume"), toText(folder)}, folder,
                  together);
}

Launch LocalLauncher::launch(const QStringList& arguments, const fs::path& folder,
                             int together) const
{
    if (!QFileInfo(m_program).isExecutable())
        throw Error(concat("cannot start training: the program ", m_program.toStdString(),
                           " is not there; build it (app/run does) or reinstall Staircase"));
    Launch launch;
    launch.folder = folder;
    launch.log = launchFile(folder, ".log");

    QProcess process;
    process.setProgram(m_program);
    process.setArguments(arguments);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(toText(launch.log), QIODevice::Truncate);
    process.setStandardErrorFile(toText(launch.log), QIODevice::Append);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("STAIRCASE_LAUNCHER"), QStringLiteral("window"));
    // Threads that spin while they wait would take the cores from the other runs.
    if (together > 1)
        environment.insert(QStringLiteral("OMP_WAIT_POLICY"), QStringLiteral("passive"));
    process.setProcessEnvironment(environment);
    if (!process.startDetached(&launch.pid))
        throw Error(concat("cannot start ", m_program.toStdString(), ": ",
                           process.errorString().toStdString()));
    return launch;
}

} // namespace stair
