#pragma once

#include "core/ops/geometry.h"

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

using OnnxInts = std::vector<std::int64_t>;

/// A node's attribute, or what stands for one that is left out.
std::int64_t attribute(const onnx::NodeProto& node, const char* name, std::int64_t absent);
float attribute(const onnx::NodeProto& node, const char* name, float absent);
OnnxInts attribute(const onnx::NodeProto& node, const char* name, const OnnxInts& absent);
std::string attribute(const onnx::NodeProto& node, const char* name, const std::string& absent);

/// The window of a Conv or of a pool, on an image of this size. Throws Error for what it has not in
/// common with ours: one stride and dilation for both sides, at most two dimensions.
ConvGeometry windowOf(const onnx::NodeProto& node, const Shape& source, const OnnxInts& kernel);

} // namespace stair
