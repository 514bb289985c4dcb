#pragma once

#include "widgets/plot/axis_reach.h"
#include "widgets/plot/plot_theme.h"

#include <QWidget>

#include <memory>
#include <vector>

class QCPItemStraightLine;
class QCustomPlot;
class QLabel;
class QMouseEvent;
class QToolButton;

namespace stair {

/// How a curve is drawn: a line alone, a pale line for noise, or marks joined by a thin line.
struct CurveStyle
{
    enum class Mark
    {
        Line,
        Faint,
        Disc,
        Square,
        Triangle
    };
    int hue = 0; // PlotTheme::curve
    int dash = 0; // PlotTheme::dash
    Mark mark = Mark::Line;
};

/// Curves over training steps. While live the axes follow the data in steps and never shrink; a zoom
/// by wheel, drag or Shift-drag stays when data arrives, until Live, Escape or a double click.
class LinePlot : public QWidget
{
    Q_OBJECT

public:
    /// `yEnd` > 0 fixes the y axis to [0, yEnd]; 0 lets it follow the data.
    LinePlot(const QString& title, const QString& yTitle, double yEnd, QWidget* parent = nullptr);
    ~LinePlot() override;

    /// Another x axis than steps; `word` stands before a value that is read off it ("epoch").
    void setXAxis(const QString& title, const QString& word);

    int addCurve(const QString& name, const CurveStyle& style);
    void removeCurves();
    void append(int curve, double x, double y); // what is not finite is left out
    void clear(int curve);

    /// The x axis never goes beyond this while live; 0: no such end.
    void setXLimit(double limit);

    /// Draws once, soon, if anything changed since.
    void refresh();

    bool isLive() const { return m_live; }
    void goLive();
    void setXRange(double from, double to); // as if the user had zoomed there

    /// All curves as comma-separated values, one line a point.
    QString dataText() const;
    QSize sizeHint() const override { return {480, 260}; }

signals:
    void xRangeChanged(double from, double to); // by the user
    void wentLive(); // by the user

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    struct Curve;

    void setUpHeader(const QString& title);
    void setUpPlot(const QString& yTitle);
    void setUpMouse();
    void applyTheme();
    void applyStyle(Curve& curve) const;
    void followData();
    void fillGraphs();
    void leaveLive();
    void returnToLive();
    void showReadout(const QMouseEvent* event);
    void hideReadout();
    void showMenu(const QPoint& position);
    void savePicture();

    QCustomPlot* m_plot = nullptr;
    QLabel* m_readout = nullptr;
    QToolButton* m_liveButton = nullptr;
    QCPItemStraightLine* m_cursor = nullptr;
    PlotTheme m_theme;
    std::vector<std::unique_ptr<Curve>> m_curves;
    QString m_xWord;
    double m_yEnd = 0;
    double m_xLimit = 0;
    AxisReach m_xReach;
    AxisReach m_yReach;
    bool m_live = true;
    bool m_ownChange = false; // the axes are being set by the program
    bool m_dirty = true;
};

} // namespace stair
