#include "core/train/checkpoint.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/safetensors.h"

#include <charconv>
#include <cstring>

namespace stair {

namespace {

constexpr StoredKind checkpointKind
    = {"staircase-checkpoint", 2, "checkpoint", "use another checkpoint"};

Tensor tensorOf(const StoredTensors& file, const StoredTensor& stored)
{
    const auto& dims = stored.shape;
    if (stored.dtype != "F32" || dims.size() != 4)
        file.fail("holds a tensor that is not a checkpoint's");
    Tensor tensor(Shape{int(dims[0]), int(dims[1]), int(dims[2]), int(dims[3])});
    if (tensor.size() > 0)
        std::memcpy(tensor.data(), stored.values.data(), stored.values.size());
    return tensor;
}

} // namespace

void Checkpoint::add(const std::string& name, const Tensor& tensor)
{
    require(!find(name), "a checkpoint's tensor names are unique");
    m_tensors.emplace_back(name, tensor.clone());
}

const Tensor* Checkpoint::find(const std::string& name) const
{
    for (const auto& [key, tensor] : m_tensors) {
        if (key == name)
            return &tensor;
    }
    return nullptr;
}

const Tensor& Checkpoint::tensor(const std::string& name, const Shape& shape) const
{
    const Tensor* found = find(name);
    if (!found)
        throw Error(concat("the ", m_source, " has no tensor '", name,
                           "': it belongs to another network; use one of this network"));
    if (found->shape() != shape)
        throw Error(concat("the ", m_source, " has ", toString(found->shape()), " values for '",
                           name, "', the network has ", toString(shape),
                           ": it belongs to another network; use one of this network"));
    return *found;
}

void Checkpoint::write(const std::filesystem::path& path, const Json& additions) const
{
    Json whole = state;
    whole.update(additions);
    std::vector<StoredTensor> stored;
    for (const auto& [name, tensor] : m_tensors) {
        const Shape& s = tensor.shape();
        stored.push_back({name, "F32", {s.n, s.h, s.w, s.c}, std::as_bytes(tensor.values())});
    }
    const Json texts = {{"step", std::to_string(step)},
                        {"state", whole.dump(-1, ' ', false, Json::error_handler_t::replace)}};
    StoredTensors::write(path, checkpointKind, texts, stored);
}

Checkpoint Checkpoint::read(const std::filesystem::path& path)
{
    const StoredTensors file = StoredTensors::read(path, checkpointKind);
    if (!file.isIntact())
        file.fail("is damaged: its checksum differs");
    Checkpoint checkpoint;
    checkpoint.m_source = concat("checkpoint ", path.string());
    for (const StoredTensor& stored : file.tensors())
        checkpoint.m_tensors.emplace_back(stored.name, tensorOf(file, stored));
    const std::string step = file.text("step");
    if (std::from_chars(step.data(), step.data() + step.size(), checkpoint.step).ec != std::errc())
        file.fail("is damaged");
    checkpoint.state = Json::parse(file.text("state"), nullptr, false);
    if (!checkpoint.state.is_object())
        file.fail("is damaged");
    return checkpoint;
}

} // namespace stair
