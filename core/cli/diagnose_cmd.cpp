#include "core/base/concat.h"
#include "core/cli/commands.h"
#include "core/cli/conformance_report.h"
#include "core/session/diagnostics.h"
#include "core/session/run_folder.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct DiagnoseOptions
{
    std::vector<std::string> runs;
    std::string out = "staircase-diagnostics.tar.gz";
    std::string window;
    int threads = 0;
};

int diagnose(const DiagnoseOptions& options, const Console& console)
{
    std::vector<std::filesystem::path> runs;
    for (const std::string& run : options.runs)
        runs.push_back(RunFolder::open(run).path());
    Runtime runtime(options.threads);
    console.notes() << "Checking the integer kernels of this CPU" << std::endl;
    const auto files = diagnosticFiles(checkConformance(runtime), runs, options.window);
    writeArchive(options.out, files);
    Json names = Json::array();
    std::string text = concat(options.out, " holds");
    for (const ArchiveFile& file : files) {
        names.push_back(file.name);
        text += concat("\n  ", file.name);
    }
    console.result({{"file", options.out}, {"files", names}}, text);
    return 0;
}

} // namespace

CommandInfo diagnoseCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<DiagnoseOptions>();
        app.add_option("RUNDIR", options->runs, "Runs that the report is about");
        app.add_option("--out", options->out, "The bundle: a .tar.gz or .zip")
            ->capture_default_str();
        app.add_option("--window", options->window, "The window's state, window.json");
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        app.footer("It holds " + diagnosticContents());
        return [options](const Console& console) {
            return diagnose(*options, console);
        };
    };
    return {"diagnose",
            "Pack what a report of a fault needs into one file, without data and weights",
            describe};
}

} // namespace stair
