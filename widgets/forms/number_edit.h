#pragma once

#include <QLineEdit>

namespace stair {

/// A real number in the notation the user likes (0.1, 1e-4), within a range. What cannot be used is
/// red, underlined and explained in the tool tip and to screen readers; text() keeps it.
class NumberEdit : public QLineEdit
{
    Q_OBJECT

public:
    NumberEdit(double least, double most, QWidget* parent = nullptr);

    void setNumber(double value);
    void setUnchecked(const QString& text); // as if typed: it may be no number
    bool isNumber() const;
    double number() const; // 0 when it is none

    /// What is wrong with the text; empty: nothing.
    const QString& problem() const { return m_problem; }

protected:
    bool event(QEvent* event) override; // tool tips

private:
    void check();

    double m_least;
    double m_most;
    QString m_problem;
};

} // namespace stair
