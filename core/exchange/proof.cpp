#include "core/exchange/proof.h"

#include "core/base/concat.h"
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/exchange/program_text.h"

#include <algorithm>

namespace stair {

namespace {

constexpr std::size_t checksumDigits = 16;
constexpr std::uint64_t sampleSeed = 0x57A1;

/// SHA-256 over values one after the other, cut to a checksum.
class Checksum
{
public:
    void add(std::string_view text)
    {
        m_hash.add(std::as_bytes(std::span(text.data(), text.size())));
    }
    template<typename T>
    void add(std::span<const T> values)
    {
        m_hash.add(std::as_bytes(values));
    }
    std::string text() { return m_hash.hex().substr(0, checksumDigits); }

private:
    Sha256 m_hash;
};

std::string imageContent(const Program& program)
{
    Checksum sum;
    sum.add(toString(program.image.withImages(1)));
    sum.add(std::span<const float>(program.imageTable));
    sum.add(std::span<const std::uint8_t>(program.imageCodes));
    for (const int id : program.imageValues)
        sum.add(valueText(program.values[std::size_t(id)]).dump());
    return sum.text();
}

std::string layerContent(const Program& program, const Instruction& in)
{
    Checksum sum;
    sum.add(instructionText(in).dump());
    for (const int id : in.outputs)
        sum.add(valueText(program.values[std::size_t(id)]).dump());
    sum.add(in.weightCodes.bytes());
    sum.add(std::as_const(in.realWeight).values());
    for (const float value : multipliersOf(in))
        sum.add(std::span<const float>(&value, 1));
    return sum.text();
}

std::string valueSum(const Engine::Value& value)
{
    Checksum sum;
    if (value.codes)
        sum.add(value.codes.bytes());
    else
        sum.add(value.floats.values());
    return sum.text();
}

/// By value id: whether a float layer computed it, or something that it is computed from.
std::vector<bool> outsideProof(const Program& program)
{
    std::vector<bool> outside(program.values.size(), false);
    const std::vector<std::string> floats = program.floatLayers();
    for (const Instruction& in : program.instructions) {
        bool taint = std::ranges::find(floats, in.name) != floats.end();
        for (const int source : in.sources)
            taint = taint || outside[std::size_t(source)];
        taint = taint || (in.skip >= 0 && outside[std::size_t(in.skip)]);
        for (const int output : in.outputs)
            outside[std::size_t(output)] = taint;
    }
    return outside;
}

} // namespace

std::vector<std::uint8_t> sampleImages(const Shape& image, int count)
{
    const std::int64_t size = image.withImages(1).size();
    std::vector<std::uint8_t> pixels(std::size_t(size * count));
    Random random(sampleSeed, RandomUse::Samples);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const int fade = int(i / std::size_t(size)) % 4;
        const int deviation = (int(random.bits() >> 24) - 128) / (1 << fade);
        pixels[i] = std::uint8_t(128 + deviation);
    }
    return pixels;
}

Proof prove(const Program& program, Runtime& runtime, EngineKernels kernels, int samples,
            EngineEpilogue epilogue)
{
    const std::vector<std::uint8_t> pixels = sampleImages(program.image, samples);
    Engine engine(program, runtime, kernels, epilogue);
    engine.keepValues(true);
    engine.run({pixels.data(), program.image.withImages(samples)});

    const std::vector<bool> outside = outsideProof(program);
    const auto sumOf = [&](int id) {
        if (outside[std::size_t(id)])
            return std::string();
        if (id != program.logits || epilogue == EngineEpilogue::Float)
            return valueSum(engine.values()[std::size_t(id)]);
        Checksum sum;
        sum.add(std::span<const std::int64_t>(engine.integerLogits()));
        return sum.text();
    };
    const auto sums = [&](const std::vector<int>& ids) {
        std::vector<std::string> texts;
        std::ranges::transform(ids, std::back_inserter(texts), sumOf);
        return texts;
    };
    Proof proof;
    proof.samples = samples;
    proof.layers.push_back({"image", imageContent(program), sums(program.imageValues)});
    for (const Instruction& in : program.instructions)
        proof.layers.push_back({in.name, layerContent(program, in), sums(in.outputs)});
    return proof;
}

std::vector<std::string> differences(const Proof& shipped, const Proof& now)
{
    std::vector<std::string> lines;
    if (shipped.layers.size() != now.layers.size()) {
        lines.push_back(concat("the file has ", now.layers.size(), " layers, its proof ",
                               shipped.layers.size()));
        return lines;
    }
    bool valuesDiffer = false;
    for (std::size_t i = 0; i < now.layers.size(); ++i) {
        const Proof::Layer& was = shipped.layers[i];
        const Proof::Layer& is = now.layers[i];
        if (was.content != is.content)
            lines.push_back(concat("layer ", is.name,
                                   ": its weights, multipliers or geometry are "
                                   "not those that were shipped"));
        if (was.values != is.values && !valuesDiffer) {
            valuesDiffer = true;
            lines.push_back(concat("layer ", is.name,
                                   ": its integers on the reference samples "
                                   "differ; those before it agree"));
        }
    }
    return lines;
}

std::string programHash(const Proof& proof)
{
    Checksum sum;
    for (const Proof::Layer& layer : proof.layers)
        sum.add(concat(layer.name, " ", layer.content, "\n"));
    return sum.text();
}

} // namespace stair
