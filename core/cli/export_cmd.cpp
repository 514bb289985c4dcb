#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/names.h"
#include "core/cli/commands.h"
#include "core/cli/text_format.h"
#include "core/exchange/export_formats.h"
#include "core/session/shipping.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace stair {

namespace {

struct ExportOptions
{
    std::string run;
    std::string format = "packed";
    std::string out;
    std::string checkpoint = "last";
    int samples = 4;
    int threads = 0;
    bool isDry = false;
    bool overwrites = false;
    bool tellsSizes = false;
};

/// What each format would take, or why the model cannot have it.
int tellSizes(const ExportOptions& options, const Console& console)
{
    const ShippedModel model = shipRun(RunFolder::open(options.run), options.checkpoint,
                                       options.threads, options.samples, FixedProof::Taken);
    const std::int64_t floats = floatBytes(model.program);
    Json formats = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const ExportFormat& format : exportFormats()) {
        const std::string refusal = format.refusal(model.program);
        formats.push_back({{"format", format.id}, {"refusal", refusal}});
        if (!refusal.empty()) {
            rows.push_back({format.id, "not for this model: " + refusal});
            continue;
        }
        const std::size_t bytes = format.encode(model).size();
        formats.back()["bytes"] = bytes;
        rows.push_back({format.id,
                        concat(bytes, " bytes, ", fixedText(double(floats) / double(bytes), 1),
                               " times smaller")});
    }
    console.result({{"step", model.origin.step},
                    {"float_bytes", floats},
                    {"unproved", model.program.floatLayers()},
                    {"formats", formats}},
                   concat("step ", model.origin.step, ", weights in float: ", floats, " bytes\n",
                          tableText(rows, 2)));
    return 0;
}

/// The file to write: as named, or in the run's export folder.
std::filesystem::path target(const ExportOptions& options, const ExportFormat& format,
                             const RunFolder& folder)
{
    std::filesystem::path path = options.out;
    if (options.out.empty())
        path = folder.path() / "export" / ("model" + format.suffix);
    if (std::filesystem::is_directory(path))
        throw Error(concat(path.string(), " is a folder; give a file's name with --out"));
    if (!options.isDry && !options.overwrites && std::filesystem::exists(path))
        throw Error(concat(path.string(), " is there already; give another --out, or --overwrite"));
    return path;
}

int exportRun(const ExportOptions& options, const Console& console)
{
    if (options.tellsSizes)
        return tellSizes(options, console);
    const ExportFormat& format = exportFormat(options.format);
    const RunFolder folder = RunFolder::open(options.run);
    const std::filesystem::path path = target(options, format, folder);
    const ShippedModel model
        = shipRun(folder, options.checkpoint, options.threads, options.samples,
                  format.asksFixedProof ? FixedProof::Taken : FixedProof::Left);
    const std::string content = format.encode(model);
    const std::int64_t floats = floatBytes(model.program);
    const std::vector<std::string> unproved = model.program.floatLayers();
    console.notes() << format.title << ": " << content.size() << " bytes, "
                    << fixedText(double(floats) / double(content.size()), 1)
                    << " times smaller than its weights in float" << std::endl;
    if (!unproved.empty())
        console.notes() << "Not proved: computed in float by " << joinNames(unproved) << std::endl;
    if (!options.isDry) {
        if (options.out.empty())
            makeWritableFolder(path.parent_path());
        writeFileAtomically(path, content);
    }
    const Json document
        = {{"format", format.id},       {"file", options.isDry ? Json() : Json(path.string())},
           {"bytes", content.size()},   {"float_bytes", floats},
           {"step", model.origin.step}, {"program", programHash(model.proof)},
           {"unproved", unproved}};
    console.result(document,
                   options.isDry
                       ? "Nothing written: --dry-run"
                       : concat("Step ", model.origin.step, " written to ", path.string()));
    return 0;
}

} // namespace

CommandInfo exportCommand()
{
    const auto describe = [](CLI::App& app) -> CommandInfo::Action {
        const auto options = std::make_shared<ExportOptions>();
        std::vector<std::string> ids;
        for (const ExportFormat& format : exportFormats())
            ids.push_back(format.id);
        app.add_option("RUNDIR", options->run, "The run's folder")->required();
        app.add_option("--format", options->format, "One of " + joinNames(ids))
            ->capture_default_str();
        app.add_option("--out", options->out, "The file; without it in RUNDIR/export");
        app.add_option("--checkpoint", options->checkpoint, "last, best, or a file")
            ->capture_default_str();
        app.add_option("--samples", options->samples, "Reference images of the proof")
            ->check(CLI::Range(1, 1000))
            ->capture_default_str();
        app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
            ->check(CLI::Range(0, 1024));
        app.add_flag("--sizes", options->tellsSizes,
                     "Tell the size of every format and write nothing");
        app.add_flag("--dry-run", options->isDry, "Tell the size and write nothing");
        app.add_flag("--overwrite", options->overwrites, "Replace a file that is there");
        return [options](const Console& console) {
            return exportRun(*options, console);
        };
    };
    return {"export", "Write the integer model of a run's checkpoint, with its proof", describe};
}

} // namespace stair
