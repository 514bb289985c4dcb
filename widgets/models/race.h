#pragma once

#include "core/session/race_record.h"
#include "core/train/experiment_spec.h"
#include "widgets/models/run_list_model.h"
#include "widgets/models/run_style.h"

#include <QString>

#include <optional>
#include <vector>

namespace stair {

/// One method's runs in a race.
struct RaceLane
{
    std::string method;
    QString title; // "Min-max (STE), W2A2"; the method's own title before any run is there
    RunStyle style;
    std::vector<RunLog*> runs; // one a seed, in the record's order; null: not started

    bool operator==(const RaceLane&) const = default;

    /// The best evaluations that count, by seed: those of the runs that have finished; while none
    /// has, of all. A run that is half done says nothing beside one that is done.
    std::vector<std::optional<EvaluationPoint>> reached() const;
};

/// The runs of one race as far as they are listed.
struct Race
{
    std::string id; // what its runs share as "sweep"; empty: no race
    RaceRecord record;
    std::vector<RaceLane> lanes; // as record.methods
    QString heading; // title and time

    bool isActive() const; // a run of it trains
    bool isComplete() const; // every run of it has finished
    std::vector<RunLog*> runs() const; // that are there

    bool operator==(const Race&) const = default;
};

/// Every race among the runs, the newest first. A run that was begun again counts instead of the
/// earlier one.
std::vector<Race> racesOf(const RunListModel& model);

/// A method and whether it can race.
struct RaceEntrant
{
    std::string method;
    QString title;
    QString help; // what it does, and what it wants of the network
    QString problem; // why it cannot; empty: it can
};

/// Every method, for the experiment `base` at these widths.
std::vector<RaceEntrant> raceEntrants(const ExperimentSpec& base, int weightBits,
                                      int activationBits);

/// The run of `method` in a race: `base` with the method's own defaults (the form's parameters where
/// it is the form's method), the widths (float has none) and hashes. Throws Error when it cannot be.
ExperimentSpec raceSpec(const ExperimentSpec& base, const std::string& method, int weightBits,
                        int activationBits);

/// The widths that a race of `base` begins with: its own, or 2 where it is float.
std::pair<int, int> raceWidths(const ExperimentSpec& base);

} // namespace stair
