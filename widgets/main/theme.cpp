#include "widgets/main/theme.h"

#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QPalette>

namespace stair {

namespace {

QPalette lightPalette()
{
    QPalette palette(QColor(0xF0, 0xF0, 0xEF));
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::AlternateBase, QColor(0xF6, 0xF6, 0xF5));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(role, QColor(0x1C, 0x1C, 0x1C));
    palette.setColor(QPalette::Highlight, QColor(0x1F, 0x6F, 0xB5));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::PlaceholderText, QColor(0x6A, 0x6A, 0x6A));
    palette.setColor(QPalette::LinkVisited, QColor(0x80, 0x30, 0x90));
    palette.setColor(QPalette::ToolTipBase, QColor(0xFF, 0xFD, 0xE8));
    palette.setColor(QPalette::ToolTipText, QColor(0x1C, 0x1C, 0x1C));
    return palette;
}

QPalette darkPalette()
{
    QPalette palette(QColor(0x2B, 0x2D, 0x30));
    palette.setColor(QPalette::Base, QColor(0x1E, 0x1F, 0x22));
    palette.setColor(QPalette::AlternateBase, QColor(0x26, 0x28, 0x2B));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(role, QColor(0xE4, 0xE4, 0xE4));
    palette.setColor(QPalette::BrightText, Qt::white);
    palette.setColor(QPalette::Link, QColor(0x6C, 0xB2, 0xF0));
    palette.setColor(QPalette::LinkVisited, QColor(0xC9, 0x9A, 0xE6));
    palette.setColor(QPalette::Highlight, QColor(0x2F, 0x65, 0x9B));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::PlaceholderText, QColor(0x9A, 0x9C, 0xA0));
    palette.setColor(QPalette::ToolTipBase, QColor(0x3A, 0x3C, 0x40));
    palette.setColor(QPalette::ToolTipText, QColor(0xE4, 0xE4, 0xE4));
    return palette;
}

/// What cannot be used now is paler, and still there.
void fadeDisabled(QPalette& palette, const QColor& color)
{
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, color);
}

} // namespace

void applyTheme(Theme theme, SystemColors::Preference system)
{
    QPalette palette;
    if (theme == Theme::System && system == SystemColors::Preference::Dark)
        theme = Theme::Dark;
    else if (theme == Theme::System && system == SystemColors::Preference::Light)
        theme = Theme::Light;
    if (theme == Theme::Light) {
        palette = lightPalette();
        fadeDisabled(palette, QColor(0x8C, 0x8C, 0x8C));
    } else if (theme == Theme::Dark) {
        palette = darkPalette();
        fadeDisabled(palette, QColor(0x82, 0x84, 0x88));
    }
    QApplication::setPalette(palette);
    if (theme != Theme::System)
        return;
    // The desktop's colours, but for a selection that cannot be read.
    const QPalette theirs = QApplication::palette();
    const QColor text = theirs.color(QPalette::HighlightedText);
    const QColor ground = theirs.color(QPalette::Highlight);
    if (contrast(text, ground) >= 4.5)
        return;
    palette.setColor(QPalette::Highlight, legible(ground, text, 4.5));
    QApplication::setPalette(palette);
}

} // namespace stair
