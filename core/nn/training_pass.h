#pragma once

#include "core/nn/model.h"
#include "core/ops/column_sums.h"
#include "core/ops/epilogue.h"
#include "core/ops/pool.h"
#include "core/ops/runtime.h"
#include "core/quant/perturbation.h"

#include <map>
#include <memory>
#include <span>
#include <vector>

namespace stair {

/// A stage's result in one view: codes with their step, or floats.
struct Value
{
    Codes codes;
    Tensor floats;
    float step = 1;
};

/// Wall-clock time of one stage's passes, in seconds, added up over steps.
struct StageTime
{
    double forward = 0;
    double backward = 0;
};

/// What a forward pass is for.
enum class PassMode
{
    Train, // batch statistics, quantizers observe; keeps what backward needs
    TrainFrozenNorm, // the same with the running statistics as they stand: the lowered m and b
    Reestimate, // hard values; batch statistics are handed out, the model stays (NUMERICS 2)
    Evaluate, // as trained, running statistics; the model stays
    Perturbed, // in f32, batch statistics; keeps what backward needs; the model stays
};

/// One training step's forward and backward pass over a model's stages. Hard quantizers run on
/// codes and integer kernels; soft ones and float layers in f32. Training thread only.
class TrainingPass
{
public:
    TrainingPass(Model& model, Runtime& runtime);
    ~TrainingPass();

    /// The logits, one row per image; valid until backward() or the next forward().
    const Tensor& forward(const ImageBytes& images, PassMode mode);

    // The same stage by stage, so that several batches can be led through a stage before the next
    // (calibration): begin(), then runStage() of every stage in order. value() is there until the
    // stage's last reader has run; the images must stay as long.
    void begin(const ImageBytes& images, PassMode mode);
    void runStage(int stage);

    /// In PassMode::Perturbed: weights have their quantized values, activations are cut off at their
    /// ranges' ends but not rounded, and both are displaced. backward() then stops gradients beyond
    /// those ends alone (no slope, no correction), hands the perturbation those at its targets
    /// before that, and leaves the weights' gradients at the quantized values; steps get none. The
    /// perturbation must stay until backward() is done.
    const Tensor& forward(const ImageBytes& images, Perturbation& perturbation);

    /// Mean over the batch of each channel of what enters the stage's batch norm, or with its bias
    /// leaves the layer without one; real units. Between the stages before and runStage(stage),
    /// which computes it again.
    std::vector<double> channelMeans(int stage);

    /// At the same place, of a stage with a batch norm: what batchStatistics() will have of it.
    NormStatistics channelStatistics(int stage);

    /// The auxiliary head's loss times its weight, and its gradient for backward(); 0 without such a
    /// head. Between forward() and backward().
    double addAuxiliaryLoss(std::span<const std::uint16_t> labels);

    /// Fills every parameter's gradient from the loss's gradient at the logits, and releases what
    /// forward() kept.
    void backward(const Tensor& dLogits);

    /// The last batch's statistics (unbiased) of each stage with a batch norm, empty elsewhere.
    const std::vector<NormStatistics>& batchStatistics() const { return m_statistics; }

    /// Lets the running statistics follow the last batch's; for a batch that is fit to learn from.
    void updateRunningStatistics();

    /// Time spent in each stage so far.
    const std::vector<StageTime>& times() const { return m_times; }
    void resetTimes() { m_times.assign(m_times.size(), {}); }

    /// A stage's result in a view, after forward() in a training mode and before backward().
    const Value& value(int stage, int view) const;

    /// A stage's result in real units, before any quantizer; needs what forward() kept in a
    /// training mode. For stages with an epilogue.
    Tensor realResult(int stage);

private:
    struct Kept;

    const Tensor& runStages();
    void forwardStage(int stage, PassMode mode);
    Tensor compute(int stage);
    Tensor convolve(int stage);
    Tensor join(int stage);
    Tensor sumOfParts(int stage);
    void moveViews(int stage);
    void poolBefore(int stage, Tensor& acc, PassMode mode);
    void setAffine(int stage, const Tensor& acc, PassMode mode);
    void setBatchStatistics(int stage, const Tensor& acc);
    Tensor realResult(int stage, const Tensor& acc);
    void setSkip(int stage, Epilogue& epilogue);
    void observe(int stage, const Tensor& acc);
    void finishObserving();
    std::int64_t firstElement(int stage, const Quantizer& quantizer) const;
    bool isSoft(const Quantizer& quantizer) const;
    bool wantsToObserve(const Quantizer& quantizer) const;
    void runStageEpilogue(int stage, const Tensor& acc);
    void releaseRead(int stage);

    void backwardStage(int stage);
    void backwardMoves(int stage);
    std::shared_ptr<Tensor> backwardEpilogue(int stage);
    void finishNorm(int stage, Tensor& gradient, Tensor& dAcc);
    void backwardCompute(int stage, Tensor dAcc);
    void backwardJoin(int stage, const Tensor& dAcc);
    void backwardConv(int stage, const Tensor& dAcc);
    void weightGradient(int stage, const Tensor& dAcc);
    void floatWeightGradient(int stage, const Tensor& dAcc);
    void dataGradient(int stage, const Tensor& dAcc);
    void quantizedDataGradient(int stage, QuantizedGradient gradient, Tensor& dSource);
    void floatDataGradient(int stage, const Tensor& dAcc, Tensor& dSource);
    Shape seenShape(int stage) const;
    GradientQuantizer* gradientQuantizer(int stage) const;
    void addGradient(const Reading& reading, std::shared_ptr<const Tensor> gradient);

    Tensor realValues(const Reading& reading);
    const Stage& stageAt(int stage) const { return m_model.stages()[std::size_t(stage)]; }
    Kept& kept(int stage);
    std::vector<double> meansOf(int stage, const ColumnSums& sums, double count);
    Shape batched(const Shape& shape) const { return shape.withImages(m_images.shape.n); }

    Model& m_model;
    Runtime& m_runtime;
    ImageBytes m_images;
    PassMode m_mode = PassMode::Train;
    Perturbation* m_perturbation = nullptr; // in its mode alone
    std::vector<std::unique_ptr<Kept>> m_kept;
    std::vector<NormStatistics> m_statistics;
    std::vector<StageTime> m_times;

    /// What the tensors of one quantizer have shown so far in this pass, where it wants to see them.
    struct Shown
    {
        std::vector<float> values;
        bool isFirst = false; // it has no step from before
    };
    std::map<Quantizer*, Shown> m_shown;
};

/// The codes that the lowered program's epilogue may give in a view: the grid's range cut by the
/// activation, R(low / step) to R(high / step).
struct CodeRange
{
    int low = 0;
    int high = 0;
};
CodeRange codeRange(const Quantizer& quantizer, const Activation& activation);

/// Whether a soft estimator's views are left real, to be softened, or take their hard codes; or
/// every view is left real.
enum class Softness
{
    AsTrained,
    Hard,
    Real
};

/// The outputs of a stage's epilogue, where results go left open: shared with lowering.
Epilogue makeEpilogue(const Model& model, int stage, const Affine& affine, Softness softness);

} // namespace stair
