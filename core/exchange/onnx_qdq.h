#pragma once

#include "core/exchange/shipped_model.h"

#include <string>

namespace stair {

/// How the form keeps biases.
enum class QdqBias
{
    Integers, // int32 in units of the accumulators, as integer runtimes want: a code here and there moves
    Floats, // as they are: what remains are the last bits of float sums
};

/// QuantizeLinear and DequantizeLinear around float operations, for other runtimes and compilers: opset
/// 13; 21 where a tensor has 4 bits; other widths below 8 as 8-bit codes between Clips. Batch norm is
/// folded into the weights' scales. Input "image": uint8 (N, C, H, W), raw bytes; output "logits":
/// float (N, classes). The integers are near the program's, not equal: the multipliers stand in other
/// places (NUMERICS 5).
std::string encodeOnnxQdq(const ShippedModel& model, QdqBias bias = QdqBias::Integers);

/// Why the program has no such form, naming the layer; empty when it has.
std::string qdqRefusal(const Program& program);

} // namespace stair
