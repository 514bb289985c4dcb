#pragma once

#include "core/session/cards.h"
#include "core/session/time_trial.h"
#include "core/session/worker.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stair {

struct CardOptions
{
    std::vector<std::string> assignments; // made in the card's spec: see `assign`
    double budgetSeconds = 600; // of wall-clock time, from the call on; above 0
    std::string from; // float run or checkpoint to start from; empty: one is trained if need be
    std::filesystem::path out; // the run's folder; empty: the workspace's next
};

/// One run of a card: the card's own, or the float run that it starts from.
struct CardPart
{
    bool isFloatStart = false;
    int recipeEpochs = 0;
    double budgetSeconds = 0; // of this part
    TimeTrial trial{};
    RecipeFit fit{};
    std::optional<RunOutcome> outcome{}; // absent before it has run
};

struct CardResult
{
    std::vector<CardPart> parts; // in the order in which they ran; the card's own is the last
    double trialSeconds = 0;
    double seconds = 0; // of everything

    /// The card's own run, unless a stop came before it.
    const RunOutcome* outcome() const;

    /// Of the card's own run: top-1 on the test images at the best evaluation.
    std::optional<double> reached() const;

    /// The signal that asked for a stop; 0: none.
    int signal() const;
};

/// Trains what a card says as far as the budget allows: times a few steps, chooses the epochs so
/// that the recipe's schedule runs to its end, and trains, in float first where the recipe starts
/// from a float network and none is given. The budget is also a hard stop for training, and guards
/// do not pause: see WorkerOptions. `planned` is told each part before it runs. Runs in the calling
/// thread. Throws Error for what the user can mend, before anything is written.
CardResult runCard(const PaperCard& card, const CardOptions& options, const WorkerOptions& worker,
                   const std::function<void(const CardPart&)>& planned);

/// The specs that `runCard` shortens: the card's own, and the one of the float run that it starts
/// from, when there is one. The same checks as for `stair run`, and at least one epoch. Throws Error.
struct CardSpecs
{
    ExperimentSpec own;
    std::optional<ExperimentSpec> floatStart;
};
CardSpecs cardSpecs(const PaperCard& card, const CardOptions& options);

} // namespace stair
