#pragma once

#include "core/lower/program.h"
#include "core/nn/model.h"

#include <filesystem>

namespace stair {

/// A quantized network that another program wrote as ONNX: QuantizeLinear and DequantizeLinear around
/// Conv, Gemm, MatMul, Relu, Clip, Add, Mul, pooling, Concat and reshaping. Activations have one scale
/// and a zero point that leaves their codes in a byte, weights one scale or one a channel. The
/// multipliers are computed in double and rounded once; what stays real is computed in float.
/// `normalisation` says what a byte of the image is to a float input; a uint8 input takes it as it is.
/// Throws Error naming the file and the node that cannot be read, and why.
Program importOnnx(const std::filesystem::path& path, const Normalisation& normalisation);

} // namespace stair
