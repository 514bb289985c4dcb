#include "core/quant/methods.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/quant/methods/families.h"
#include "core/quant/steps.h"

namespace stair {

// To add a method: describe it in a file of core/quant/methods (its axes may be new classes),
// declare it in families.h and add its line here.
const std::vector<MethodInfo>& methods()
{
    // clang-format off
    static const std::vector<MethodInfo> table = {
        floatMethod(),
        minMaxMethod(),
        ptqMethod(),
        lsqMethod(),
        lsqPlusMethod(),
        llsqMethod(),
        asrMethod(),
        lgLsqMethod(),
        aqeMethod(),
        bcgdMethod(),
        pactMethod(),
        doReFaMethod(),
        bnnMethod(),
        twnMethod(),
        dsqMethod(),
        ewgsMethod(),
        softRoundMethod(),
        stochasticMethod(),
        dai8Method(),
        formulaMethod(),
    };
    // clang-format on
    return table;
}

const MethodInfo& method(const std::string& id)
{
    std::vector<std::string> known;
    for (const MethodInfo& info : methods()) {
        if (info.id == id)
            return info;
        known.push_back(info.id);
    }
    throw Error(unknownName("method", id, known));
}

Grid methodGrid(const MethodInfo& info, const ParamValues& params, QuantizerKind kind, int bits,
                bool isSigned)
{
    const bool isOwn = info.bits(kind).has(bits);
    return isOwn && info.grid ? info.grid(params, kind, bits, isSigned)
                              : Grid::uniform(bits, isSigned);
}

std::unique_ptr<Quantizer> makeQuantizer(const MethodInfo& info, const ParamValues& params,
                                         const std::string& name, QuantizerKind kind,
                                         const Grid& grid, int steps)
{
    const bool isOwn = info.bits(kind).has(grid.bits);
    return std::make_unique<Quantizer>(name, kind, grid, steps,
                                       isOwn ? info.axes(params, kind, grid) : minMaxAxes());
}

std::unique_ptr<GradientQuantizer> makeGradientQuantizer(const MethodInfo& info,
                                                         const ParamValues& params, int bits,
                                                         GradientPlace place)
{
    if (info.gradients)
        return info.gradients(params, bits, place);
    static const MethodInfo dai8 = dai8Method();
    return dai8.gradients(ParamValues(dai8.params), bits, place);
}

std::unique_ptr<Quantizer> makePlainQuantizer(const std::string& name, QuantizerKind kind,
                                              const Grid& grid)
{
    QuantizerAxes axes;
    axes.rounding = std::make_unique<Rounding>();
    axes.stepRule = std::make_unique<FixedStep>(1);
    return std::make_unique<Quantizer>(name, kind, grid, 1, std::move(axes));
}

} // namespace stair
