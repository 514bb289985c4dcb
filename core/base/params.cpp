#include "core/base/params.h"

#include "core/base/assert.h"
#include "core/base/concat.h"

#include <cmath>

namespace stair {

ParamSpec ParamSpec::integer(std::string name, std::string title, int fallback, int least, int most,
                             std::string help)
{
    ParamSpec spec;
    spec.name = std::move(name);
    spec.title = std::move(title);
    spec.type = Type::Integer;
    spec.fallback = double(fallback);
    spec.least = least;
    spec.most = most;
    spec.help = std::move(help);
    return spec;
}

ParamSpec ParamSpec::real(std::string name, std::string title, double fallback, double least,
                          double most, std::string help)
{
    ParamSpec spec;
    spec.name = std::move(name);
    spec.title = std::move(title);
    spec.type = Type::Real;
    spec.fallback = fallback;
    spec.least = least;
    spec.most = most;
    spec.help = std::move(help);
    return spec;
}

ParamSpec ParamSpec::flag(std::string name, std::string title, bool fallback, std::string help)
{
    ParamSpec spec;
    spec.name = std::move(name);
    spec.title = std::move(title);
    spec.type = Type::Flag;
    spec.fallback = fallback;
    spec.help = std::move(help);
    return spec;
}

ParamSpec ParamSpec::choice(std::string name, std::string title, std::string fallback,
                            std::vector<std::string> choices, std::string help)
{
    ParamSpec spec;
    spec.name = std::move(name);
    spec.title = std::move(title);
    spec.type = Type::Choice;
    spec.fallback = std::move(fallback);
    spec.choices = std::move(choices);
    spec.help = std::move(help);
    return spec;
}

ParamSpec ParamSpec::text(std::string name, std::string title, std::string fallback,
                          std::string help)
{
    ParamSpec spec;
    spec.name = std::move(name);
    spec.title = std::move(title);
    spec.type = Type::Text;
    spec.fallback = std::move(fallback);
    spec.help = std::move(help);
    return spec;
}

ParamValues::ParamValues(const std::vector<ParamSpec>& specs)
{
    static const Json empty = Json::object();
    ObjectReader reader(empty, "defaults");
    *this = read(specs, reader);
}

ParamValues ParamValues::read(const std::vector<ParamSpec>& specs, ObjectReader& reader)
{
    using Type = ParamSpec::Type;
    ParamValues values;
    for (const ParamSpec& spec : specs) {
        Value value;
        switch (spec.type) {
        case Type::Integer:
            value = reader.integer(spec.name, std::llround(std::get<double>(spec.fallback)),
                                   std::llround(spec.least), std::llround(spec.most));
            break;
        case Type::Real:
            value = reader.real(spec.name, std::get<double>(spec.fallback), spec.least, spec.most);
            break;
        case Type::Flag:
            value = reader.flag(spec.name, std::get<bool>(spec.fallback));
            break;
        case Type::Choice:
            value = reader.choice(spec.name, std::get<std::string>(spec.fallback), spec.choices);
            break;
        case Type::Text:
            value = reader.text(spec.name, std::get<std::string>(spec.fallback));
            break;
        }
        values.m_values.emplace_back(spec.name, std::move(value));
    }
    return values;
}

const ParamValues::Value& ParamValues::at(const std::string& name) const
{
    for (const auto& [key, value] : m_values) {
        if (key == name)
            return value;
    }
    throw InternalError(concat("parameter '", name, "' was never described"));
}

int ParamValues::integer(const std::string& name) const
{
    return static_cast<int>(std::get<std::int64_t>(at(name)));
}

double ParamValues::real(const std::string& name) const
{
    return std::get<double>(at(name));
}

bool ParamValues::flag(const std::string& name) const
{
    return std::get<bool>(at(name));
}

const std::string& ParamValues::text(const std::string& name) const
{
    return std::get<std::string>(at(name));
}

Json ParamValues::toJson() const
{
    Json json = Json::object();
    for (const auto& [key, value] : m_values)
        std::visit([&json, &key](const auto& v) { json[key] = v; }, value);
    return json;
}

Json describe(const std::vector<ParamSpec>& specs)
{
    using Type = ParamSpec::Type;
    Json rows = Json::array();
    for (const ParamSpec& spec : specs) {
        Json row = {{"name", spec.name}, {"title", spec.title}};
        const bool number = spec.type == Type::Integer || spec.type == Type::Real;
        if (spec.type == Type::Integer)
            row["default"] = std::llround(std::get<double>(spec.fallback));
        else
            std::visit([&row](const auto& v) { row["default"] = v; }, spec.fallback);
        static constexpr const char* names[] = {"integer", "real", "flag", "choice", "text"};
        row["type"] = names[static_cast<int>(spec.type)];
        if (number) {
            row["least"] = spec.least;
            row["most"] = spec.most;
        }
        if (!spec.choices.empty())
            row["choices"] = spec.choices;
        if (!spec.unit.empty())
            row["unit"] = spec.unit;
        row["help"] = spec.help;
        if (!spec.source.empty())
            row["source"] = spec.source;
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace stair
