#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace stair {

/// Keys keep the order in which they were written, so that files can be compared line by line.
using Json = nlohmann::ordered_json;

/// Throws Error naming the source, the line and what is wrong there.
Json parseJson(std::string_view text, const std::string& sourceName);
Json readJsonFile(const std::filesystem::path& path);

/// Reads one JSON object key by key and refuses what nobody asked for. Every error names the
/// place as "spec.json: training.optimizer.lr". The object must outlive the reader.
class ObjectReader
{
public:
    /// `place` is the path shown in errors; throws Error when `json` is not an object.
    ObjectReader(const Json& json, std::string source, std::string place = {});

    bool has(const std::string& key);
    std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t least,
                         std::int64_t most);
    double real(const std::string& key, double fallback, double least, double most);
    bool flag(const std::string& key, bool fallback);
    std::string text(const std::string& key, const std::string& fallback);
    std::string choice(const std::string& key, const std::string& fallback,
                       const std::vector<std::string>& choices);

    /// The value as it stands, or null when absent; the key counts as asked for.
    const Json* raw(const std::string& key);

    /// A nested object; an absent key reads as an empty one.
    ObjectReader object(const std::string& key);

    /// The objects of a list; an absent key or null reads as an empty one.
    std::vector<ObjectReader> objects(const std::string& key);

    /// Throws Error when a key was never asked for, naming the nearest one that was.
    void finish() const;

    [[noreturn]] void fail(const std::string& key, const std::string& what) const;

private:
    const Json* find(const std::string& key);
    std::string placeOf(const std::string& key) const;

    const Json* m_json;
    std::string m_source;
    std::string m_place;
    std::vector<std::string> m_known;
};

} // namespace stair
