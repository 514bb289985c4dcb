#include "core/cli/text_format.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/quant/methods.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <sstream>

namespace stair {

std::string durationText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return "-";
    const long long whole = std::llround(seconds);
    std::ostringstream out;
    out << std::setfill('0');
    if (whole >= 3600)
        out << whole / 3600 << ':' << std::setw(2);
    out << whole / 60 % 60 << ':' << std::setw(2) << whole % 60;
    return out.str();
}

double readDuration(const std::string& text)
{
    double value = 0;
    char unit = 's', rest = 0;
    const int read = std::sscanf(text.c_str(), "%lf%c%c", &value, &unit, &rest);
    const double factor = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
    const bool isPlain = text.find_first_not_of("0123456789.smh") == std::string::npos;
    constexpr double most = 1e8; // three years
    if (!isPlain || read < 1 || read > 2 || !(value * factor > 0) || value * factor > most)
        throw Error(concat("'", text, "' is no time; write seconds, or 90s, 10m or 1h, above 0"));
    return value * factor;
}

std::int64_t readSize(const std::string& text)
{
    struct Unit
    {
        const char* name;
        double bytes;
    };
    constexpr Unit units[]
        = {{"", 1}, {"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"KiB", 1024}, {"MiB", 1048576}};
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::size_t unit = std::min(text.find_first_not_of(' ', end), text.size());
    const auto found = std::ranges::find_if(
        units, [&](const Unit& each) { return text.substr(unit) == each.name; });
    double value = 0;
    char rest = 0;
    const bool isNumber = std::sscanf(text.substr(0, end).c_str(), "%lf%c", &value, &rest) == 1;
    constexpr double most = 1e15;
    if (!isNumber || found == std::end(units) || value * found->bytes < 1
        || value * found->bytes > most)
        throw Error(concat("'", text, "' is no size; write bytes, or 90kB, 1.5MB, 88KiB or 2MiB"));
    return std::int64_t(value * found->bytes + 0.5);
}

std::string sizeText(std::int64_t bytes)
{
    return fixedText(double(bytes) / 1000, 2) + " kB";
}

std::string fixedText(double value, int digits)
{
    std::ostringstream out;
    out << std::fixed << std::setprecision(digits) << value;
    return out.str();
}

std::string percentText(double share)
{
    return fixedText(100 * share, 2) + " %";
}

std::string tableText(const std::vector<std::vector<std::string>>& rows, std::size_t leftColumns)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : rows) {
        std::ostringstream line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line << (i == 0 ? "" : "  ") << (i < leftColumns ? std::left : std::right)
                 << std::setw(int(widths[i])) << row[i];
        const std::string whole = line.str();
        text += (text.empty() ? "" : "\n") + whole.substr(0, whole.find_last_not_of(' ') + 1);
    }
    return text;
}

std::string evaluationText(const Json& evaluation)
{
    if (!evaluation.is_object())
        return "not evaluated yet";
    const auto top1 = [&evaluation](const char* set) {
        return percentText(evaluation.at(set).at("top1").get<double>());
    };
    const std::string validation
        = evaluation.contains("validation") ? concat("validation ", top1("validation"), ", ") : "";
    const std::string where = evaluation.value("proved", false) ? "computed by integers"
        : evaluation.contains("test_running") ? "computed partly in float (not proved)"
                                              : "computed in float";
    const std::string blended = evaluation.contains("blended")
        ? concat(" (blended ", percentText(evaluation["blended"].get<double>()), ")")
        : "";
    return concat(validation, "test top-1 ", top1("test"), blended, ", ", where);
}

std::string reconstructionText(const std::string& methodId)
{
    const auto info = std::ranges::find(methods(), methodId, &MethodInfo::id);
    if (info == methods().end() || info->reconstructed.empty())
        return {};
    return concat(" [", methodId, ": ", info->reconstructed, "]");
}

} // namespace stair
