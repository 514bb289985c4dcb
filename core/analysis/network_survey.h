#pragma once

#include "core/data/augmentation.h"
#include "core/data/dataset.h"
#include "core/nn/model.h"
#include "core/ops/runtime.h"
#include "core/quant/value_histogram.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace stair {

/// What some training images show of a trained network: the distribution of every stage's result
/// before its quantizers, and how much the loss depends on each tensor.
class NetworkSurvey
{
public:
    /// Needs at least one image, cropped from the centre. The model's steps must be frozen; its
    /// weights' gradients are overwritten. Throws Error for values that are not finite.
    NetworkSurvey(Model& model, Runtime& runtime, const ImageSet& set,
                  const std::vector<std::uint32_t>& images, const Augmentation& augmentation);

    /// Real values, with the running batch-norm statistics. For stages with an epilogue.
    const ValueHistogram& results(int stage) const { return *m_results[std::size_t(stage)]; }

    /// The trace of the empirical Fisher information of a tensor: the sum of its squared gradients
    /// (of a batch's mean loss, times the batch's size), mean over the batches. Batch norm with the
    /// batches' statistics, activations cut off but not rounded.
    double weightFisher(int stage) const { return m_weightFisher[std::size_t(stage)]; }

    /// Empty for a tensor that is not quantized.
    std::optional<double> activationFisher(const Quantizer* quantizer) const;

private:
    void measureResults();
    void measureGradients();
    template<typename See>
    void forEachResult(const See& see);

    Model& m_model;
    Runtime& m_runtime;
    const ImageSet& m_set;
    const std::vector<std::uint32_t>& m_images;
    const Augmentation& m_augmentation;
    std::vector<std::optional<ValueHistogram>> m_results; // by stage
    std::vector<double> m_weightFisher;
    std::map<const Quantizer*, double> m_activationFisher;
};

} // namespace stair
