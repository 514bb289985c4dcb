#include "core/exchange/export_formats.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/exchange/c_source.h"
#include "core/exchange/npz.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/onnx_qdq.h"
#include "core/exchange/packed_file.h"
#include "core/exchange/qonnx.h"

#include <algorithm>

namespace stair {

namespace {

std::string nothingRefused(const Program&)
{
    return {};
}

std::string onlyLogits(const ShippedModel& model)
{
    return encodeOnnxInteger(model, OnnxOutputs::Logits);
}

std::string qdqLogits(const ShippedModel& model)
{
    return encodeOnnxQdq(model);
}

std::string fixedRefusal(const Program& program)
{
    return cRefusal(program, CEpilogue::FixedPoint);
}

std::string fixedC(const ShippedModel& model)
{
    return encodeC(model, CEpilogue::FixedPoint);
}

std::string thresholdsRefusal(const Program& program)
{
    return cRefusal(program, CEpilogue::Thresholds);
}

std::string thresholdsC(const ShippedModel& model)
{
    return encodeC(model, CEpilogue::Thresholds);
}

} // namespace

// To add a format: its file, its names in CMake, and its row here.
const std::vector<ExportFormat>& exportFormats()
{
    static const std::vector<ExportFormat> table = {
        {"packed", "Packed integer model", ".stair",
         "The whole program in as many bits as its codes need, with its proof; this program reads "
         "it.",
         nothingRefused, encodePacked},
        {"onnx-integer", "ONNX, integer operations", ".onnx",
         "Exactly the program, in operations of standard ONNX: raw bytes in, logits out.",
         nothingRefused, onlyLogits},
        {"onnx-qdq", "ONNX, quantize and dequantize", ".qdq.onnx",
         "For other runtimes and compilers; their integers are not the program's.", qdqRefusal,
         qdqLogits},
        {"qonnx", "QONNX", ".qonnx.onnx",
         "Quant nodes of any width for FINN, Brevitas and hls4ml; near the program, not equal.",
         qonnxRefusal, encodeQonnx},
        {"c", "C source, fixed point", ".c",
         "One C99 file in integers alone, for machines without a float unit; each layer at most "
         "one level from the program's on equal inputs.",
         fixedRefusal, fixedC, true},
        {"c-thresholds", "C source, thresholds", ".c",
         "The same with comparisons in the place of multiplications: the program's codes exactly; "
         "no residual joins but those of quant.residual shared.",
         thresholdsRefusal, thresholdsC},
        {"npz", "NumPy arrays", ".npz",
         "Weights, scales and multipliers to look at or to go on with.", nothingRefused, encodeNpz},
    };
    return table;
}

const ExportFormat& exportFormat(const std::string& id)
{
    const auto found = std::ranges::find(exportFormats(), id, &ExportFormat::id);
    if (found != exportFormats().end())
        return *found;
    std::vector<std::string> known;
    for (const ExportFormat& format : exportFormats())
        known.push_back(format.id);
    throw Error(unknownName("export format", id, known));
}

} // namespace stair
