#include "core/exchange/onnx_model.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/exchange/program_text.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <climits>

namespace stair {

namespace {

constexpr const char* formKey = "staircase.form";
constexpr const char* modelKey = "staircase.model";
constexpr const char* hashKey = "staircase.sha256";

void addText(onnx::ModelProto& proto, const char* key, const std::string& text)
{
    auto& entry = *proto.add_metadata_props();
    entry.set_key(key);
    entry.set_value(text);
}

/// The same message always gives the same bytes.
std::string serialized(const onnx::ModelProto& proto)
{
    std::string bytes;
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    const bool done = proto.SerializeToCodedStream(&coded);
    coded.Trim();
    if (!done || coded.HadError())
        throw Error("[onnx] the model is larger than an ONNX file may be (2 GiB)");
    return bytes;
}

/// Over the whole message without the hash itself.
std::string digest(const onnx::ModelProto& proto)
{
    onnx::ModelProto copy = proto;
    auto& texts = *copy.mutable_metadata_props();
    for (int i = texts.size() - 1; i >= 0; --i) {
        if (texts[i].key() == hashKey)
            texts.DeleteSubrange(i, 1);
    }
    const std::string bytes = serialized(copy);
    return sha256(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

/// The text of a key that stands there once.
std::string textOf(const onnx::ModelProto& proto, const char* key)
{
    std::string text;
    int count = 0;
    for (const auto& entry : proto.metadata_props()) {
        if (entry.key() == key) {
            text = entry.value();
            ++count;
        }
    }
    return count == 1 ? text : std::string();
}

} // namespace

void startModel(onnx::ModelProto& proto, const std::string& form, std::int64_t opset)
{
    proto.set_ir_version(opset > 17 ? 10 : 8);
    proto.set_producer_name("Staircase");
    auto& import = *proto.add_opset_import();
    import.set_domain("");
    import.set_version(opset);
    proto.mutable_graph()->set_name("staircase");
    addText(proto, formKey, form);
}

std::string finishModel(onnx::ModelProto& proto, const ShippedModel& model)
{
    const Json text = {{"program", programText(model.program)},
                       {"origin", model.origin.toJson()},
                       {"proof", proofJson(model.proof)}};
    addText(proto, modelKey, text.dump(-1, ' ', false, Json::error_handler_t::replace));
    addText(proto, hashKey, digest(proto));
    return serialized(proto);
}

onnx::ModelProto parseOnnx(const std::filesystem::path& path)
{
    const std::string bytes = readFile(path);
    onnx::ModelProto proto;
    if (bytes.size() > INT_MAX || !proto.ParseFromString(bytes) || !proto.has_graph())
        throw Error(concat("the ONNX file ", path.string(),
                           " is damaged or not an ONNX file; export it again"));
    return proto;
}

std::string onnxForm(const std::filesystem::path& path)
{
    return textOf(parseOnnx(path), formKey);
}

OnnxFile OnnxFile::read(const std::filesystem::path& path)
{
    const auto fail = [&](const char* what) {
        throw Error(
            concat("the ONNX file ", path.string(), " ", what, "; export it again from its run"));
    };
    OnnxFile file;
    file.proto = parseOnnx(path);
    file.form = textOf(file.proto, formKey);
    if (file.form.empty())
        fail("was not written by Staircase, or is damaged");
    try {
        file.model = parseJson(textOf(file.proto, modelKey), "its description");
    } catch (const Error&) {
        fail("is damaged: its description cannot be read");
    }
    file.isIntact = textOf(file.proto, hashKey) == digest(file.proto);
    return file;
}

} // namespace stair
