#include "core/train/optimizer_state.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <algorithm>

namespace stair {

namespace {

std::string keyOf(const std::string& name, const std::string& kind)
{
    return concat("optimizer.", name, ".", kind);
}

} // namespace

const Json& optimizerState(const Checkpoint& checkpoint, const std::string& id)
{
    const auto entry = checkpoint.state.find("optimizer");
    const std::string found = entry == checkpoint.state.end() ? "none" : entry->value("id", "none");
    if (found != id)
        throw Error(concat("the checkpoint's optimizer is '", found, "', the run's is '", id,
                           "'; resume with the spec that the checkpoint was made with"));
    return *entry;
}

void saveTensors(Checkpoint& checkpoint, const std::vector<std::string>& names,
                 const std::string& kind, const std::vector<Tensor>& tensors)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        checkpoint.add(keyOf(names[i], kind), tensors[i]);
}

void loadTensors(const Checkpoint& checkpoint, const std::vector<std::string>& names,
                 const std::string& kind, std::vector<Tensor>& tensors, Missing missing)
{
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string key = keyOf(names[i], kind);
        if (missing == Missing::Zero && !checkpoint.find(key))
            continue;
        std::ranges::copy(checkpoint.tensor(key, tensors[i].shape()).values(), tensors[i].data());
    }
}

} // namespace stair
