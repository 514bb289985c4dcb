#include "core/session/card_run.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/session/spec_source.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace stair {

namespace fs = std::filesystem;

namespace {

constexpr double trialShare = 0.02; // of the budget, for each time trial
constexpr double longestTrial = 10; // seconds
constexpr double floatShare = 0.4; // of the budget for the float start, or what is left over

/// The share of a budget that is left, whatever was used up, so that a part never has none.
constexpr double leastShare = 0.1;

ExperimentSpec floatStartOf(const PaperCard& card, const ExperimentSpec& own)
{
    Json json = own.toJson();
    json["name"] = own.name + ", float start";
    json["quant"] = {{"method", "float"}};
    json["training"] = card.floatStart;
    return ExperimentSpec::read(json, concat("card ", card.id, ", float_start"));
}

/// Trains one part as its fit says.
RunOutcome train(const ExperimentSpec& recipe, const RecipeFit& fit, const fs::path& folder,
                 const WorkerOptions& worker)
{
    ExperimentSpec spec = shortened(recipe, fit.epochs);
    spec.training.evaluateEvery = fit.evaluateEvery;
    spec.training.budgetSeconds = std::max(std::round(fit.trainingSeconds * 10) / 10, 0.1);
    if (fit.epochs < recipe.training.epochs)
        spec.name += concat(", ", fit.epochs, " of ", recipe.training.epochs, " epochs");
    return startRun(spec, folder, worker);
}

/// Where the float start of a run in a chosen folder goes: beside it, also for "DIR/" and ".".
fs::path floatFolder(const CardOptions& options)
{
    if (options.out.empty())
        return {};
    fs::path own = fs::absolute(options.out).lexically_normal();
    if (!own.has_filename())
        own = own.parent_path();
    return own += "-float";
}

/// Shares a budget out among a card's parts and runs them.
class CardRunner
{
public:
    CardRunner(CardSpecs specs, const CardOptions& options, const WorkerOptions& worker,
               const std::function<void(const CardPart&)>& planned)
        : m_specs(std::move(specs))
        , m_options(options)
        , m_worker(worker)
        , m_planned(planned)
    {
        m_worker.unattended = true;
    }

    CardResult run()
    {
        const ExperimentSpec& own = m_specs.own;
        CardPart ownPart{.recipeEpochs = own.training.epochs, .trial = time(own)};
        CardPart start{.isFloatStart = true};
        if (m_specs.floatStart)
            start.trial = time(*m_specs.floatStart);
        m_result.trialSeconds = elapsed();
        if (m_specs.floatStart) {
            start.recipeEpochs = m_specs.floatStart->training.epochs;
            const TrainingCost cost = ownPart.trial.cost();
            const double whole = ownPart.recipeEpochs * cost.epoch + cost.evaluation;
            start.budgetSeconds = std::max(floatShare * left(), left() - whole);
            const RunOutcome outcome = runPart(start, *m_specs.floatStart, floatFolder(m_options));
            if (outcome.end == RunEnd::Stopped)
                return finished();
            m_specs.own.training.from = outcome.folder.string();
        }
        ownPart.budgetSeconds = left();
        runPart(ownPart, own, m_options.out);
        return finished();
    }

private:
    using Clock = std::chrono::steady_clock;

    double elapsed() const { return std::chrono::duration<double>(Clock::now() - m_start).count(); }

    double left() const
    {
        return std::max(m_options.budgetSeconds - elapsed(), leastShare * m_options.budgetSeconds);
    }

    TimeTrial time(const ExperimentSpec& spec) const
    {
        return timeSpec(spec, std::min(trialShare * m_options.budgetSeconds, longestTrial));
    }

    RunOutcome runPart(CardPart part, const ExperimentSpec& recipe, const fs::path& folder)
    {
        part.fit = fitRecipe(recipe.training, part.trial.cost(), part.budgetSeconds);
        m_planned(part);
        part.outcome = train(recipe, part.fit, folder, m_worker);
        m_result.parts.push_back(part);
        return *part.outcome;
    }

    CardResult finished()
    {
        m_result.seconds = elapsed();
        return m_result;
    }

    CardSpecs m_specs;
    const CardOptions& m_options;
    WorkerOptions m_worker;
    const std::function<void(const CardPart&)>& m_planned;
    const Clock::time_point m_start = Clock::now();
    CardResult m_result;
};

} // namespace

const RunOutcome* CardResult::outcome() const
{
    const bool ran = !parts.empty() && !parts.back().isFloatStart && parts.back().outcome;
    return ran ? &*parts.back().outcome : nullptr;
}

std::optional<double> CardResult::reached() const
{
    const RunOutcome* run = outcome();
    if (!run || !run->evaluation.is_object())
        return std::nullopt;
    return run->evaluation.at("test").at("top1").get<double>();
}

int CardResult::signal() const
{
    return parts.empty() || !parts.back().outcome ? 0 : parts.back().outcome->signal;
}

CardSpecs cardSpecs(const PaperCard& card, const CardOptions& options)
{
    std::vector<std::string> assignments = options.assignments;
    if (!options.from.empty()) {
        if (card.floatStart.is_null())
            throw Error(concat("card ", card.id, " starts from fresh weights; leave --from out"));
        assignments.push_back(concat("training.from=", Json(options.from).dump()));
    }
    CardSpecs specs{.own
                    = loadSpec({card.spec, "card " + card.id, fs::current_path()}, assignments),
                    .floatStart = {}};
    if (specs.own.training.epochs == 0)
        throw Error("training.epochs is 0: a card trains; `stair run` calibrates without training");
    if (!card.floatStart.is_null() && specs.own.training.from.empty())
        specs.floatStart = floatStartOf(card, specs.own);
    return specs;
}

CardResult runCard(const PaperCard& card, const CardOptions& options, const WorkerOptions& worker,
                   const std::function<void(const CardPart&)>& planned)
{
    CardSpecs specs = cardSpecs(card, options);
    if (!options.out.empty())
        RunFolder::checkFree(options.out);
    if (!options.out.empty() && specs.floatStart)
        RunFolder::checkFree(floatFolder(options));
    standBack(worker.niceness);
    return CardRunner(std::move(specs), options, worker, planned).run();
}

} // namespace stair
