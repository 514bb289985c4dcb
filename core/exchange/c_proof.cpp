#include "core/exchange/c_proof.h"

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

/// Checksums of the layers' tables and steps: what follows their marks, up to the next one or the end
/// of tables or function.
std::vector<std::string> layerChecksums(std::string_view source, std::size_t layers)
{
    std::vector<std::string> texts(layers);
    std::istringstream lines{std::string(source)};
    int layer = -1;
    for (std::string line; std::getline(lines, line);) {
        if (const int next = layerOf(line); next >= 0)
            layer = next;
        else if (line == "}" || line.starts_with("/*"))
            layer = -1;
        else if (layer >= 0 && std::size_t(layer) < layers)
            texts[std::size_t(layer)] += line + "\n";
    }
    for (std::string& text : texts)
        text = hashOf(text).substr(0, checksumDigits);
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

Json headOf(std::string_view source)
{
    const std::size_t begin = source.find('{', source.find(headMark));
    return parseJson(source.substr(begin, source.find("*/", begin) - begin), "its head");
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
    const std::vector<std::string> texts = layerChecksums(body, proof.layers.size());
    std::ostringstream out;
    out << headMark << " Of each layer: its name, checksums of\n"
        << "   its text below, of the program's layer, and of its integers on the reference "
           "samples.\n"
        << "{\"form\": " << commentJson(form) << ", " << hashMark << std::string(hashDigits, '0')
        << "\",\n\"origin\": " << commentJson(model.origin.toJson())
        << ",\n\"program\": " << commentJson(programHash(proof))
        << ", \"samples\": " << proof.samples << ", \"layers\": [";
    for (std::size_t i = 0; i < proof.layers.size(); ++i) {
        const Proof::Layer& layer = proof.layers[i];
        out << (i > 0 ? ",\n" : "\n")
            << commentJson(Json::array({layer.name, texts[i], layer.content, layer.values}));
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
        const Json head = headOf(source);
        file.form = head.at("form").get<std::string>();
        file.origin = Origin::from(head.at("origin"));
        file.program = head.at("program").get<std::string>();
        file.proof.samples = head.at("samples").get<int>();
        const Json& layers = head.at("layers");
        const std::vector<std::string> texts = layerChecksums(source, layers.size());
        for (const Json& layer : layers) {
            const auto name = layer.at(0).get<std::string>();
            if (layer.at(1).get<std::string>() != texts[file.proof.layers.size()])
                file.changedLayers.push_back(name);
            file.proof.layers.push_back({name, layer.at(2).get<std::string>(),
                                         layer.at(3).get<std::vector<std::string>>()});
        }
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
