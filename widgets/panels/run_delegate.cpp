#include "widgets/panels/run_delegate.h"

#include "widgets/models/run_list_model.h"
#include "widgets/models/run_list_proxy.h"
#include "widgets/models/run_style.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/glyphs.h"
#include "widgets/plot/plot_theme.h"

#include <QApplication>
#include <QLineEdit>
#include <QPainter>

#include <algorithm>

namespace stair {

namespace {

constexpr int margin = 6;
constexpr int swatchWidth = 22;

void paintBar(QPainter& painter, const QRect& place, double share, const QColor& ink,
              const QColor& ground)
{
    const QRectF track(place.left(), place.center().y() - 2, place.width(), 5);
    QColor rest = ink;
    rest.setAlphaF(0.25f);
    painter.fillRect(track, rest);
    painter.fillRect(QRectF(track.topLeft(), QSizeF(track.width() * share, track.height())),
                     legible(ink, ground, 3));
}

QString stateLine(const QModelIndex& index)
{
    const double left = index.data(RunListModel::RemainingRole).toDouble();
    const auto state = RunState(index.data(RunListModel::StateRole).toInt());
    if (state == RunState::Running && left >= 0)
        return RunDelegate::tr("%1 left").arg(durationText(left));
    return index.data(RunListModel::StateTextRole).toString();
}

/// The accuracy of the evaluations, from the first to the last over the width, from the least to
/// the greatest over the height.
void paintTrace(QPainter& painter, const QRectF& place, const QList<double>& trace,
                const QColor& color)
{
    const auto [least, greatest] = std::ranges::minmax(trace);
    const double span = greatest > least ? greatest - least : 1;
    QPolygonF line;
    for (qsizetype i = 0; i < trace.size(); ++i)
        line += QPointF(place.left() + place.width() * double(i) / double(trace.size() - 1),
                        place.bottom() - place.height() * (trace[i] - least) / span);
    painter.setPen(QPen(color, 1.3));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
}

int headingHeight(const QStyleOptionViewItem& option, const QModelIndex& index)
{
    return index.data(RunListProxy::HeadingRole).toString().isEmpty()
        ? 0
        : option.fontMetrics.height() + margin;
}

/// Where a run's own two lines stand, without the heading.
QRect bodyOf(const QStyleOptionViewItem& option, const QModelIndex& index)
{
    return option.rect.adjusted(0, headingHeight(option, index), 0, 0);
}

void paintHeading(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    const int height = headingHeight(option, index);
    if (height == 0)
        return;
    const QRect place(option.rect.left(), option.rect.top(), option.rect.width(), height);
    painter.fillRect(place, option.palette.color(QPalette::AlternateBase));
    QFont bold = option.font;
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(option.palette.color(QPalette::Text));
    const QString title = index.data(RunListProxy::HeadingRole).toString();
    painter.drawText(place.adjusted(margin, 0, -margin, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(bold).elidedText(title, Qt::ElideRight, place.width() - 12));
    painter.setFont(option.font);
}

/// One run being painted: its lines' places and its colours.
class RunPainter
{
public:
    RunPainter(QPainter& painter, const QStyleOptionViewItem& item, const QRect& body,
               const QModelIndex& index)
        : m_painter(painter)
        , m_metrics(item.fontMetrics)
        , m_index(index)
        , m_theme(PlotTheme::of(item.palette))
    {
        const bool selected = item.state & QStyle::State_Selected;
        m_ink = item.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
        m_ground = item.palette.color(selected ? QPalette::Highlight : QPalette::Base);
        m_theme.background = m_ground;
        m_theme.text = m_ink;
        const int height = m_metrics.height();
        const QRect inner = body.adjusted(margin, margin, -margin, -margin);
        m_upper = QRect(inner.left(), inner.top(), inner.width(), height);
        m_lower = QRect(inner.left(), inner.bottom() + 1 - height, inner.width(), height);
    }

    void paintUpper()
    {
        QRect place = m_upper;
        m_painter.setPen(m_ink);
        const QVariant best = m_index.data(RunListModel::BestRole);
        if (best.isValid())
            m_painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter,
                               percentText(best.toDouble()));
        place.setRight(place.right() - m_metrics.horizontalAdvance(percentText(1)) - margin);
        if (m_index.data(RunListModel::StarRole).toBool()) {
            const QRect star(place.left(), place.top(), place.height(), place.height());
            paintGlyph(m_painter, Glyph::Star, star.adjusted(1, 1, -1, -1), m_ink);
            place.setLeft(star.right() + 3);
        }
        if (!m_index.data(RunListModel::NotesRole).toString().isEmpty()) {
            const QRect note(place.right() - place.height(), place.top(), place.height(),
                             place.height());
            paintGlyph(m_painter, Glyph::Note, note.adjusted(2, 2, -2, -2), m_ink);
            place.setRight(note.left() - 3);
        }
        const QString whole = m_index.data().toString();
        const QStringList tags = m_index.data(RunListModel::TagsRole).toStringList();
        const int forTag = tags.isEmpty() // a long name leaves the first tag some room
            ? 0
            : std::min(tagWidth(tags.front()) + margin, 2 * place.width() / 5);
        const QString name = m_metrics.elidedText(whole, Qt::ElideRight, place.width() - forTag);
        m_painter.setPen(m_ink);
        m_painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, name);
        place.setLeft(place.left() + m_metrics.horizontalAdvance(name) + margin);
        paintTags(place, tags);
    }

    /// As many tags as there is room for behind the name.
    void paintTags(QRect place, const QStringList& tags)
    {
        for (const QString& tag : tags) {
            const int width = tagWidth(tag);
            if (width > place.width())
                return;
            const QRectF chip(place.left() + 0.5, place.top() + 0.5, width - 1, place.height() - 1);
            m_painter.setPen(QPen(legible(m_ground, m_ground, 3), 1));
            m_painter.setBrush(Qt::NoBrush);
            m_painter.drawRoundedRect(chip, 3, 3);
            m_painter.setPen(m_ink);
            m_painter.drawText(chip, Qt::AlignCenter, tag);
            place.setLeft(place.left() + width + 4);
        }
    }

    int tagWidth(const QString& tag) const { return m_metrics.horizontalAdvance(tag) + 8; }

    void paintLower()
    {
        const RunStyle look
            = methodStyle(m_index.data(RunListModel::MethodRole).toString().toStdString());
        QPen pen(m_theme.curve(look.hue), 2);
        if (const QVector<qreal> dash = PlotTheme::dash(look.dash); !dash.isEmpty())
            pen.setDashPattern(dash);
        QRect place = m_lower;
        m_painter.setPen(pen);
        m_painter.drawLine(QPointF(place.left(), place.center().y() + 0.5),
                           QPointF(place.left() + swatchWidth, place.center().y() + 0.5));
        m_painter.setPen(m_ink);
        m_painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, stateLine(m_index));
        const int state = m_metrics.horizontalAdvance(RunDelegate::tr("0:00:00 left"));
        place.adjust(swatchWidth + 2 * margin, 0, -state - margin, 0);
        const auto trace = m_index.data(RunListModel::TraceRole).value<QList<double>>();
        const bool active = m_index.data(RunListModel::ActiveRole).toBool();
        if (!active && trace.size() > 1)
            paintTrace(m_painter, QRectF(place).adjusted(0, 2, 0, -2), trace,
                       m_theme.curve(look.hue));
        else
            paintBar(m_painter, place, m_index.data(RunListModel::ProgressRole).toDouble(), m_ink,
                     m_ground);
    }

private:
    QPainter& m_painter;
    QFontMetrics m_metrics;
    const QModelIndex& m_index;
    PlotTheme m_theme;
    QColor m_ink;
    QColor m_ground;
    QRect m_upper;
    QRect m_lower;
};

} // namespace

QSize RunDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return {120, 2 * option.fontMetrics.height() + 3 * margin + headingHeight(option, index)};
}

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const
{
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    item.text.clear();
    item.rect = bodyOf(option, index);
    const QWidget* widget = item.widget;
    QStyle* style = widget ? widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, widget);

    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    paintHeading(*painter, option, index);
    RunPainter run(*painter, item, item.rect, index);
    run.paintUpper();
    run.paintLower();
    painter->restore();
}

QWidget* RunDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&,
                                   const QModelIndex&) const
{
    auto* edit = new QLineEdit(parent);
    edit->setObjectName(QStringLiteral("runTitle"));
    edit->setAccessibleName(tr("Title of the run"));
    edit->setAutoFillBackground(true);
    return edit;
}

/// News of a run that trains must not undo what is being typed.
void RunDelegate::setEditorData(QWidget* editor, const QModelIndex& index) const
{
    auto* edit = static_cast<QLineEdit*>(editor);
    const QString name = index.data(Qt::EditRole).toString();
    if (!edit->isModified() && edit->text() != name)
        edit->setText(name);
}

void RunDelegate::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                                       const QModelIndex& index) const
{
    QRect place = bodyOf(option, index);
    place.setHeight(option.fontMetrics.height() + 2 * margin);
    editor->setGeometry(place);
}

} // namespace stair
