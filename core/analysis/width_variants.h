#pragma once

#include "core/analysis/network_survey.h"
#include "core/nn/model.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace stair {

/// Other widths for one layer; 0: as in the base.
struct WidthChange
{
    int stage = -1; // a convolution or linear layer
    int weightBits = 0;
    int activationBits = 0; // of its input
};

/// What quantizing does to tensors, added up.
struct QuantizationNoise
{
    double error = 0; // sum of (step * code - x)^2
    double energy = 0; // sum of x^2
    std::int64_t count = 0;

    QuantizationNoise& operator+=(const QuantizationNoise& other);
    double mse() const;
    double sqnr() const; // dB
};

/// Copies of a trained network with other widths. Where a width is another than the base's, the
/// tensor gets a uniform grid, rounding to nearest and the step of least squared error: of the
/// weights behind the method's transform, and of the survey's values of the activation. Everything
/// else stays as trained. The base and the survey must outlive it.
class WidthVariants
{
public:
    WidthVariants(Model& base, const NetworkSurvey& survey)
        : m_base(base)
        , m_survey(survey)
    {
    }

    /// Weights, statistics and quantizers as in the base but for the changes.
    std::unique_ptr<Model> make(const std::vector<WidthChange>& changes);

    /// In a variant; nothing for a tensor that is not quantized there, and for the image.
    std::optional<QuantizationNoise> weightNoise(const Model& variant, int stage) const;
    std::optional<QuantizationNoise> activationNoise(const Model& variant, int stage) const;

    /// The empirical Fisher trace of the layer's weights, and of its input in the base.
    double weightFisher(int stage) const { return m_survey.weightFisher(stage); }
    std::optional<double> activationFisher(int stage) const;

private:
    void requantizeWeights(Model& variant, int stage);
    void requantizeViews(Model& variant, int stage);

    Model& m_base;
    const NetworkSurvey& m_survey;
    std::map<std::pair<int, int>, std::vector<float>> m_weightSteps; // by stage and bits
    std::map<std::pair<int, int>, float> m_activationSteps;
};

/// A second model with the first one's tensors where names and shapes agree, at the same point of
/// its ramps.
std::unique_ptr<Model> copyModel(Model& model, const QuantSpec& quant);

/// The stage that writes the codes of a reading, behind pools, slices and the like.
int writerOf(const std::vector<Stage>& stages, const Reading& reading);

/// The quantizer of a layer's input; null for floats.
const Quantizer* inputQuantizer(const Model& model, int stage);

} // namespace stair
