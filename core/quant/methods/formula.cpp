#include "core/quant/formula.h"
#include "core/base/error.h"
#include "core/quant/methods/families.h"
#include "core/quant/steps.h"

namespace stair {

// Also the example of a method in one file: describe it here, declare it in families.h, list the
// file in CMake and add one line to the table in methods.cpp. The window's form, `stair list`, the
// spec's checks and the contract test read the table.
MethodInfo formulaMethod()
{
    MethodInfo info;
    info.id = "formula";
    info.title = "Typed formula";
    info.help
        = "Your own estimator: the slope that stands for rounding's derivative, and if you "
          "like a value that stands for rounding in training (then in f32). Both are formulas "
          "of u = x / step, held to the grid's ends, q = round(u) and e = u - q. Codes are the "
          "nearest levels; the step is LSQ's.";
    info.source = "Parsed by muParser";
    info.params
        = {ParamSpec::text("slope", "Slope R'(u)", "1", "1 is STE. Example: 1 + 0.2*cos(2*pi*u)."),
           ParamSpec::text("forward", "Forward value", "",
                           "Empty: the hard code. Example: u - 0.1*sin(2*pi*u).")};
    info.axes = [](const ParamValues& values, QuantizerKind, const Grid&) {
        QuantizerAxes axes;
        axes.rounding
            = std::make_unique<FormulaRounding>(values.text("forward"), values.text("slope"));
        axes.stepRule = std::make_unique<LsqStep>();
        return axes;
    };
    info.check = [](const ParamValues& values, const Grid& grid) -> std::optional<ParamFault> {
        for (const char* name : {"slope", "forward"}) {
            try {
                if (!values.text(name).empty())
                    Formula(values.text(name)).requireFinite(grid);
            } catch (const Error& error) {
                return ParamFault{name, error.what()};
            }
        }
        return std::nullopt;
    };
    return info;
}

} // namespace stair
