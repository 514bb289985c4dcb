#pragma once

#include "core/exchange/shipped_model.h"

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>

namespace stair {

// What all our ONNX files have: in metadata_props "staircase.form", "staircase.model" (the program's
// structure, its origin and its proof as JSON) and "staircase.sha256", over everything else.

/// Producer, opset and form ("integer" ...).
void startModel(onnx::ModelProto& proto, const std::string& form, std::int64_t opset);

/// Adds the texts and the hash; the whole file. The same model gives the same bytes.
std::string finishModel(onnx::ModelProto& proto, const ShippedModel& model);

/// Throws Error naming the file when it is no ONNX file.
onnx::ModelProto parseOnnx(const std::filesystem::path& path);

/// The form of a file of ours ("integer", "qdq" ...); empty for one made elsewhere.
std::string onnxForm(const std::filesystem::path& path);

/// A file of ours, read but for its tensors.
struct OnnxFile
{
    onnx::ModelProto proto;
    std::string form;
    Json model; // program, origin, proof
    bool isIntact = false; // the hash holds

    /// Throws Error naming the file when it is no ONNX file, or none of ours.
    static OnnxFile read(const std::filesystem::path& path);
};

} // namespace stair
