#include "core/cli/conformance_report.h"

#include "core/ops/integer/conformance.h"
#include "core/session/environment.h"

#include <set>
#include <string>

namespace stair {

namespace {

struct NamedGrids
{
    const char* name;
    Grid src;
    Grid weight;
};

/// The pairs of widths that methods make, image codes among them.
const NamedGrids gridPairs[] = {
    {"u8 * s8", Grid::uniform(8, false), Grid::uniform(8, true)},
    {"s8 * s8", Grid::uniform(8, true), Grid::uniform(8, true)},
    {"u4 * s4", Grid::uniform(4, false), Grid::uniform(4, true)},
    {"s4 * s4", Grid::uniform(4, true), Grid::uniform(4, true)},
    {"u2 * s2", Grid::uniform(2, false), Grid::uniform(2, true)},
    {"u4 * sign", Grid::uniform(4, false), Grid::odd(1)},
    {"sign * sign", Grid::odd(1), Grid::odd(1)},
    {"ternary * ternary", Grid::ternary(), Grid::ternary()},
    {"s3 * power of two", Grid::uniform(3, true), Grid::powerOfTwo(3)},
};

struct NamedGeometry
{
    const char* name;
    ConvGeometry geometry;
    Shape src;
};

const NamedGeometry geometries[] = {
    {"3x3, 64 channels", ConvGeometry::square(64, 64, 3, 1, 1), {2, 16, 16, 64}},
    {"3x3, stride 2, 64 to 128", ConvGeometry::square(64, 128, 3, 2, 1), {2, 15, 15, 64}},
    {"3x3, 3 to 16", ConvGeometry::square(3, 16, 3, 1, 1), {2, 17, 17, 3}},
    {"1x1, 96 to 24", ConvGeometry::square(96, 24, 1), {2, 9, 9, 96}},
    {"3x3, depthwise, 32", ConvGeometry::square(32, 32, 3, 1, 1, 32), {2, 14, 14, 32}},
    {"linear, 512 to 10", ConvGeometry::linear(512, 10), {4, 1, 1, 512}},
};

/// Every kernel that would take a convolution, fastest first, and how many sums it gets wrong.
Json checkOne(Runtime& runtime, const NamedGeometry& g, const NamedGrids& grids)
{
    const IntegerConvKey key{g.geometry, g.src, grids.src, grids.weight};
    Json kernels = Json::array();
    for (const IntegerConvKernel& kernel : integerConvKernels()) {
        if (kernel.applies(runtime, key))
            kernels.push_back({{"kernel", kernel.name},
                               {"implementation",
                                kernel.implementation ? kernel.implementation(runtime, key) : ""},
                               {"wrong", countWrongSums(runtime, key, kernel)}});
    }
    return {{"convolution", g.name},
            {"codes", grids.name},
            {"taken", runtime.integerKernels().choose(runtime, key).implementation},
            {"kernels", kernels}};
}

} // namespace

Json checkConformance(Runtime& runtime)
{
    Json rows = Json::array();
    int wrong = 0;
    std::set<std::string> names;
    for (const NamedGeometry& g : geometries)
        for (const NamedGrids& grids : gridPairs) {
            rows.push_back(checkOne(runtime, g, grids));
            for (const Json& kernel : rows.back().at("kernels")) {
                if (kernel.at("wrong").get<int>() == 0)
                    continue;
                ++wrong;
                names.insert(kernel.at("kernel").get<std::string>());
            }
        }
    return {{"isa", runtime.isa()},
            {"wrong", wrong},
            {"wrong_kernels", names},
            {"rows", rows},
            {"environment", describeEnvironment(runtime)}};
}

} // namespace stair
