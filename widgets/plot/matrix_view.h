#pragma once

#include <QStringList>
#include <QWidget>

#include <utility>
#include <vector>

namespace stair {

/// A square matrix of counts, classes against classes, as shaded cells with their numbers where they
/// fit: a confusion matrix. Rows are labels, columns predictions. Arrow keys go from cell to cell,
/// Enter or a click tells its count in words; a right click copies or saves the matrix.
class MatrixView : public QWidget
{
    Q_OBJECT

public:
    explicit MatrixView(const QString& title, QWidget* parent = nullptr);

    /// Row by row; empty: nothing to show.
    void setCounts(std::vector<std::vector<qint64>> counts, const QStringList& classes);

    /// The cell that keys act on, as row and column; negative: none.
    std::pair<int, int> current() const { return {m_row, m_column}; }

    /// Every cell as comma-separated values.
    QString dataText() const;

    QSize sizeHint() const override { return {300, 320}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override; // tool tips

private:
    struct Frame
    {
        QRectF cells;
        double side = 0; // of a cell
    };

    Frame frame() const;
    std::pair<int, int> cellAt(const QPointF& place) const; // negative: none
    void choose(int row, int column);
    void tell(); // of the current cell
    QString className(int c) const;
    QString cellText(int row, int column) const;

    QString m_title;
    QStringList m_classes;
    std::vector<std::vector<qint64>> m_counts;
    int m_row = -1;
    int m_column = -1;
};

} // namespace stair
