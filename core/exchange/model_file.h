#pragma once

#include "core/exchange/shipped_model.h"

#include <filesystem>

namespace stair {

/// A model that can be read back: a packed file, or an integer ONNX file (".onnx"). Throws Error
/// naming the file when it is neither, cannot be run, or (Refused) has been changed since it was
/// written.
ShippedModel readModel(const std::filesystem::path& path, Damage damage = Damage::Refused);

/// Whether readModel takes it for an ONNX file.
bool isOnnxFile(const std::filesystem::path& path);

} // namespace stair
