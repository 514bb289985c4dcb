#include "core/nn/training_kept.h"

#include <algorithm>

namespace stair {

/// Evaluation leaves the model alone, but what has no step yet must get one.
bool TrainingPass::wantsToObserve(const Quantizer& quantizer) const
{
    return quantizer.wantsToObserve() && (trains(m_mode) || !quantizer.isInitialised());
}

/// Shows the real result to the quantizers that want to see it. One that serves several tensors takes
/// a step from the first where it has none, and learns from all when the pass has seen them.
void TrainingPass::observe(int id, const Tensor& acc)
{
    const auto& quantizers = m_model.parts(id).viewQuantizers;
    const auto wants = [this](const auto& q) {
        return q && (wantsToObserve(*q) || m_shown.contains(q.get()));
    };
    if (std::ranges::none_of(quantizers, wants))
        return;
    const Tensor real = realResult(id, acc);
    for (const auto& quantizer : quantizers) {
        if (!wants(quantizer))
            continue;
        const bool isFirst = !quantizer->isInitialised();
        if (isFirst || !quantizer->servesSeveral())
            quantizer->observe(real.values());
        if (!quantizer->servesSeveral())
            continue;
        Shown& shown = m_shown[quantizer.get()];
        shown.isFirst |= isFirst;
        shown.values.insert(shown.values.end(), real.values().begin(), real.values().end());
    }
}

/// In training the step moves behind the optimizer's, so that a pass and its backward see one step.
void TrainingPass::finishObserving()
{
    for (const auto& [quantizer, shown] : m_shown) {
        quantizer->observeTogether(shown.values, shown.isFirst);
        if (!trains(m_mode))
            quantizer->settle();
    }
    m_shown.clear();
}

/// Tensors of one quantizer have their elements numbered apart, for whatever is drawn by number.
std::int64_t TrainingPass::firstElement(int id, const Quantizer& quantizer) const
{
    return quantizer.servesSeveral() ? std::int64_t(id) << 40 : 0;
}

} // namespace stair
