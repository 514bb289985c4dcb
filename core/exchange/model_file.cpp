#include "core/exchange/model_file.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/onnx_model.h"
#include "core/exchange/onnx_qdq.h"
#include "core/exchange/packed_file.h"

namespace stair {

bool isOnnxFile(const std::filesystem::path& path)
{
    return path.extension() == ".onnx";
}

bool isForeignOnnx(const std::filesystem::path& path)
{
    return isOnnxFile(path) && onnxForm(path).empty();
}

bool isModelFile(const std::filesystem::path& path)
{
    return isOnnxFile(path) || isPackedFile(path);
}

ShippedModel readModel(const std::filesystem::path& path, Damage damage)
{
    if (!isOnnxFile(path))
        return readPacked(path, damage);
    const std::string form = onnxForm(path);
    if (form.empty())
        throw Error(concat("the ONNX file ", path.string(),
                           " was not written by Staircase and does not say what data it is for; "
                           "`stair eval` takes it with --data"));
    return form == "qdq" ? readOnnxQdq(path) : readOnnxInteger(path, damage);
}

} // namespace stair
