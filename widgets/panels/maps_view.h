#pragma once

#include "widgets/models/inspected.h"

#include <QWidget>

#include <optional>

class QCheckBox;
class QLabel;
class QSpinBox;
class QToolButton;

namespace stair {

/// One tensor as two programs have it, tile beside tile: feature maps or filters of a layer, with the
/// ranges in words, a scale of colours for both, and their difference when asked for.
class MapsView : public QWidget
{
    Q_OBJECT

public:
    /// `what` is shown: "Feature maps"; `empty`: what would appear here, and how.
    MapsView(const QString& what, const QString& empty, QWidget* parent = nullptr);

    /// Both sides; the second may be empty. `sqnr` in dB of the second against the first.
    void setValues(const TileValues& first, const TileValues& second, const QStringList& sides,
                   std::optional<double> sqnr);

    /// Nothing is shown, and why; empty: what would appear.
    void clear(const QString& why = {});

    /// Outputs of the layer: where not all are told at once, a field asks for others.
    void setOutputs(int outputs, int each);
    int firstOutput() const;

signals:
    void firstOutputChanged(int output);

private:
    QWidget* buildBar();
    void turn(int pages);
    void showPage();
    void showDifference();

    QString m_what;
    QString m_whenEmpty;
    TileValues m_values[3]; // first, second, difference
    int m_page = 0; // first tile
    QWidget* m_columns[3] = {};
    QLabel* m_heads[3] = {};
    TileView* m_views[3] = {};
    ScaleBar* m_scale = nullptr;
    ScaleBar* m_differenceScale = nullptr;
    QWidget* m_body = nullptr;
    QLabel* m_empty = nullptr;
    QLabel* m_place = nullptr;
    QLabel* m_sqnr = nullptr;
    QToolButton* m_back = nullptr;
    QToolButton* m_forth = nullptr;
    QCheckBox* m_difference = nullptr;
    QSpinBox* m_output = nullptr;
};

} // namespace stair
