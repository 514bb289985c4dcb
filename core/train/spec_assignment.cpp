#include "core/train/experiment_spec.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <cstdlib>
#include <sstream>

namespace stair {

namespace fs = std::filesystem;

void assign(Json& spec, const std::string& assignment)
{
    const std::size_t equals = assignment.find('=');
    const std::string path = assignment.substr(0, equals);
    if (equals == std::string::npos || path.empty() || path.front() == '.' || path.back() == '.'
        || path.find("..") != std::string::npos)
        throw Error(concat("--set ", assignment,
                           ": write key=value, as in training.optimizer.learning_rate=0.1"));
    const std::string text = assignment.substr(equals + 1);
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded())
        value = text;

    Json* place = &spec;
    std::istringstream keys(path);
    for (std::string key; std::getline(keys, key, '.');) {
        if (place->is_null())
            *place = Json::object();
        if (!place->is_object())
            throw Error(concat("--set ", assignment, ": '", key, "' is asked of a ",
                               place->type_name(), ", which has no keys; see `stair list`"));
        place = &(*place)[key];
    }
    *place = std::move(value);
}

fs::path resolveDataPath(const std::string& path, const fs::path& folder)
{
    std::vector<fs::path> places;
    if (fs::path(path).is_absolute()) {
        places.emplace_back(path);
    } else {
        places.push_back(fs::absolute(folder / path));
        const char* data = std::getenv("STAIRCASE_DATA");
        if (data && *data)
            places.push_back(fs::absolute(fs::path(data) / path));
    }
    std::string tried;
    for (const fs::path& place : places) {
        std::error_code failure;
        if (fs::exists(place, failure))
            return place.lexically_normal();
        tried += concat(tried.empty() ? "" : ", ", place.lexically_normal().string());
    }
    throw Error(concat("data.path '", path, "' was not found; tried ", tried,
                       "; give its full path, or set STAIRCASE_DATA to the folder it is in"));
}

} // namespace stair
