#pragma once

#include "core/exchange/shipped_model.h"

#include <filesystem>
#include <string>

namespace stair {

/// The packed file (README, "The packed file"): a safetensors file whose tensor "model.json" is the
/// program's structure, its origin and its proof as text; "<layer>.weight" are codes of as many bits
/// as their levels need (code_packing.h), or f32; "multipliers" each layer's m and b, in order;
/// "image.codes" and "image.table" what the image's bytes turn into.
std::string encodePacked(const ShippedModel& model);

/// Throws Error naming the file when it is no packed file, cannot be run, or (Refused) has been
/// changed since it was written.
ShippedModel readPacked(const std::filesystem::path& path, Damage damage = Damage::Refused);

/// Whether the file says of itself that it is one.
bool isPackedFile(const std::filesystem::path& path);

} // namespace stair
