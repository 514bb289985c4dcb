#pragma once

#include <QWidget>

class QSlider;

namespace stair {

class NumberEdit;

/// A number by slider and by field. The slider runs evenly, or evenly in the logarithm where the range
/// spans decades; the field takes what the slider cannot reach.
class SliderRow : public QWidget
{
    Q_OBJECT

public:
    /// `whole`: the slider stops at integers alone.
    SliderRow(const QString& name, double least, double most, bool whole,
              QWidget* parent = nullptr);

    /// Not signalled.
    void setNumber(double value);
    double number() const; // within the range

    QSlider* slider() const { return m_slider; }
    NumberEdit* field() const { return m_field; }

signals:
    void changed(double value); // by the user

private:
    double valueAt(int position) const;
    int positionOf(double value) const;

    double m_least;
    double m_most;
    bool m_whole;
    bool m_logarithmic;
    QSlider* m_slider = nullptr;
    NumberEdit* m_field = nullptr;
};

} // namespace stair
