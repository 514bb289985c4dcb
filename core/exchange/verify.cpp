#include "core/exchange/verify.h"

#include "core/exchange/model_file.h"
#include "core/exchange/onnx_integer.h"

namespace stair {

namespace {

std::int64_t countIntegers(const Program& program, const Proof& proof)
{
    std::int64_t integers = 0;
    const auto add = [&](const std::vector<int>& ids, const Proof::Layer& layer) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const ProgramValue& value = program.values[std::size_t(ids[i])];
            if (!value.isFloat && !layer.values[i].empty())
                integers += value.shape.withImages(proof.samples).size();
        }
    };
    add(program.imageValues, proof.layers.front());
    for (std::size_t i = 0; i < program.instructions.size(); ++i)
        add(program.instructions[i].outputs, proof.layers[i + 1]);
    return integers;
}

} // namespace

Verdict verifyFile(const std::filesystem::path& path, Runtime& runtime)
{
    const bool isOnnx = isOnnxFile(path);
    const ShippedModel model = readModel(path, Damage::Tolerated);
    const Proof now = prove(model.program, runtime, EngineKernels::Reference, model.proof.samples);
    Verdict verdict;
    verdict.format = isOnnx ? "onnx-integer" : "packed";
    verdict.origin = model.origin;
    verdict.program = programHash(now);
    verdict.samples = now.samples;
    verdict.layers = int(model.program.instructions.size());
    verdict.integers = countIntegers(model.program, now);
    verdict.unproved = model.program.floatLayers();
    verdict.findings = differences(model.proof, now);
    if (isOnnx && verdict.holds()) {
        const std::string difference = graphDifference(path, model);
        if (!difference.empty())
            verdict.findings.push_back(difference);
    }
    if (verdict.findings.empty() && !model.isIntact)
        verdict.findings.push_back("the program is what was shipped, but the text about it (spec, "
                                   "data, classes or versions) has been changed");
    return verdict;
}

} // namespace stair
