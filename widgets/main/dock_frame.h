#pragma once

#include "core/base/json.h"

#include <QMainWindow>

#include <functional>
#include <vector>

class QDockWidget;

namespace stair {

/// Where a dock stands in a layout as it comes: columns from the left, rows from the top of the
/// column, cells from the left of the row. Docks with the same place are tabs.
struct DockPlace
{
    QString layout; // LayoutRow::id
    int column = 0;
    int row = 0;
    int cell = 0;
    int height = 100; // of the row, in any unit that is one for the column
};

/// One panel of the window.
struct DockRow
{
    QString id; // saved in layouts: never rename
    QString title;
    std::function<QWidget*()> create; // called when it is first seen
    std::vector<DockPlace> places; // layouts that do not show it are left out
};

/// A named arrangement of docks for one task.
struct LayoutRow
{
    QString id; // saved: never rename
    QString title;
    std::vector<int> widths; // of the columns, in any unit
};

/// Docks that move, tab, float and hide, in several named layouts, each of which remembers how the
/// user left it.
class DockFrame : public QMainWindow
{
    Q_OBJECT

public:
    /// Shows the first layout. There must be a layout, with at least one dock in each.
    DockFrame(std::vector<DockRow> docks, std::vector<LayoutRow> layouts,
              QWidget* parent = nullptr);

    const std::vector<LayoutRow>& layouts() const { return m_layouts; }
    QString currentLayout() const { return m_layouts[m_current].id; }

    /// Keeps how the present layout stands and shows another. Ids that are unknown are left alone.
    void showLayout(const QString& id);
    void resetLayout(); // the present one, as it comes

    QDockWidget* dock(const QString& id) const; // null when there is none
    void showDock(const QString& id); // and brings it to the front

    /// The same, in the first layout that has a place for it where the present one shows it not at all.
    void goToDock(const QString& id);

    /// How all layouts stand, and which is shown. restoreLayouts throws Error when it is something
    /// else, or was saved with other docks; nothing has changed then.
    Json saveLayouts();
    void restoreLayouts(const Json& saved);

signals:
    void layoutShown(const QString& id);
    void arranged(); // a dock was moved, shown or hidden

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Placed
    {
        QDockWidget* dock;
        DockPlace place;
    };

    void createContent(std::size_t row);
    std::vector<Placed> placed() const;
    void placeDocks();
    void shareSpace();
    void apply();
    QStringList dockIds() const;

    std::vector<DockRow> m_rows;
    std::vector<LayoutRow> m_layouts;
    std::vector<QDockWidget*> m_docks; // as m_rows
    std::vector<QByteArray> m_states; // as m_layouts; empty: as it comes
    std::size_t m_current = 0;
    bool m_shareOnShow = false;
};

} // namespace stair
