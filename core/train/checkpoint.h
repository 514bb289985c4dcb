#pragma once

#include "core/base/json.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace stair {

/// The whole state of a run between two steps: named tensors and a JSON document. Restoring it and
/// going on gives the same bits as never having stopped. Stored as safetensors: 8 bytes header
/// length, a JSON header, raw little-endian values; the document is "__metadata__".state, and a
/// SHA-256 over document and values tells damage.
class Checkpoint
{
public:
    std::int64_t step = 0;
    Json state = Json::object(); // optimizer, quantizers, positions, best so far, spec, offsets

    /// Copies the tensor. A name is added once.
    void add(const std::string& name, const Tensor& tensor);

    /// Throws Error naming the tensor and the file when absent or of another shape.
    const Tensor& tensor(const std::string& name, const Shape& shape) const;
    const Tensor* find(const std::string& name) const;
    const std::vector<std::pair<std::string, Tensor>>& tensors() const { return m_tensors; }

    /// Atomic: beside it, flushed, renamed. `additions` are keys put into the stored document (the
    /// offsets of a run's logs). Throws Error when the folder is full or read-only.
    void write(const std::filesystem::path& path, const Json& additions = Json::object()) const;

    /// Throws Error naming the file when it is truncated, damaged or not a checkpoint.
    static Checkpoint read(const std::filesystem::path& path);

private:
    std::string m_source = "checkpoint"; // named in errors
    std::vector<std::pair<std::string, Tensor>> m_tensors;
};

} // namespace stair
