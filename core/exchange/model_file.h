#pragma once

#include "core/exchange/shipped_model.h"

#include <filesystem>

namespace stair {

/// A model that can be read back: a packed file, or an ONNX file (".onnx") of ours in integers or in
/// QDQ form. Throws Error naming the file when it is none of these (onnx_import.h reads others'),
/// cannot be run, or (Refused) has been changed since it was written.
ShippedModel readModel(const std::filesystem::path& path, Damage damage = Damage::Refused);

/// Whether it is a packed or an ONNX file: a model, not a checkpoint.
bool isModelFile(const std::filesystem::path& path);

/// Whether it is an ONNX file that another program wrote. Throws Error for what is no ONNX file.
bool isForeignOnnx(const std::filesystem::path& path);

/// Whether readModel takes it for an ONNX file.
bool isOnnxFile(const std::filesystem::path& path);

} // namespace stair
