#pragma once

#include <string>
#include <vector>

namespace stair {

/// The colour and the dash that stand for a run: numbers into PlotTheme.
struct RunStyle
{
    int hue = 0;
    int dash = 0;

    bool operator==(const RunStyle&) const = default;
};

/// A method's own: float is ink and solid, the others by their place in methods().
RunStyle methodStyle(const std::string& method);

/// For runs that are shown together: each its method's; where two share a method, the later ones
/// take hues that nobody has and keep the method's dash.
std::vector<RunStyle> runStyles(const std::vector<std::string>& methods);

} // namespace stair
