#include "widgets/models/run_style.h"

#include "core/quant/methods.h"
#include "widgets/plot/plot_theme.h"

#include <algorithm>

namespace stair {

RunStyle methodStyle(const std::string& method)
{
    int place = 1; // an unknown method looks like the first one
    int next = 0;
    for (const MethodInfo& info : methods()) {
        if (info.id == method)
            place = next + 1;
        next += info.id == "float" ? 0 : 1;
    }
    if (method == "float")
        return {0, 0};
    return {1 + (place - 1) % (PlotTheme::hueCount - 1),
            1 + (place - 1) % (PlotTheme::dashCount - 1)};
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
