#pragma once

#include "core/base/params.h"
#include "core/tensor/parameter.h"
#include "core/train/checkpoint.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stair {

/// What to do about a parameter that a checkpoint's optimizer state does not know.
enum class Missing
{
    Refuse,
    Zero, // it has come since: it starts anew
};

/// Updates parameters from their gradients. Owns its per-parameter state (momentum, moments), whose
/// order is that of the parameters given to the constructor.
class Optimizer
{
public:
    virtual ~Optimizer() = default;

    /// One update. learningRate is the schedule's value at this step; a parameter's rateFactor
    /// multiplies it, its `least` bounds the result.
    virtual void update(std::vector<Parameter*>& parameters, double learningRate) = 0;

    /// Replaces a parameter of the optimizer's own (momentum, weight_decay) while a run is on.
    virtual void set(const std::string& key, double value) = 0;

    virtual void save(Checkpoint& checkpoint) const = 0;
    virtual void load(const Checkpoint& checkpoint, Missing missing) = 0;
};

struct OptimizerInfo
{
    std::string id; // saved in runs: never rename
    std::string title;
    std::string help;
    std::vector<ParamSpec> params; // "learning_rate" is one of them
    std::function<std::unique_ptr<Optimizer>(const ParamValues&, const std::vector<Parameter*>&)>
        create;
};

/// sgd (momentum, nesterov, weight decay), adam; in menu order.
const std::vector<OptimizerInfo>& optimizers();

/// Throws Error naming the nearest known id when `id` is not one of them.
const OptimizerInfo& optimizer(const std::string& id);

/// For set(): throws Error unless `key` is a number among `info.params` other than the learning
/// rate, which is the schedule's, and `value` is within its range.
void checkSetting(const OptimizerInfo& info, const std::string& key, double value);

} // namespace stair
