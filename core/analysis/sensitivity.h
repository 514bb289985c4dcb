#pragma once

#include "core/analysis/suffix_evaluation.h"
#include "core/analysis/width_variants.h"
#include "core/train/trainer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// Which tensors of the network a cell of the map gives another width.
enum class SensitivityMode
{
    Only, // the layer's weights and its input
    Weights, // the layer's weights
    Activations, // the layer's input
    AllBut, // weights and inputs of every other layer; ends that the spec treats apart stay
};

/// In menu order: "only", "weights", "activations", "all-but" (ids for ever), and what they mean.
struct SensitivityModeInfo
{
    SensitivityMode mode;
    std::string id;
    std::string help;
};
const std::vector<SensitivityModeInfo>& sensitivityModes();
const SensitivityModeInfo& info(SensitivityMode mode);

/// Throws Error naming the nearest known id.
SensitivityMode sensitivityMode(const std::string& id);

inline constexpr int leastSensitivityBits = 2;
inline constexpr int mostSensitivityBits = 8;

/// A layer of the map: a convolution or linear layer, with its widths in the base.
struct SensitivityLayer
{
    std::string name;
    int stage = -1;
    int weightBits = 0;
    int activationBits = 0; // of its input
    bool readsImage = false; // whose width never changes
    bool isEnd = false; // first or last, and treated apart by the spec
    std::int64_t macs = 0; // an image
    std::int64_t weights = 0; // how many
};

struct SensitivityCell
{
    SensitivityMode mode = SensitivityMode::Only;
    int layer = 0; // index in layers()
    int bits = 0;

    bool operator==(const SensitivityCell&) const = default;
};

/// The accuracy of one cell, and beside it the proxies that cost next to nothing.
struct SensitivityResult
{
    Metrics metrics;
    bool proved = false; // every layer ran on integers
    std::optional<QuantizationNoise> weights; // of the tensors that the cell gives its width
    std::optional<QuantizationNoise> activations;
    std::optional<double> fit; // sum of Fisher trace * mean squared error over those tensors
};

/// The accuracy of a trained network with each layer at each width, by the lowered program, without
/// training. The base is the run's own program; of a float run it is the network at 8 bits, with
/// ranges of least squared error. A cell differs from it by its mode's tensors at its width (see
/// WidthVariants). Batch norm has the base's statistics. One thread.
class Sensitivity
{
public:
    /// `trainer`: with the checkpoint restored; it is not changed. `surveyed`: so many training
    /// images give the ranges and the gradients. All references must outlive the object.
    Sensitivity(Trainer& trainer, const ExperimentSpec& spec, const Dataset& data, Runtime& runtime,
                EvaluationImages images, int surveyed);

    const std::vector<SensitivityLayer>& layers() const { return m_layers; }

    /// The cells of these modes and widths, those that take least to compute first.
    std::vector<SensitivityCell> plan(const std::vector<SensitivityMode>& modes,
                                      const std::vector<int>& widths) const;

    Metrics base();
    bool isBaseProved() const { return m_baseProgram.floatLayers().empty(); }

    /// The float network's, of a float run.
    std::optional<Metrics> inFloat();

    /// Whatever was evaluated before, the same result.
    SensitivityResult evaluate(const SensitivityCell& cell);

    /// What evaluate() runs, lowered anew.
    Program program(const SensitivityCell& cell);

    /// Another width for each layer's weights and input at once, as a cell of Only has it; 0: as in
    /// the base.
    Program programAt(const std::vector<int>& bits);
    Metrics evaluate(const Program& program) { return m_evaluation.evaluate(program); }

private:
    void listLayers(const QuantSpec& quant);
    std::vector<WidthChange> changes(const SensitivityCell& cell) const;
    static WidthChange change(const SensitivityLayer& layer, SensitivityMode mode, int bits);
    std::int64_t cost(const SensitivityCell& cell) const;
    WidthVariants& variants();
    const std::vector<NormStatistics>* norms() const { return m_norms ? &*m_norms : nullptr; }

    Trainer& m_trainer;
    const ExperimentSpec& m_spec;
    const Dataset& m_data;
    Runtime& m_runtime;
    std::vector<std::uint32_t> m_surveyed; // training images
    std::unique_ptr<Model> m_base;
    std::optional<std::vector<NormStatistics>> m_norms;
    Program m_baseProgram;
    std::vector<SensitivityLayer> m_layers;
    EvaluationImages m_images;
    SuffixEvaluation m_evaluation;
    std::unique_ptr<NetworkSurvey> m_survey;
    std::unique_ptr<WidthVariants> m_variants;
};

} // namespace stair
