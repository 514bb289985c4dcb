#include "core/train/step_schedule.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/train/warmup.h"

#include <cmath>
#include <sstream>

namespace stair {

namespace {

[[noreturn]] void failMilestone(const std::string& text)
{
    throw Error(concat("has '", text,
                       "'; write epochs or shares of the run, as in '60, 120' or '50%, 75%'"));
}

/// "60" or "50%" as a step number.
double milestoneStep(const std::string& text, std::int64_t steps, std::int64_t stepsPerEpoch)
{
    std::istringstream in(text);
    double value = 0;
    std::string unit;
    in >> value >> unit;
    const bool share = unit == "%";
    if (in.bad() || !(value >= 0) || (!share && !unit.empty()) || (share && value > 100)
        || text.find_first_of("0123456789") == std::string::npos)
        failMilestone(text);
    return share ? value / 100 * double(steps) : value * double(stepsPerEpoch);
}

double stepFactor(const ParamValues& values, std::int64_t step, std::int64_t steps,
                  std::int64_t stepsPerEpoch)
{
    int passed = 0;
    std::istringstream list(values.text("milestones"));
    for (std::string text; std::getline(list, text, ',');)
        passed += double(step) >= milestoneStep(text, steps, stepsPerEpoch) ? 1 : 0;
    return warmupFactor(values, step) * std::pow(values.real("gamma"), passed);
}

ParamSpec milestonesParam()
{
    ParamSpec spec;
    spec.name = "milestones";
    spec.title = "Milestones";
    spec.type = ParamSpec::Type::Text;
    spec.fallback = std::string("50%, 75%");
    spec.help = "Epochs or shares of the run after which the rate drops, as in '60, 120' or "
                "'50%, 75%'.";
    return spec;
}

} // namespace

ScheduleInfo stepSchedule()
{
    return {.id = "step",
            .title = "Step",
            .help = "The learning rate is multiplied by gamma at each milestone.",
            .params = {warmupParam(), milestonesParam(),
                       ParamSpec::real("gamma", "Factor", 0.1, 0, 1,
                                       "What the rate is multiplied by at a milestone.")},
            .factor = stepFactor};
}

} // namespace stair
