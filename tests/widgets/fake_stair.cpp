// Stands in for `stair run` where a window test needs a worker that does what it is told: acts a
// run in milliseconds a step and obeys control.jsonl. The spec's name chooses misfortunes.

#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/widgets/support/acted_run.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <thread>

using namespace stair;
using namespace std::chrono_literals;

namespace {

/// The commands in control.jsonl behind the first `taken`.
std::vector<std::string> newCommands(const RunFolder& folder, std::size_t& taken)
{
    std::vector<std::string> commands;
    if (!std::filesystem::exists(folder.controlFile()))
        return commands;
    std::istringstream text(readFile(folder.controlFile()));
    std::size_t number = 0;
    for (std::string line; std::getline(text, line); ++number) {
        if (number >= taken)
            commands.push_back(parseJson(line, "control").at("command").get<std::string>());
    }
    taken += commands.size();
    return commands;
}

int act(ActedRun& run)
{
    std::size_t taken = 0;
    bool paused = false;
    run.work();
    run.start();
    for (int step = 0; step < run.steps();) {
        for (const std::string& command : newCommands(run.folder(), taken)) {
            if (command == "stop") {
                run.write(endLine("stopped", step, step * 0.01));
                return 0;
            }
            if (command == "pause")
                run.write(pausedLine(step, ""));
            if (command == "resume")
                run.write(resumedLine(step));
            paused = command == "pause" || (paused && command != "resume");
        }
        std::this_thread::sleep_for(3ms);
        if (paused)
            continue;
        run.train(step, step + 1);
        ++step;
        const bool fails = run.spec().name == "fails"
            || (run.spec().name.starts_with("AQE fails") && run.spec().quant.method == "aqe");
        if (fails && step == 20) {
            run.write(failedLine(step, "the disk is full; free space on it and continue"));
            return 1;
        }
        if (run.spec().name == "vanishes" && step == 20)
            std::_Exit(9);
    }
    run.finish(run.steps());
    return 0;
}

} // namespace

int main(int argc, char* argv[])
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 3 && arguments[1] == "--resume") {
        std::cerr << "fake_stair does not resume\n";
        return 2;
    }
    const bool hasMeta = arguments.size() == 6 && arguments[4] == "--meta";
    if ((arguments.size() != 4 && !hasMeta) || arguments[0] != "run" || arguments[2] != "--out") {
        std::cerr << "usage: fake_stair run SPEC --out FOLDER [--meta FILE]\n";
        return 2;
    }
    try {
        const ExperimentSpec spec = ExperimentSpec::readFile(arguments[1]);
        if (spec.name == "refused")
            throw Error("the batch is larger than the data set; choose a smaller batch");
        const Json meta = hasMeta ? readJsonFile(arguments[5]) : Json::object();
        ActedRun run(arguments[3], spec, meta);
        return act(run);
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
