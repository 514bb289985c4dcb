#pragma once

#include <QFrame>

namespace stair {

/// A strip on a ground between the window's colour and a tint, with text that stays legible on it;
/// follows the theme. Subclasses call applyColors() in their constructors and when the tint changes.
class TintedStrip : public QFrame
{
public:
    using QFrame::QFrame;

protected:
    virtual QColor tint() const = 0;
    void applyColors();

    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
};

} // namespace stair
