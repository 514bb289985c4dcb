#include "core/cli/conformance_report.h"

#include "core/ops/integer/conformance.h"
#include "core/ops/integer/conv_bits_kernels.h"
#include "core/session/environment.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stair {

namespace {

/// Of more bits than are ever counted; image codes among them.
const GridPair widePairs[] = {
    {"u8 * s8", Grid::uniform(8, false), Grid::uniform(8, true)},
    {"s8 * s8", Grid::uniform(8, true), Grid::uniform(8, true)},
    {"u8 * ternary", Grid::uniform(8, false), Grid::ternary()},
    {"odd 5 * odd 5", Grid::odd(5), Grid::odd(5)},
    {"odd 6 * odd 6", Grid::odd(6), Grid::odd(6)},
    {"odd 7 * odd 7", Grid::odd(7), Grid::odd(7)},
};

/// Those tried on every convolution; the others on a few dense ones that leave a rest in words.
constexpr const char* commonPairs[]
    = {"u8 * s8",     "s8 * s8",        "u8 * ternary",      "u4 * s4",
       "s4 * s4",     "u4 * sign",      "u2 * s2",           "u2 * sign",
       "sign * sign", "sign * ternary", "ternary * ternary", "s3 * power of two"};

std::vector<GridPair> pairsFor(bool all)
{
    std::vector<GridPair> pairs(std::begin(widePairs), std::end(widePairs));
    pairs.insert(pairs.end(), pairsOfFewBits().begin(), pairsOfFewBits().end());
    std::erase_if(pairs, [all](const GridPair& pair) {
        return !all
            && std::ranges::find(commonPairs, std::string_view(pair.name)) == std::end(commonPairs);
    });
    return pairs;
}

struct NamedGeometry
{
    const char* name;
    ConvGeometry geometry;
    Shape src;
    bool hasAllPairs = false;
};

ConvGeometry paddedBySide()
{
    ConvGeometry g = ConvGeometry::square(70, 33, 4);
    g.kernelW = 3;
    g.padLeft = 1;
    g.padBottom = 3;
    g.padRight = 2;
    return g;
}

ConvGeometry dilated()
{
    ConvGeometry g = ConvGeometry::square(65, 24, 3, 1, 2);
    g.dilation = 2;
    return g;
}

/// Round sizes, and those that leave a rest in words, blocks and vectors; 256 channels are where the
/// last kernel of the table begins to win.
const std::vector<NamedGeometry>& geometries()
{
    static const std::vector<NamedGeometry> all = {
        {"3x3, 64 channels", ConvGeometry::square(64, 64, 3, 1, 1), {2, 16, 16, 64}},
        {"3x3, stride 2, 64 to 128", ConvGeometry::square(64, 128, 3, 2, 1), {2, 15, 15, 64}},
        {"3x3, 130 to 71", ConvGeometry::square(130, 71, 3, 1, 1), {1, 7, 6, 130}, true},
        {"3x3, 256 to 40", ConvGeometry::square(256, 40, 3, 1, 1), {1, 6, 5, 256}, true},
        {"3x3, 3 to 16", ConvGeometry::square(3, 16, 3, 1, 1), {2, 17, 17, 3}},
        {"7x7, stride 2, 3 to 20", ConvGeometry::square(3, 20, 7, 2, 3), {2, 18, 17, 3}},
        {"4x3, padded by side, 70 to 33", paddedBySide(), {2, 7, 9, 70}, true},
        {"3x3, dilation 2, 65 to 24", dilated(), {1, 9, 8, 65}},
        {"1x1, 96 to 24", ConvGeometry::square(96, 24, 1), {2, 9, 9, 96}},
        {"1x1, stride 2, 67 to 45", ConvGeometry::square(67, 45, 1, 2), {2, 9, 8, 67}},
        {"3x3, 4 groups, 24 to 36", ConvGeometry::square(24, 36, 3, 1, 1, 4), {2, 7, 8, 24}},
        {"3x3, depthwise, 32", ConvGeometry::square(32, 32, 3, 1, 1, 32), {2, 14, 14, 32}},
        {"3x3, depthwise, stride 2, 37", ConvGeometry::square(37, 37, 3, 2, 1, 37), {2, 9, 8, 37}},
        {"linear, 512 to 10", ConvGeometry::linear(512, 10), {4, 1, 1, 512}},
        {"linear, 1001 to 97", ConvGeometry::linear(1001, 97), {3, 1, 1, 1001}, true},
    };
    return all;
}

struct NamedGrid
{
    const char* name;
    Grid grid;
};

/// What a convolution writes at once, by oneDNN or by thresholds of counts.
const NamedGrid fusedGrids[] = {{"u8", Grid::uniform(8, false)},
                                {"s8", Grid::uniform(8, true)},
                                {"u4", Grid::uniform(4, false)},
                                {"s4", Grid::uniform(4, true)}};
const NamedGrid packedGrids[]
    = {{"sign", Grid::odd(1)},          {"ternary", Grid::ternary()},
       {"u1", Grid::uniform(1, false)}, {"u2", Grid::uniform(2, false)},
       {"u4", Grid::uniform(4, false)}, {"s2", Grid::uniform(2, true)},
       {"s3", Grid::uniform(3, true)},  {"s4", Grid::uniform(4, true)},
       {"odd 2", Grid::odd(2)},         {"odd 3", Grid::odd(3)},
       {"odd 4", Grid::odd(4)},         {"power of two", Grid::powerOfTwo(3)}};

/// Maxima of packed codes: words with a rest and without, windows that overlap and reach over the
/// edge.
Json bitMaxima(Runtime& runtime)
{
    constexpr struct
    {
        const char* name;
        PoolGeometry geometry;
        Shape src;
    } pools[] = {{"2x2, 128 channels", {2, 2, 0}, {2, 8, 8, 128}},
                 {"3x3, stride 2, padded, 70", {3, 2, 1}, {2, 9, 7, 70}},
                 {"3x3, stride 1, padded, 33", {3, 1, 1}, {1, 5, 6, 33}}};
    Json maxima = Json::array();
    for (const auto& pool : pools)
        for (const Grid& grid : {Grid::odd(1), Grid::uniform(1, false)})
            maxima.push_back(
                {{"maximum", pool.name},
                 {"codes", grid == Grid::odd(1) ? "sign" : "u1"},
                 {"wrong", countWrongMaxima(runtime, {pool.geometry, pool.src, grid})}});
    return maxima;
}

Json fusedEpilogues(Runtime& runtime, const IntegerConvKey& key, const KernelTrial& trial)
{
    Json epilogues = Json::array();
    for (const auto& [name, codes] : fusedGrids) {
        const FusedGrid grid{codes.isSigned, codes.qn, codes.qp};
        const bool isThere = hasFused(runtime, key, grid);
        epilogues.push_back({{"codes", name},
                             {"wrong", isThere ? trial.wrongFused(grid) : 0},
                             {"missing", !isThere}});
    }
    return epilogues;
}

Json packedEpilogues(const IntegerConvKernel& kernel, const KernelTrial& trial)
{
    Json epilogues = Json::array();
    for (const auto& [name, grid] : packedGrids)
        epilogues.push_back(
            {{"codes", name}, {"wrong", trial.wrongPacked(kernel, grid)}, {"missing", false}});
    return epilogues;
}

/// Every kernel that would take a convolution, fastest first: its sums, and its codes where the
/// engine may let it write those.
Json tryKernels(Runtime& runtime, const IntegerConvKey& key)
{
    const KernelTrial mixed(runtime, key), longest(runtime, key, TrialCodes::Longest),
        alternating(runtime, key, TrialCodes::Alternating);
    Json kernels = Json::array();
    for (const IntegerConvKernel& kernel : integerConvKernels()) {
        if (!kernel.applies(runtime, key))
            continue;
        Json epilogues = Json::array();
        if (isBitKernel(kernel))
            epilogues = packedEpilogues(kernel, mixed);
        else if (kernel.fuses && key.geometry.groups == 1)
            epilogues = fusedEpilogues(runtime, key, mixed);
        int wrong = mixed.wrongSums(kernel);
        if (&kernel != &integerConvKernels().back()) // the reference, by which the sums are made
            wrong += longest.wrongSums(kernel) + alternating.wrongSums(kernel);
        kernels.push_back(
            {{"kernel", kernel.name},
             {"implementation", kernel.implementation ? kernel.implementation(runtime, key) : ""},
             {"wrong", wrong},
             {"epilogues", epilogues}});
    }
    return kernels;
}

bool isWrong(const Json& kernel)
{
    int wrong = kernel.at("wrong").get<int>();
    for (const Json& epilogue : kernel.at("epilogues"))
        wrong += epilogue.at("wrong").get<int>();
    return wrong > 0;
}

Json checkOne(Runtime& runtime, const NamedGeometry& g, const GridPair& grids)
{
    const IntegerConvKey key{g.geometry, g.src, grids.src, grids.weight};
    return {{"convolution", g.name},
            {"codes", grids.name},
            {"taken", runtime.integerKernels().choose(runtime, key).implementation},
            {"kernels", tryKernels(runtime, key)}};
}

/// The kernels that took none of the convolutions.
Json absentKernels(const std::set<std::string>& applied)
{
    Json absent = Json::array();
    for (const IntegerConvKernel& kernel : integerConvKernels()) {
        if (!applied.contains(kernel.name))
            absent.push_back(
                {{"kernel", kernel.name},
                 {"why", *kernel.cpus ? kernel.cpus : "it applies to none of those tried"}});
    }
    return absent;
}

} // namespace

Json checkConformance(Runtime& runtime)
{
    Json rows = Json::array();
    int wrong = 0;
    std::set<std::string> wrongNames, applied;
    for (const NamedGeometry& g : geometries())
        for (const GridPair& grids : pairsFor(g.hasAllPairs)) {
            rows.push_back(checkOne(runtime, g, grids));
            for (const Json& kernel : rows.back().at("kernels")) {
                const auto name = kernel.at("kernel").get<std::string>();
                applied.insert(name);
                if (!isWrong(kernel))
                    continue;
                ++wrong;
                wrongNames.insert(name);
            }
        }
    const Json maxima = bitMaxima(runtime);
    for (const Json& maximum : maxima)
        if (maximum.at("wrong").get<int>() > 0) {
            ++wrong;
            wrongNames.insert(bitMaximumName);
        }
    return {{"isa", runtime.isa()},
            {"wrong", wrong},
            {"wrong_kernels", wrongNames},
            {"absent_kernels", absentKernels(applied)},
            {"rows", rows},
            {"maxima", maxima},
            {"environment", describeEnvironment(runtime)}};
}

} // namespace stair
