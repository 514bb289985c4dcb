#include "core/quant/methods.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/quant/steps.h"

namespace stair {

namespace {

MethodInfo floatMethod()
{
    return {.id = "float",
            .title = "Float (no quantization)",
            .help
            = "Trains and evaluates in 32-bit float: what the quantized runs are held against.",
            .source = "",
            .params = {},
            .leastBits = 32,
            .mostBits = 32,
            .axes = {}};
}

MethodInfo minMax()
{
    MethodInfo info;
    info.id = "minmax";
    info.title = "Min-max, straight-through";
    info.help = "The step follows the range: step = range / (2^bits - 1), from -max|x| (or 0) to "
                "max|x|. Rounding passes the gradient unchanged inside the range (STE).";
    info.source = "Bengio et al., arXiv:1308.3432; Jacob et al., arXiv:1712.05877";
    info.params
        = {ParamSpec::real("momentum", "Range momentum", 0.1, 0.001, 1,
                           "Share of the newest batch in the running range of activations.")};
    info.axes = [](const ParamValues& values, QuantizerKind, const Grid&) {
        return QuantizerAxes{std::make_unique<Rounding>(),
                             std::make_unique<MinMaxStep>(values.real("momentum")),
                             nullptr,
                             {}};
    };
    return info;
}

MethodInfo lsq()
{
    MethodInfo info;
    info.id = "lsq";
    info.title = "LSQ";
    info.help = "Learned step size: the step is trained with the weights, its gradient scaled by "
                "1 / sqrt(N Qp).";
    info.source = "Esser et al., Learned Step Size Quantization, arXiv:1902.08153";
    info.axes = [](const ParamValues&, QuantizerKind, const Grid&) {
        return QuantizerAxes{
            std::make_unique<Rounding>(), std::make_unique<LsqStep>(), nullptr, {}};
    };
    return info;
}

} // namespace

// To add a method: describe it above (its axes in files of their own) and add its line here.
const std::vector<MethodInfo>& methods()
{
    static const std::vector<MethodInfo> table = {
        floatMethod(),
        minMax(),
        lsq(),
    };
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

std::unique_ptr<Quantizer> makeQuantizer(const MethodInfo& info, const ParamValues& params,
                                         const std::string& name, QuantizerKind kind,
                                         const Grid& grid, int steps)
{
    return std::make_unique<Quantizer>(name, kind, grid, steps, info.axes(params, kind, grid));
}

} // namespace stair
