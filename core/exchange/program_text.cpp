#include "core/exchange/program_text.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/code_packing.h"
#include "core/lower/program_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace stair {

namespace {

/// What a file can still hold: nothing is allocated for numbers that cannot be in it.
class Room
{
public:
    explicit Room(std::int64_t bytes)
        : m_left(bytes)
    {
    }

    void take(const std::string& layer, std::int64_t bytes)
    {
        m_left -= bytes;
        if (m_left < 0)
            throw Error(concat("[program] ", layer, ": takes more numbers than the file has"));
    }

private:
    std::int64_t m_left;
};

template<typename Enum>
struct Name
{
    Enum value;
    const char* text;
};

constexpr std::array computeNames = {
    Name{Compute::Conv, "conv"}, Name{Compute::SumPool, "sum_pool"},
    Name{Compute::Copy, "copy"}, Name{Compute::Concat, "concat"},
    Name{Compute::Add, "add"},   Name{Compute::Move, "move"},
};

constexpr std::array ruleNames = {
    Name{HardRule::Kind::NearestEven, "nearest_even"},
    Name{HardRule::Kind::Ceil, "ceil"},
    Name{HardRule::Kind::Sign, "sign"},
    Name{HardRule::Kind::NearestOdd, "nearest_odd"},
    Name{HardRule::Kind::Thresholds, "thresholds"},
};

constexpr std::array gridNames = {
    Name{Grid::Kind::Uniform, "uniform"},
    Name{Grid::Kind::Odd, "odd"},
    Name{Grid::Kind::PowerOfTwo, "power_of_two"},
};

template<typename Table, typename Enum>
const char* nameOf(const Table& table, Enum value)
{
    return std::ranges::find(table, value, &Name<Enum>::value)->text;
}

template<typename Enum, std::size_t size>
Enum valueOf(const std::array<Name<Enum>, size>& table, const std::string& text)
{
    const auto found
        = std::ranges::find_if(table, [&](const auto& entry) { return text == entry.text; });
    if (found == table.end())
        throw Error(concat("[program] '", text, "' is not known"));
    return found->value;
}

Json gridText(const Grid& g)
{
    Json text = Json::array({g.bits, g.isSigned ? 1 : 0, g.qn, g.qp});
    if (g.kind != Grid::Kind::Uniform)
        text.push_back(nameOf(gridNames, g.kind));
    return text;
}

Grid gridFrom(const Json& text)
{
    Grid grid{text.at(0).get<int>(), text.at(1).get<int>() != 0, text.at(2).get<int>(),
              text.at(3).get<int>()};
    if (text.size() > 4)
        grid.kind = valueOf(gridNames, text.at(4).get<std::string>());
    if (grid.bits < 1 || grid.bits > 8 || grid.qn < -128 || grid.qp > 255 || grid.qn >= grid.qp)
        throw Error("[program] a grid is none");
    if (levelsOf(grid).size() < 2)
        throw Error("[program] a grid has fewer than two levels");
    return grid;
}

Json shapeText(const Shape& s)
{
    return Json::array({s.h, s.w, s.c});
}

Shape shapeFrom(const Json& text)
{
    const Shape shape{1, text.at(0).get<int>(), text.at(1).get<int>(), text.at(2).get<int>()};
    for (const int extent : {shape.h, shape.w, shape.c})
        if (extent < 1 || extent > mostExtent)
            throw Error(concat("[program] a value is ", toString(shape)));
    return shape;
}

/// A number that reads back as this float, with as few digits as that takes.
Json floatText(float value)
{
    char digits[32];
    const auto end = std::to_chars(digits, std::end(digits), value).ptr;
    double number = 0;
    std::from_chars(digits, end, number);
    return float(number) == value ? number : double(value);
}

Json floatTexts(const std::vector<float>& values)
{
    Json texts = Json::array();
    for (const float value : values)
        texts.push_back(floatText(value));
    return texts;
}

Json boundText(float bound)
{
    return std::isfinite(bound) ? floatText(bound) : Json();
}

float boundFrom(const Json& text, float otherwise)
{
    return text.is_null() ? otherwise : text.get<float>();
}

struct MoveText
{
    Json operator()(const PoolGeometry& g) const
    {
        return {{"max_pool", Json::array({g.kernel, g.stride, g.pad})}};
    }
    Json operator()(const ShortcutGeometry& g) const
    {
        return {{"pad_shortcut", Json::array({g.stride, g.outC})}};
    }
    Json operator()(const SliceGeometry& g) const
    {
        return {{"slice", Json::array({g.first, g.channels})}};
    }
    Json operator()(const ShuffleGeometry& g) const
    {
        return {{"shuffle", Json::array({g.groups})}};
    }
};

Move moveFrom(const Json& text)
{
    const auto number = [&](const char* key, std::size_t i) {
        return text.at(key).at(i).get<int>();
    };
    if (text.contains("max_pool"))
        return PoolGeometry{number("max_pool", 0), number("max_pool", 1), number("max_pool", 2)};
    if (text.contains("pad_shortcut"))
        return ShortcutGeometry{number("pad_shortcut", 0), number("pad_shortcut", 1)};
    if (text.contains("slice"))
        return SliceGeometry{number("slice", 0), number("slice", 1)};
    return ShuffleGeometry{number("shuffle", 0)};
}

Json convText(const ConvGeometry& g)
{
    return Json::array({g.inC, g.outC, g.kernelH, g.kernelW, g.stride, g.dilation, g.padTop,
                        g.padLeft, g.padBottom, g.padRight, g.groups});
}

ConvGeometry convFrom(const Json& text)
{
    const auto n = text.get<std::array<int, 11>>();
    return {n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10]};
}

Json outputText(const EpilogueOutput& output, bool joins)
{
    Json text = {{"range", Json::array({output.low, output.high})}};
    if (output.rule.kind != HardRule::Kind::NearestEven)
        text["rule"] = nameOf(ruleNames, output.rule.kind);
    if (output.rule.kind == HardRule::Kind::Thresholds) {
        text["thresholds"] = floatTexts(output.rule.thresholds);
        text["codes"] = floatTexts(output.rule.codes);
    }
    if (joins)
        text["inverse_step"] = floatText(output.inverseStep);
    if (output.isHalf)
        text["half"] = true;
    return text;
}

EpilogueOutput outputFrom(const Json& text, std::size_t channels, bool joins)
{
    EpilogueOutput output;
    output.low = text.at("range").at(0).get<int>();
    output.high = text.at("range").at(1).get<int>();
    output.isHalf = text.value("half", false);
    if (text.contains("rule"))
        output.rule.kind = valueOf(ruleNames, text.at("rule").get<std::string>());
    if (output.rule.kind == HardRule::Kind::Thresholds) {
        output.rule.thresholds = text.at("thresholds").get<std::vector<float>>();
        output.rule.codes = text.at("codes").get<std::vector<float>>();
    }
    if (joins) {
        output.inverseStep = text.at("inverse_step").get<float>();
    } else {
        output.m.resize(channels);
        output.b.resize(channels);
    }
    return output;
}

void allocateWeights(Instruction& in, const Json& text, Room& room)
{
    const Shape shape = in.conv.weightShape();
    if (!text.contains("weights")) {
        room.take(in.name, shape.size() * std::int64_t(sizeof(float)));
        in.realWeight = Tensor(shape);
        return;
    }
    const Grid grid = gridFrom(text.at("weights"));
    room.take(in.name, packedBytes(grid, shape.size())); // no form of file stores them in fewer
    in.weightCodes = Codes(shape, grid);
    in.weightSteps = text.at("weight_steps").get<std::vector<float>>();
}

Instruction instructionFrom(const Json& text, const Program& program, Room& room)
{
    Instruction in;
    in.name = text.at("name").get<std::string>();
    in.compute = valueOf(computeNames, text.at("compute").get<std::string>());
    in.sources = text.at("from").get<std::vector<int>>();
    in.outputs = text.at("to").get<std::vector<int>>();
    for (const int id : in.sources)
        if (id < 0 || std::size_t(id) >= program.values.size())
            throw Error(concat("[program] ", in.name, ": reads a value that is not there"));
    if (in.sources.empty())
        throw Error(concat("[program] ", in.name, ": reads nothing"));
    if (text.contains("conv"))
        in.conv = convFrom(text.at("conv"));
    if (text.contains("sum")) {
        const auto n = text.at("sum").get<std::array<int, 4>>();
        in.sum = {n[0], n[1], n[2], n[3]};
    }
    if (text.contains("move"))
        in.move = moveFrom(text.at("move"));
    if (text.contains("pool")) {
        const auto n = text.at("pool").get<std::array<int, 3>>();
        in.poolBefore = PoolGeometry{n[0], n[1], n[2]};
    }
    in.computed = computedShape(program, in);
    if (in.compute == Compute::Conv)
        allocateWeights(in, text, room);
    if (in.compute == Compute::Move)
        return in;

    Epilogue& e = in.epilogue;
    const std::size_t channels = std::size_t(in.computed.c);
    const auto pairs = std::int64_t(2 * channels * sizeof(float)); // m and b
    in.skip = text.value("skip", -1);
    if (in.skip >= 0) {
        room.take(in.name, pairs);
        e.skipStep = text.at("skip_step").get<float>();
        e.m.resize(channels);
        e.b.resize(channels);
    }
    if (text.contains("activation")) {
        constexpr float infinity = std::numeric_limits<float>::infinity();
        e.activation = {boundFrom(text.at("activation").at(0), -infinity),
                        boundFrom(text.at("activation").at(1), infinity)};
    }
    for (const Json& output : text.at("outputs")) {
        room.take(in.name, in.skip >= 0 ? 0 : pairs);
        e.outputs.push_back(outputFrom(output, channels, in.skip >= 0));
    }
    return in;
}

/// Calls visit(vector) for m and b of the join, or of each output.
template<typename In, typename Visit>
void forEachMultiplier(In& in, const Visit& visit)
{
    if (in.skip >= 0) {
        visit(in.epilogue.m);
        visit(in.epilogue.b);
        return;
    }
    for (auto& output : in.epilogue.outputs) {
        visit(output.m);
        visit(output.b);
    }
}

} // namespace

Json valueText(const ProgramValue& value)
{
    Json text = {{"name", value.name}, {"shape", shapeText(value.shape)}};
    if (value.isFloat)
        return text;
    text["grid"] = gridText(value.grid);
    text["step"] = floatText(value.step);
    return text;
}

Json instructionText(const Instruction& in)
{
    Json text = {{"name", in.name},
                 {"compute", nameOf(computeNames, in.compute)},
                 {"from", in.sources},
                 {"to", in.outputs}};
    if (in.compute == Compute::Conv)
        text["conv"] = convText(in.conv);
    if (in.weightCodes) {
        text["weights"] = gridText(in.weightCodes.grid());
        text["weight_steps"] = floatTexts(in.weightSteps);
    }
    if (in.compute == Compute::SumPool)
        text["sum"] = Json::array({in.sum.kernelH, in.sum.kernelW, in.sum.stride, in.sum.pad});
    if (in.compute == Compute::Move) {
        text["move"] = std::visit(MoveText(), in.move);
        return text;
    }
    if (in.poolBefore)
        text["pool"]
            = Json::array({in.poolBefore->kernel, in.poolBefore->stride, in.poolBefore->pad});
    if (in.skip >= 0) {
        text["skip"] = in.skip;
        text["skip_step"] = floatText(in.epilogue.skipStep);
    }
    const Activation& activation = in.epilogue.activation;
    if (activation != Activation::none())
        text["activation"] = Json::array({boundText(activation.low), boundText(activation.high)});
    for (const EpilogueOutput& output : in.epilogue.outputs)
        text["outputs"].push_back(outputText(output, in.skip >= 0));
    return text;
}

Json programText(const Program& program)
{
    Json text = {{"image", shapeText(program.image)},
                 {"image_values", program.imageValues},
                 {"logits", program.logits}};
    std::string last;
    for (const ProgramValue& value : program.values) {
        Json entry = valueText(value);
        if (value.name == last)
            entry.erase("name");
        last = value.name;
        text["values"].push_back(entry);
    }
    for (const Instruction& in : program.instructions)
        text["instructions"].push_back(instructionText(in));
    return text;
}

Program programFromText(const Json& text, std::int64_t fileBytes)
{
    Program program;
    Room room(fileBytes);
    program.image = shapeFrom(text.at("image"));
    program.imageValues = text.at("image_values").get<std::vector<int>>();
    program.logits = text.at("logits").get<int>();
    for (const Json& entry : text.at("values")) {
        ProgramValue value;
        value.name = entry.contains("name") || program.values.empty()
            ? entry.at("name").get<std::string>()
            : program.values.back().name; // another view of the same
        value.shape = shapeFrom(entry.at("shape"));
        value.isFloat = !entry.contains("grid");
        if (!value.isFloat) {
            value.grid = gridFrom(entry.at("grid"));
            value.step = entry.at("step").get<float>();
        }
        program.values.push_back(value);
    }
    for (const Json& entry : text.at("instructions"))
        program.instructions.push_back(instructionFrom(entry, program, room));
    return program;
}

std::vector<float> multipliersOf(const Instruction& in)
{
    std::vector<float> values;
    forEachMultiplier(in, [&](const std::vector<float>& part) {
        values.insert(values.end(), part.begin(), part.end());
    });
    return values;
}

void setMultipliers(Instruction& in, std::span<const float> values)
{
    std::size_t next = 0;
    forEachMultiplier(in, [&](std::vector<float>& part) {
        std::ranges::copy(values.subspan(next, part.size()), part.begin());
        next += part.size();
    });
}

} // namespace stair
