#include "core/train/checkpoint.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"

#include <bit>
#include <cstring>
#include <span>

namespace stair {

static_assert(std::endian::native == std::endian::little, "values are stored as they lie");

namespace {

constexpr const char* formatName = "staircase-checkpoint";
constexpr int currentSchema = 1;
constexpr std::size_t lengthBytes = 8;

std::span<const std::byte> bytesOf(std::string_view text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// Over everything that a restored run reads.
std::string digest(std::int64_t step, const std::string& state,
                   const std::vector<std::pair<std::string, Tensor>>& tensors)
{
    Sha256 hash;
    hash.add(bytesOf(concat(step, "\n", state, "\n")));
    for (const auto& [name, tensor] : tensors) {
        hash.add(bytesOf(concat(name, " ", toString(tensor.shape()), "\n")));
        hash.add(std::as_bytes(tensor.values()));
    }
    return hash.hex();
}

Json headerOf(const std::vector<std::pair<std::string, Tensor>>& tensors)
{
    Json header = Json::object();
    std::int64_t offset = 0;
    for (const auto& [name, tensor] : tensors) {
        const Shape& s = tensor.shape();
        const std::int64_t end = offset + tensor.size() * std::int64_t(sizeof(float));
        header[name] = {{"dtype", "F32"},
                        {"shape", Json::array({s.n, s.h, s.w, s.c})},
                        {"data_offsets", Json::array({offset, end})}};
        offset = end;
    }
    return header;
}

/// Takes a stored file apart. Every complaint names the file and says what to do about it.
class Reading
{
public:
    explicit Reading(const std::filesystem::path& path)
        : m_source(path.string())
        , m_content(readFile(path))
    {
        std::uint64_t length = 0;
        if (m_content.size() < lengthBytes)
            fail("is cut short");
        std::memcpy(&length, m_content.data(), lengthBytes);
        if (length > m_content.size() - lengthBytes)
            fail("is cut short or not a checkpoint");
        m_values = lengthBytes + std::size_t(length);
    }

    Json header() const
    {
        const std::string_view text
            = std::string_view(m_content).substr(lengthBytes, m_values - lengthBytes);
        Json json = Json::parse(text, nullptr, false);
        if (!json.is_object() || !json.contains("__metadata__")
            || json["__metadata__"].value("format", std::string()) != formatName)
            fail("is not a Staircase checkpoint");
        const int schema = std::stoi(json["__metadata__"].value("schema", std::string("0")));
        if (schema < 1)
            fail("is damaged");
        if (schema > currentSchema)
            fail("was written by a newer Staircase; update this program");
        return json;
    }

    /// The tensor of one header entry, whose values must start where the last one's ended.
    Tensor tensor(const Json& entry)
    {
        const Json& dims = entry.at("shape");
        if (entry.at("dtype") != "F32" || dims.size() != 4)
            fail("holds a tensor that is not a checkpoint's");
        std::int64_t size = sizeof(float);
        for (const Json& dim : dims) {
            const auto extent = dim.get<std::int64_t>();
            if (extent < 0 || (extent > 0 && size > std::int64_t(m_content.size()) / extent))
                fail("is cut short");
            size *= extent;
        }
        const Shape shape{dims[0].get<int>(), dims[1].get<int>(), dims[2].get<int>(),
                          dims[3].get<int>()};
        const auto begin = entry.at("data_offsets").at(0).get<std::int64_t>();
        const auto end = entry.at("data_offsets").at(1).get<std::int64_t>();
        if (begin != m_next || end - begin != size
            || m_values + std::size_t(end) > m_content.size())
            fail("is cut short or damaged");
        Tensor tensor(shape);
        if (size > 0)
            std::memcpy(tensor.data(), m_content.data() + m_values + begin, std::size_t(size));
        m_next = end;
        return tensor;
    }

    void finish() const
    {
        if (m_values + std::size_t(m_next) != m_content.size())
            fail("has bytes beyond its last tensor: it is damaged");
    }

    [[noreturn]] void fail(const std::string& what) const
    {
        throw Error(concat("the checkpoint ", m_source, " ", what, "; use another checkpoint"));
    }

private:
    std::string m_source;
    std::string m_content;
    std::size_t m_values = 0; // where the values begin
    std::int64_t m_next = 0; // where the next tensor must begin, from there
};

} // namespace

void Checkpoint::add(const std::string& name, const Tensor& tensor)
{
    require(!find(name), "a checkpoint's tensor names are unique");
    m_tensors.emplace_back(name, tensor.clone());
}

const Tensor* Checkpoint::find(const std::string& name) const
{
    for (const auto& [key, tensor] : m_tensors) {
        if (key == name)
            return &tensor;
    }
    return nullptr;
}

const Tensor& Checkpoint::tensor(const std::string& name, const Shape& shape) const
{
    const Tensor* found = find(name);
    if (!found)
        throw Error(concat("the ", m_source, " has no tensor '", name,
                           "': it belongs to another network; use one of this network"));
    if (found->shape() != shape)
        throw Error(concat("the ", m_source, " has ", toString(found->shape()), " values for '",
                           name, "', the network has ", toString(shape),
                           ": it belongs to another network; use one of this network"));
    return *found;
}

void Checkpoint::write(const std::filesystem::path& path, const Json& additions) const
{
    Json whole = state;
    whole.update(additions);
    const std::string text = whole.dump(-1, ' ', false, Json::error_handler_t::replace);
    Json header = {{"__metadata__",
                    {{"format", formatName},
                     {"schema", std::to_string(currentSchema)},
                     {"step", std::to_string(step)},
                     {"sha256", digest(step, text, m_tensors)},
                     {"state", text}}}};
    header.update(headerOf(m_tensors));
    std::string head = header.dump(-1, ' ', false, Json::error_handler_t::replace);
    head.append((lengthBytes - head.size() % lengthBytes) % lengthBytes, ' ');
    const std::uint64_t length = head.size();
    writeFileAtomically(path, [&](const AppendBytes& append) {
        append(std::as_bytes(std::span(&length, 1)));
        append(bytesOf(head));
        for (const auto& [name, tensor] : m_tensors)
            append(std::as_bytes(tensor.values()));
    });
}

Checkpoint Checkpoint::read(const std::filesystem::path& path)
{
    Reading reading(path);
    Checkpoint checkpoint;
    checkpoint.m_source = concat("checkpoint ", path.string());
    try {
        const Json header = reading.header();
        for (const auto& [name, entry] : header.items()) {
            if (name != "__metadata__")
                checkpoint.m_tensors.emplace_back(name, reading.tensor(entry));
        }
        reading.finish();
        const Json& metadata = header.at("__metadata__");
        const auto text = metadata.at("state").get<std::string>();
        checkpoint.step = std::stoll(metadata.at("step").get<std::string>());
        checkpoint.state = Json::parse(text);
        if (metadata.at("sha256") != digest(checkpoint.step, text, checkpoint.m_tensors))
            reading.fail("is damaged: its checksum differs");
    } catch (const Json::exception&) {
        reading.fail("is damaged");
    } catch (const std::logic_error&) { // std::stoi and std::stoll
        reading.fail("is damaged");
    }
    return checkpoint;
}

} // namespace stair
