#include "core/session/sensitivity_lines.h"

#include "core/analysis/rank_correlation.h"

#include <cmath>

namespace stair {

namespace {

Json noiseJson(const std::optional<QuantizationNoise>& noise)
{
    return noise ? Json{{"mse", noise->mse()}, {"sqnr_db", noise->sqnr()}} : Json();
}

struct Proxy
{
    const char* name;
    Json::json_pointer place; // in a cell's line
};

const std::vector<Proxy>& proxies()
{
    static const std::vector<Proxy> table = {
        {"weights.mse", Json::json_pointer("/weights/mse")},
        {"weights.sqnr_db", Json::json_pointer("/weights/sqnr_db")},
        {"activations.mse", Json::json_pointer("/activations/mse")},
        {"activations.sqnr_db", Json::json_pointer("/activations/sqnr_db")},
        {"fit", Json::json_pointer("/fit")},
    };
    return table;
}

} // namespace

Json cellLine(const SensitivityLayer& layer, const SensitivityCell& cell,
              const SensitivityResult& result, double base)
{
    return {{"event", "cell"},
            {"mode", info(cell.mode).id},
            {"layer", layer.name},
            {"bits", cell.bits},
            {"top1", result.metrics.top1},
            {"loss", result.metrics.loss},
            {"drop", base - result.metrics.top1},
            {"proved", result.proved},
            {"weights", noiseJson(result.weights)},
            {"activations", noiseJson(result.activations)},
            {"fit", result.fit ? Json(*result.fit) : Json()}};
}

bool isCell(const Json& line, const SensitivityLayer& layer, const SensitivityCell& cell)
{
    return line.value("event", "") == "cell" && line.value("mode", "") == info(cell.mode).id
        && line.value("layer", "") == layer.name && line.value("bits", 0) == cell.bits;
}

Json proxyCorrelations(const std::vector<Json>& lines)
{
    Json result = Json::object();
    for (const SensitivityModeInfo& mode : sensitivityModes()) {
        for (const Proxy& proxy : proxies()) {
            std::vector<double> values, drops;
            for (const Json& line : lines) {
                if (line.value("event", "") != "cell" || line.value("mode", "") != mode.id
                    || !line.contains(proxy.place) || !line.at(proxy.place).is_number())
                    continue;
                values.push_back(line.at(proxy.place).get<double>());
                drops.push_back(line.at("drop").get<double>());
            }
            if (values.empty())
                continue;
            const double rho = rankCorrelation(values, drops);
            result[mode.id][proxy.name] = std::isfinite(rho) ? Json(rho) : Json();
        }
    }
    return result;
}

} // namespace stair
