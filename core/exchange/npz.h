#pragma once

#include "core/exchange/shipped_model.h"

#include <string>

namespace stair {

/// The numbers of a model for NumPy: an .npz archive, stored without compression, of
///     <layer>.weight          int8 or float32, (outputs, height, width, inputs per group)
///     <layer>.weight_scale    float32, (1) or (outputs): real weight = scale * weight
///     <layer>.m, <layer>.b    float32, (results, channels): the epilogue's multipliers and offsets
///     <value>.scale           float32, (1), of each value between the layers, by onnxValueName()
///     image.codes             int8 or uint8, (channels, 256): what the image's bytes turn into
///     about                   the program, its origin and its proof as JSON text in uint8
std::string encodeNpz(const ShippedModel& model);

} // namespace stair
