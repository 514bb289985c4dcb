#include "core/train/recipe_fit.h"

#include "core/base/assert.h"
#include "core/base/concat.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace stair {

namespace {

constexpr double evaluationShare = 0.1; // of a budget, if one evaluation does not cost more
constexpr double plannedShare = 0.9; // of the time left for training: other programs may wake

/// "80, 140" times `ratio`; what is given in percent stays.
std::string scaledMilestones(const std::string& milestones, double ratio)
{
    std::string scaled;
    std::istringstream list(milestones);
    for (std::string text; std::getline(list, text, ',');) {
        if (text.find('%') == std::string::npos)
            text = concat(std::stod(text) * ratio); // the schedule has checked that it is a number
        scaled += concat(scaled.empty() ? "" : ", ", text.substr(text.find_first_not_of(' ')));
    }
    return scaled;
}

/// A factor each epoch, so that the rate in the last of `epochs` is that in the last of `whole`.
/// A single epoch has no such factor: there the rate drops at each fifth instead.
void scaleDecay(Json& schedule, int whole, int epochs)
{
    const double drops = whole - 1;
    const double gamma = schedule["gamma"].get<double>();
    if (epochs > 1) {
        schedule["gamma"] = std::pow(gamma, drops / (epochs - 1));
        return;
    }
    schedule["id"] = "step";
    schedule["milestones"] = "20%, 40%, 60%, 80%";
    schedule["gamma"] = std::pow(gamma, drops / 4);
}

void scaleSchedule(Json& schedule, int whole, int epochs)
{
    const double ratio = double(epochs) / whole;
    if (schedule.contains("warmup"))
        schedule["warmup"] = std::llround(schedule["warmup"].get<double>() * ratio);
    if (schedule.contains("milestones"))
        schedule["milestones"] = scaledMilestones(schedule["milestones"].get<std::string>(), ratio);
    if (schedule["id"] == "exponential")
        scaleDecay(schedule, whole, epochs);
}

/// A step, counted from 1; 0 (never) stays.
std::int64_t scaledStep(std::int64_t step, double ratio)
{
    return step == 0 ? 0 : 1 + std::int64_t(std::floor(double(step - 1) * ratio));
}

QuantSchedule scaledQuantSchedule(const QuantSchedule& schedule, double ratio)
{
    QuantSchedule scaled = schedule;
    scaled.startStep = scaledStep(schedule.startStep, ratio);
    scaled.freezeRangesStep = scaledStep(schedule.freezeRangesStep, ratio);
    scaled.freezeNormStep = scaledStep(schedule.freezeNormStep, ratio);
    scaled.bits.clear();
    for (QuantSchedule::Bits change : schedule.bits) {
        change.step = scaledStep(change.step, ratio);
        if (!scaled.bits.empty() && scaled.bits.back().step == change.step) {
            // Two changes have met at one step: the later one counts where it says something.
            const QuantSchedule::Bits before = scaled.bits.back();
            change.weightBits = change.weightBits ? change.weightBits : before.weightBits;
            change.activationBits
                = change.activationBits ? change.activationBits : before.activationBits;
            scaled.bits.pop_back();
        }
        scaled.bits.push_back(change);
    }
    return scaled;
}

int evaluationsOf(int epochs, int every)
{
    return (epochs + every - 1) / every;
}

} // namespace

RecipeFit fitRecipe(const TrainingSpec& recipe, const TrainingCost& cost, double budgetSeconds)
{
    require(recipe.epochs >= 1, "fitRecipe: a recipe has an epoch");
    // The room kept for evaluations depends on the budget alone, so that a longer budget never
    // gives fewer epochs.
    const double forEvaluations = std::max(cost.evaluation, evaluationShare * budgetSeconds);
    const double forTraining = plannedShare * (budgetSeconds - forEvaluations);
    const double epochs = std::floor(forTraining / std::max(cost.epoch, 1e-9));
    RecipeFit fit;
    fit.fits = epochs >= 1;
    fit.epochs = int(std::clamp(epochs, 1.0, double(recipe.epochs)));
    const double mostEvaluations
        = std::clamp(std::floor(forEvaluations / std::max(cost.evaluation, 1e-9)), 1.0, 1e6);
    const double ratio = double(fit.epochs) / recipe.epochs;
    fit.evaluateEvery = std::max(int(std::ceil(fit.epochs / mostEvaluations)),
                                 std::max(1, int(std::ceil(recipe.evaluateEvery * ratio))));
    const double evaluations = evaluationsOf(fit.epochs, fit.evaluateEvery) * cost.evaluation;
    fit.trainingSeconds = std::max(budgetSeconds - evaluations, evaluationShare * budgetSeconds);
    fit.expectedSeconds = fit.epochs * cost.epoch + evaluations;
    return fit;
}

ExperimentSpec shortened(const ExperimentSpec& spec, int epochs)
{
    if (epochs == spec.training.epochs)
        return spec;
    const double ratio = double(epochs) / spec.training.epochs;
    Json json = spec.toJson();
    json["training"]["epochs"] = epochs;
    scaleSchedule(json["training"]["schedule"], spec.training.epochs, epochs);
    ExperimentSpec scaled = ExperimentSpec::read(json, "the shortened recipe");
    scaled.quant.schedule = scaledQuantSchedule(spec.quant.schedule, ratio);
    return scaled;
}

} // namespace stair
