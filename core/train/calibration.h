#pragma once

#include "core/data/augmentation.h"
#include "core/data/dataset.h"
#include "core/nn/model.h"
#include "core/ops/runtime.h"

#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// `count` of `indices` (all of them if there are fewer), drawn without replacement by the seed.
std::vector<std::uint32_t> calibrationImages(std::span<const std::uint32_t> indices, int count,
                                             std::uint64_t seed);

/// Post-training calibration of a model whose method has a CalibrationPlan, on the images of `set`
/// named by `images` (at least one), cropped from the centre. Needs the trained weights and running
/// statistics in the model; what it did before is forgotten but for corrections already made.
///
/// Ranges: each weight step from its weights; each activation step from the values that the float
/// network, with its running statistics, gives on all images (float predecessors). One pass takes
/// the exact peaks, one a ValueHistogram for each stage.
///
/// Bias correction (Nagel et al., arXiv:1906.04721, measured on images): for every stage in order,
/// the mean of each output channel over all images and places, in the quantized network with all
/// stages before it quantized and corrected, is brought to the float network's: the difference
/// leaves the bias, or where there is a batch norm enters its running mean (which re-estimated
/// statistics would put in its place: a calibrated run is evaluated with the running ones until it
/// trains). All images are led through a stage together, so that what later stages read of all of
/// them (one byte a code) is in memory at a time.
///
/// Depends on its arguments alone; the images' order does not matter but to the last bits. Training
/// thread only. Throws Error when the network gives values that are not finite.
void calibrate(Model& model, Runtime& runtime, const ImageSet& set,
               std::span<const std::uint32_t> images, const Augmentation& augmentation);

} // namespace stair
