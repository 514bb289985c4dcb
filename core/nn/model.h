#pragma once

#include "core/nn/affine.h"
#include "core/nn/graph.h"
#include "core/nn/stage_plan.h"
#include "core/quant/gradient_quantizer.h"
#include "core/quant/quantizer.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace stair {

/// How bytes become reals: (byte / 255 - mean[channel]) / deviation[channel].
struct Normalisation
{
    std::vector<float> mean;
    std::vector<float> deviation;

    /// The real value of every byte in every channel: channels x 256.
    std::vector<float> table() const;
};

/// Images as the loader gives them, not owned: (n, h, w, c) bytes.
struct ImageBytes
{
    const std::uint8_t* pixels = nullptr;
    Shape shape;
};

struct BatchNorm
{
    Parameter scale;
    Parameter shift;
    Tensor runningMean; // real units
    Tensor runningVariance; // unbiased

    NormStatistics running() const;
};

/// A network with everything that training changes: weights, batch norms, quantizers, stage by
/// stage. Not copyable; its passes are in training_pass.h.
class Model
{
public:
    struct StageParts
    {
        std::unique_ptr<Parameter> weight;
        std::unique_ptr<Parameter> bias;
        std::unique_ptr<BatchNorm> norm;
        std::unique_ptr<Quantizer> weightQuantizer;
        std::vector<std::shared_ptr<Quantizer>> viewQuantizers; // one a view; null for float views
        std::unique_ptr<GradientQuantizer> gradientQuantizer; // of the convolution's output

        /// Empty without a bias.
        std::span<const float> biasValues() const
        {
            return bias ? std::as_const(bias->value).values() : std::span<const float>();
        }
    };

    /// Fresh weights drawn from the seed.
    Model(Graph graph, const QuantSpec& quant, const Normalisation& normalisation,
          std::uint64_t seed);

    const Graph& graph() const { return m_graph; }
    const QuantSpec& quant() const { return m_quant; }
    const Normalisation& normalisation() const { return m_normalisation; }
    const std::vector<Stage>& stages() const { return m_stages; }
    StageParts& parts(int stage) { return m_parts[std::size_t(stage)]; }
    const StageParts& parts(int stage) const { return m_parts[std::size_t(stage)]; }

    /// channels x 256: reals of the image's bytes, and codes where the first layer reads codes.
    const std::vector<float>& imageTable() const { return m_imageTable; }
    const std::vector<std::uint8_t>& imageCodes() const { return m_imageCodes; }

    /// What the optimizer moves, in a fixed order.
    std::vector<Parameter*> parameters();

    /// Every quantizer once, weights and activations, in stage order; not the image's.
    std::vector<Quantizer*> quantizers();

    /// What a quantized view is called in reports: its quantizer's name, or where that serves several
    /// tensors, one of the tensor's own.
    std::string viewName(int stage, std::size_t view) const;

    /// Every tensor that a checkpoint must hold. A step of 0 means: not set yet.
    void forEachTensor(const std::function<void(const std::string& name, Tensor&)>& visit);

    /// After tensors were written: steps of 0 become "not set yet" again.
    void tensorsChanged();

    /// Another quantization of the same network from now on: the weights stay, and quantizers go
    /// on from the step that the tensor had. Invalidates pointers to quantizers and their parameters.
    void requantize(const QuantSpec& quant);

    /// Before each training step: lets ramps move on and tells the quantizers where the run is.
    void advance(const QuantContext& context);

    /// The quantizers' steps, to be put back after a batch that is not fit to learn from.
    std::vector<Quantizer::Memory> rememberSteps();
    void recallSteps(const std::vector<Quantizer::Memory>& memories);

    /// From now on no step moves.
    void freezeSteps();

    /// Around the optimizer's step: what methods do to the weights (BCGD's blending, clips).
    void beforeUpdate();
    void afterUpdate();

private:
    void makeParts(std::uint64_t seed);
    void makeQuantizers();
    void makeGradientQuantizers();
    void makeViewQuantizers(int stage);
    std::string viewSuffix(int bits) const;
    void makeImageTables();
    std::unique_ptr<Quantizer> newQuantizer(const std::string& name, QuantizerKind kind,
                                            const Grid& grid, int steps) const;

    Graph m_graph;
    QuantSpec m_quant;
    std::vector<Stage> m_stages;
    std::vector<StageParts> m_parts;
    std::map<int, std::shared_ptr<Quantizer>> m_sharedQuantizers; // by group of joins
    Normalisation m_normalisation;
    std::vector<float> m_imageTable;
    std::vector<std::uint8_t> m_imageCodes;
};

} // namespace stair
