#pragma once

#include "widgets/models/estimator.h"
#include "widgets/models/layer_log.h"
#include "widgets/models/run_log.h"

#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;
class QPushButton;
class QTableView;

namespace stair {

class LabControls;
class LabMethodModel;
class LabParams;
class StaircasePlot;

/// What every estimator does, drawn from the objects that training calls, over a layer's live values:
/// forward staircases, surrogates, slopes and errors of any methods side by side.
class RoundingLab : public QWidget
{
    Q_OBJECT

public:
    explicit RoundingLab(QWidget* parent = nullptr);
    ~RoundingLab() override;

    /// The first one's layers are offered; none: the curves alone. They must outlive their being set.
    void setRuns(const std::vector<const RunLog*>& runs);

    /// Reads the newest record for a few milliseconds at most. Called on each tick of the window.
    void refresh();

    /// The methods whose curves are drawn; others are left out. The first becomes the selected one.
    void showMethods(const std::vector<std::string>& ids);

    LabMethodModel* methodModel() const { return m_methods; }
    LabControls* controls() const { return m_controls; }
    LabParams* params() const { return m_params; }
    StaircasePlot* plot() const { return m_plot; }

    /// The scene as it is sampled.
    LabScene scene() const;

public slots:
    void selectLayer(const QString& layer); // not signalled; now, or when it is recorded

signals:
    void layerSelected(const QString& layer); // by the user
    void useInRun(const QString& quantJson); // the spec's "quant" object

protected:
    void changeEvent(QEvent* event) override;

private:
    QWidget* makeSide();
    void connectParts();
    void fillLayers();
    void adoptLayer(); // kind, bits and step of the selected layer
    void takeValues(); // the layer's histogram, from the newest record
    void takeIcons();
    void showParams();
    void redraw();
    void sample();
    void showState(const LabMethod& method, const LabCurves& sampled, const LabEffect& effect);
    void offerUse();

    LabMethodModel* m_methods = nullptr;
    LabControls* m_controls = nullptr;
    LabParams* m_params = nullptr;
    StaircasePlot* m_plot = nullptr;
    QComboBox* m_layers = nullptr;
    QString m_wanted; // layer that was chosen, here or elsewhere
    QTableView* m_table = nullptr;
    QLabel* m_sentence = nullptr;
    QPushButton* m_use = nullptr;
    std::unique_ptr<LayerLog> m_log;
    ValueBins m_values; // of the selected layer, in units of x
    double m_valuesStep = 0; // training step they were taken at
    int m_selected = 0; // row of m_methods
};

} // namespace stair
