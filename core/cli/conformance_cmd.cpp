#include "core/base/concat.h"
#include "core/base/names.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/ops/integer/conformance.h"
#include "core/ops/runtime.h"

#include <CLI/CLI.hpp>

#include <iomanip>
#include <memory>
#include <set>
#include <sstream>

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

std::string tableText(const Json& rows, const Runtime& runtime, const std::set<std::string>& wrong)
{
    std::ostringstream out;
    out << "Integer kernels on this CPU (" << runtime.isa()
        << "), fastest first, against sums taken product by product:\n";
    std::string last;
    for (const Json& row : rows) {
        const auto convolution = row.at("convolution").get<std::string>();
        if (convolution != last)
            out << convolution << "\n";
        last = convolution;
        out << "  " << std::left << std::setw(20) << row.at("codes").get<std::string>();
        for (const Json& kernel : row.at("kernels")) {
            const int count = kernel.at("wrong").get<int>();
            out << "  " << kernel.at("kernel").get<std::string>() << " "
                << (count == 0 ? "exact" : concat(count, " WRONG"));
        }
        out << "\n";
    }
    out << (wrong.empty()
                ? std::string("All are exact.")
                : concat("Wrong: ", joinNames(std::vector<std::string>(wrong.begin(), wrong.end())),
                         "; where the check before first use sees it, another is taken."));
    return out.str();
}

int checkAll(int threads, const Console& console)
{
    Runtime runtime(threads);
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
    console.result(
        {{"isa", runtime.isa()}, {"wrong", wrong}, {"wrong_kernels", names}, {"rows", rows}},
        tableText(rows, runtime, names));
    return wrong == 0 ? 0 : exitFailed;
}

} // namespace

CommandInfo conformanceCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto threads = std::make_shared<int>(0);
        app.add_option("--threads", *threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [threads](const Console& console) {
            return checkAll(*threads, console);
        };
    };
    return {"conformance", "Check every integer kernel on this CPU against the reference",
            describe};
}

} // namespace stair
