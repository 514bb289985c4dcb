#pragma once

#include "core/nn/affine.h"
#include "core/nn/training_pass.h"
#include "core/ops/blocking.h"
#include "core/ops/column_sums.h"

#include <memory>
#include <vector>

namespace stair {

/// The backward pass of one stage's epilogue: from the gradients of its views to the gradient
/// before the activation, in real units. One pass over the accumulators, everything else computed
/// again in tiles.
class EpilogueBackward
{
public:
    using Gradients = std::vector<std::shared_ptr<const Tensor>>; // of one view, to be summed

    /// `skip`: the join's other side, or null. `perturbation`: that of a perturbed pass, or null.
    /// All references must outlive the object.
    EpilogueBackward(const Tensor& acc, const Affine& affine, const Activation& activation,
                     const Value* skip, Perturbation* perturbation = nullptr);

    /// A view that has readers; `quantizer` is null for a float view. `firstElement`: the number that
    /// a perturbation knows the tensor's first element by.
    void addView(Quantizer* quantizer, const Gradients& gradients, std::int64_t firstElement = 0);

    /// Writes the gradient (acc's shape) and sets the gradients of the views' steps, or in a
    /// perturbed pass hands the perturbation what it finds. The sums are
    /// of the gradient, and of the gradient times acc, per channel.
    ColumnSums run(Tensor& gradient);

private:
    struct View
    {
        Quantizer* quantizer = nullptr;
        float step = 1;
        float inverseStep = 1; // with a join
        std::vector<float> m, b; // over a tile; without a join
        const Gradients* gradients = nullptr;
        std::int64_t firstElement = 0;
        std::vector<double> partials; // of the step's gradient, one a block
        std::vector<double> offsetPartials; // of the offset's
        std::vector<GradientSums> found; // for the perturbation, one a block
    };
    struct Scratch;

    void join(std::int64_t offset, std::size_t size, Scratch& s) const;
    void passView(View& view, std::int64_t block, std::int64_t offset, std::size_t size,
                  Scratch& s) const;
    void throughQuantizer(View& view, std::int64_t block, std::int64_t offset, std::size_t size,
                          Scratch& s) const;
    void finishSteps();

    const Tensor& m_acc;
    const Affine& m_affine;
    Activation m_activation;
    const Value* m_skip;
    Perturbation* m_perturbation;
    Blocking m_blocking;
    std::vector<float> m_mainM, m_mainB; // over a tile; with a join
    std::vector<View> m_views;
};

} // namespace stair
