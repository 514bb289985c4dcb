#pragma once

#include "widgets/models/race_model.h"

namespace stair {

// The words of a race's scoreboard.

/// "running (seed 2 of 3)", "finished", "failed (1 of 3 runs)".
QString raceStateText(const RaceLane& lane);

/// "± 1.3 (N = 3)"; "N = 1" where there is no spread.
QString raceSpreadText(const SeedStatistics& statistics, RaceSpread spread);

QString raceHeader(int column, RaceSpread spread);
QString raceHeaderHelp(int column, RaceSpread spread);
QString raceAccuracyHelp(const RaceStanding& standing);

struct RacePartingText
{
    QString text;
    QString help;
};

/// `found`: the earliest over the seeds; `compared`: steps that were looked at.
RacePartingText racePartingText(const Race& race, std::size_t lane,
                                const std::optional<WeightParting>& found, std::int64_t compared);

/// See RaceModel::verdict().
QString raceVerdict(const Race& race, const std::vector<RaceStanding>& standings);

} // namespace stair
