#include "core/exchange/verify.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/c_proof.h"
#include "core/exchange/model_file.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/onnx_model.h"
#include "core/ops/integer/kernels.h"

#include <algorithm>

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

/// The fast kernel of a layer, or in words that it has none.
std::string kernelOf(const Program& program, const Instruction& in, Runtime& runtime, int samples)
{
    if (!in.weightCodes)
        return "none of the table";
    const ProgramValue& source = program.values[std::size_t(in.sources.front())];
    const IntegerConvKey key{in.conv, in.conv.seenShape(source.shape.withImages(samples)),
                             source.grid, in.weightCodes.grid()};
    return runtime.integerKernels().choose(runtime, key).implementation;
}

/// The first layer whose fast kernel gives other integers than the plain one; empty when none does.
std::string fastDifference(const Program& program, Runtime& runtime, const Proof& plain)
{
    const Proof fast = prove(program, runtime, EngineKernels::Fast, plain.samples);
    for (std::size_t i = 0; i < program.instructions.size(); ++i) {
        if (fast.layers[i + 1].values == plain.layers[i + 1].values)
            continue;
        const Instruction& in = program.instructions[i];
        return concat(
            "layer ", in.name, ": the fast kernel of this CPU (",
            kernelOf(program, in, runtime, plain.samples),
            ") gives other integers than the plain one; what it computes here is not what "
            "was shipped");
    }
    return {};
}

Verdict verifyC(const std::filesystem::path& path)
{
    const CFile file = CFile::read(path);
    Verdict verdict;
    verdict.isRun = false;
    verdict.format = file.form;
    verdict.origin = file.origin;
    verdict.program = file.program;
    verdict.samples = file.proof.samples;
    verdict.layers = std::max(0, int(file.proof.layers.size()) - 1);
    for (std::size_t i = 1; i < file.proof.layers.size(); ++i) {
        const std::vector<std::string>& values = file.proof.layers[i].values;
        verdict.summedLayers += std::ranges::any_of(
            values, [](const std::string& checksum) { return !checksum.empty(); });
    }
    for (const std::string& layer : file.changedLayers)
        verdict.findings.push_back(concat(
            "layer ", layer, ": its tables or steps and its checksum at the head do not fit"));
    if (file.functionsChanged)
        verdict.findings.emplace_back("the functions and their checksum at the head do not fit");
    if (verdict.findings.empty() && !file.isIntact)
        verdict.findings.emplace_back(
            "tables, steps and functions fit their checksums, but the text about them (spec, data, "
            "classes, versions, checksums) has been changed");
    return verdict;
}

} // namespace

Verdict verifyFile(const std::filesystem::path& path, Runtime& runtime)
{
    if (path.extension() == ".c")
        return verifyC(path);
    const bool isOnnx = isOnnxFile(path);
    if (isOnnx && onnxForm(path) != "integer")
        throw Error(concat("the ONNX file ", path.string(),
                           " has no proof: a runtime's integers are near its program's, not equal; "
                           "verify the packed or the integer form"));
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
    if (verdict.holds()) {
        const std::string difference = fastDifference(model.program, runtime, now);
        if (!difference.empty())
            verdict.findings.push_back(difference);
    }
    verdict.kernels = describeKernels(runtime.integerKernels());
    if (verdict.findings.empty() && !model.isIntact)
        verdict.findings.emplace_back(
            "the program is what was shipped, but the text about it (spec, "
            "data, classes or versions) has been changed");
    return verdict;
}

} // namespace stair
