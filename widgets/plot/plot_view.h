#pragma once

#include "widgets/plot/plot_theme.h"

#include <QWidget>

#include <functional>

class QCPAxisRect;
class QCPLegend;
class QCustomPlot;
class QLabel;

namespace stair {

/// What the plots that are not curves over steps share: a title line with a readout, colours from the
/// palette, the menu (copy, save as PNG, SVG or PDF, data as CSV), Esc and double click to show all.
class PlotView : public QWidget
{
    Q_OBJECT

public:
    ~PlotView() override;

    /// Everything drawn, as comma-separated values.
    virtual QString dataText() const = 0;

    /// Writes a picture in light colours, its kind by the path's ending (png, svg or pdf); false when it
    /// cannot be written.
    bool savePicture(const QString& path);
    bool saveData(const QString& path) const;

    void setTitle(const QString& title);
    const PlotTheme& theme() const { return m_theme; }
    QSize sizeHint() const override { return {480, 320}; }

public slots:
    void copyPicture() const;
    void copyData() const;

protected:
    explicit PlotView(const QString& title, QWidget* parent = nullptr);

    QCustomPlot& plot() const { return *m_plot; }
    QLabel& readout() const { return *m_readout; }

    /// Colours everything that the class draws; the axes have theirs already. Derived constructors call
    /// retheme() at their end.
    virtual void applyTheme() = 0;
    virtual void showAll() = 0;
    virtual void fillMenu(class QMenu&) { }
    void retheme();

    /// A legend in the corner of `rect`, so that pictures have one; owned by the plot.
    QCPLegend* addLegend(QCPAxisRect& rect, Qt::Alignment corner);
    void styleLegend(QCPLegend& legend) const;

    /// Margins that no tick label moves, in widths of a figure and heights of a line.
    void fixMargins(QCPAxisRect& rect, int leftFigures, int rightFigures, double above,
                    double below) const;

    void changeEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void openMenu(const QPoint& place);
    void setTheme(const PlotTheme& theme);
    void askForFile(const QString& title, const QStringList& filters,
                    const std::function<bool(const QString&)>& save);

    QLabel* m_title = nullptr;
    QLabel* m_readout = nullptr;
    QCustomPlot* m_plot = nullptr;
    PlotTheme m_theme;
};

} // namespace stair
