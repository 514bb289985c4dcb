#include "widgets/main/race_desk.h"

#include "core/session/run_folder.h"
#include "widgets/main/run_desk.h"

#include <QDateTime>
#include <QStringList>

#include <algorithm>

namespace stair {

namespace {

/// An id that says when: no other race of this workspace has it.
std::string newId(const std::vector<Race>& races)
{
    const std::string time = QDateTime::currentDateTime()
                                 .toString(QStringLiteral("yyyy-MM-dd hh:mm:ss"))
                                 .toStdString();
    std::string id = time;
    for (char letter = 'b'; std::ranges::find(races, id, &Race::id) != races.end(); ++letter)
        id = time + letter;
    return id;
}

} // namespace

RaceDesk::RaceDesk(RunDesk& runs, RunListModel& model, QObject* parent)
    : QObject(parent)
    , m_runs(runs)
    , m_model(model)
{
}

std::string RaceDesk::start(const RaceStart& race)
{
    const std::string id = newId(racesOf(m_model));
    Driven& driven = m_driven[id];
    driven.record = race.record;
    for (const ExperimentSpec& spec : race.specs)
        driven.specs.emplace(spec.quant.method, spec);
    startNext(id, driven);
    return id;
}

/// All lanes of the first seed that has any run to be started.
bool RaceDesk::startNext(const std::string& id, Driven& race)
{
    std::vector<ExperimentSpec> specs;
    for (const std::uint64_t seed : race.record.seeds) {
        for (const std::string& method : race.record.methods) {
            const auto base = race.specs.find(method);
            if (base == race.specs.end() || !race.begun.insert({method, seed}).second)
                continue;
            ExperimentSpec spec = base->second;
            spec.seed = seed;
            spec.name = method;
            if (race.record.seeds.size() > 1)
                spec.name += ", seed " + std::to_string(seed);
            spec.name += " (race " + race.record.title + ")";
            specs.push_back(std::move(spec));
        }
        if (!specs.empty())
            break;
    }
    if (specs.empty())
        return false;
    // A lane must not wait for somebody to look at a guard's pause; its notice stays.
    race.launched = m_runs.start(
        specs, {{"sweep", id}, {"race", race.record.toJson()}, {"unattended", true}});
    return true;
}

void RaceDesk::stop(const Race& race)
{
    m_driven.erase(race.id);
    for (RunLog* run : race.runs()) {
        if (run->isActive())
            m_runs.command(*run, "stop");
    }
}

void RaceDesk::goOn(const Race& race)
{
    Driven driven;
    driven.record = race.record;
    QStringList lost;
    for (const RaceLane& lane : race.lanes) {
        for (std::size_t i = 0; i < lane.runs.size(); ++i) {
            RunLog* run = lane.runs[i];
            if (!run || run->state() == RunState::Unreadable)
                continue;
            driven.begun.insert({lane.method, race.record.seeds[i]});
            if (!driven.specs.contains(lane.method))
                driven.specs.emplace(lane.method, RunFolder::open(run->folder()).spec());
            if (!run->isActive() && run->state() != RunState::Finished)
                m_runs.continueRun(*run);
        }
        if (!driven.specs.contains(lane.method))
            lost += lane.title;
    }
    m_driven[race.id] = std::move(driven);
    if (!lost.isEmpty())
        emit problem(tr("[race] No run of %1 is left to repeat; start a new race to have it again.")
                         .arg(lost.join(QStringLiteral(", "))));
}

/// Also while its workers have not written a word yet, by which a race is known.
bool RaceDesk::isOn(const std::string& id, const Driven& race, const std::vector<Race>& races) const
{
    const auto listed = std::ranges::find(races, id, &Race::id);
    return (listed != races.end() && listed->isActive())
        || std::ranges::any_of(race.launched, [this](const std::filesystem::path& folder) {
               const RunLog* run = m_model.log(m_model.indexOf(folder));
               return run && run->isActive();
           });
}

void RaceDesk::watch()
{
    if (m_driven.empty())
        return;
    const std::vector<Race> races = racesOf(m_model);
    for (auto entry = m_driven.begin(); entry != m_driven.end();) {
        auto& [id, race] = *entry;
        const bool ended = !isOn(id, race, races) && !startNext(id, race);
        entry = ended ? m_driven.erase(entry) : std::next(entry);
    }
}

} // namespace stair
