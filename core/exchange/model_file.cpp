#include "core/exchange/model_file.h"

#include "core/exchange/onnx_integer.h"
#include "core/exchange/packed_file.h"

namespace stair {

bool isOnnxFile(const std::filesystem::path& path)
{
    return path.extension() == ".onnx";
}

ShippedModel readModel(const std::filesystem::path& path, Damage damage)
{
    return isOnnxFile(path) ? readOnnxInteger(path, damage) : readPacked(path, damage);
}

} // namespace stair
