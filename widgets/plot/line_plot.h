#pragma once

#include "widgets/plot/axis_reach.h"
#include "widgets/plot/curve_style.h"
#include "widgets/plot/min_max_series.h"
#include "widgets/plot/plot_view.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

class QCPItemStraightLine;
class QCPItemText;
class QCPLegend;
class QMouseEvent;

namespace stair {

/// Curves over training steps. While live the axes follow the data in steps and never shrink; a zoom
/// by wheel, drag or Shift-drag stays when data arrives, until Live, Escape or a double click. A
/// cross-hair reads all curves; the keys A and B put cursors at the mouse.
class LinePlot : public PlotView
{
    Q_OBJECT

public:
    enum Cursor
    {
        A,
        B
    };

    /// `yEnd` > 0 fixes the y axis to [0, yEnd]; 0 lets it follow the data.
    LinePlot(const QString& title, const QString& yTitle, double yEnd, QWidget* parent = nullptr);
    ~LinePlot() override;

    /// Another x axis than steps; `word` stands before a value that is read off it ("epoch").
    void setXAxis(const QString& title, const QString& word);
    void setYAxis(const QString& title, double yEnd);
    QString yTitle() const;

    /// `label`: what stands at the curve's end, where that is wanted; empty: its name.
    int addCurve(const QString& name, const CurveStyle& style, const QString& label = {});
    void rename(int curve, const QString& name);
    void removeCurves(); // and bands
    void append(int curve, double x, double y); // what is not finite is left out
    void clear(int curve);
    const std::vector<MinMaxSeries::Point>& points(int curve) const;

    /// A pale area between two ends, behind the curves that are added later.
    int addBand(const QString& name, int hue);
    void setBand(int band, const QString& name, int hue);
    void appendBand(int band, double x, double low, double high);
    void clearBand(int band);

    /// Names the curves at their ends while there are few; else the legend beside the plot must do.
    void nameEnds();
    static constexpr int mostEndLabels = 5;

    /// The labels as they were last drawn, from the top down.
    struct EndLabel
    {
        QString text;
        QRectF place; // in the drawing
    };
    const std::vector<EndLabel>& endLabels() const { return m_endLabels; }

    /// The x axis never goes beyond this while live; 0: no such end.
    void setXLimit(double limit);

    /// What is not above zero is not drawn on a logarithmic axis.
    void setLogarithmic(Qt::Orientation axis, bool logarithmic);
    bool isLogarithmic(Qt::Orientation axis) const;

    /// Draws once, soon, if anything changed since.
    void refresh();

    void goLive();
    void setXRange(double from, double to); // as if the user had zoomed there
    void fitValues(); // the y axis alone, to all there is
    std::pair<double, double> xRange() const;

    /// A curve's name and its value at x: that of the last point there or before.
    struct Reading
    {
        int curve = 0;
        QString name;
        double value = 0;
        CurveStyle style;
    };
    std::vector<Reading> readings(double x) const;

    /// Puts a cursor there; without a value it is taken away. Not signalled.
    void setCursor(Cursor cursor, std::optional<double> x);
    std::optional<double> cursor(Cursor cursor) const { return m_cursorAt[cursor]; }

    QString dataText() const override;
    QSize sizeHint() const override { return {480, 260}; }

signals:
    void xRangeChanged(double from, double to); // by the user
    void wentLive(); // by the user
    void cursorMoved(int cursor, std::optional<double> x); // by the user
    void logarithmicChanged(Qt::Orientation axis, bool logarithmic); // by the user

protected:
    void applyTheme() override;
    void showAll() override;
    void fillMenu(QMenu& menu) override;
    int dressForPaper() override;
    void undress() override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Curve;
    struct Band;
    class HoverBox;
    struct Extent;

    void setUpPlot();
    void setUpMouse();
    void setUpCursors();
    void applyStyle(Curve& curve) const;
    void followData();
    Extent extent() const;
    void followY(const Extent& all);
    void fillGraphs();
    void placeLabels();
    void hover(const QPointF& position);
    void hideHover();
    void drawCursors();
    void moveCursor(Cursor cursor, std::optional<double> x); // by the user
    std::optional<Cursor> cursorUnder(const QPointF& position) const;

    QCPItemStraightLine* m_hover = nullptr;
    HoverBox* m_box = nullptr;
    std::optional<double> m_hoverAt;
    std::array<QCPItemStraightLine*, 2> m_cursorLines = {};
    std::array<QCPItemText*, 2> m_cursorTexts = {};
    std::array<std::optional<double>, 2> m_cursorAt;
    std::optional<Cursor> m_dragged;
    Cursor m_lastCursor = A;
    QCPLegend* m_legend = nullptr; // of pictures alone
    std::vector<QCPItemText*> m_labelTexts; // owned by the plot; none: not wanted
    std::vector<EndLabel> m_endLabels;
    std::vector<std::unique_ptr<Curve>> m_curves;
    QString m_xWord;
    std::vector<std::unique_ptr<Band>> m_bands;
    double m_yEnd = 0;
    double m_xLimit = 0;
    AxisReach m_xReach;
    AxisReach m_yReach;
    AxisReach m_yLowReach; // below zero
    double m_yLogLow = 0; // 0: not set yet
    bool m_ownChange = false; // the axes are being set by the program
    bool m_dirty = true;
};

} // namespace stair
