#include "core/train/guards.h"

#include "core/base/concat.h"
#include "core/quant/steps.h"

#include <cmath>

namespace stair {

std::string Guards::checkNumbers(double loss, double gradientNorm)
{
    const bool lossFails = !std::isfinite(loss);
    const double culprit = lossFails ? loss : gradientNorm;
    if (std::isfinite(culprit))
        return {};
    return concat(lossFails ? "the loss is " : "the gradient is ",
                  std::isnan(culprit) ? "not a number" : "infinite",
                  "; this batch is left out. Lower the learning rate, or clip gradients "
                  "(training.clip_norm)");
}

std::string Guards::checkSteps(const std::vector<Quantizer*>& quantizers)
{
    for (const Quantizer* quantizer : quantizers) {
        for (int i = 0; i < quantizer->steps(); ++i) {
            const bool isUsed = quantizer->isInitialised() && quantizer->isLearned();
            if (isUsed && !(quantizer->step(i) > smallestStep))
                return concat("the step ", quantizer->name(), " is ", quantizer->step(i),
                              ", not above ", smallestStep, ". Lower the learning rate");
        }
    }
    return {};
}

std::string Guards::checkQuantizers(const std::vector<QuantizerReport>& reports)
{
    for (const QuantizerReport& report : reports) {
        const bool dead = m_spec.dead && report.levelsUsed <= 1;
        const bool saturated = m_spec.saturation < 1 && report.saturated > m_spec.saturation;
        if (!dead && !saturated) {
            m_told.erase(report.name);
        } else if (m_told.insert(report.name).second) {
            if (dead)
                return concat("dead: every code of ", report.name,
                              " is the same. Use more bits, or a smaller learning rate");
            return concat(report.name, " saturates ", std::lround(report.saturated * 100),
                          " % of its values. Its step is too small; use more bits or a smaller "
                          "learning rate");
        }
    }
    return {};
}

} // namespace stair
