#include "core/base/json.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/names.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace stair {

Json parseJson(std::string_view text, const std::string& sourceName)
{
    // nlohmann keeps the last of two equal keys without a word.
    std::vector<std::set<std::string>> keys;
    std::string twice;
    // Copying and writing recurse, and so does reading where an object grows.
    constexpr int mostLevels = 200;
    const auto watch = [&](int level, Json::parse_event_t event, Json& parsed) {
        if (level > mostLevels)
            throw Error(concat(sourceName, ": is nested too deeply; ", mostLevels,
                               " levels are read"));
        if (event == Json::parse_event_t::object_start)
            keys.emplace_back();
        else if (event == Json::parse_event_t::object_end)
            keys.pop_back();
        else if (event == Json::parse_event_t::key
                 && !keys.back().insert(parsed.get<std::string>()).second && twice.empty())
            twice = parsed.get<std::string>();
        return true;
    };
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        throw Error(concat(sourceName, ": is empty; it must be a JSON document"));
    try {
        Json json = Json::parse(text, watch);
        if (!twice.empty())
            throw Error(concat(sourceName, ": the key '", twice, "' stands twice in one object"));
        return json;
    } catch (const Json::parse_error& error) {
        const std::size_t end = std::min<std::size_t>(error.byte, text.size());
        const auto line = 1 + std::count(text.begin(), text.begin() + std::ptrdiff_t(end), '\n');
        throw Error(concat(sourceName, ": line ", line,
                           ": not valid JSON (which has no comments); check the commas, quotes and "
                           "braces there"));
    }
}

Json readJsonFile(const std::filesystem::path& path)
{
    return parseJson(readFile(path), path.string());
}

ObjectReader::ObjectReader(const Json& json, std::string source, std::string place)
    : m_json(&json)
    , m_source(std::move(source))
    , m_place(std::move(place))
{
    if (!json.is_object())
        throw Error(concat(m_source, ": ", m_place.empty() ? "the document" : m_place,
                           " must be an object in braces, not ", json.type_name()));
}

std::string ObjectReader::placeOf(const std::string& key) const
{
    return m_place.empty() ? key : m_place + "." + key;
}

void ObjectReader::fail(const std::string& key, const std::string& what) const
{
    throw Error(concat(m_source, ": ", placeOf(key), " ", what));
}

const Json* ObjectReader::find(const std::string& key)
{
    if (std::ranges::find(m_known, key) == m_known.end())
        m_known.push_back(key);
    const auto entry = m_json->find(key);
    return entry == m_json->end() ? nullptr : &*entry;
}

bool ObjectReader::has(const std::string& key)
{
    return find(key) != nullptr;
}

const Json* ObjectReader::raw(const std::string& key)
{
    return find(key);
}

std::int64_t ObjectReader::integer(const std::string& key, std::int64_t fallback,
                                   std::int64_t least, std::int64_t most)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    const bool whole = value->is_number_integer()
        || (value->is_number_float() && std::floor(value->get<double>()) == value->get<double>()
            && std::abs(value->get<double>()) < 9e15);
    if (!whole)
        fail(key, concat("must be a whole number, not ", value->dump()));
    const auto number = value->is_number_float() ? static_cast<std::int64_t>(value->get<double>())
                                                 : value->get<std::int64_t>();
    const bool tooLarge = value->is_number_unsigned() && number < 0; // beyond 63 bits
    if (number < least || number > most || tooLarge)
        fail(key, concat("is ", value->dump(), "; it must be from ", least, " to ", most));
    return number;
}

double ObjectReader::real(const std::string& key, double fallback, double least, double most)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (!value->is_number())
        fail(key, concat("must be a number, not ", value->dump()));
    const double number = value->get<double>();
    if (!(number >= least && number <= most))
        fail(key, concat("is ", value->dump(), "; it must be from ", least, " to ", most));
    return number;
}

bool ObjectReader::flag(const std::string& key, bool fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (!value->is_boolean())
        fail(key, concat("must be true or false, not ", value->dump()));
    return value->get<bool>();
}

std::string ObjectReader::text(const std::string& key, const std::string& fallback)
{
    const Json* value = find(key);
    if (!value)
        return fallback;
    if (!value->is_string())
        fail(key, concat("must be a text in quotes, not ", value->dump()));
    return value->get<std::string>();
}

std::string ObjectReader::choice(const std::string& key, const std::string& fallback,
                                 const std::vector<std::string>& choices)
{
    std::string chosen = text(key, fallback);
    if (std::ranges::find(choices, chosen) == choices.end())
        fail(key, concat("has an ", unknownName("value", chosen, choices)));
    return chosen;
}

ObjectReader ObjectReader::object(const std::string& key)
{
    static const Json empty = Json::object();
    const Json* value = find(key);
    return {value ? *value : empty, m_source, placeOf(key)};
}

std::vector<ObjectReader> ObjectReader::objects(const std::string& key)
{
    std::vector<ObjectReader> readers;
    const Json* value = find(key);
    if (!value || value->is_null())
        return readers;
    if (!value->is_array())
        fail(key, "must be a list of objects");
    for (std::size_t i = 0; i < value->size(); ++i)
        readers.push_back({(*value)[i], m_source, concat(placeOf(key), "[", i, "]")});
    return readers;
}

void ObjectReader::finish() const
{
    for (const auto& [key, value] : m_json->items()) {
        if (std::ranges::find(m_known, key) != m_known.end())
            continue;
        const std::string where = m_place.empty() ? "at the top level" : "in " + m_place;
        throw Error(concat(m_source, ": ", unknownName("key", key, m_known), " (", where, ")"));
    }
}

} // namespace stair
