#pragma once

#include "core/train/optimizers.h"

namespace stair {

/// Adam (Kingma and Ba, 2015, algorithm 1) as PyTorch defines it (torch.optim.Adam), in f32:
///   g = gradient + weight_decay * w;  m = beta1 * m + (1 - beta1) * g;
///   v = beta2 * v + (1 - beta2) * g * g;
///   w = w - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon), t from 1.
class Adam : public Optimizer
{
public:
    static OptimizerInfo info();

    Adam(const ParamValues& values, const std::vector<Parameter*>& parameters);

    void update(std::vector<Parameter*>& parameters, double learningRate) override;
    void set(const std::string& key, double value) override;
    void save(Checkpoint& checkpoint) const override;
    void load(const Checkpoint& checkpoint, Missing missing) override;

private:
    void updateOne(Parameter& parameter, std::size_t index, double learningRate);

    double m_beta1;
    double m_beta2;
    double m_epsilon;
    double m_weightDecay;
    std::int64_t m_updates = 0;
    std::vector<std::string> m_names;
    std::vector<Tensor> m_firstMoments;
    std::vector<Tensor> m_secondMoments;
};

} // namespace stair
