#pragma once

#include "widgets/plot/plot_theme.h"

#include <QString>
#include <QWidget>

namespace stair {

/// Colours for the values of a map: one evenly perceived scale from `least` to `most`, or, where the
/// values have both signs, blue through the ground to orange with zero in the middle.
struct ColorScale
{
    double least = 0;
    double most = 1;
    bool isDiverging = false;

    /// Diverging where least < 0 < most, and even about zero then.
    static ColorScale over(double least, double most);

    QColor at(const PlotTheme& theme, double value) const;
};

/// A scale as a strip with its ends' values and what they measure.
class ScaleBar : public QWidget
{
    Q_OBJECT

public:
    explicit ScaleBar(QWidget* parent = nullptr);

    /// `title` names the quantity and its unit.
    void setScale(const ColorScale& scale, const QString& title);
    const QString& title() const { return m_title; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ColorScale m_scale;
    QString m_title;
};

/// A value with as many digits as say something: "0.0312", "-4.5", "27.1".
QString shortNumber(double value);

} // namespace stair
