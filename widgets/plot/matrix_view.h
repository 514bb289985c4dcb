#pragma once

#include <QStringList>
#include <QWidget>

#include <vector>

namespace stair {

/// A square matrix of counts, classes against classes, as shaded cells with their numbers where they
/// fit: a confusion matrix. Rows are labels, columns predictions. A right click copies or saves it.
class MatrixView : public QWidget
{
    Q_OBJECT

public:
    explicit MatrixView(const QString& title, QWidget* parent = nullptr);

    /// Row by row; empty: nothing to show.
    void setCounts(std::vector<std::vector<qint64>> counts, const QStringList& classes);

    /// Every cell as comma-separated values.
    QString dataText() const;

    QSize sizeHint() const override { return {300, 320}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override; // tool tips

private:
    struct Frame
    {
        QRectF cells;
        double side = 0; // of a cell
    };

    Frame frame() const;
    QString className(int c) const;
    QString cellText(int row, int column) const;

    QString m_title;
    QStringList m_classes;
    std::vector<std::vector<qint64>> m_counts;
};

} // namespace stair
