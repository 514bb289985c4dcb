#include "core/data/dataset_cache.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/json.h"

#include <array>
#include <cstring>
#include <fstream>

namespace stair {

namespace fs = std::filesystem;

namespace {

// File: magic, SHA-256 of the header (hexadecimal), its length, the header (JSON), then for training
// and test set the pixels and the labels (16 bit). Raise the last digit of the magic when the layout
// or what a decoder gives changes.
constexpr std::string_view magic = "STAIRDS1";
constexpr std::size_t hashLength = 64;
constexpr std::uint64_t longestHeader = 1 << 24;

std::string hashOf(const std::string& text)
{
    return sha256(std::as_bytes(std::span(text)));
}

Json describeSet(const ImageSet& set)
{
    return {{"count", set.count()},
            {"height", set.height},
            {"width", set.width},
            {"channels", set.channels}};
}

/// An empty set of the size described; throws when the description is no good.
struct SetSize
{
    ImageSet set;
    std::uint64_t count = 0;

    explicit SetSize(const Json& json)
        : count(json.at("count").get<std::uint32_t>())
    {
        set.height = int(json.at("height").get<std::uint16_t>());
        set.width = int(json.at("width").get<std::uint16_t>());
        set.channels = int(json.at("channels").get<std::uint16_t>());
    }

    std::uint64_t bytes() const { return count * (set.imageBytes() + sizeof(std::uint16_t)); }

    void readFrom(std::istream& file)
    {
        set.pixels.resize(count * set.imageBytes());
        set.labels.resize(count);
        file.read(reinterpret_cast<char*>(set.pixels.data()), std::streamsize(set.pixels.size()));
        file.read(reinterpret_cast<char*>(set.labels.data()),
                  std::streamsize(count * sizeof(std::uint16_t)));
    }
};

std::optional<Dataset> readChecked(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::array<char, magic.size()> start{};
    std::string headerHash(hashLength, '\0');
    std::uint64_t headerSize = 0;
    file.read(start.data(), start.size());
    file.read(headerHash.data(), hashLength);
    file.read(reinterpret_cast<char*>(&headerSize), sizeof(headerSize));
    if (!file || std::string_view(start.data(), start.size()) != magic
        || headerSize > longestHeader)
        return std::nullopt;
    std::string text(headerSize, '\0');
    file.read(text.data(), std::streamsize(headerSize));
    if (!file || hashOf(text) != headerHash)
        return std::nullopt;
    const Json header = Json::parse(text);

    SetSize train(header.at("train"));
    SetSize test(header.at("test"));
    const std::uint64_t before = magic.size() + hashLength + sizeof(headerSize) + headerSize;
    if (fs::file_size(path) != before + train.bytes() + test.bytes())
        return std::nullopt;
    train.readFrom(file);
    test.readFrom(file);

    Dataset data;
    data.train = std::move(train.set);
    data.test = std::move(test.set);
    data.classNames = header.at("classNames").get<std::vector<std::string>>();
    data.mean = header.at("mean").get<std::vector<float>>();
    data.deviation = header.at("deviation").get<std::vector<float>>();
    data.hash = header.at("hash").get<std::string>();
    if (!file || contentHash(data) != data.hash)
        return std::nullopt;
    return data;
}

} // namespace

void writeCachedDataset(const fs::path& path, const Dataset& data)
{
    const Json header = {{"train", describeSet(data.train)}, {"test", describeSet(data.test)},
                         {"classNames", data.classNames},    {"mean", data.mean},
                         {"deviation", data.deviation},      {"hash", data.hash}};
    const std::string text = header.dump();
    const std::string headerHash = hashOf(text);
    const std::uint64_t headerSize = text.size();
    writeFileAtomically(path, [&](const AppendBytes& append) {
        append(std::as_bytes(std::span(magic)));
        append(std::as_bytes(std::span(headerHash)));
        append(std::as_bytes(std::span(&headerSize, 1)));
        append(std::as_bytes(std::span(text)));
        for (const ImageSet* set : {&data.train, &data.test}) {
            append(std::as_bytes(std::span(set->pixels)));
            append(std::as_bytes(std::span(set->labels)));
        }
    });
}

std::optional<Dataset> readCachedDataset(const fs::path& path)
{
    try {
        return readChecked(path);
    } catch (const Json::exception&) { // a damaged header
    } catch (const fs::filesystem_error&) { // gone in between
    }
    return std::nullopt;
}

Dataset openThroughCache(const CacheRequest& request, const std::function<Dataset()>& decode)
{
    std::error_code failure;
    if (request.cacheFolder.empty() || !fs::exists(request.source, failure))
        return decode();
    fs::create_directories(request.cacheFolder, failure);
    const std::string source = sourceKey(request.source, request.wanted, request.cacheFolder);
    const std::string key = concat(magic, '\n', request.kind, '\n', source);
    const fs::path copy
        = request.cacheFolder / concat("data-", hashOf(key).substr(0, 32), ".stair");
    if (std::optional<Dataset> data = readCachedDataset(copy))
        return std::move(*data);
    Dataset data = decode();
    try {
        writeCachedDataset(copy, data);
    } catch (const Error&) { // the next run decodes again
    }
    return data;
}

} // namespace stair
