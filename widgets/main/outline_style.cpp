#include "widgets/main/outline_style.h"

#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QPainter>
#include <QStyleOption>

namespace stair {

namespace {

/// The outline over what Fusion drew: of a control in focus in the highlight's hue, of one that cannot
/// be used as pale as its text.
void paintOutline(QPainter& painter, const QStyleOption& option, double radius)
{
    const bool enabled = option.state & QStyle::State_Enabled;
    const bool focused = option.state & QStyle::State_HasFocus;
    const QColor ground = option.palette.color(QPalette::Window);
    const QColor hue = !enabled ? option.palette.color(QPalette::Disabled, QPalette::Text)
        : focused               ? option.palette.color(QPalette::Highlight)
                                : ground;
    const QColor line = legible(hue, ground, 3.05);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    painter.restore();
}

} // namespace

OutlineStyle::OutlineStyle()
    : QProxyStyle(QStringLiteral("Fusion"))
{
}

void OutlineStyle::install()
{
    if (QApplication::style()->name() == QLatin1String("fusion"))
        QApplication::setStyle(new OutlineStyle);
}

void OutlineStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option,
                                 QPainter* painter, const QWidget* widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    // A spin box paints the frame of the field in it by itself.
    const bool framed = element == PE_FrameLineEdit
        && !(widget && widget->parentWidget() && widget->parentWidget()->inherits("QSpinBox"));
    const bool enabled = option->state & State_Enabled;
    if ((framed || element == PE_PanelButtonCommand) && enabled)
        paintOutline(*painter, *option, 2);
    else if (element == PE_IndicatorCheckBox) // a disabled one, too: nothing else of it is seen
        paintOutline(*painter, *option, 0);
}

void OutlineStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                      QPainter* painter, const QWidget* widget) const
{
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    const bool enabled = option->state & State_Enabled;
    if ((control == CC_ComboBox || control == CC_SpinBox) && enabled)
        paintOutline(*painter, *option, 2);
}

} // namespace stair
