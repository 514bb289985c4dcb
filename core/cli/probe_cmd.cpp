#include "core/quant/probe.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/cli/commands.h"
#include "core/cli/method_options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

namespace stair {

namespace {

struct ProbeOptions
{
    std::string method;
    int bits = 0; // the least from 2 on that the method has
    std::optional<double> step;
    std::optional<double> codeStep;
    std::optional<double> offset;
    double from = -4;
    double to = 4;
    int points = 161;
    double gradient = 1;
    bool isUnsigned = false;
    bool isActivation = false;
};

std::string toCsv(const std::vector<ProbePoint>& points)
{
    std::ostringstream csv;
    csv.precision(std::numeric_limits<float>::max_digits10);
    csv << "x,y,dydx,dyds";
    for (const ProbePoint& p : points)
        csv << '\n' << p.x << ',' << p.y << ',' << p.dydx << ',' << p.dyds;
    return csv.str();
}

Json toJson(const std::vector<ProbePoint>& points)
{
    Json rows = Json::array();
    for (const ProbePoint& p : points)
        rows.push_back({{"x", p.x}, {"y", p.y}, {"dydx", p.dydx}, {"dyds", p.dyds}});
    return rows;
}

/// Numbers are computed with as 32-bit floats.
void checkFloat(const char* option, double value)
{
    if (value != 0 && !std::isnormal(float(value)))
        throw Error(concat(option, " is ", value, "; as a 32-bit float it must be normal or 0"));
}

void checkPositive(const char* option, const std::optional<double>& value)
{
    if (!value)
        return;
    if (!(*value > 0))
        throw Error(concat(option, " is ", *value, "; it must be above 0"));
    checkFloat(option, *value);
}

/// Whether the method decides the step, whatever the tensor.
bool isFixed(const Quantizer& quantizer)
{
    return quantizer.isInitialised() || (quantizer.isProjected() && quantizer.firstStep() > 0);
}

/// Throws Error for numbers that the quantizer has no use for.
void checkNumbers(const ProbeOptions& options, const Quantizer& quantizer)
{
    if (options.codeStep && !quantizer.hasOwnCodeStep())
        throw Error(concat("--code-step: here ", options.method,
                           " divides by its step alone; leave it out"));
    if (options.offset && !quantizer.offset())
        throw Error(concat("--offset: here ", options.method, " has none; leave it out"));
}

/// Gives the quantizer the numbers that training would take from its tensor. Returns what had to be
/// made up for want of one, as a text; empty: nothing.
std::string setNumbers(Quantizer& quantizer, const ProbeOptions& options)
{
    std::vector<std::string> madeUp;
    const double first = quantizer.firstStep();
    if (!isFixed(quantizer)) {
        quantizer.fixStep(float(options.step.value_or(first > 0 ? first : 1)));
        if (first > 0 && options.step && float(first) != quantizer.step())
            madeUp.push_back(concat("training starts with the step ", float(first)));
    } else if (!quantizer.isInitialised()) {
        quantizer.fixStep(float(first));
    }
    if (quantizer.hasOwnCodeStep()) {
        quantizer.codeSteps().fill(float(options.codeStep.value_or(double(quantizer.step()))));
        if (!options.codeStep)
            madeUp.push_back(concat("training takes the code step from the weights, here it is ",
                                    quantizer.codeStep(), " (--code-step)"));
    }
    if (Parameter* offset = quantizer.offset()) {
        offset->value.fill(float(options.offset.value_or(0)));
        quantizer.stepsChanged(); // the zero point follows
        if (!options.offset)
            madeUp.emplace_back("training learns an offset, here it is 0 (--offset)");
    }
    if (quantizer.transform())
        madeUp.emplace_back("the samples stand for the whole tensor, whose largest value counts");
    if (quantizer.isRandom())
        madeUp.emplace_back("each y is one random draw");
    if (quantizer.lambda())
        madeUp.emplace_back("training estimates delta from the Hessian, here there is none");
    return joinNames(madeUp, "; ");
}

int probeMethod(const ProbeOptions& options, const std::vector<std::string>& rest,
                const Console& console)
{
    const MethodInfo& info = method(options.method);
    const QuantizerKind kind = options.isUnsigned || options.isActivation
        ? QuantizerKind::Activation
        : QuantizerKind::Weight;
    const auto [least, most] = info.bits(kind);
    const int bits = options.bits > 0 ? options.bits : std::clamp(2, least, most);
    checkBits(info, kind, bits);
    checkPositive("--step", options.step);
    checkPositive("--code-step", options.codeStep);
    checkFloat("--offset", options.offset.value_or(0));
    checkFloat("--gradient", options.gradient);
    if (!std::isfinite(options.from) || !std::isfinite(options.to))
        throw Error("--from and --to are numbers, not infinite");
    const ParamValues params = methodOptions(info, rest);
    const Grid grid = methodGrid(info, params, kind, bits, !options.isUnsigned);
    checkParams(info, params, grid);
    const auto quantizer = makeQuantizer(info, params, "probe.step", kind, grid, 1);
    checkNumbers(options, *quantizer);
    const bool leavesAside = options.step && isFixed(*quantizer);
    const std::string madeUp = setNumbers(*quantizer, options);
    if (leavesAside && float(*options.step) != quantizer->step())
        console.err << "stair: the step of " << info.id << " is always " << quantizer->step()
                    << "; --step is left aside\n";
    if (!madeUp.empty())
        console.err << "stair: there is no tensor here: " << madeUp << '\n';
    const auto points = probe(*quantizer, evenly(options.from, options.to, options.points),
                              float(options.gradient));
    console.result(toJson(points), toCsv(points));
    return 0;
}

} // namespace

CommandInfo probeCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<ProbeOptions>();
        app.add_option("--method", options->method, "A method's id (stair list methods)")
            ->required();
        app.add_option("--bits", options->bits,
                       "Width of the codes; left out: 2, or as near as it gets");
        app.add_option("--step", options->step,
                       "The quantizer's step; left out: the one that training starts with where no "
                       "tensor decides it (pact: alpha over the greatest code), else 1. Where the "
                       "method fixes it, that one is taken");
        app.add_option("--code-step", options->codeStep,
                       "What values are divided by where weights have another step than their "
                       "levels, as in layers.jsonl (twn, and at 2 bits aqe and bcgd: twice the "
                       "threshold); left out: the step");
        app.add_option("--offset", options->offset,
                       "The learned offset of lsq_plus's activations; left out: 0");
        app.add_option("--from", options->from, "First x")->capture_default_str();
        app.add_option("--to", options->to, "Last x")->capture_default_str();
        app.add_option("--points", options->points, "How many x, evenly")
            ->check(CLI::Range(1, 10'000'000))
            ->capture_default_str();
        app.add_option("--gradient", options->gradient, "The incoming gradient")
            ->capture_default_str();
        app.add_flag("--unsigned", options->isUnsigned, "Codes from 0, as after a ReLU");
        app.add_flag("--activation", options->isActivation, "As for activations with either sign");
        app.allow_extras();
        app.footer("Further parameters of the method as options: --name value. What moves over a "
                   "run (alpha, sharpness) is as it starts.");
        return [options, &app](const Console& console) {
            return probeMethod(*options, app.remaining(), console);
        };
    };
    return {"probe", "Sample what a quantizer does in training, as CSV: x,y,dydx,dyds", describe};
}

} // namespace stair
