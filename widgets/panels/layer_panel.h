#pragma once

#include "core/train/experiment_spec.h"
#include "widgets/models/layer_table_model.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace stair {

/// The layers of the experiment in the form, with their widths to be edited by cell, by selection
/// or by name pattern, and under it what will come of it: size, bit-operations, what is not proved.
class LayerPanel : public QWidget
{
    Q_OBJECT

public:
    explicit LayerPanel(QWidget* parent = nullptr);

    /// `image`: one image as the network sees it; absent while the data is not known.
    void setSpec(const ExperimentSpec& spec, const std::optional<Shape>& image, int classes);

    /// In place of the table: why there is none.
    void setProblem(const QString& text);

    /// The sentence about the time per epoch that stands under the totals.
    void setEpochTime(const QString& text);

    /// Selects the layer of that name, now or when it is there.
    void selectLayer(const QString& name);

signals:
    /// What the user wants `quant.layers` to be.
    void layersEdited(const std::vector<stair::LayerBits>& layers);
    void layerSelected(const QString& name);

private:
    QWidget* buildBar();
    void applyCell(int row, int column, int bits);
    void applyPattern();
    void fillWidths();
    void takeCurrent();
    void showLayer(); // m_wanted's row, if there is one
    void showTotals();

    ExperimentSpec m_spec;
    LayerTableModel m_model;
    QString m_wanted; // was chosen, here or elsewhere
    QSortFilterProxyModel* m_sorted = nullptr;
    QTableView* m_table = nullptr;
    QLineEdit* m_pattern = nullptr;
    QComboBox* m_weightBits = nullptr;
    QComboBox* m_sourceBits = nullptr;
    QPushButton* m_apply = nullptr;
    QPushButton* m_reset = nullptr;
    QLabel* m_totals = nullptr;
    QLabel* m_time = nullptr;
};

} // namespace stair
