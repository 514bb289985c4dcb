#pragma once

#include "core/base/json.h"

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace stair {

/// One parameter of a network, data set, method, optimizer or schedule, described once: the setup
/// form, the command line, `stair list` and the spec's validation all read this row.
struct ParamSpec
{
    enum class Type
    {
        Integer,
        Real,
        Flag,
        Choice,
        Text
    };

    std::string name; // the key in specs: never rename
    std::string title; // shown to the user
    Type type = Type::Real;
    std::variant<double, bool, std::string> fallback;
    double least = 0; // Integer and Real
    double most = 0;
    std::vector<std::string> choices; // Choice
    std::string unit;
    std::string help; // one or two sentences, with the formula where there is one
    std::string source; // paper and equation, where there is one

    static ParamSpec integer(std::string name, std::string title, int fallback, int least, int most,
                             std::string help);
    static ParamSpec real(std::string name, std::string title, double fallback, double least,
                          double most, std::string help);
    static ParamSpec flag(std::string name, std::string title, bool fallback, std::string help);
    static ParamSpec choice(std::string name, std::string title, std::string fallback,
                            std::vector<std::string> choices, std::string help);
    static ParamSpec text(std::string name, std::string title, std::string fallback,
                          std::string help);
};

/// Values for a list of ParamSpecs: complete, typed, within range.
class ParamValues
{
public:
    ParamValues() = default;

    /// The defaults of `specs`.
    explicit ParamValues(const std::vector<ParamSpec>& specs);

    /// Reads the keys of `specs` from `reader`, defaults where absent; the caller finishes it.
    static ParamValues read(const std::vector<ParamSpec>& specs, ObjectReader& reader);

    int integer(const std::string& name) const;
    double real(const std::string& name) const;
    bool flag(const std::string& name) const;
    const std::string& text(const std::string& name) const;

    /// Every value, in the order of the specs.
    Json toJson() const;

private:
    using Value = std::variant<std::int64_t, double, bool, std::string>;
    const Value& at(const std::string& name) const;

    std::vector<std::pair<std::string, Value>> m_values;
};

/// The rows as JSON, for `stair list --json` and the window's forms.
Json describe(const std::vector<ParamSpec>& specs);

} // namespace stair
