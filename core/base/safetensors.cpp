#include "core/base/safetensors.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

namespace stair {

static_assert(std::endian::native == std::endian::little, "values are stored as they lie");

namespace {

constexpr std::size_t lengthBytes = 8;
constexpr const char* hashKey = "sha256";
constexpr const char* textsKey = "__metadata__";

std::string dumped(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::span<const std::byte> bytesOf(std::string_view text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// An object of strings. Copying and writing recurse, so nothing nested is let in.
bool isTexts(const Json& json)
{
    return json.is_object()
        && std::all_of(json.begin(), json.end(), [](const Json& text) { return text.is_string(); });
}

/// Over everything that a reader takes from the file.
std::string digest(Json texts, const std::vector<StoredTensor>& tensors)
{
    texts.erase(hashKey);
    Sha256 hash;
    hash.add(bytesOf(dumped(texts)));
    for (const StoredTensor& tensor : tensors) {
        const Json head = Json::array({tensor.name, tensor.dtype, tensor.shape});
        hash.add(bytesOf(dumped(head)));
        hash.add(tensor.values);
    }
    return hash.hex();
}

Json completed(const StoredKind& kind, const Json& texts, const std::vector<StoredTensor>& tensors)
{
    Json whole = {{"format", kind.format}, {"schema", std::to_string(kind.schema)}};
    whole.update(texts);
    whole[hashKey] = digest(whole, tensors);
    return whole;
}

/// The file's bytes before the values.
std::string headOf(const StoredKind& kind, const Json& texts,
                   const std::vector<StoredTensor>& tensors)
{
    Json header = {{textsKey, completed(kind, texts, tensors)}};
    std::size_t offset = 0;
    for (const StoredTensor& tensor : tensors) {
        const std::size_t end = offset + tensor.values.size();
        header[tensor.name] = {{"dtype", tensor.dtype},
                               {"shape", tensor.shape},
                               {"data_offsets", Json::array({offset, end})}};
        offset = end;
    }
    std::string head = dumped(header);
    head.append((lengthBytes - head.size() % lengthBytes) % lengthBytes, ' ');
    const std::uint64_t length = head.size();
    std::string all(lengthBytes, '\0');
    std::memcpy(all.data(), &length, lengthBytes);
    return all + head;
}

} // namespace

std::int64_t bytesOfType(const std::string& dtype)
{
    if (dtype == "U8" || dtype == "I8")
        return 1;
    if (dtype == "F32" || dtype == "I32")
        return 4;
    return dtype == "I64" ? 8 : 0;
}

std::string StoredTensors::encode(const StoredKind& kind, const Json& texts,
                                  const std::vector<StoredTensor>& tensors)
{
    std::string content = headOf(kind, texts, tensors);
    for (const StoredTensor& tensor : tensors)
        content.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size());
    return content;
}

void StoredTensors::write(const std::filesystem::path& path, const StoredKind& kind,
                          const Json& texts, const std::vector<StoredTensor>& tensors)
{
    const std::string head = headOf(kind, texts, tensors);
    writeFileAtomically(path, [&](const AppendBytes& append) {
        append(bytesOf(head));
        for (const StoredTensor& tensor : tensors)
            append(tensor.values);
    });
}

StoredTensors StoredTensors::read(const std::filesystem::path& path, const StoredKind& kind)
{
    StoredTensors file(path, kind);
    try {
        file.takeHeader();
    } catch (const Json::exception&) {
        file.fail("is damaged");
    }
    return file;
}

StoredTensors::StoredTensors(const std::filesystem::path& path, const StoredKind& kind)
    : m_kind(kind)
    , m_source(path.string())
{
    const std::string content = readFile(path);
    m_content.assign(content.begin(), content.end());
}

void StoredTensors::takeHeader()
{
    std::uint64_t length = 0;
    if (m_content.size() < lengthBytes)
        fail("is cut short");
    std::memcpy(&length, m_content.data(), lengthBytes);
    if (length > m_content.size() - lengthBytes)
        fail(concat("is cut short or not a ", m_kind.noun));
    m_valuesStart = lengthBytes + std::size_t(length);
    Json header;
    try {
        header = parseJson({m_content.data() + lengthBytes, std::size_t(length)}, "its header");
    } catch (const Error&) { // no object then
    }
    if (!header.is_object() || !header.contains(textsKey) || !isTexts(header[textsKey])
        || header[textsKey].value("format", std::string()) != m_kind.format)
        fail(concat("is not a Staircase ", m_kind.noun));
    m_texts = header[textsKey];
    const std::string schemaText = text("schema");
    int schema = 0;
    std::from_chars(schemaText.data(), schemaText.data() + schemaText.size(), schema);
    if (schema < 1)
        fail("is damaged");
    if (schema > m_kind.schema)
        fail("was written by a newer Staircase; update this program");
    if (schema < m_kind.schema)
        fail("was written by an earlier Staircase and cannot be read any more");
    takeTensors(header);
    m_isIntact = text(hashKey) == digest(m_texts, m_tensors);
}

void StoredTensors::takeTensors(const Json& header)
{
    const std::size_t available = m_content.size() - m_valuesStart;
    std::size_t next = 0;
    for (const auto& [name, entry] : header.items()) {
        if (name == textsKey)
            continue;
        StoredTensor tensor;
        tensor.name = name;
        tensor.dtype = entry.at("dtype").get<std::string>();
        tensor.shape = entry.at("shape").get<std::vector<std::int64_t>>();
        std::int64_t size = bytesOfType(tensor.dtype);
        if (size == 0)
            fail(concat("holds a tensor that is not a ", m_kind.noun, "'s"));
        for (const std::int64_t extent : tensor.shape) {
            if (extent < 0 || (extent > 0 && size > std::int64_t(available) / extent))
                fail("is cut short");
            size *= extent;
        }
        const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
        const auto end = entry.at("data_offsets").at(1).get<std::size_t>();
        if (begin != next || end > available || end < begin || end - begin != std::size_t(size))
            fail("is cut short or damaged");
        tensor.values
            = std::as_bytes(std::span(m_content)).subspan(m_valuesStart + begin, std::size_t(size));
        next = end;
        m_tensors.push_back(std::move(tensor));
    }
    if (next != available)
        fail("has bytes beyond its last tensor: it is damaged");
}

const StoredTensor* StoredTensors::find(const std::string& name) const
{
    const auto found = std::ranges::find(m_tensors, name, &StoredTensor::name);
    return found == m_tensors.end() ? nullptr : &*found;
}

std::string StoredTensors::text(const std::string& key) const
{
    if (!m_texts.contains(key) || !m_texts.at(key).is_string())
        fail("is damaged");
    return m_texts.at(key).get<std::string>();
}

void StoredTensors::fail(const std::string& what) const
{
    throw Error(concat("the ", m_kind.noun, " ", m_source, " ", what, "; ", m_kind.remedy));
}

} // namespace stair
