#include "widgets/models/race.h"

#include "core/quant/methods.h"
#include "widgets/models/run_text.h"

#include <algorithm>
#include <functional>
#include <iterator>

namespace stair {

namespace {

constexpr const char* source = "the race";

QString titleOf(const std::string& id)
{
    for (const MethodInfo& info : methods()) {
        if (info.id == id)
            return QString::fromStdString(info.title);
    }
    return QString::fromStdString(id); // a newer program's
}

Race emptyRace(const RunMeta& meta)
{
    Race race{meta.sweep, *meta.race, {}, raceTitle(meta)};
    const std::vector<RunStyle> styles = runStyles(race.record.methods);
    for (std::size_t i = 0; i < styles.size(); ++i) {
        const std::string& method = race.record.methods[i];
        race.lanes.push_back({method, titleOf(method), styles[i],
                              std::vector<RunLog*>(race.record.seeds.size(), nullptr)});
    }
    return race;
}

/// The run's place in the race, unless a newer one has it.
void place(Race& race, RunLog& run)
{
    const auto seed = std::ranges::find(race.record.seeds, run.identity().seed);
    const auto lane = std::ranges::find(race.lanes, run.identity().method, &RaceLane::method);
    if (seed == race.record.seeds.end() || lane == race.lanes.end())
        return;
    RunLog*& own = lane->runs[std::size_t(seed - race.record.seeds.begin())];
    if (own)
        return;
    own = &run;
    lane->title = methodText(run.identity());
}

} // namespace

std::vector<std::optional<EvaluationPoint>> RaceLane::reached() const
{
    const auto isDone = [](const RunLog* run) {
        return run && run->state() == RunState::Finished;
    };
    const bool anyDone = std::ranges::any_of(runs, isDone);
    std::vector<std::optional<EvaluationPoint>> points;
    for (const RunLog* run : runs)
        points.push_back(run && (isDone(run) || !anyDone) ? run->progress().best : std::nullopt);
    return points;
}

bool Race::isActive() const
{
    return std::ranges::any_of(runs(), &RunLog::isActive);
}

bool Race::isComplete() const
{
    const auto isDone = [](const RaceLane& lane) {
        return std::ranges::all_of(
            lane.runs, [](const RunLog* run) { return run && run->state() == RunState::Finished; });
    };
    return !lanes.empty() && std::ranges::all_of(lanes, isDone);
}

std::vector<RunLog*> Race::runs() const
{
    std::vector<RunLog*> all;
    for (const RaceLane& lane : lanes)
        std::ranges::copy_if(lane.runs, std::back_inserter(all),
                             [](const RunLog* run) { return run != nullptr; });
    return all;
}

std::vector<Race> racesOf(const RunListModel& model)
{
    std::vector<Race> races;
    for (int row = 0; row < model.rowCount(); ++row) {
        RunLog& run = *model.log(model.index(row)); // the newest comes first
        if (!run.meta().race)
            continue;
        auto race = std::ranges::find(races, run.meta().sweep, &Race::id);
        if (race == races.end())
            race = races.insert(races.end(), emptyRace(run.meta()));
        place(*race, run);
    }
    std::ranges::stable_sort(races, std::greater(), &Race::id); // ids are times
    return races;
}

std::vector<RaceEntrant> raceEntrants(const ExperimentSpec& base, int weightBits,
                                      int activationBits)
{
    std::vector<RaceEntrant> entrants;
    for (const MethodInfo& info : methods()) {
        RaceEntrant entrant{
            info.id, QString::fromStdString(info.title), QString::fromStdString(info.help), {}};
        try {
            raceSpec(base, info.id, weightBits, activationBits);
        } catch (const std::exception& error) {
            entrant.problem = QString::fromUtf8(error.what());
            if (entrant.problem.startsWith(QLatin1String(source) + QLatin1String(": ")))
                entrant.problem.remove(0, QLatin1String(source).size() + 2); // all are of it
        }
        entrants.push_back(entrant);
    }
    return entrants;
}

ExperimentSpec raceSpec(const ExperimentSpec& base, const std::string& id, int weightBits,
                        int activationBits)
{
    ExperimentSpec spec = base;
    const MethodInfo& info = method(id);
    spec.weightHashes = info.quantizes();
    if (!info.quantizes()) {
        spec.quant = base.quant.asFloat();
        spec.quant.layers.clear();
        spec.quant.schedule = {};
    } else {
        spec.quant.method = id;
        if (base.quant.method != id)
            spec.quant.params = ParamValues(info.params);
        spec.quant.weightBits = weightBits;
        spec.quant.activationBits = activationBits;
    }
    return ExperimentSpec::read(spec.toJson(), source);
}

std::pair<int, int> raceWidths(const ExperimentSpec& base)
{
    const auto coded = [](int bits) {
        return isCoded(bits) ? bits : 2;
    };
    return {coded(base.quant.weightBits), coded(base.quant.activationBits)};
}

} // namespace stair
