#pragma once

#include "widgets/main/system_colors.h"

namespace stair {

/// The window's colours: as the system has them, or light or dark whatever the system says.
enum class Theme
{
    System,
    Light,
    Dark
};

/// Sets the application's palette. `system` is what the desktop's portal says; where it says
/// nothing, Theme::System is the platform's own palette. Plots follow by themselves.
void applyTheme(Theme theme, SystemColors::Preference system = SystemColors::Preference::None);

} // namespace stair
