#include "widgets/main/run_desk.h"

#include "core/session/run_folder.h"
#include "widgets/models/run_list_model.h"
#include "widgets/models/run_text.h"

#include <algorithm>

namespace stair {

using namespace std::chrono_literals;

namespace {

/// Less than a worker's last words and a checkpoint's name may take.
bool isFull(const std::filesystem::path& folder)
{
    constexpr std::uintmax_t least = 64 * 1024;
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    return !error && space.available < least;
}

/// Why a worker ended, in what it printed: once it trains, progress stands there as well.
QString reasonIn(const QString& printed, bool hasTrained)
{
    if (!hasTrained)
        return printed;
    const QString mark = QStringLiteral("stair: ");
    for (const QString& line : printed.split(QLatin1Char('\n')))
        if (line.startsWith(mark))
            return line.mid(mark.size());
    return {};
}

} // namespace

RunDesk::RunDesk(LocalLauncher launcher, RunListModel& model, QObject* parent)
    : QObject(parent)
    , m_launcher(std::move(launcher))
    , m_model(model)
{
}

int RunDesk::activeRuns() const
{
    int active = 0;
    for (int row = 0; row < m_model.rowCount(); ++row)
        active += m_model.log(m_model.index(row))->isActive() ? 1 : 0;
    return active;
}

std::vector<std::filesystem::path> RunDesk::start(const std::vector<ExperimentSpec>& specs,
                                                  const Json& meta)
{
    std::vector<std::filesystem::path> folders;
    const int together = activeRuns() + int(specs.size());
    emit problem({});
    for (const ExperimentSpec& spec : specs) {
        const auto folder = proposeRunFolder(m_model.runsFolder(), spec);
        try {
            m_launches.push_back(m_launcher.start(spec.toJson(), folder, together, meta));
        } catch (const std::exception& error) {
            emit problem(QString::fromUtf8(error.what()));
            continue;
        }
        m_model.addLaunched(folder);
        folders.push_back(folder);
    }
    return folders;
}

void RunDesk::command(RunLog& run, const char* command)
{
    try {
        RunFolder::open(run.folder()).command({{"command", command}});
        run.setAsked(command);
        m_model.touch(&run);
    } catch (const std::exception& error) {
        emit problem(
            tr("Cannot give the run %1 the command \"%2\": %3")
                .arg(run.identity().name, QLatin1String(command), QString::fromUtf8(error.what())));
    }
}

void RunDesk::continueRun(RunLog& run)
{
    emit problem({});
    try {
        m_launches.push_back(m_launcher.resume(run.folder(), activeRuns() + 1));
        run.setLaunched(true);
        m_model.touch(&run);
    } catch (const std::exception& error) {
        emit problem(QString::fromUtf8(error.what()));
    }
}

void RunDesk::watch()
{
    const auto dead = std::ranges::stable_partition(m_launches, &Launch::isAlive);
    const std::vector<Launch> ended(dead.begin(), dead.end());
    m_launches.erase(dead.begin(), dead.end());
    for (const Launch& launch : ended)
        judge(launch);
}

/// A worker has ended. If its run's folder does not say why, what it printed does.
void RunDesk::judge(const Launch& launch)
{
    std::error_code none;
    if (!std::filesystem::exists(launch.folder, none))
        return; // which the list of runs has told
    RunLog* run = m_model.log(m_model.indexOf(launch.folder));
    QString name = QString::fromStdString(launch.folder.filename().string());
    if (run) {
        run->poll(100ms);
        run->setLaunched(false);
        run->checkWorker();
        m_model.touch(run);
        const RunState state = run->state();
        if (state == RunState::Finished || state == RunState::Stopped || state == RunState::Failed)
            return;
        name = run->identity().name;
    }
    const QString words = reasonIn(launch.lastWords(), run && run->progress().step > 0);
    if (!words.isEmpty())
        emit problem(tr("%1 could not train: %2").arg(name, words));
    else if (isFull(m_model.runsFolder()))
        emit problem(tr("The worker of %1 ended: No space left on the disk of %2. Free some, then "
                        "press Continue.")
                         .arg(name, QString::fromStdString(m_model.runsFolder().string())));
    else
        emit problem(tr("The worker of %1 ended without a word; it may have been killed for lack "
                        "of memory. Its log is %2.")
                         .arg(name, QString::fromStdString(launch.log.string())));
    std::error_code error;
    if (std::filesystem::remove(launch.folder, error)) // only while it is empty
        m_model.drop(launch.folder);
}

std::vector<RunLog*> RunDesk::ownActive() const
{
    std::vector<RunLog*> active;
    for (const Launch& launch : m_launches) {
        RunLog* run = m_model.log(m_model.indexOf(launch.folder));
        if (run && run->isActive() && launch.isAlive())
            active.push_back(run);
    }
    return active;
}

} // namespace stair
