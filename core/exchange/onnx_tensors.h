#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

/// ONNX's numbers of its 4-bit types, which the library's headers do not know yet.
inline constexpr int onnxUint4 = 21;
inline constexpr int onnxInt4 = 22;

/// A stored tensor's values, raw or in protobuf's lists. Throws Error naming the tensor for external
/// data, a type that is not asked for, or a number of values that its dims deny.
std::vector<double> realsOf(const onnx::TensorProto& tensor); // FLOAT, DOUBLE
std::vector<std::int64_t>
integersOf(const onnx::TensorProto& tensor); // INT4 to INT64, UINT4, UINT8

/// Its dims; a scalar has none.
std::vector<std::int64_t> dimsOf(const onnx::TensorProto& tensor);

/// Product of the dims.
std::int64_t sizeOf(const std::vector<std::int64_t>& dims);

} // namespace stair
