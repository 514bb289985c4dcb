#pragma once

#include "widgets/panels/tinted_strip.h"

#include <vector>

class QAction;
class QHBoxLayout;
class QLabel;
class QPushButton;

namespace stair {

/// One step of a guide over the panels: where one is, what to do, and buttons for it. Can be closed.
class GuideStrip : public TintedStrip
{
    Q_OBJECT

public:
    explicit GuideStrip(QWidget* parent = nullptr);

    /// Hidden until then. The buttons of the step before go.
    void show(const QString& place, const QString& text);

    /// At the right; clicked() tells which.
    void addButton(const QString& objectName, const QString& text);

    QString text() const;

signals:
    void clicked(const QString& objectName);
    void closed(); // by the user

protected:
    QColor tint() const override;

private:
    QLabel* m_place = nullptr;
    QLabel* m_text = nullptr;
    QHBoxLayout* m_buttonRow = nullptr;
    std::vector<QPushButton*> m_buttons;
};

} // namespace stair
