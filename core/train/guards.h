#pragma once

#include "core/quant/quantizer.h"
#include "core/train/experiment_spec.h"
#include "core/train/observer.h"

#include <set>
#include <string>
#include <vector>

namespace stair {

/// Watches for training that has gone wrong. Each finding is told once, until it has passed.
class Guards
{
public:
    explicit Guards(const GuardSpec& spec)
        : m_spec(spec)
    {
    }

    /// After each backward pass; the reason to pause, or an empty text. A clamp may swallow a NaN
    /// on its way to the loss, so the gradients are looked at as well.
    static std::string checkNumbers(double loss, double gradientNorm);

    /// After each update: learned steps that have run against zero.
    static std::string checkSteps(const std::vector<Quantizer*>& quantizers);

    /// Now and then: dead layers and saturation.
    std::string checkQuantizers(const std::vector<QuantizerReport>& reports);

    /// The findings already told, for checkpoints.
    Json toJson() const { return m_told; }
    void load(const Json& told) { m_told = told.get<std::set<std::string>>(); }

private:
    GuardSpec m_spec;
    std::set<std::string> m_told;
};

} // namespace stair
