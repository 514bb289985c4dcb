#pragma once

#include <QWidget>

class QLabel;
class QToolButton;

namespace stair {

/// A group of a form that folds away under its title; folded, it shows a summary in one line.
class FoldBox : public QWidget
{
    Q_OBJECT

public:
    FoldBox(const QString& title, QWidget* content, QWidget* parent = nullptr);

    void setSummary(const QString& summary);
    void setFolded(bool folded);
    bool isFolded() const { return m_folded; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showSummary();

    QToolButton* m_title = nullptr;
    QLabel* m_summary = nullptr;
    QWidget* m_content = nullptr;
    QString m_text;
    bool m_folded = false;
};

} // namespace stair
