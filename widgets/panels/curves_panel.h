#pragma once

#include "core/base/json.h"
#include "widgets/models/run_log.h"
#include "widgets/panels/run_curves.h"

#include <QWidget>

#include <array>
#include <memory>
#include <vector>

class QAction;
class QBoxLayout;
class QCheckBox;
class QComboBox;

namespace stair {

class CursorTable;
class LegendBar;
class LinePlot;

/// Two quantities over the steps of one or several runs, on the same steps: one above the other, or
/// side by side where there is little height. Loss and accuracy unless others are chosen.
class CurvesPanel : public QWidget
{
    Q_OBJECT

public:
    /// `linkSteps`: a checkable action of the window's, shown as a button; may be null.
    explicit CurvesPanel(QAction* linkSteps = nullptr, QWidget* parent = nullptr);
    ~CurvesPanel() override;

    /// The runs to draw. They must outlive their being set; the caller polls them.
    void setRuns(const std::vector<const RunLog*>& runs);

    /// Takes over what is new in the runs and draws once. Called on each tick of the window.
    void refresh();

    /// Whether a run has got its name and method since it was set: it was just started then.
    bool identityChanged() const;

    LinePlot* lossPlot() const { return m_slots[0].plot; } // the first one, whatever it shows
    LinePlot* accuracyPlot() const { return m_slots[1].plot; }

    /// What a plot (0 or 1) shows: a CurveQuantity's id.
    void setQuantity(int plot, const QString& id);

    /// How many steps the smoothed curves remember; 0: as they are.
    void setSmoothing(int steps);
    void setSeedBand(SeedBand band);

    /// What the panel's choices are, to be kept and brought back. setChoices throws std::exception on
    /// what choices() did not write, and changes nothing then.
    Json choices() const;
    void setChoices(const Json& choices);

    void setXRange(double from, double to); // as if the user had zoomed there
    void goLive();

public slots:
    void selectLayer(const QString& layer); // not signalled

signals:
    void layerSelected(const QString& layer); // by the user
    void xRangeChanged(double from, double to); // by the user
    void wentLive(); // by the user
    void choicesChanged();
    void choicesEdited(const Json& before, const Json& after); // not by setChoices()

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    /// One of the plots, with what chooses its quantity.
    struct Slot
    {
        LinePlot* plot = nullptr;
        QComboBox* quantity = nullptr;
        std::unique_ptr<RunCurves> curves;
    };

    /// What the curves were set up with.
    struct Lane
    {
        const RunLog* run = nullptr;
        RunStyle style;
        QString name;
        std::string method;
        std::unique_ptr<LayerLog> layers; // while a quantity of a layer is shown
    };

    void settle();
    void makeSlot(int slot, const char* name, const QString& accessible);
    QWidget* makeBar(QAction* linkSteps);
    void linkPlots();
    void setLogarithmic(Qt::Orientation axis, bool logarithmic);
    void setUpCurves();
    void setUpSlot(Slot& slot);
    void setUpAgain(Slot& slot); // another quantity: the steps stay as they are zoomed
    std::vector<SeedGroup> groups() const;
    QString groupName(const std::vector<std::size_t>& lanes) const;
    SeedBand seedBand() const;
    bool showsLayers() const;
    bool pollLayers();
    void showLayers();
    bool isSoft() const;
    void fillLegend();

    std::array<Slot, 2> m_slots;
    QBoxLayout* m_plots = nullptr; // one above the other, or side by side where that is wide
    LegendBar* m_marks = nullptr;
    LegendBar* m_groupMarks = nullptr;
    QComboBox* m_layer = nullptr;
    QComboBox* m_smoothing = nullptr;
    QComboBox* m_seeds = nullptr;
    QCheckBox* m_logSteps = nullptr;
    QCheckBox* m_logValues = nullptr;
    CursorTable* m_cursors = nullptr;
    std::vector<Lane> m_lanes;
    std::vector<SeedGroup> m_groups;
    bool m_isSoft = false; // a run has evaluations with the soft values of training
    std::size_t m_next = 0; // the lane whose layers are read first: none starves
    Json m_choices; // as they were last told
    bool m_setting = false; // by setChoices()
};

} // namespace stair
