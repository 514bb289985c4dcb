#include "widgets/main/field_help.h"

#include <QWhatsThis>
#include <QWidget>

namespace stair {

bool showFieldHelp(QWidget* widget)
{
    for (; widget; widget = widget->parentWidget()) {
        if (widget->whatsThis().isEmpty())
            continue;
        QWhatsThis::showText(widget->mapToGlobal(QPoint(0, widget->height())), widget->whatsThis(),
                             widget);
        return true;
    }
    return false;
}

} // namespace stair
