#include "core/session/race_record.h"

namespace stair {

Json RaceRecord::toJson() const
{
    return {{"title", title}, {"methods", methods}, {"seeds", seeds}};
}

std::optional<RaceRecord> RaceRecord::read(const Json& json)
{
    try {
        RaceRecord record{json.at("title"), json.at("methods"), json.at("seeds")};
        if (record.methods.empty() || record.seeds.empty())
            return std::nullopt;
        return record;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

} // namespace stair
