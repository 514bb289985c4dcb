#include "core/cli/method_options.h"

#include "core/base/concat.h"
#include "core/base/error.h"

namespace stair {

ParamValues methodOptions(const MethodInfo& info, const std::vector<std::string>& rest)
{
    Json values = Json::object();
    for (std::size_t i = 0; i < rest.size(); i += 2) {
        if (!rest[i].starts_with("--") || i + 1 == rest.size())
            throw Error(concat("'", rest[i], "' is not --name value; the parameters of ", info.id,
                               " are listed by: stair list methods"));
        const Json value = Json::parse(rest[i + 1], nullptr, false);
        values[rest[i].substr(2)] = value.is_discarded() ? Json(rest[i + 1]) : value;
    }
    ObjectReader reader(values, concat("method ", info.id));
    ParamValues read = ParamValues::read(info.params, reader);
    reader.finish();
    return read;
}

void checkParams(const MethodInfo& info, const ParamValues& params, const Grid& grid)
{
    const auto fault = info.check ? info.check(params, grid) : std::nullopt;
    if (fault)
        throw Error(concat("--", fault->name, ": ", fault->text));
}

void checkBits(const MethodInfo& info, QuantizerKind kind, int bits)
{
    if (!info.quantizes())
        throw Error(concat("the method ", info.id, " does not quantize; choose another --method"));
    const auto [least, most] = info.bits(kind);
    if (bits < least || bits > most)
        throw Error(concat("--bits is ", bits, "; ", info.id, " takes ",
                           least == most ? concat(least) : concat(least, " to ", most), " for ",
                           kind == QuantizerKind::Weight ? "weights" : "activations"));
}

} // namespace stair
