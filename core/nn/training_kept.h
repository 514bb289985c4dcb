#pragma once

#include "core/nn/training_pass.h"
#include "core/ops/column_sums.h"

namespace stair {

/// Whether quantizers and batch norms learn from the pass.
inline bool trains(PassMode mode)
{
    return mode == PassMode::Train || mode == PassMode::TrainFrozenNorm;
}

/// What one stage keeps between forward and backward.
struct TrainingPass::Kept
{
    std::vector<Value> values; // one a view
    std::vector<std::vector<std::shared_ptr<const Tensor>>> gradients; // of each view, to be summed
    Tensor acc; // the epilogue's input; of a concat, joined again when it is needed
    Winners winners; // of the pool before the norm
    std::vector<Winners> moveWinners; // of a moving pool, one a view
    std::vector<double> accScale; // real = acc * accScale[c], before norm or bias
    Affine affine;
    NormStatistics statistics; // the ones in `affine`
    ColumnSums sums; // backward: of the gradient, and of gradient times acc
    bool batchNormalised = false;
    Tensor realWeight; // step * code, or the float weights; null when the parameter itself serves
    Codes weightCodes; // for the data gradient; where gradients are quantized and the layer is hard
};

} // namespace stair
