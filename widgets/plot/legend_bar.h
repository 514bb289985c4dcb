#pragma once

#include "widgets/plot/curve_style.h"

#include <QWidget>

#include <vector>

namespace stair {

/// What the curves mean, as samples with words, on one line outside the plots. Long words are cut
/// with an ellipsis; the tool tip has them whole.
class LegendBar : public QWidget
{
    Q_OBJECT

public:
    struct Entry
    {
        QString text;
        CurveStyle style;
    };

    explicit LegendBar(QWidget* parent = nullptr);
    void setEntries(std::vector<Entry> entries);
    const std::vector<Entry>& entries() const { return m_entries; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {80, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int naturalWidth(const Entry& entry) const;
    int widestEntry() const;

    std::vector<Entry> m_entries;
};

} // namespace stair
