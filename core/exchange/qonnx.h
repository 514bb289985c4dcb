#pragma once

#include "core/exchange/shipped_model.h"

#include <string>

namespace stair {

/// Quant and BipolarQuant of the domain qonnx.custom_op.general, zero point 0, for FINN, Brevitas and
/// hls4ml. Input "image": float (N, C, H, W), normalised as the network was trained; output "logits":
/// float (N, classes). The integers are near the program's, not equal (NUMERICS 5).
std::string encodeQonnx(const ShippedModel& model);

/// Why the program has no such form, naming the layer; empty when it has.
std::string qonnxRefusal(const Program& program);

} // namespace stair
