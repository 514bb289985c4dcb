#include "core/quant/probe.h"

#include "core/base/concat.h"
#include "core/base/error.h"
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
    const double step = options.step.value_or(1);
    if (!(step > 0))
        throw Error(concat("--step is ", step, "; it must be above 0"));
    if (!std::isfinite(options.from) || !std::isfinite(options.to))
        throw Error("--from and --to are numbers, not infinite");
    const ParamValues params = methodOptions(info, rest);
    const Grid grid = methodGrid(info, params, kind, bits, !options.isUnsigned);
    const auto quantizer = makeQuantizer(info, params, "probe.step", kind, grid, 1);
    const bool isFixed = quantizer->isInitialised(); // by the method: no tensor decides it
    if (!isFixed)
        quantizer->fixStep(float(step));
    else if (options.step && float(step) != quantizer->step())
        console.err << "stair: the step of " << info.id << " is always " << quantizer->step()
                    << "; --step is left aside\n";
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
                       "The quantizer's step; left out: 1. Where the method fixes it, that one is "
                       "taken");
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
        app.footer("Further parameters of the method as options: --name value");
        return [options, &app](const Console& console) {
            return probeMethod(*options, app.remaining(), console);
        };
    };
    return {"probe", "Sample what a quantizer does in training, as CSV: x,y,dydx,dyds", describe};
}

} // namespace stair
