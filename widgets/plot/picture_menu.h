#pragma once

#include <QImage>
#include <QString>

#include <functional>

class QAbstractItemModel;
class QMenu;
class QWidget;

namespace stair {

/// What can be taken away from something drawn, in light colours.
struct PictureSource
{
    std::function<QImage()> picture;
    std::function<bool(const QString& path)> save; // png, svg or pdf by the path's ending
    std::function<QString()> data; // comma-separated values of the visible range
    std::function<void(const QString& text)> tell; // where it went, or why it did not
};

/// Copy picture, copy data, save picture, save data. The source must outlive `owner`.
void addPictureActions(QMenu& menu, QWidget& owner, const PictureSource& source);

/// Gives a widget that paints itself this menu at a right click; the place of a saved file is told in
/// its tool tip.
void installPictureMenu(QWidget& widget, std::function<QString()> data);

/// The widget as it stands, in light colours, to a file of the path's kind; false when it cannot.
bool saveWidgetPicture(QWidget& widget, const QString& path);

/// False when it cannot be written.
bool saveText(const QString& path, const QString& text);

/// A table's headers and cells as they are shown, as comma-separated values.
QString tableText(const QAbstractItemModel& model);

/// `text` as one field of comma-separated values.
QString quotedField(QString text);

} // namespace stair
