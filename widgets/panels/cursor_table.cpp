#include "widgets/panels/cursor_table.h"

#include "widgets/plot/line_plot.h"
#include "widgets/plot/picture_menu.h"

#include <QHeaderView>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int mostRows = 6; // more are scrolled to
constexpr int columnFigures = 13;
constexpr int quantityFigures = 22;

ValueTableModel::Cell cellOf(std::optional<double> value, int precision)
{
    if (!value)
        return {QStringLiteral("–"), std::nan(""), {}}; // at the right, as numbers are
    return {precision > 0 ? QString::number(*value, 'g', precision)
                          : QString::number(*value, 'f', 0),
            *value,
            {}};
}

std::optional<double> difference(std::optional<double> a, std::optional<double> b)
{
    return a && b ? std::optional(*b - *a) : std::nullopt;
}

} // namespace

CursorTable::CursorTable(QWidget* parent)
    : QTableView(parent)
    , m_model({tr("Curve"), tr("Quantity"), tr("A"), tr("B"), tr("B − A")},
              {tr("The value of its last point at the cursor or before"), tr("With its unit"),
               tr("At cursor A: key A puts it at the mouse"),
               tr("At cursor B: key B puts it at the mouse"), tr("By how much B is more than A")})
{
    setObjectName(QStringLiteral("cursorTable"));
    setAccessibleName(tr("Values at the cursors"));
    setModel(&m_model);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 4);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    const int figure = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    setColumnWidth(1, quantityFigures * figure);
    for (int column = 2; column < 5; ++column)
        setColumnWidth(column, columnFigures * figure);
    // Where there is little height it leaves it to the plots, and is scrolled.
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    setMinimumHeight(horizontalHeader()->sizeHint().height()
                     + verticalHeader()->defaultSectionSize());
    installPictureMenu(*this, [this] { return m_model.toCsv(); });
    hide();
}

QSize CursorTable::sizeHint() const
{
    const int rows = std::clamp(m_model.rowCount(), 1, mostRows);
    return {320,
            horizontalHeader()->sizeHint().height() + rows * verticalHeader()->defaultSectionSize()
                + 2 * frameWidth()};
}

void CursorTable::follow(std::vector<LinePlot*> plots)
{
    m_plots = std::move(plots);
    for (LinePlot* moved : m_plots) {
        connect(moved, &LinePlot::cursorMoved, this, [this, moved](int cursor, auto x) {
            for (LinePlot* plot : m_plots) {
                if (plot != moved)
                    plot->setCursor(LinePlot::Cursor(cursor), x);
            }
            refresh();
        });
    }
}

std::vector<ValueTableModel::Row> CursorTable::rowsOf(const LinePlot& plot) const
{
    const auto at = [&](LinePlot::Cursor cursor) {
        const std::optional<double> x = plot.cursor(cursor);
        return x ? plot.readings(*x) : std::vector<LinePlot::Reading>();
    };
    const auto first = at(LinePlot::A), second = at(LinePlot::B);
    const auto valueOf = [](const std::vector<LinePlot::Reading>& readings, int curve) {
        const auto found = std::ranges::find(readings, curve, &LinePlot::Reading::curve);
        return found != readings.end() ? std::optional(found->value) : std::nullopt;
    };
    std::vector<ValueTableModel::Row> rows;
    // A curve that has begun at one of them has begun at the later one.
    for (const LinePlot::Reading& reading : first.size() > second.size() ? first : second) {
        const auto a = valueOf(first, reading.curve), b = valueOf(second, reading.curve);
        rows.push_back({{reading.name, {}, reading.name},
                        {plot.yTitle(), {}, {}},
                        cellOf(a, 6),
                        cellOf(b, 6),
                        cellOf(difference(a, b), 4)});
    }
    return rows;
}

void CursorTable::refresh()
{
    if (m_plots.empty())
        return;
    const auto a = m_plots.front()->cursor(LinePlot::A), b = m_plots.front()->cursor(LinePlot::B);
    if (!a && !b) {
        hide();
        return;
    }
    std::vector<ValueTableModel::Row> rows = {{{tr("Place"), {}, {}},
                                               {tr("Step"), {}, {}},
                                               cellOf(a, 0),
                                               cellOf(b, 0),
                                               cellOf(difference(a, b), 0)}};
    for (const LinePlot* plot : m_plots) {
        if (plot->isHidden())
            continue;
        for (ValueTableModel::Row& row : rowsOf(*plot))
            rows.push_back(std::move(row));
    }
    m_model.setRows(std::move(rows));
    updateGeometry();
    show();
}

} // namespace stair
