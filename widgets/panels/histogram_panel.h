#pragma once

#include "widgets/models/run_log.h"
#include "widgets/models/run_style.h"
#include "widgets/panels/layer_figures.h"

#include <QWidget>

#include <memory>
#include <vector>

class QButtonGroup;
class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;

namespace stair {

class LayerCurves;
class LayerListModel;
class LegendBar;

/// Weights, activations and gradients of one layer of one or several runs: now, over time, and what
/// is cut off, zero, unused or flipped as curves.
class HistogramPanel : public QWidget
{
    Q_OBJECT

public:
    enum class View
    {
        Now,
        OverTime,
        Curves
    };

    explicit HistogramPanel(QWidget* parent = nullptr);
    ~HistogramPanel() override;

    /// The runs to draw. They must outlive their being set.
    void setRuns(const std::vector<const RunLog*>& runs);

    /// Reads what is new in the layers' logs for a few milliseconds at most and draws once. Called
    /// on each tick of the window.
    void refresh();

    void setSide(TensorSide side);
    void setView(View view);
    QString layer() const { return m_layer; }

    HistogramPlot* nowPlot() const { return m_now; }
    HeatMap* heatMap() const { return m_map; }
    LayerCurves* curves() const { return m_curves; }

    /// Of what is drawn over the steps: as if the user had zoomed there.
    void setXRange(double from, double to);
    void goLive();

public slots:
    void selectLayer(const QString& layer); // not signalled

signals:
    void layerSelected(const QString& layer); // by the user
    void xRangeChanged(double from, double to); // by the user, in what is drawn over the steps
    void wentLive(); // by the user
    void startWanted(); // there is no run: the user would like to set one up

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    struct Lane
    {
        const RunLog* run = nullptr;
        RunStyle style;
        std::unique_ptr<LayerLog> log;
    };

    QWidget* makeLayerList();
    QWidget* makeHeader();
    QWidget* makeEmptyPage();
    void connectParts();
    void markChoices();
    void takeReports();
    void showLayer(const QString& layer);
    void startOver(); // another layer, side or run
    void draw();
    void drawNow();
    void drawOverTime();
    void showFacts();
    QString emptyReason() const;
    const Lane* mapLane() const;

    std::vector<Lane> m_lanes;
    std::size_t m_next = 0; // the lane that is read first: none starves
    QString m_layer;
    QString m_wanted; // was chosen, here or elsewhere: it may not be recorded yet
    bool m_filtering = false;
    TensorSide m_side = TensorSide::Weights;
    View m_view = View::Now;
    LayerListModel* m_layers = nullptr;
    QSortFilterProxyModel* m_found = nullptr;
    QLineEdit* m_search = nullptr;
    QTableView* m_list = nullptr;
    QButtonGroup* m_sides = nullptr;
    QButtonGroup* m_views = nullptr;
    QCheckBox* m_logarithmic = nullptr;
    QComboBox* m_mapRun = nullptr;
    LegendBar* m_legend = nullptr;
    QStackedWidget* m_pages = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_emptyAction = nullptr;
    HistogramPlot* m_now = nullptr;
    HeatMap* m_map = nullptr;
    LayerCurves* m_curves = nullptr;
    std::vector<QLabel*> m_facts;
};

} // namespace stair
