#include "core/exchange/shipped_model.h"

namespace stair {

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
    return {json.at("spec"), json.at("step").get<std::int64_t>(),
            json.at("data_hash").get<std::string>(),
            json.at("classes").get<std::vector<std::string>>(), json.at("versions")};
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
    proof.samples = json.at("samples").get<int>();
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
