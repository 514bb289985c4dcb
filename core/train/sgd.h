#pragma once

#include "core/train/optimizers.h"

namespace stair {

/// Stochastic gradient descent as PyTorch defines it (torch.optim.SGD, dampening 0), in f32:
///   g = gradient + weight_decay * w;  v = momentum * v + g  (v = 0 at first);
///   w = w - rate * (nesterov ? g + momentum * v : v).
class Sgd : public Optimizer
{
public:
    static OptimizerInfo info();

    Sgd(const ParamValues& values, const std::vector<Parameter*>& parameters);

    void update(std::vector<Parameter*>& parameters, double learningRate) override;
    void set(const std::string& key, double value) override;
    void save(Checkpoint& checkpoint) const override;
    void load(const Checkpoint& checkpoint, Missing missing) override;

private:
    void updateOne(Parameter& parameter, Tensor& velocity, double learningRate) const;

    double m_momentum;
    double m_weightDecay;
    bool m_nesterov;
    std::vector<std::string> m_names;
    std::vector<Tensor> m_velocities;
};

} // namespace stair
