#pragma once

#include <QProxyStyle>

namespace stair {

/// Fusion with outlines of controls that stand 3:1 against the window (WCAG 2.1, 1.4.11), in a
/// light palette and in a dark one.
class OutlineStyle : public QProxyStyle
{
    Q_OBJECT

public:
    OutlineStyle();

    /// Makes it the application's style where Fusion is; a desktop's own style is left alone.
    static void install();

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                            QPainter* painter, const QWidget* widget) const override;
};

} // namespace stair
