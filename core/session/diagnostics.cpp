#include "core/session/diagnostics.h"

#include "core/base/concat.h"
#include "core/base/files.h"
#include "core/session/run_folder.h"

#include <algorithm>
#include <set>

namespace stair {

namespace {

namespace fs = std::filesystem;

/// The last lines of a text.
std::string endOf(const std::string& text, int lines)
{
    std::size_t begin = text.size();
    if (begin > 0 && text.back() == '\n')
        --begin;
    while (lines > 0 && begin != std::string::npos && begin > 0) {
        begin = text.rfind('\n', begin - 1);
        --lines;
    }
    return begin == std::string::npos || begin == 0 ? text : text.substr(begin + 1);
}

class Bundle
{
public:
    void add(const std::string& name, const std::string& content)
    {
        m_files.push_back({"staircase-diagnostics/" + name, content});
    }

    void addFile(const std::string& name, const fs::path& file, int lines = 0)
    {
        try {
            const std::string content = readFile(file);
            add(name, lines > 0 ? endOf(content, lines) : content);
        } catch (const std::exception& error) {
            m_missing += concat("Not here: ", name, " (", error.what(), ")\n");
        }
    }

    std::vector<ArchiveFile> finish()
    {
        add("README.txt", concat(diagnosticContents(), "\n", m_missing));
        std::rotate(m_files.begin(), m_files.end() - 1, m_files.end());
        return std::move(m_files);
    }

private:
    std::vector<ArchiveFile> m_files;
    std::string m_missing;
};

} // namespace

std::string diagnosticContents()
{
    return concat("versions of the program and its libraries, CPU, instruction set, host name;\n"
                  "what every integer kernel computes on this CPU (stair conformance);\n"
                  "the window's state: the form's fields, which runs are shown, with their paths;\n"
                  "of each selected run: spec.json, environment.json, the last ",
                  keptEventLines,
                  " lines of events.jsonl.\n"
                  "No images, no weights, no notes.\n");
}

std::vector<ArchiveFile> diagnosticFiles(const Json& conformance, const std::vector<fs::path>& runs,
                                         const fs::path& window)
{
    Bundle bundle;
    Json report = conformance;
    bundle.add("environment.json", report.at("environment").dump(2) + "\n");
    report.erase("environment");
    bundle.add("conformance.json", report.dump(2) + "\n");
    if (!window.empty())
        bundle.addFile("window.json", window);
    std::set<std::string> names;
    for (const fs::path& run : runs) {
        std::string name = run.filename().empty() ? run.parent_path().filename().string()
                                                  : run.filename().string();
        while (!names.insert(name).second)
            name += "-again";
        const std::string folder = "runs/" + name + "/";
        for (const char* file : {"spec.json", "environment.json"})
            bundle.addFile(folder + file, run / file);
        bundle.addFile(folder + "events-end.jsonl", run / "events.jsonl", keptEventLines);
    }
    return bundle.finish();
}

} // namespace stair
