#pragma once

#include "core/data/batch_loader.h"
#include "core/lower/program.h"
#include "core/nn/model.h"
#include "core/nn/training_pass.h"
#include "core/ops/runtime.h"
#include "core/train/metrics.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace stair {

/// Batches that batch-norm statistics are re-estimated from.
inline constexpr int normBatches = 30;

/// How many there are for it among so many training images: fewer than `batches` in a small set.
int reestimationCount(std::size_t images, int batch, int batches = normBatches);

/// The batches that statistics are re-estimated from: their choice and augmentation depend on the
/// seed alone.
std::vector<Batch> reestimationBatches(const ImageSet& set,
                                       const std::vector<std::uint32_t>& indices,
                                       BatchLoader::Options options, int batches = normBatches);

/// mean += (sample - mean) / count, element by element; an empty mean starts at 0.
void followMean(NormStatistics& mean, const NormStatistics& sample, int count);

/// Batch-norm statistics by the cumulative mean over `batches` training batches whose choice and
/// augmentation depend on the seed alone, with hard values (NUMERICS 2). The model is unchanged.
std::vector<NormStatistics> reestimateNorms(Model& model, Runtime& runtime, const ImageSet& set,
                                            const std::vector<std::uint32_t>& indices,
                                            BatchLoader::Options options,
                                            int batches = normBatches);

/// Calls visit(images, labels) for the images of `set` named by `indices` (all of them when null),
/// batch by batch, cropped from the centre. What it is handed lives during the call.
using VisitImages = std::function<void(const ImageBytes&, std::span<const std::uint16_t>)>;
void forEachBatch(const ImageSet& set, const std::vector<std::uint32_t>* indices,
                  const Augmentation& augmentation, int batch, const VisitImages& visit);

/// Images of a batch in evaluations.
inline constexpr int evaluationBatch = 200;

/// Runs the program over the images of `set` named by `indices` (all of them when null), cropped
/// from the centre as `augmentation` says.
Metrics evaluateProgram(const Program& program, Runtime& runtime, const ImageSet& set,
                        const std::vector<std::uint32_t>* indices, const Augmentation& augmentation,
                        int classes);

/// The same for what training computes: soft values in place of codes, running batch-norm
/// statistics. For soft estimators, beside the program's accuracy. The model is unchanged.
Metrics evaluateAsTrained(Model& model, Runtime& runtime, const ImageSet& set,
                          const Augmentation& augmentation, int classes);

} // namespace stair
