#include "core/exchange/c_proof.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace stair {

namespace {

constexpr std::string_view headMark = "/* Origin and proof, for `stair verify`.";
constexpr std::string_view layerMark = "/* layer ";
constexpr std::string_view hashMark = "\"sha256\": \"";
constexpr std::size_t hashDigits = 64, checksumDigits = 16;

std::string hashOf(std::string_view text)
{
    return sha256(std::as_bytes(std::span(text.data(), text.size())));
}

/// One line that may stand in a comment of C: a slash beside a star is written as its number.
std::string commentJson(const Json& json)
{
    std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    const std::pair<const char*, const char*> marks[] = {{"/*", "\\u002f*"}, {"*/", "*\\u002f"}};
    for (const auto& [mark, instead] : marks)
        for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;)
            text.replace(at, 2, instead);
    return text;
}

/// Number of the layer whose mark the line is; -1 for another line.
int layerOf(std::string_view line)
{
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    int layer = -1;
    if (line.starts_with(layerMark))
        std::from_chars(line.data() + layerMark.size(), line.data() + line.size(), layer);
    return layer;
}

/// Checksums of what stands behind the head.
struct Texts
{
    std::vector<std::string> layers; // as many as are marked
    std::string functions; // all between the layers
};

/// A layer's tables and steps are what follows its marks, up to the next one or the end of tables or
/// function. Layers are marked in order.
Texts textsOf(std::string_view body)
{
    Texts texts;
    std::istringstream lines{std::string(body)};
    int layer = -1;
    for (std::string line; std::getline(lines, line);) {
        const int next = layerOf(line);
        if (next >= 0 && std::size_t(next) <= texts.layers.size()) {
            layer = next;
            texts.layers.resize(std::max(texts.layers.size(), std::size_t(next) + 1));
            continue;
        }
        if (line == "}" || line.starts_with("/*"))
            layer = -1;
        (layer < 0 ? texts.functions : texts.layers[std::size_t(layer)]) += line + "\n";
    }
    const auto shorten = [](std::string& whole) {
        whole = hashOf(whole).substr(0, checksumDigits);
    };
    std::ranges::for_each(texts.layers, shorten);
    shorten(texts.functions);
    return texts;
}

/// Where the digits of the file's own hash begin.
std::size_t hashPlace(std::string_view source)
{
    const std::size_t head = source.find(headMark);
    const std::size_t mark
        = head == std::string_view::npos ? head : source.find(hashMark, head + headMark.size());
    const bool isThere
        = mark != std::string_view::npos && source.size() >= mark + hashMark.size() + hashDigits;
    return isThere ? mark + hashMark.size() : std::string_view::npos;
}

std::string withoutHash(std::string source)
{
    return source.replace(hashPlace(source), hashDigits, hashDigits, '0');
}

/// The head's JSON, and what stands behind its comment.
struct Parts
{
    Json head;
    std::string_view body;
};

Parts partsOf(std::string_view source)
{
    const std::size_t begin = source.find('{', source.find(headMark));
    const std::size_t end = source.find("*/\n", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos)
        throw Error("its head does not end");
    return {parseJson(source.substr(begin, end - begin), "its head"), source.substr(end + 3)};
}

int samplesOf(const Json& head)
{
    constexpr std::uint64_t most = 1 << 20;
    const Json& samples = head.at("samples");
    const auto count = samples.is_number_unsigned() ? samples.get<std::uint64_t>() : 0;
    if (count < 1 || count > most)
        throw Error("its number of samples is none");
    return int(count);
}

} // namespace

std::string cLayerMark(std::size_t layer, const std::string& name)
{
    std::string shown = name;
    std::ranges::replace(shown, '/', '|'); // a comment must not end or begin in it
    std::ranges::replace(shown, '\n', ' ');
    return concat(layerMark, layer, ": ", shown, " */\n");
}

std::string cProofComment(const ShippedModel& model, const std::string& form, const Proof& proof,
                          std::string_view body)
{
    const Texts texts = textsOf(body);
    require(texts.layers.size() == proof.layers.size(), "a C file marks each layer");
    std::ostringstream out;
    out << headMark << " Of each layer: its name, checksums of\n"
        << "   its text below, of the program's layer, and of its integers on the reference "
           "samples.\n"
        << "{\"form\": " << commentJson(form) << ", " << hashMark << std::string(hashDigits, '0')
        << "\",\n\"origin\": " << commentJson(model.origin.toJson())
        << ",\n\"program\": " << commentJson(programHash(proof))
        << ", \"samples\": " << proof.samples
        << ",\n\"functions\": " << commentJson(texts.functions) << ", \"layers\": [";
    for (std::size_t i = 0; i < proof.layers.size(); ++i) {
        const Proof::Layer& layer = proof.layers[i];
        out << (i > 0 ? ",\n" : "\n")
            << commentJson(Json::array({layer.name, texts.layers[i], layer.content, layer.values}));
    }
    out << "]}\n*/\n";
    return out.str();
}

std::string sealC(std::string source)
{
    const std::string hash = hashOf(withoutHash(source));
    return source.replace(hashPlace(source), hashDigits, hash);
}

CFile CFile::read(const std::filesystem::path& path)
{
    const std::string source = readFile(path);
    const auto fail = [&](const char* what) {
        throw Error(concat("the C file ", path.string(), " ", what, "; export it again"));
    };
    if (hashPlace(source) == std::string::npos)
        fail("has no proof at its head: Staircase did not write it, or another release did");
    CFile file;
    try {
        const auto [head, body] = partsOf(source);
        file.form = head.at("form").get<std::string>();
        file.origin = Origin::from(head.at("origin"));
        file.program = head.at("program").get<std::string>();
        file.proof.samples = samplesOf(head);
        const Json& layers = head.at("layers");
        const Texts texts = textsOf(body);
        if (layers.empty() || layers.size() != texts.layers.size())
            throw Error("its head tells of other layers than there are");
        file.functionsChanged = head.at("functions").get<std::string>() != texts.functions;
        for (const Json& layer : layers) {
            const auto name = layer.at(0).get<std::string>();
            if (layer.at(1).get<std::string>() != texts.layers[file.proof.layers.size()])
                file.changedLayers.push_back(name);
            file.proof.layers.push_back({name, layer.at(2).get<std::string>(),
                                         layer.at(3).get<std::vector<std::string>>()});
        }
        if (file.program != programHash(file.proof))
            throw Error("its program is not that of its layers");
    } catch (const Json::exception&) {
        fail("is damaged: its head cannot be read");
    } catch (const Error& error) {
        fail(concat("is damaged: ", error.what()).c_str());
    }
    const std::string hash = source.substr(hashPlace(source), hashDigits);
    file.isIntact = hash == hashOf(withoutHash(source));
    return file;
}

} // namespace stair
