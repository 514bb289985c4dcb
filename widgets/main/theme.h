#pragma once

namespace stair {

/// The window's colours: as the system has them, or light or dark whatever the system says.
enum class Theme
{
    System,
    Light,
    Dark
};

/// Sets the application's palette. Plots follow by themselves.
void applyTheme(Theme theme);

} // namespace stair
