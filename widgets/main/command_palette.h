#pragma once

#include "widgets/main/palette_model.h"

#include <QFrame>
#include <QPointer>

class QLabel;
class QLineEdit;
class QListView;

namespace stair {

/// Everything that can be done, found by typing some of its letters. Up and Down choose, Enter does
/// it, Escape closes. Covers the upper middle of its window while it is open.
class CommandPalette : public QFrame
{
    Q_OBJECT

public:
    explicit CommandPalette(QWidget* window);

    void open(std::vector<PaletteEntry> entries);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool handleKey(int key);
    void show(const QString& typed);
    void step(int rows);
    void run(const QModelIndex& index);

    PaletteModel* m_model = nullptr;
    QLineEdit* m_edit = nullptr;
    QListView* m_view = nullptr;
    QLabel* m_none = nullptr;
    QPointer<QWidget> m_focusBefore;
};

} // namespace stair
