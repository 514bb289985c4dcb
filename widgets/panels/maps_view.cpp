#include "widgets/panels/maps_view.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace stair {

MapsView::MapsView(const QString& what, const QString& empty, QWidget* parent)
    : QWidget(parent)
    , m_what(what)
    , m_whenEmpty(empty)
    , m_scale(new ScaleBar)
    , m_differenceScale(new ScaleBar)
    , m_body(new QWidget)
    , m_empty(new QLabel)
{
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignTop);
    auto* columns = new QHBoxLayout;
    for (int i = 0; i < 3; ++i) {
        m_columns[i] = new QWidget;
        m_heads[i] = new QLabel;
        m_heads[i]->setWordWrap(true);
        m_heads[i]->setAlignment(Qt::AlignBottom);
        m_heads[i]->setMinimumHeight(2 * fontMetrics().lineSpacing()); // tiles stand level
        m_views[i] = new TileView;
        m_views[i]->setAccessibleName(what);
        connect(m_views[i], &TileView::pageTurned, this, &MapsView::turn);
        connect(m_views[i], &TileView::capacityChanged, this, &MapsView::showPage);
        auto* column = new QVBoxLayout(m_columns[i]);
        column->setContentsMargins(0, 0, 0, 0);
        column->addWidget(m_heads[i]);
        column->addWidget(m_views[i], 1);
        columns->addWidget(m_columns[i], 1);
    }
    auto* scales = new QHBoxLayout;
    scales->addWidget(m_scale, 2);
    scales->addWidget(m_differenceScale, 1);
    auto* body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->addWidget(buildBar());
    body->addLayout(columns, 1);
    body->addLayout(scales);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(m_empty);
    layout->addWidget(m_body, 1);
    clear();
}

QWidget* MapsView::buildBar()
{
    auto* bar = new QWidget;
    const auto button = [this](const QString& text, const QString& name, int pages) {
        auto* made = new QToolButton;
        made->setText(text);
        made->setAccessibleName(name);
        made->setToolTip(name);
        connect(made, &QToolButton::clicked, this, [this, pages] { turn(pages); });
        return made;
    };
    m_back = button(tr("‹"), tr("Page before (Page Up)"), -1);
    m_forth = button(tr("›"), tr("Next page (Page Down)"), 1);
    m_forth->setObjectName(QStringLiteral("mapsNext"));
    m_place = new QLabel;
    m_place->setObjectName(QStringLiteral("mapsPlace"));
    m_output = new QSpinBox;
    m_output->setPrefix(tr("from output "));
    m_output->setAccessibleName(tr("First output whose filters are shown"));
    m_output->setKeyboardTracking(false);
    m_output->hide(); // until setOutputs() says that there are others
    connect(m_output, &QSpinBox::valueChanged, this, &MapsView::firstOutputChanged);
    m_difference = new QCheckBox(tr("Difference"));
    m_difference->setObjectName(QStringLiteral("mapsDifference"));
    m_difference->setToolTip(tr("The first less the second, in real units"));
    connect(m_difference, &QCheckBox::toggled, this, &MapsView::showDifference);
    m_sqnr = new QLabel;
    m_sqnr->setToolTip(tr("10 log10(sum b² / sum (b - a)²): a is the first, b the second"));
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_back);
    layout->addWidget(m_forth);
    layout->addWidget(m_place, 1);
    layout->addWidget(m_output);
    layout->addWidget(m_sqnr);
    layout->addWidget(m_difference);
    return bar;
}

void MapsView::clear(const QString& why)
{
    m_empty->setText(why.isEmpty() ? m_whenEmpty : why);
    m_body->hide();
    m_empty->show();
}

void MapsView::setValues(const TileValues& first, const TileValues& second,
                         const QStringList& sides, std::optional<double> sqnr)
{
    if (first.isEmpty()) {
        clear();
        return;
    }
    if (m_values[0].count != first.count || m_values[0].height != first.height)
        m_page = 0;
    m_values[0] = first;
    m_values[1] = second;
    m_values[2] = differenceOf(first, second);
    const bool hasTwo = !second.isEmpty();
    const ColorScale scale
        = ColorScale::over(hasTwo ? std::min(first.least, second.least) : first.least,
                           hasTwo ? std::max(first.most, second.most) : first.most);
    for (int i = 0; i < 3; ++i) {
        const TileValues values = m_values[i];
        const bool isDifference = i == 2;
        const QString title = isDifference ? tr("difference") : sides.value(i);
        m_heads[i]->setText(tr("%1: %2 to %3 (%4)")
                                .arg(title, shortNumber(values.least), shortNumber(values.most),
                                     isDifference ? tr("real units") : values.unit));
        m_views[i]->setAccessibleName(tr("%1, %2").arg(m_what, m_heads[i]->text()));
        m_views[i]->setTiles(values,
                             isDifference ? ColorScale::over(values.least, values.most) : scale,
                             [values](int t, int y, int x) { return values.describe(t, y, x); });
    }
    m_scale->setScale(scale, tr("value, real units"));
    m_differenceScale->setScale(ColorScale::over(m_values[2].least, m_values[2].most),
                                tr("difference"));
    m_sqnr->setText(!sqnr                      ? QString()
                        : std::isfinite(*sqnr) ? tr("SQNR %1 dB").arg(*sqnr, 0, 'f', 1)
                                               : tr("equal"));
    m_difference->setEnabled(!m_values[2].isEmpty());
    m_empty->hide();
    m_body->show();
    showDifference();
}

void MapsView::setOutputs(int outputs, int each)
{
    const QSignalBlocker quiet(m_output);
    m_output->setVisible(outputs > each);
    m_output->setRange(0, std::max(0, outputs - 1));
    m_output->setSingleStep(each);
    m_output->setSuffix(tr(" of %1").arg(outputs));
}

int MapsView::firstOutput() const
{
    return m_output->value();
}

void MapsView::showDifference()
{
    m_columns[1]->setVisible(!m_values[1].isEmpty());
    const bool shows = m_difference->isChecked() && !m_values[2].isEmpty();
    m_columns[2]->setVisible(shows);
    m_differenceScale->setVisible(shows);
    showPage();
}

void MapsView::turn(int pages)
{
    const int capacity = m_views[0]->capacity();
    const int next = m_page + pages * capacity;
    if (next < m_values[0].count && next > -capacity)
        m_page = std::max(0, next);
    showPage();
}

void MapsView::showPage()
{
    const TileValues& values = m_values[0];
    const int capacity = m_views[0]->capacity();
    m_page = std::clamp(m_page, 0, std::max(0, values.count - 1));
    for (TileView* view : m_views)
        view->setFirst(m_page);
    const int last = std::min(values.count, m_page + capacity) - 1;
    m_back->setEnabled(m_page > 0);
    m_forth->setEnabled(last + 1 < values.count);
    m_place->setText(values.isOne ? tr("%1 × %2 values").arg(values.height).arg(values.width)
                                  : tr("%1 to %2 of %3")
                                        .arg(values.tileName(m_page), values.tileName(last))
                                        .arg(values.count));
}

} // namespace stair
