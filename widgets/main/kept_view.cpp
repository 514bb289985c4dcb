#include "widgets/main/kept_view.h"

#include "widgets/plot/plot_view.h"

#include <QHeaderView>
#include <QTableView>

#include <vector>

namespace stair {

namespace {

/// Those that can be told from each other when they are built again.
template<typename Widget>
std::vector<Widget*> named(const QWidget& panel)
{
    std::vector<Widget*> all;
    for (Widget* widget : panel.findChildren<Widget*>()) {
        if (!widget->objectName().isEmpty())
            all.push_back(widget);
    }
    return all;
}

/// Whether the user sets the column's width.
bool isFree(const QHeaderView& header, int column)
{
    const bool stretches
        = header.stretchLastSection() && header.visualIndex(column) == header.count() - 1;
    return header.sectionResizeMode(column) == QHeaderView::Interactive && !stretches
        && !header.isSectionHidden(column);
}

} // namespace

Json keptView(const QWidget& panel)
{
    Json columns = Json::object(), zooms = Json::object();
    for (const QTableView* table : named<QTableView>(panel)) {
        const QHeaderView& header = *table->horizontalHeader();
        Json widths = Json::array();
        for (int column = 0; column < header.count(); ++column)
            widths.push_back(header.sectionSize(column));
        columns[table->objectName().toStdString()] = std::move(widths);
    }
    for (const PlotView* plot : named<PlotView>(panel)) {
        if (!plot->isLive())
            zooms[plot->objectName().toStdString()] = plot->zoom();
    }
    return {{"columns", std::move(columns)}, {"zooms", std::move(zooms)}};
}

void restoreView(QWidget& panel, const Json& kept, bool withZooms)
{
    for (const QTableView* table : named<QTableView>(panel)) {
        const auto entry = kept.at("columns").find(table->objectName().toStdString());
        if (entry == kept.at("columns").end())
            continue;
        const auto widths = entry->get<std::vector<int>>();
        QHeaderView& header = *table->horizontalHeader();
        for (int column = 0; int(widths.size()) == header.count() && column < header.count();
             ++column) {
            if (isFree(header, column))
                header.resizeSection(column, widths[std::size_t(column)]);
        }
    }
    if (!withZooms)
        return;
    for (PlotView* plot : named<PlotView>(panel)) {
        const auto zoom = kept.at("zooms").find(plot->objectName().toStdString());
        if (zoom != kept.at("zooms").end())
            plot->setZoom(zoom->get<std::vector<double>>());
    }
}

void watchView(const QWidget& panel, QObject* context, const std::function<void()>& changed)
{
    for (const QTableView* table : named<QTableView>(panel))
        QObject::connect(table->horizontalHeader(), &QHeaderView::sectionResized, context, changed);
    for (const PlotView* plot : named<PlotView>(panel))
        QObject::connect(plot, &PlotView::zoomChanged, context, changed);
}

} // namespace stair
