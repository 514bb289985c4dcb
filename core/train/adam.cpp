#include "core/train/adam.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/train/optimizer_state.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr const char* firstKind = "first_moment";
constexpr const char* secondKind = "second_moment";

} // namespace

OptimizerInfo Adam::info()
{
    return {.id = "adam",
            .title = "Adam",
            .help
            = "Adaptive moments (Kingma and Ba, 2015), PyTorch's rule. Quantizer steps, whose size "
              "the gradient's sign says nothing about, move by shares of themselves: s <- s - rate "
              "s m / (sqrt(v) + epsilon).",
            .params = {ParamSpec::real("learning_rate", "Learning rate", 1e-3, 0, 1000,
                                       "The step length before the schedule's factor."),
                       ParamSpec::real("beta1", "Beta 1", 0.9, 0, 0.999999,
                                       "Memory of the gradient's mean."),
                       ParamSpec::real("beta2", "Beta 2", 0.999, 0, 0.999999,
                                       "Memory of the gradient's mean square."),
                       ParamSpec::real("epsilon", "Epsilon", 1e-8, 1e-30, 1,
                                       "Added to the root of the mean square."),
                       ParamSpec::real("weight_decay", "Weight decay", 0, 0, 10,
                                       "Adds weight_decay * w to the gradient of weights.")},
            .create = [](const ParamValues& values, const std::vector<Parameter*>& parameters) {
                return std::make_unique<Adam>(values, parameters);
            }};
}

Adam::Adam(const ParamValues& values, const std::vector<Parameter*>& parameters)
    : m_beta1(values.real("beta1"))
    , m_beta2(values.real("beta2"))
    , m_epsilon(values.real("epsilon"))
    , m_weightDecay(values.real("weight_decay"))
{
    for (const Parameter* parameter : parameters) {
        m_names.push_back(parameter->name);
        m_firstMoments.emplace_back(parameter->value.shape());
        m_secondMoments.emplace_back(parameter->value.shape());
    }
}

void Adam::update(std::vector<Parameter*>& parameters, double learningRate)
{
    require(parameters.size() == m_names.size(), "the optimizer's parameters stay the same");
    ++m_updates;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!parameters[i]->isFrozen)
            updateOne(*parameters[i], i, learningRate);
    }
}

void Adam::updateOne(Parameter& parameter, std::size_t index, double learningRate)
{
    const auto updates = double(m_updates);
    const auto rate = float(learningRate * parameter.rateFactor / (1 - std::pow(m_beta1, updates)));
    const auto root = float(std::sqrt(1 - std::pow(m_beta2, updates)));
    const auto beta1 = float(m_beta1), rest1 = float(1 - m_beta1);
    const auto beta2 = float(m_beta2), rest2 = float(1 - m_beta2);
    const auto epsilon = float(m_epsilon);
    const auto decay = parameter.decays ? float(m_weightDecay) : 0.0f;
    const auto least = float(parameter.least), most = float(parameter.most);
    const bool isScale = parameter.isScale;
    float* w = parameter.value.data();
    float* m = m_firstMoments[index].data();
    float* v = m_secondMoments[index].data();
    const float* dw = parameter.gradient.data();
    const std::int64_t count = parameter.value.size();
#pragma omp parallel for schedule(static) if (count > serialBelow)
    for (std::int64_t i = 0; i < count; ++i) {
        const float g = dw[i] + decay * w[i];
        m[i] = beta1 * m[i] + rest1 * g;
        v[i] = beta2 * v[i] + rest2 * g * g;
        const float unit = isScale ? std::abs(w[i]) : 1;
        const float next = w[i] - rate * unit * (m[i] / (std::sqrt(v[i]) / root + epsilon));
        w[i] = std::min(std::max(next, least), most);
    }
}

void Adam::set(const std::string& key, double value)
{
    checkSetting(info(), key, value);
    double& setting = key == "beta1" ? m_beta1
        : key == "beta2"             ? m_beta2
        : key == "epsilon"           ? m_epsilon
                                     : m_weightDecay;
    setting = value;
}

void Adam::save(Checkpoint& checkpoint) const
{
    checkpoint.state["optimizer"] = {{"id", "adam"},
                                     {"beta1", m_beta1},
                                     {"beta2", m_beta2},
                                     {"epsilon", m_epsilon},
                                     {"weight_decay", m_weightDecay},
                                     {"updates", m_updates}};
    saveTensors(checkpoint, m_names, firstKind, m_firstMoments);
    saveTensors(checkpoint, m_names, secondKind, m_secondMoments);
}

void Adam::load(const Checkpoint& checkpoint, Missing missing)
{
    const Json& state = optimizerState(checkpoint, "adam");
    m_beta1 = state.at("beta1").get<double>();
    m_beta2 = state.at("beta2").get<double>();
    m_epsilon = state.at("epsilon").get<double>();
    m_weightDecay = state.at("weight_decay").get<double>();
    m_updates = state.at("updates").get<std::int64_t>();
    loadTensors(checkpoint, m_names, firstKind, m_firstMoments, missing);
    loadTensors(checkpoint, m_names, secondKind, m_secondMoments, missing);
}

} // namespace stair
