#pragma once

#include "core/train/experiment_spec.h"

#include <string>

namespace stair {

/// What a spec costs on this machine, in seconds.
struct TrainingCost
{
    double epoch = 0;
    double evaluation = 0;
};

/// How much of a recipe a time budget allows.
struct RecipeFit
{
    int epochs = 1; // at least 1, at most the recipe's own
    int evaluateEvery = 1; // epochs
    bool fits = true; // false: not even one epoch does; the hard stop will cut it off
    double trainingSeconds = 0; // hard stop for training alone: the budget less evaluations
    double expectedSeconds = 0; // of all the epochs, evaluations included
};

/// Epochs that end within `budgetSeconds` (above 0), evaluations included, with a little room to
/// spare. The recipe has at least one. Evaluations are as frequent over the run as the recipe's,
/// but take no more than a tenth of the budget, if one does not take more already. Never falls as
/// the budget grows.
RecipeFit fitRecipe(const TrainingSpec& recipe, const TrainingCost& cost, double budgetSeconds);

/// The same recipe in so many epochs (from 1 to its own): warm-up, milestones and quant.schedule
/// shrink along, and a rate that falls each epoch is as low in the last; in a single epoch it falls
/// by fifths of the epoch. Shares of the run stay, and so does what methods count in epochs: BCGD's
/// rho_rate and BinaryRelax's growth each half epoch, which come less far.
ExperimentSpec shortened(const ExperimentSpec& spec, int epochs);

} // namespace stair
