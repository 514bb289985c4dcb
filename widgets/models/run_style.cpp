#include "widgets/models/run_style.h"

#include "core/quant/methods.h"
#include "widgets/plot/plot_theme.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace stair {

namespace {

/// Those that are compared most have a hue each; the others share them, with other dashes.
constexpr std::string_view haveOwnHue[] = {"minmax", "lsq", "lg_lsq", "asr", "aqe", "bcgd", "dai8"};
static_assert(std::size(haveOwnHue) == PlotTheme::hueCount - 1);

} // namespace

RunStyle methodStyle(const std::string& method)
{
    if (method == "float")
        return {0, 0};
    const auto own = std::ranges::find(haveOwnHue, method);
    int place = int(own - std::begin(haveOwnHue));
    if (own == std::end(haveOwnHue)) {
        for (const MethodInfo& info : methods()) {
            if (info.id == method)
                break;
            place += info.id != "float"
                && std::ranges::find(haveOwnHue, info.id) == std::end(haveOwnHue);
        }
    }
    constexpr int hues = PlotTheme::hueCount - 1;
    constexpr int dashes = PlotTheme::dashCount - 1;
    return {1 + place % hues, 1 + (place + place / hues) % dashes};
}

std::vector<RunStyle> runStyles(const std::vector<std::string>& methods)
{
    std::vector<RunStyle> styles;
    for (const std::string& method : methods)
        styles.push_back(methodStyle(method));
    for (std::size_t i = 0; i < styles.size(); ++i) {
        const auto before = styles.begin() + std::ptrdiff_t(i);
        const auto taken = [&](int hue, auto end) {
            return std::any_of(styles.begin(), end,
                               [hue](const RunStyle& style) { return style.hue == hue; });
        };
        if (!taken(styles[i].hue, before))
            continue;
        for (int hue = 1; hue < PlotTheme::hueCount; ++hue) {
            if (!taken(hue, styles.end())) {
                styles[i].hue = hue;
                break;
            }
        }
    }
    return styles;
}

} // namespace stair
