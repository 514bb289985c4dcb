#pragma once

#include "core/exchange/shipped_model.h"

#include <filesystem>

namespace stair {

/// Which tensors an ONNX file gives.
enum class OnnxOutputs
{
    Logits,
    Everything, // every value between the layers too, as its codes: to compare integers
};

/// The program as an ONNX graph of integer operations (NUMERICS 5; opset 13): any runtime that keeps
/// to the standard gives the engine's integers. Input "image": uint8 (N, C, H, W), raw bytes;
/// normalisation is in the graph. Output "logits": float (N, classes). Signed codes are carried as
/// uint8 = code + 128; weights of 8 bits too, where u8 * s8 could saturate in 16 bits on CPUs without
/// VNNI. Origin, proof and a hash over the whole file are in metadata_props.
std::string encodeOnnxInteger(const ShippedModel& model, OnnxOutputs outputs);

/// The model in such a file. Damage::Refused: throws Error for a file that has been changed since it
/// was written. Tolerated: as far as it can be read.
ShippedModel readOnnxInteger(const std::filesystem::path& path, Damage damage);

/// Where the file's graph is not the one that its program gives: "layer NAME: ..." of the first node
/// or tensor that differs; empty when the graphs are equal.
std::string graphDifference(const std::filesystem::path& path, const ShippedModel& model);

/// The name of a value's tensor in the file.
std::string onnxValueName(const Program& program, int value);

} // namespace stair
