#include "core/quant/quant_spec.h"

#include "core/base/concat.h"
#include "core/quant/methods.h"

#include <algorithm>

namespace stair {

namespace {

const std::vector<std::string> endNames = {"8bit", "float", "same"}; // in the order of EndPolicy
const std::vector<std::string> residualNames = {"codes8", "float"}; // of ResidualPolicy

const MethodInfo& readMethod(ObjectReader& reader, const std::string& fallback)
{
    std::vector<std::string> ids;
    for (const MethodInfo& info : methods())
        ids.push_back(info.id);
    return method(reader.choice("method", fallback, ids));
}

/// A width that the method can do, or float. Left out: 8, or as near to it as the method gets.
int readBits(ObjectReader& reader, const MethodInfo& info)
{
    const int least = info.leastBits, most = info.mostBits;
    constexpr std::int64_t any = 1000000000;
    const auto bits = int(reader.integer("bits", std::clamp(8, least, most), -any, any));
    if (bits != floatBits && !info.quantizes())
        reader.fail("bits",
                    concat("is ", bits, ", but '", info.id,
                           "' quantizes nothing; leave it out or choose another quant.method"));
    if (bits != floatBits && (bits < least || bits > most))
        reader.fail("bits",
                    concat("is ", bits, "; '", info.id, "' takes ", least, " to ", most, ", or ",
                           floatBits, " for float"));
    return bits;
}

EndPolicy readEnd(ObjectReader& reader, const std::string& key, EndPolicy fallback)
{
    const std::string name = reader.choice(key, endNames[std::size_t(fallback)], endNames);
    return EndPolicy(std::ranges::find(endNames, name) - endNames.begin());
}

/// Accepts the key only with the value that works today.
void readFuture(ObjectReader& reader, const std::string& key, const std::string& today,
                const std::vector<std::string>& future)
{
    const std::string value = reader.text(key, today);
    if (std::ranges::find(future, value) != future.end())
        reader.fail(key, concat("'", value, "' is not available yet; write '", today, "'"));
}

/// Refuses what later versions will read here.
void refuseContent(ObjectReader& reader, const std::string& key)
{
    const Json* value = reader.raw(key);
    if (value && !value->empty())
        reader.fail(key, "is not available yet; leave it out");
}

ResidualPolicy readResidual(ObjectReader& reader)
{
    readFuture(reader, "residual", residualNames[0], {"shared"});
    const std::string name = reader.choice("residual", residualNames[0], residualNames);
    return ResidualPolicy(std::ranges::find(residualNames, name) - residualNames.begin());
}

} // namespace

QuantSpec QuantSpec::read(ObjectReader reader)
{
    QuantSpec spec;
    const MethodInfo& info = readMethod(reader, spec.method);
    spec.method = info.id;
    ObjectReader params = reader.object("params");
    spec.params = ParamValues::read(info.params, params);
    params.finish();

    ObjectReader weights = reader.object("weights");
    spec.weightBits = readBits(weights, info);
    spec.perChannel = weights.choice("per", "tensor", {"tensor", "channel"}) == "channel";
    weights.finish();
    ObjectReader activations = reader.object("activations");
    spec.activationBits = readBits(activations, info);
    activations.finish();
    ObjectReader gradients = reader.object("gradients");
    if (gradients.integer("bits", floatBits, 1, floatBits) != floatBits)
        gradients.fail("bits", "below 32 is not available yet; write 32 or leave it out");
    gradients.finish();

    spec.first = readEnd(reader, "first", spec.first);
    spec.last = readEnd(reader, "last", spec.last);
    spec.residual = readResidual(reader);
    readFuture(reader, "epilogue", "float", {"fixed", "thresholds"});
    reader.choice("epilogue", "float", {"float"});
    refuseContent(reader, "layers");
    refuseContent(reader, "schedule");
    reader.finish();
    return spec;
}

Json QuantSpec::toJson() const
{
    return {{"method", method},
            {"params", params.toJson()},
            {"weights", {{"bits", weightBits}, {"per", perChannel ? "channel" : "tensor"}}},
            {"activations", {{"bits", activationBits}}},
            {"gradients", {{"bits", floatBits}}},
            {"first", endNames[std::size_t(first)]},
            {"last", endNames[std::size_t(last)]},
            {"residual", residualNames[std::size_t(residual)]},
            {"epilogue", "float"}};
}

} // namespace stair
