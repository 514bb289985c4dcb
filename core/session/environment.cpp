#include "core/session/environment.h"

#include "core/base/concat.h"
#include "core/ops/integer/kernels.h"

#include <QString>
#include <QSysInfo>
#include <QtGlobal>

#include <Eigen/Core>

#include <fstream>
#include <thread>

namespace stair {

namespace {

std::string cpuModel()
{
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("model name"))
            return line.substr(line.find(':') + 2);
    }
    return QSysInfo::currentCpuArchitecture().toStdString();
}

} // namespace

Json describeProgram()
{
    return {{"program", {{"name", "stair"}, {"version", STAIR_VERSION}}},
            {"host", QSysInfo::machineHostName().toStdString()},
            {"system", QSysInfo::prettyProductName().toStdString()},
            {"cpu", cpuModel()},
            {"cores", std::thread::hardware_concurrency()},
            {"compiler", __VERSION__},
            {"libraries",
             {{"onednn", Runtime::dnnlVersion()},
              {"eigen",
               concat(EIGEN_WORLD_VERSION, ".", EIGEN_MAJOR_VERSION, ".", EIGEN_MINOR_VERSION)},
              {"qt", qVersion()},
              {"json",
               concat(NLOHMANN_JSON_VERSION_MAJOR, ".", NLOHMANN_JSON_VERSION_MINOR, ".",
                      NLOHMANN_JSON_VERSION_PATCH)}}}};
}

Json describeEnvironment(Runtime& runtime)
{
    Json environment = describeProgram();
    environment["threads"] = runtime.threads();
    environment["isa"] = runtime.isa();
    environment["vnni"] = runtime.hasVnni();
    environment["implementations"] = describeKernels(runtime.integerKernels());
    if (const std::string warning = runtime.integerKernels().broken().warning(); !warning.empty())
        environment["warning"] = warning;
    return environment;
}

std::string environmentChange(const Json& before, const Json& now)
{
    std::string changes;
    for (const char* key : {"cpu", "isa", "threads"}) {
        const Json old = before.value(key, Json());
        if (old != now[key])
            changes += concat(changes.empty() ? "" : ", ", key, " ", old.dump(), " to ",
                              now[key].dump());
    }
    return changes;
}

} // namespace stair
