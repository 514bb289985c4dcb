#include "core/train/optimizers.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/train/adam.h"
#include "core/train/sgd.h"

namespace stair {

// To add an optimizer: include its header above, add its line here, list its files in CMake.
const std::vector<OptimizerInfo>& optimizers()
{
    static const std::vector<OptimizerInfo> table = {
        Sgd::info(),
        Adam::info(),
    };
    return table;
}

const OptimizerInfo& optimizer(const std::string& id)
{
    std::vector<std::string> known;
    for (const OptimizerInfo& info : optimizers()) {
        if (info.id == id)
            return info;
        known.push_back(info.id);
    }
    throw Error(unknownName("optimizer", id, known));
}

void checkSetting(const OptimizerInfo& info, const std::string& key, double value)
{
    std::vector<std::string> known;
    for (const ParamSpec& spec : info.params) {
        if (spec.type != ParamSpec::Type::Real || spec.name == "learning_rate")
            continue;
        known.push_back(spec.name);
        if (spec.name != key)
            continue;
        if (!(value >= spec.least && value <= spec.most))
            throw Error(concat("cannot set ", info.id, "'s ", key, " to ", value,
                               "; it must be from ", spec.least, " to ", spec.most));
        return;
    }
    throw Error(unknownName(concat(info.id, " setting"), key, known));
}

} // namespace stair
