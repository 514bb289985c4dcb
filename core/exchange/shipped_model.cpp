#include "core/exchange/shipped_model.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <algorithm>

namespace stair {

namespace {

constexpr int mostSamples = 1000; // that `stair export` takes
constexpr std::int64_t mostOfOneValue = std::int64_t(1) << 32; // over all samples
constexpr int mostLevels = 64; // of objects and lists in one another

bool isDeeper(const Json& json, int levels)
{
    return json.is_structured()
        && (levels == 0 || std::any_of(json.begin(), json.end(), [levels](const Json& part) {
                return isDeeper(part, levels - 1);
            }));
}

/// What is kept as it stands: copying and writing recurse.
const Json& shallow(const Json& json)
{
    if (isDeeper(json, mostLevels))
        throw Error("its origin is nested too deeply");
    return json;
}

int samplesFrom(const Json& json, const Program& program)
{
    const auto samples = json.get<std::int64_t>();
    if (samples < 1 || samples > mostSamples)
        throw Error(concat("its proof is over ", samples, " samples, not 1 to ", mostSamples));
    for (const ProgramValue& value : program.values) {
        if (value.shape.withImages(int(samples)).size() > mostOfOneValue)
            throw Error(
                concat("its proof is over ", samples, " samples, too many for '", value.name, "'"));
    }
    return int(samples);
}

} // namespace

Json Origin::toJson() const
{
    return {{"spec", spec},
            {"step", step},
            {"data_hash", dataHash},
            {"classes", classNames},
            {"versions", versions}};
}

Origin Origin::from(const Json& json)
{
    return {shallow(json.at("spec")), json.at("step").get<std::int64_t>(),
            json.at("data_hash").get<std::string>(),
            json.at("classes").get<std::vector<std::string>>(), shallow(json.at("versions"))};
}

Json proofJson(const Proof& proof)
{
    Json layers = Json::array();
    for (const Proof::Layer& layer : proof.layers)
        layers.push_back(Json::array({layer.content, layer.values}));
    return {{"samples", proof.samples}, {"layers", layers}};
}

Proof proofFrom(const Json& json, const Program& program)
{
    Proof proof;
    proof.samples = samplesFrom(json.at("samples"), program);
    for (const Json& layer : json.at("layers")) {
        const std::size_t i = proof.layers.size();
        const bool isLayer = i > 0 && i <= program.instructions.size();
        proof.layers.push_back({isLayer ? program.instructions[i - 1].name : "image",
                                layer.at(0).get<std::string>(),
                                layer.at(1).get<std::vector<std::string>>()});
    }
    return proof;
}

std::int64_t floatBytes(const Program& program)
{
    std::int64_t values = 0;
    for (const Instruction& in : program.instructions) {
        if (in.compute == Compute::Conv)
            values += in.conv.weightShape().size() + in.conv.outC;
    }
    return values * std::int64_t(sizeof(float));
}

} // namespace stair
