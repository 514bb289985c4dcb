#pragma once

#include <QDir>
#include <QTest>
#include <QWidget>

namespace stair {

/// Writes a picture of `widget` to the build folder's tests/pictures, to be looked at; false when it could
/// not be written or is of one colour.
inline bool savePicture(QWidget& widget, const QString& name)
{
    const QString folder = QStringLiteral(STAIR_BINARY_DIR "/tests/pictures");
    QDir().mkpath(folder);
    const QPixmap picture = widget.grab();
    const QString suffix = picture.devicePixelRatio() > 1 ? QStringLiteral("@2x") : QString();
    const QImage image = picture.toImage();
    const QRgb corner = image.pixel(0, 0);
    bool isVaried = false;
    for (int y = 0; y < image.height() && !isVaried; y += 3) {
        for (int x = 0; x < image.width() && !isVaried; x += 3)
            isVaried = image.pixel(x, y) != corner;
    }
    return isVaried
        && picture.save(folder + QLatin1Char('/') + name + suffix + QStringLiteral(".png"));
}

/// Whether every control in `widget` that takes the keyboard has a name for those who cannot see it; else
/// the object name of the first that has none.
inline QString nameless(const QWidget& widget)
{
    for (const QWidget* child : widget.findChildren<QWidget*>()) {
        if (child->window() != widget.window())
            continue; // a popup
        const bool isPart = child->objectName().startsWith(QLatin1String("qt_"))
            || child->inherits("QScrollBar") || child->inherits("QHeaderView")
            || child->inherits("QSplitterHandle") || child->inherits("QAbstractButton")
            || child->inherits("QLabel");
        const bool isInside = child->parentWidget()
            && (child->parentWidget()->inherits("QAbstractItemView")
                || child->parentWidget()->inherits("QComboBox")
                || child->parentWidget()->inherits("QAbstractSpinBox"));
        if (child->focusPolicy() != Qt::NoFocus && !child->focusProxy() && !isPart && !isInside
            && child->accessibleName().isEmpty())
            return QStringLiteral("%1 '%2'").arg(QLatin1String(child->metaObject()->className()),
                                                 child->objectName());
    }
    return {};
}

} // namespace stair
