#pragma once

#include "core/nn/model.h"
#include "core/ops/runtime.h"

#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// Of one quantized tensor on one batch, both in grid units (x^ counted in levels): what EWGS sets
/// its lambda by.
struct Curvature
{
    double meanTrace = 0; // of the loss's Hessian, by the number of elements
    double deviation = 0; // standard deviation of the gradient's elements
};

struct CurvatureProbe
{
    int vectors = 8; // Rademacher vectors
    double size = 0.05; // of a displacement, in levels
    std::uint64_t seed = 1;
};

/// Hutchinson's estimate of the Hessian's trace for each target, E[v^T H v] with v = +-1, by
/// central differences of gradients: v^T H v = (v^T g(+size v) - v^T g(-size v)) / (2 size). All
/// targets are displaced at once, each in its own direction: the mixed terms have mean zero, and
/// one vector costs two forward and backward passes in f32.
///
/// The Hessian is that of the network whose weights have their quantized values and whose
/// activations are cut off at their ranges but not rounded: it stands for the authors' second
/// derivative through straight-through rounding (EWGS, arXiv:2104.00903), which keeps the rounded
/// values. Kinks within a displacement (ReLU, ranges' ends, max pools) count, where a second
/// derivative sees none. Batch norm uses the batch's statistics.
///
/// `targets`: of model.quantizers(). Quantizers without a step take theirs from this batch. But for
/// that and the parameters' gradients, which are overwritten, the model stays. Training thread.
std::vector<Curvature> estimateCurvature(Model& model, Runtime& runtime, const ImageBytes& images,
                                         std::span<const std::uint16_t> labels,
                                         std::span<Quantizer* const> targets,
                                         const CurvatureProbe& probe);

/// EWGS's lambda in grid units from one tensor's curvature on some batches: the mean of
/// (Tr(H) / N) / (3 std(g)), or 0 where that is negative or not a number. delta in units of the
/// whole range is this times (levels - 1).
double curvatureLambda(std::span<const Curvature> batches);

} // namespace stair
