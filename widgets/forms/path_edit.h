#pragma once

#include <QWidget>

class QLineEdit;

namespace stair {

/// A path to a file or a folder: typed, browsed for, or dropped.
class PathEdit : public QWidget
{
    Q_OBJECT

public:
    explicit PathEdit(const QString& placeholder, QWidget* parent = nullptr);

    QString path() const;
    void setPath(const QString& path); // not signalled

signals:
    void changed();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void browse(bool folder);

    QLineEdit* m_edit = nullptr;
};

} // namespace stair
