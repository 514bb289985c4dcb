#pragma once

#include "widgets/plot/plot_theme.h"

#include <QImage>
#include <QWidget>

#include <functional>
#include <vector>

class QCPAxisRect;
class QCPLegend;
class QCustomPlot;
class QHBoxLayout;
class QLabel;
class QToolButton;

namespace stair {

/// What all plots share: a title line with a readout, colours from the palette, the menu (copy, save as
/// PNG, SVG or PDF, data as CSV). A zoom stays when data arrives until Live, Esc or a double click.
class PlotView : public QWidget
{
    Q_OBJECT

public:
    ~PlotView() override;

    /// What is drawn within the visible range, as comma-separated values.
    virtual QString dataText() const = 0;

    /// Writes a picture in light colours with its legend, its kind by the path's ending (png, svg or
    /// pdf); false when it cannot be written.
    bool savePicture(const QString& path);
    QImage picture(); // the same, at twice the density
    bool saveData(const QString& path) const;

    void setTitle(const QString& title);

    /// What the values are, in a sentence or two: What's this begins with it.
    void setMeaning(const QString& meaning);

    /// Whether the axes follow what is shown: until the user zooms or pans.
    bool isLive() const { return m_live; }

    /// Both ends of every axis, to be kept; nothing while live. setZoom() goes there as if the user
    /// had, and passes over what zoom() of such a plot did not give.
    std::vector<double> zoom() const;
    void setZoom(const std::vector<double>& ends);

    /// What chooses what is shown stands in the title's place.
    void setChooser(QWidget* chooser);
    const PlotTheme& theme() const { return m_theme; }
    QSize sizeHint() const override { return {480, 320}; }

public slots:
    void copyPicture();

signals:
    void zoomChanged(); // or went live

protected:
    explicit PlotView(const QString& title, QWidget* parent = nullptr);

    QCustomPlot& plot() const { return *m_plot; }
    QLabel& readout() const { return *m_readout; }

    /// Colours everything that the class draws; the axes have theirs already. Derived constructors call
    /// retheme() at their end.
    virtual void applyTheme() = 0;
    virtual void showAll() = 0; // and be live again
    void setLive(bool live);
    void setMouseHelp(const QString& html); // What's this goes on with it
    virtual void fillMenu(class QMenu&) { }

    /// For pictures: takes away what belongs to the screen alone, adds a legend where the screen has it
    /// elsewhere. Returns by how much the picture is higher for that.
    virtual int dressForPaper() { return 0; }
    virtual void undress() { }
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
    void onPaper(const std::function<void(QSize)>& draw);

    QHBoxLayout* m_header = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_readout = nullptr;
    QToolButton* m_liveButton = nullptr;
    QCustomPlot* m_plot = nullptr;
    PlotTheme m_theme;
    QString m_meaning;
    QString m_mouseHelp;
    bool m_live = true;
};

} // namespace stair
