#include "core/train/sgd.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/train/optimizer_state.h"

#include <algorithm>

namespace stair {

namespace {

/// A positive scale halves or doubles at most: one wild gradient must not end a tensor, and its momentum
/// goes with it.
float boundedScale(float now, float next, float& velocity)
{
    const float bounded = std::min(std::max(next, now / 2), 2 * now);
    if (bounded != next)
        velocity = 0;
    return bounded;
}

constexpr const char* velocityKind = "velocity";

} // namespace

OptimizerInfo Sgd::info()
{
    return {.id = "sgd",
            .title = "SGD with momentum",
            .help = "Stochastic gradient descent, PyTorch's rule without dampening.",
            .params = {ParamSpec::real("learning_rate", "Learning rate", 0.1, 0, 1000,
                                       "The step length before the schedule's factor."),
                       ParamSpec::real("momentum", "Momentum", 0.9, 0, 1,
                                       "v = momentum * v + g; the weights move along v."),
                       ParamSpec::flag("nesterov", "Nesterov", false,
                                       "Move along g + momentum * v instead of v."),
                       ParamSpec::real("weight_decay", "Weight decay", 1e-4, 0, 10,
                                       "Adds weight_decay * w to the gradient of weights.")},
            .create = [](const ParamValues& values, const std::vector<Parameter*>& parameters) {
                return std::make_unique<Sgd>(values, parameters);
            }};
}

Sgd::Sgd(const ParamValues& values, const std::vector<Parameter*>& parameters)
    : m_momentum(values.real("momentum"))
    , m_weightDecay(values.real("weight_decay"))
    , m_nesterov(values.flag("nesterov"))
{
    for (const Parameter* parameter : parameters) {
        m_names.push_back(parameter->name);
        m_velocities.emplace_back(parameter->value.shape());
    }
}

void Sgd::update(std::vector<Parameter*>& parameters, double learningRate)
{
    require(parameters.size() == m_names.size(), "the optimizer's parameters stay the same");
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!parameters[i]->isFrozen)
            updateOne(*parameters[i], m_velocities[i], learningRate);
    }
}

void Sgd::updateOne(Parameter& parameter, Tensor& velocity, double learningRate) const
{
    const auto rate = float(learningRate * parameter.rateFactor);
    const auto momentum = float(m_momentum);
    const auto decay = parameter.decays ? float(m_weightDecay) : 0.0f;
    const auto least = float(parameter.least), most = float(parameter.most);
    const bool isScale = parameter.isScale;
    float* w = parameter.value.data();
    float* v = velocity.data();
    const float* dw = parameter.gradient.data();
    const std::int64_t count = parameter.value.size();
#pragma omp parallel for schedule(static) if (count > serialBelow)
    for (std::int64_t i = 0; i < count; ++i) {
        const float g = dw[i] + decay * w[i];
        v[i] = momentum * v[i] + g;
        const float next = w[i] - rate * (m_nesterov ? g + momentum * v[i] : v[i]);
        const float moved = isScale ? boundedScale(w[i], next, v[i]) : next;
        w[i] = std::min(std::max(moved, least), most);
    }
}

void Sgd::set(const std::string& key, double value)
{
    checkSetting(info(), key, value);
    (key == "momentum" ? m_momentum : m_weightDecay) = value;
}

void Sgd::save(Checkpoint& checkpoint) const
{
    checkpoint.state["optimizer"] = {{"id", "sgd"},
                                     {"momentum", m_momentum},
                                     {"nesterov", m_nesterov},
                                     {"weight_decay", m_weightDecay}};
    saveTensors(checkpoint, m_names, velocityKind, m_velocities);
}

void Sgd::load(const Checkpoint& checkpoint, Missing missing)
{
    const Json& state = optimizerState(checkpoint, "sgd");
    m_momentum = state.at("momentum").get<double>();
    m_nesterov = state.at("nesterov").get<bool>();
    m_weightDecay = state.at("weight_decay").get<double>();
    loadTensors(checkpoint, m_names, velocityKind, m_velocities, missing);
}

} // namespace stair
