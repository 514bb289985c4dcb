#include "widgets/main/field_help.h"

#include <QAbstractButton>
#include <QTextDocument>
#include <QWhatsThis>

namespace stair {

namespace {

QString nameOf(const QWidget& widget)
{
    const auto* button = qobject_cast<const QAbstractButton*>(&widget);
    return widget.accessibleName().isEmpty() && button ? button->text().remove(u'&')
                                                       : widget.accessibleName();
}

} // namespace

QString fieldHelp(const QWidget& widget)
{
    const QString tip = widget.toolTip();
    if (!widget.whatsThis().isEmpty() || tip.isEmpty())
        return widget.whatsThis();
    const QString name = nameOf(widget).toHtmlEscaped();
    const QString heading
        = name.isEmpty() ? QString() : QStringLiteral("<p><b>%1</b></p>").arg(name);
    return heading
        + QStringLiteral("<p>%1</p>").arg(Qt::mightBeRichText(tip) ? tip : tip.toHtmlEscaped());
}

bool showFieldHelp(QWidget* widget)
{
    for (; widget; widget = widget->parentWidget()) {
        const QString text = fieldHelp(*widget);
        if (text.isEmpty())
            continue;
        QWhatsThis::showText(widget->mapToGlobal(QPoint(0, widget->height())), text, widget);
        return true;
    }
    return false;
}

} // namespace stair
