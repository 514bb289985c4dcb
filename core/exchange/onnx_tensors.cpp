#include "core/exchange/onnx_tensors.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <cstring>

namespace stair {

namespace {

using Type = onnx::TensorProto;

constexpr std::int64_t mostValues = std::int64_t(1) << 29;

[[noreturn]] void fail(const onnx::TensorProto& tensor, const char* what)
{
    throw Error(concat("its tensor '", tensor.name(), "' ", what));
}

std::int64_t countOf(const onnx::TensorProto& tensor)
{
    if (tensor.data_location() == Type::EXTERNAL)
        fail(tensor, "lies in another file; save the model in one");
    std::int64_t count = 1;
    for (const std::int64_t dim : tensor.dims()) {
        if (dim < 0 || dim > mostValues || count * dim > mostValues)
            fail(tensor, "has a size that is none");
        count *= dim;
    }
    return count;
}

template<typename Stored, typename Result>
std::vector<Result> rawValues(const onnx::TensorProto& tensor, std::int64_t count)
{
    if (tensor.raw_data().size() != std::size_t(count) * sizeof(Stored))
        fail(tensor, "has another number of values than its dims say");
    std::vector<Stored> stored(static_cast<std::size_t>(count));
    std::memcpy(stored.data(), tensor.raw_data().data(), tensor.raw_data().size());
    return {stored.begin(), stored.end()};
}

template<typename Result, typename List>
std::vector<Result> listed(const onnx::TensorProto& tensor, const List& list, std::int64_t count)
{
    if (list.size() != count)
        fail(tensor, "has another number of values than its dims say");
    return {list.begin(), list.end()};
}

/// Two a byte, the first in the lower half.
std::vector<std::int64_t> nibblesOf(const onnx::TensorProto& tensor, std::int64_t count)
{
    const bool isSigned = tensor.data_type() == onnxInt4;
    std::vector<std::uint8_t> bytes(tensor.raw_data().begin(), tensor.raw_data().end());
    for (const std::int32_t byte : tensor.int32_data())
        bytes.push_back(std::uint8_t(byte));
    if (std::int64_t(bytes.size()) != (count + 1) / 2)
        fail(tensor, "has another number of values than its dims say");
    std::vector<std::int64_t> values;
    for (std::int64_t i = 0; i < count; ++i) {
        const int nibble = bytes[std::size_t(i / 2)] >> (i % 2 * 4) & 15;
        values.push_back(isSigned && nibble > 7 ? nibble - 16 : nibble);
    }
    return values;
}

} // namespace

std::vector<double> realsOf(const onnx::TensorProto& tensor)
{
    const std::int64_t count = countOf(tensor);
    const bool isRaw = tensor.has_raw_data();
    if (tensor.data_type() == Type::FLOAT)
        return isRaw ? rawValues<float, double>(tensor, count)
                     : listed<double>(tensor, tensor.float_data(), count);
    if (tensor.data_type() == Type::DOUBLE)
        return isRaw ? rawValues<double, double>(tensor, count)
                     : listed<double>(tensor, tensor.double_data(), count);
    fail(tensor, "is not of floats, where floats are wanted");
}

std::vector<std::int64_t> integersOf(const onnx::TensorProto& tensor)
{
    const std::int64_t count = countOf(tensor);
    const int type = tensor.data_type();
    if (type == onnxInt4 || type == onnxUint4)
        return nibblesOf(tensor, count);
    const bool isRaw = tensor.has_raw_data();
    if (type == Type::INT64)
        return isRaw ? rawValues<std::int64_t, std::int64_t>(tensor, count)
                     : listed<std::int64_t>(tensor, tensor.int64_data(), count);
    if (type != Type::INT8 && type != Type::UINT8 && type != Type::INT32)
        fail(tensor, "is not of integers, where integers are wanted");
    if (!isRaw)
        return listed<std::int64_t>(tensor, tensor.int32_data(), count);
    if (type == Type::INT8)
        return rawValues<std::int8_t, std::int64_t>(tensor, count);
    return type == Type::UINT8 ? rawValues<std::uint8_t, std::int64_t>(tensor, count)
                               : rawValues<std::int32_t, std::int64_t>(tensor, count);
}

std::vector<std::int64_t> dimsOf(const onnx::TensorProto& tensor)
{
    return {tensor.dims().begin(), tensor.dims().end()};
}

std::int64_t sizeOf(const std::vector<std::int64_t>& dims)
{
    std::int64_t size = 1;
    for (const std::int64_t dim : dims)
        size *= dim;
    return size;
}

} // namespace stair
