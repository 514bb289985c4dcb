#include "widgets/main/field_help.h"

#include <QTextDocument>
#include <QWhatsThis>
#include <QWidget>

namespace stair {

namespace {

/// A control without a text of its own has its name and its tool tip.
QString tipText(const QWidget& widget)
{
    const QString tip = widget.toolTip();
    if (tip.isEmpty())
        return {};
    return QStringLiteral("<p><b>%1</b></p><p>%2</p>")
        .arg(widget.accessibleName().toHtmlEscaped(),
             Qt::mightBeRichText(tip) ? tip : tip.toHtmlEscaped());
}

} // namespace

bool showFieldHelp(QWidget* widget)
{
    for (; widget; widget = widget->parentWidget()) {
        const QString text = widget->whatsThis().isEmpty() ? tipText(*widget) : widget->whatsThis();
        if (text.isEmpty())
            continue;
        QWhatsThis::showText(widget->mapToGlobal(QPoint(0, widget->height())), text, widget);
        return true;
    }
    return false;
}

} // namespace stair
