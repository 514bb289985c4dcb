#include "core/base/concat.h"
#include "core/base/names.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/conformance_report.h"
#include "core/ops/runtime.h"

#include <CLI/CLI.hpp>

#include <iomanip>
#include <memory>
#include <sstream>

namespace stair {

namespace {

std::string foundText(const Json& result)
{
    const int count = result.at("wrong").get<int>();
    return count == 0 ? std::string(" exact") : concat(" ", count, " WRONG");
}

/// What a kernel writes at once: "xnor to sign, u2 exact".
std::string epiloguesText(const Json& kernel)
{
    std::vector<std::string> exact;
    std::string others;
    for (const Json& epilogue : kernel.at("epilogues")) {
        const auto codes = epilogue.at("codes").get<std::string>();
        if (epilogue.at("missing").get<bool>())
            others += concat("; to ", codes, " by itself");
        else if (epilogue.at("wrong").get<int>() > 0)
            others += concat("; to ", codes, foundText(epilogue));
        else
            exact.push_back(codes);
    }
    const std::string found = exact.empty() ? "none" : joinNames(exact);
    return concat(kernel.at("kernel").get<std::string>(), " to ", found, " exact", others);
}

std::string tableText(const Json& report)
{
    std::ostringstream out;
    out << "Integer kernels on this CPU (" << report.at("isa").get<std::string>()
        << "), fastest first, against sums taken product by product;\n"
           "at once: sums and epilogue in one, against the codes of the definition.\n";
    std::string last;
    for (const Json& row : report.at("rows")) {
        const auto convolution = row.at("convolution").get<std::string>();
        if (convolution != last)
            out << convolution << "\n";
        last = convolution;
        out << "  " << std::left << std::setw(20) << row.at("codes").get<std::string>();
        for (const Json& kernel : row.at("kernels"))
            out << "  " << kernel.at("kernel").get<std::string>() << foundText(kernel);
        out << "\n";
        for (const Json& kernel : row.at("kernels"))
            if (!kernel.at("epilogues").empty())
                out << "    at once: " << epiloguesText(kernel) << "\n";
    }
    out << "Maxima of packed codes:";
    int wrongMaxima = 0;
    for (const Json& maximum : report.at("maxima"))
        wrongMaxima += maximum.at("wrong").get<int>();
    out << foundText({{"wrong", wrongMaxima}}) << "\n";
    for (const Json& absent : report.at("absent_kernels"))
        out << "Not taken on this CPU: " << absent.at("kernel").get<std::string>() << " ("
            << absent.at("why").get<std::string>() << ")\n";
    const auto wrong = report.at("wrong_kernels").get<std::vector<std::string>>();
    out << (wrong.empty()
                ? std::string("All are exact.")
                : concat("Wrong: ", joinNames(wrong),
                         "; where the check before first use sees it, another is taken."));
    return out.str();
}

int checkAll(int threads, const Console& console)
{
    Runtime runtime(threads);
    const Json report = checkConformance(runtime);
    console.result(report, tableText(report));
    return report.at("wrong").get<int>() == 0 ? 0 : exitFailed;
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
