#pragma once

#include "widgets/panels/tinted_strip.h"

class QLabel;
class QToolButton;

namespace stair {

/// A message in the place it concerns: what failed, on what, what to try. Hidden while it has
/// nothing to say.
class NoticeStrip : public TintedStrip
{
    Q_OBJECT

public:
    enum class Kind
    {
        News, // goes on, or is to be known
        Result,
        Warning,
        Error
    };

    explicit NoticeStrip(QWidget* parent = nullptr);

    /// Shows `text`; an empty one hides the strip. Saying the same again changes nothing.
    void say(Kind kind, const QString& text);
    void fallSilent() { say(m_kind, {}); }

    /// Whether the user may close it. The same text does not come back then.
    void setClosable(bool closable);

    QString text() const { return m_text; }

protected:
    QColor tint() const override;
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* m_label = nullptr;
    QToolButton* m_close = nullptr;
    Kind m_kind = Kind::Result;
    QString m_text;
};

} // namespace stair
