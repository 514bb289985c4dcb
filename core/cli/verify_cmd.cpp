#include "core/base/concat.h"
#include "core/base/names.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/exchange/verify.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct VerifyOptions
{
    std::string file;
    int threads = 0;
};

std::string verdictText(const Verdict& verdict)
{
    if (!verdict.holds()) {
        std::string text = "NOT what was shipped:";
        for (const std::string& finding : verdict.findings)
            text += "\n  " + finding;
        return text;
    }
    if (!verdict.isRun)
        return concat("holds: the tables and steps of ", verdict.layers,
                      " layers, and the functions, are those that were shipped (program ",
                      verdict.program, "). It was not run, which takes a compiler",
                      verdict.summedLayers == 0
                          ? std::string("; it has no checksums of its integers")
                          : concat(": built with ST_TRACE it writes every integer, whose checksums "
                                   "on ",
                                   verdict.samples, " reference images its head has for ",
                                   verdict.summedLayers, " layers"));
    std::string text
        = concat("holds: ", verdict.layers, " layers are those that were shipped, and ",
                 verdict.integers, " integers on ", verdict.samples,
                 " reference images are equal, by plain and by fast kernels (program ",
                 verdict.program, ")");
    if (!verdict.unproved.empty())
        text += concat("\nnot proved: computed in float by ", joinNames(verdict.unproved));
    for (const std::string& line : verdict.kernels) {
        if (line.find("gave wrong integers") != std::string::npos)
            text += concat("\nnot used on this CPU: ", line);
    }
    return text;
}

int verify(const VerifyOptions& options, const Console& console)
{
    Runtime runtime(options.threads);
    const Verdict verdict = verifyFile(options.file, runtime);
    console.result({{"holds", verdict.holds()},
                    {"format", verdict.format},
                    {"program", verdict.program},
                    {"layers", verdict.layers},
                    {"integers", verdict.integers},
                    {"samples", verdict.samples},
                    {"run", verdict.isRun},
                    {"unproved", verdict.unproved},
                    {"findings", verdict.findings},
                    {"kernels", verdict.kernels},
                    {"origin", verdict.origin.toJson()}},
                   concat(options.file, ": ", verdictText(verdict)));
    return verdict.holds() ? 0 : exitFailed;
}

} // namespace

CommandInfo verifyCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<VerifyOptions>();
        app.add_option("FILE", options->file, "An exported model")->required();
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        return [options](const Console& console) {
            return verify(*options, console);
        };
    };
    return {
        "verify",
        "Run an exported model with the plain kernels and compare every integer; of C, its text",
        describe};
}

} // namespace stair
