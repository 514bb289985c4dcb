#pragma once

#include "core/exchange/onnx_integer.h"

#include <filesystem>
#include <string>

namespace stair {

/// How the form keeps biases.
enum class QdqBias
{
    // int32 in units of the accumulators, as integer runtimes want: codes on an edge move. A layer of
    // whose codes more than one in 200 would move has Floats.
    Integers,
    Floats, // added behind the convolution: ONNX Runtime makes Integers of a float bias inside it
};

/// Integers where all codes have 8 bits: there a moved code is a 256th. Below that no runtime takes
/// the layers as integers anyway, and one moved code moves many behind it: Floats.
QdqBias qdqBias(const Program& program);

/// QuantizeLinear and DequantizeLinear around float operations, for other runtimes and compilers: opset
/// 13; 21 where weights have 4 bits, as int4. Other widths below 8 are 8-bit codes, those of activations
/// behind a Clip. Batch norm is folded into the weights' scales. Input "image": uint8 (N, C, H, W), raw
/// bytes; output "logits": float (N, classes). The integers are near the program's, not equal: the multipliers stand in other
/// places (NUMERICS 5). With Everything also each quantized value as uint8 or int8 codes, by
/// onnxValueName(): to count those that differ.
std::string encodeOnnxQdq(const ShippedModel& model, OnnxOutputs outputs, QdqBias bias);
std::string encodeOnnxQdq(const ShippedModel& model, OnnxOutputs outputs = OnnxOutputs::Logits);

/// Why the program has no such form, naming the layer; empty when it has.
std::string qdqRefusal(const Program& program);

/// The program in such a file of ours, with scales and biases as the file holds them: what it computes
/// is the file's, near the integers of the run. It has no proof. Throws Error naming the file for
/// another form, and for one that has been changed since it was written.
ShippedModel readOnnxQdq(const std::filesystem::path& path);

} // namespace stair
