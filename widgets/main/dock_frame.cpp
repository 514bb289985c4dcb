#include "widgets/main/dock_frame.h"

#include "core/base/error.h"

#include <QDockWidget>
#include <QLayout>

#include <algorithm>
#include <tuple>
#include <utility>

namespace stair {

namespace {

constexpr QSize leastContent(120, 80);

constexpr int layoutSchema = 1;

} // namespace

DockFrame::DockFrame(std::vector<DockRow> docks, std::vector<LayoutRow> layouts, QWidget* parent)
    : QMainWindow(parent, Qt::Widget)
    , m_rows(std::move(docks))
    , m_layouts(std::move(layouts))
    , m_states(m_layouts.size())
{
    setDockOptions(AllowNestedDocks | AllowTabbedDocks | AnimatedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        auto* dock = new QDockWidget(m_rows[i].title, this);
        dock->setObjectName(m_rows[i].id);
        dock->setAccessibleName(m_rows[i].title);
        m_docks.push_back(dock);
        connect(dock, &QDockWidget::visibilityChanged, this, [this, i](bool visible) {
            if (visible)
                createContent(i);
            emit arranged();
        });
        connect(dock, &QDockWidget::dockLocationChanged, this, &DockFrame::arranged);
        connect(dock, &QDockWidget::topLevelChanged, this, &DockFrame::arranged);
    }
    apply();
}

void DockFrame::createContent(std::size_t row)
{
    if (m_docks[row]->widget())
        return;
    QWidget* content = m_rows[row].create();
    content->setMinimumSize(leastContent); // a panel never makes the window grow
    m_docks[row]->setWidget(content);
}

QDockWidget* DockFrame::dock(const QString& id) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].id == id)
            return m_docks[i];
    }
    return nullptr;
}

void DockFrame::showDock(const QString& id)
{
    if (QDockWidget* shown = dock(id)) {
        shown->show();
        shown->raise();
    }
}

void DockFrame::goToDock(const QString& id)
{
    const auto row = std::ranges::find(m_rows, id, &DockRow::id);
    if (row == m_rows.end())
        return;
    const bool isPlaced = std::ranges::any_of(row->places, [this](const DockPlace& place) {
        return place.layout == currentLayout();
    });
    if (!isPlaced && dock(id)->isHidden() && !row->places.empty())
        showLayout(row->places.front().layout);
    showDock(id);
}

/// The docks of the present layout by column, row and cell.
std::vector<DockFrame::Placed> DockFrame::placed() const
{
    std::vector<Placed> found;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        for (const DockPlace& place : m_rows[i].places) {
            if (place.layout == currentLayout())
                found.push_back({m_docks[i], place});
        }
    }
    std::ranges::stable_sort(found, {}, [](const Placed& placed) {
        return std::tuple(placed.place.column, placed.place.row, placed.place.cell);
    });
    return found;
}

/// Columns are split off first, then the rows of each, then the cells of each row, then tabs.
void DockFrame::placeDocks()
{
    for (QDockWidget* dock : m_docks) {
        dock->setFloating(false);
        removeDockWidget(dock);
    }
    const std::vector<Placed> docks = placed();
    const auto sameColumn = [](const DockPlace& a, const DockPlace& b) {
        return a.column == b.column;
    };
    const auto sameRow = [&](const DockPlace& a, const DockPlace& b) {
        return sameColumn(a, b) && a.row == b.row;
    };
    const auto sameCell = [&](const DockPlace& a, const DockPlace& b) {
        return sameRow(a, b) && a.cell == b.cell;
    };
    for (std::size_t i = 0; i < docks.size(); ++i) {
        if (i == 0)
            addDockWidget(Qt::LeftDockWidgetArea, docks[i].dock);
        else if (!sameColumn(docks[i].place, docks[i - 1].place)) {
            const auto head = std::ranges::find_if(docks, [&](const Placed& other) {
                return sameColumn(other.place, docks[i - 1].place);
            });
            splitDockWidget(head->dock, docks[i].dock, Qt::Horizontal);
        }
    }
    const auto splitLevel = [&](auto outer, auto inner, Qt::Orientation orientation) {
        for (std::size_t i = 1; i < docks.size(); ++i) {
            if (!outer(docks[i].place, docks[i - 1].place)
                || inner(docks[i].place, docks[i - 1].place))
                continue;
            const auto head = std::ranges::find_if(
                docks, [&](const Placed& other) { return inner(other.place, docks[i - 1].place); });
            splitDockWidget(head->dock, docks[i].dock, orientation);
        }
    };
    splitLevel(sameColumn, sameRow, Qt::Vertical);
    splitLevel(sameRow, sameCell, Qt::Horizontal);
    for (std::size_t i = 1; i < docks.size(); ++i) {
        if (sameCell(docks[i].place, docks[i - 1].place))
            tabifyDockWidget(docks[i - 1].dock, docks[i].dock);
    }
    for (std::size_t i = docks.size(); i-- > 0;) { // the first of a cell's tabs last: it is on top
        docks[i].dock->show();
        docks[i].dock->raise();
    }
    // The others wait behind the last column's first dock until the View menu shows them.
    for (QDockWidget* dock : m_docks) {
        if (dockWidgetArea(dock) == Qt::NoDockWidgetArea) {
            tabifyDockWidget(docks.back().dock, dock);
            dock->hide();
        }
    }
}

/// Columns and rows get their shares of the space.
void DockFrame::shareSpace()
{
    const std::vector<Placed> docks = placed();
    const std::vector<int>& widths = m_layouts[m_current].widths;
    QList<QDockWidget*> columns;
    QList<int> shares;
    for (std::size_t i = 0; i < docks.size(); ++i) {
        const auto column = std::size_t(docks[i].place.column);
        if (i > 0 && docks[i - 1].place.column == docks[i].place.column)
            continue;
        columns.push_back(docks[i].dock);
        shares.push_back(column < widths.size() ? widths[column] : 100);
        QList<QDockWidget*> rows;
        QList<int> heights;
        for (std::size_t k = i; k < docks.size() && docks[k].place.column == int(column); ++k) {
            if (k > i && docks[k].place.row == docks[k - 1].place.row)
                continue;
            rows.push_back(docks[k].dock);
            heights.push_back(docks[k].place.height);
        }
        resizeDocks(rows, heights, Qt::Vertical);
    }
    resizeDocks(columns, shares, Qt::Horizontal);
}

void DockFrame::apply()
{
    const QByteArray& state = m_states[m_current];
    if (state.isEmpty() || !restoreState(state, layoutSchema)) {
        placeDocks();
        m_shareOnShow = !isVisible();
        if (isVisible())
            shareSpace();
    }
    for (std::size_t i = 0; i < m_docks.size(); ++i) {
        if (!m_docks[i]->isHidden())
            createContent(i);
    }
    emit layoutShown(currentLayout());
}

void DockFrame::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    if (!std::exchange(m_shareOnShow, false))
        return;
    layout()->activate();
    shareSpace();
}

void DockFrame::showLayout(const QString& id)
{
    const auto row = std::ranges::find(m_layouts, id, &LayoutRow::id);
    if (row == m_layouts.end() || id == currentLayout())
        return;
    m_states[m_current] = saveState(layoutSchema);
    m_current = std::size_t(row - m_layouts.begin());
    apply();
}

void DockFrame::resetLayout()
{
    m_states[m_current].clear();
    apply();
}

QStringList DockFrame::dockIds() const
{
    QStringList ids;
    for (const DockRow& row : m_rows)
        ids += row.id;
    return ids;
}

Json DockFrame::saveLayouts()
{
    m_states[m_current] = saveState(layoutSchema);
    Json states = Json::object();
    for (std::size_t i = 0; i < m_layouts.size(); ++i) {
        if (!m_states[i].isEmpty())
            states[m_layouts[i].id.toStdString()] = m_states[i].toBase64().toStdString();
    }
    return {{"layouts", layoutSchema},
            {"docks", dockIds().join(QLatin1Char(' ')).toStdString()},
            {"shown", currentLayout().toStdString()},
            {"states", std::move(states)}};
}

void DockFrame::restoreLayouts(const Json& saved)
{
    if (!saved.is_object() || !saved.contains("layouts") || !saved["layouts"].is_number()
        || !saved.contains("states") || !saved["states"].is_object())
        throw Error("[layouts] this is no file of window layouts; choose one that Export layouts "
                    "has written");
    if (saved["layouts"] != layoutSchema)
        throw Error("[layouts] the layouts are of another version of the program; arrange the "
                    "docks anew");
    if (saved.value("docks", Json()) != Json(dockIds().join(QLatin1Char(' ')).toStdString()))
        throw Error("[layouts] the layouts are of a version of the program with other panels; "
                    "arrange the docks anew and export them again");
    for (std::size_t i = 0; i < m_layouts.size(); ++i) {
        const auto state = saved["states"].find(m_layouts[i].id.toStdString());
        m_states[i] = state != saved["states"].end() && state->is_string()
            ? QByteArray::fromBase64(QByteArray::fromStdString(state->get<std::string>()))
            : QByteArray();
        if (saved.value("shown", Json()) == Json(m_layouts[i].id.toStdString()))
            m_current = i;
    }
    apply();
}

} // namespace stair
