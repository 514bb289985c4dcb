#pragma once

#include "core/train/checkpoint.h"
#include "core/train/optimizers.h"

#include <string>
#include <vector>

namespace stair {

/// Parameters smaller than this are updated by one thread: starting the others costs more.
inline constexpr std::int64_t serialBelow = 16384;

/// The document's "optimizer" object; throws Error when the checkpoint was made with another one.
const Json& optimizerState(const Checkpoint& checkpoint, const std::string& id);

/// Per-parameter state under "optimizer.NAME.KIND".
void saveTensors(Checkpoint& checkpoint, const std::vector<std::string>& names,
                 const std::string& kind, const std::vector<Tensor>& tensors);
void loadTensors(const Checkpoint& checkpoint, const std::vector<std::string>& names,
                 const std::string& kind, std::vector<Tensor>& tensors, Missing missing);

} // namespace stair
