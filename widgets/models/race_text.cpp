#include "widgets/models/race_text.h"

#include "widgets/models/run_text.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("stair", text);
}

QString points(double share)
{
    return QString::number(100 * share, 'f', 1);
}

/// The accuracies of both lanes' runs of the same seeds, subtracted.
std::vector<double> differences(const RaceLane& better, const RaceLane& worse)
{
    std::vector<double> found;
    const auto ours = better.reached(), theirs = worse.reached();
    for (std::size_t seed = 0; seed < ours.size(); ++seed) {
        if (ours[seed] && theirs[seed])
            found.push_back(ours[seed]->test - theirs[seed]->test);
    }
    return found;
}

/// Whether the lead could be chance, from what both lanes did with the same seeds.
QString chanceText(const RaceLane& better, const RaceLane& worse)
{
    const SeedStatistics paired = seedStatistics(differences(better, worse));
    if (paired.count < 2)
        return tr("One seed cannot tell that from chance.");
    const QString interval = tr("Seed by seed the difference is %1 ± %2 points (95 %, N = %3)")
                                 .arg(points(paired.mean), points(paired.interval95))
                                 .arg(paired.count);
    return std::abs(paired.mean) > paired.interval95
        ? tr("%1: more than chance.").arg(interval)
        : tr("%1: chance alone may explain it.").arg(interval);
}

/// "−1 and +1", "−2 to 1", "0, ±1, ±2, ±4": the integers that a grid has.
QString integersText(const Grid& grid)
{
    const auto whole = [](int code) {
        return code < 0 ? QStringLiteral("−%1").arg(-code) : QString::number(code);
    };
    if (grid.kind == Grid::Kind::Odd)
        return grid.qp == 1
            ? tr("−1 and +1")
            : tr("the odd integers from %1 to %2").arg(whole(grid.qn), whole(grid.qp));
    if (grid.kind == Grid::Kind::Uniform)
        return tr("%1 to %2").arg(whole(grid.qn), whole(grid.qp));
    QString levels = QStringLiteral("0");
    for (int code = 1; code <= grid.qp; code *= 2)
        levels += QStringLiteral(", ±%1").arg(code);
    return levels;
}

QString gridDifference(const Race& race, std::size_t lane)
{
    const auto gridOf = [](const RaceLane& of) -> std::optional<Grid> {
        for (const RunLog* run : of.runs) {
            if (run && run->identity().weights)
                return run->identity().weights;
        }
        return std::nullopt;
    };
    const auto first = gridOf(race.lanes.front()), own = gridOf(race.lanes[lane]);
    if (!first || !own)
        return {};
    const QString ours = integersText(*own), theirs = integersText(*first);
    return ours == theirs
        ? tr("Both have the integers %1; their steps or transforms begin elsewhere.").arg(ours)
        : tr("Another grid: the integers %1 here, %2 in the first lane.").arg(ours, theirs);
}

bool hasHashes(const RaceLane& lane)
{
    return std::ranges::any_of(
        lane.runs, [](const RunLog* run) { return run && run->identity().hasWeightHashes; });
}

} // namespace

QString raceStateText(const RaceLane& lane)
{
    const int all = int(lane.runs.size());
    int finished = 0;
    const RunLog* active = nullptr;
    const RunLog* broken = nullptr;
    for (const RunLog* run : lane.runs) {
        if (!run)
            continue;
        if (run->isActive())
            active = run;
        else if (run->state() == RunState::Finished)
            ++finished;
        else
            broken = run;
    }
    const auto place = [&](const RunLog* run) {
        return int(std::ranges::find(lane.runs, run) - lane.runs.begin()) + 1;
    };
    if (active)
        return all == 1
            ? stateText(*active)
            : tr("%1 (seed %2 of %3)").arg(stateText(*active)).arg(place(active)).arg(all);
    if (broken)
        return all == 1
            ? stateText(*broken)
            : tr("%1 (seed %2 of %3)").arg(stateText(*broken)).arg(place(broken)).arg(all);
    if (finished == all)
        return stateText(RunState::Finished);
    return finished == 0 ? tr("not started") : tr("waiting (%1 of %2 done)").arg(finished).arg(all);
}

QString raceSpreadText(const SeedStatistics& statistics, RaceSpread spread)
{
    if (statistics.count == 0)
        return QStringLiteral("–");
    const double value
        = spread == RaceSpread::Interval95 ? statistics.interval95 : statistics.deviation;
    return statistics.count < 2 ? tr("N = 1")
                                : tr("± %1 (N = %2)").arg(points(value)).arg(statistics.count);
}

QString raceHeader(int column, RaceSpread spread)
{
    switch (column) {
    case RaceModel::Rank:
        return tr("Rank");
    case RaceModel::Method:
        return tr("Method");
    case RaceModel::Accuracy:
        return tr("Accuracy");
    case RaceModel::Spread:
        return spread == RaceSpread::Interval95 ? tr("95 %, points") : tr("sd, points");
    case RaceModel::Blended:
        return tr("Blended");
    case RaceModel::Time:
        return tr("Training");
    case RaceModel::Parting:
        return tr("Other integers since");
    default:
        return tr("State");
    }
}

QString raceHeaderHelp(int column, RaceSpread spread)
{
    switch (column) {
    case RaceModel::Rank:
        return tr("By the mean accuracy so far, to a tenth of a percent; equal ones share a rank");
    case RaceModel::Accuracy:
        return tr(
            "Top-1 on the test images by the shipped program (hard values), at the evaluation "
            "that was best on the validation images, or without those at the latest; the mean "
            "over the seeds that have finished, or while none has over those that are on");
    case RaceModel::Spread:
        return spread == RaceSpread::Interval95
            ? tr("Student's 95 % interval of the mean, t s / sqrt(N), in percentage points")
            : tr("Standard deviation over the seeds (N - 1), in percentage points");
    case RaceModel::Blended:
        return tr(
            "Top-1 with the soft values that training sees; methods with hard ones have none");
    case RaceModel::Time:
        return tr("Time of training, evaluations and pauses left out; the mean over the runs. All "
                  "lanes train side by side with the same number of threads, so that it compares "
                  "them with each other, not with a run alone");
    case RaceModel::Parting:
        return tr("First training step that began with any integer weight unlike the first lane's "
                  "with the same seed");
    case RaceModel::State:
        return tr("Of the run that is on, or of the last one");
    default:
        return {};
    }
}

QString raceAccuracyHelp(const RaceStanding& standing)
{
    if (standing.hard.count == 0)
        return tr("Not evaluated yet");
    const QString seeds = standing.hard.count == 1
        ? tr("one seed")
        : tr("the mean over %1 seeds").arg(standing.hard.count);
    return standing.isProved
        ? tr("Computed by the integer program; %1").arg(seeds)
        : tr("Computed by a program in which some or all layers are float; %1").arg(seeds);
}

RacePartingText racePartingText(const Race& race, std::size_t lane,
                                const std::optional<WeightParting>& found, std::int64_t compared)
{
    if (lane == 0)
        return {tr("(the first lane)"), tr("The others' integers are compared with this lane's")};
    if (race.lanes[lane].method == "float")
        return {tr("has no integers"), tr("A float network has no integer weights")};
    if (race.lanes.front().method == "float")
        return {tr("first has none"), tr("The first lane is float: it has no integer weights")};
    if (!hasHashes(race.lanes[lane]) || !hasHashes(race.lanes.front()))
        return {QStringLiteral("–"), tr("These runs do not record their integer weights")};
    if (!found)
        return {compared > 0 ? tr("none to step %1").arg(countText(double(compared)))
                             : QStringLiteral("–"),
                tr("Every integer weight is the first lane's so far")};
    const QString layer = QString::fromStdString(found->layer);
    const QString where = found->layers == 1
        ? tr("%1 alone had other integers then.").arg(layer)
        : tr("%1 layers had other integers then, %2 first in the network.")
              .arg(found->layers)
              .arg(layer);
    if (found->step <= 1)
        return {tr("the start"), gridDifference(race, lane) + QLatin1Char(' ') + where};
    return {tr("step %1").arg(countText(double(found->step))), where};
}

QString raceVerdict(const Race& race, const std::vector<RaceStanding>& standings)
{
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < standings.size(); ++i) {
        if (standings[i].rank > 0)
            order.push_back(i);
    }
    if (order.empty())
        return race.isActive() ? tr("No lane has been evaluated yet.")
                               : tr("No lane of this race has been evaluated.");
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return standings[i].rank; });
    const RaceLane& first = race.lanes[order[0]];
    const QString accuracy = percentText(standings[order[0]].hard.mean);
    if (order.size() == 1)
        return tr("%1 stands at %2; no other lane has been evaluated yet.")
            .arg(first.title, accuracy);
    const RaceLane& second = race.lanes[order[1]];
    if (standings[order[1]].rank == 1)
        return (race.isComplete() ? tr("%1 and %2 end level at %3.")
                                  : tr("%1 and %2 are level at %3 so far."))
            .arg(first.title, second.title, accuracy);
    const double lead = std::round(1000 * standings[order[0]].hard.mean) / 1000
        - std::round(1000 * standings[order[1]].hard.mean) / 1000; // of the figures shown
    const QString result
        = (race.isComplete() ? tr("%1 wins with %2, %3 points ahead of %4.")
                             : tr("%1 leads so far with %2, %3 points ahead of %4."))
              .arg(first.title, accuracy, points(lead), second.title);
    return result + QLatin1Char(' ') + chanceText(first, second);
}

} // namespace stair
