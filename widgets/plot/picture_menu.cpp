#include "widgets/plot/picture_menu.h"

#include "widgets/plot/plot_theme.h"

#include <QAbstractItemModel>
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QMenu>
#include <QPainter>
#include <QPdfWriter>
#include <QStandardPaths>
#include <QSvgGenerator>
#include <QToolTip>

namespace stair {

namespace {

constexpr int pictureScale = 2;
constexpr int pixelsPerInch = 96; // of a widget's own

QString tr(const char* text)
{
    return QCoreApplication::translate("PictureMenu", text);
}

/// While it lives the widget has the colours of paper.
class OnPaper
{
public:
    explicit OnPaper(QWidget& widget)
        : m_widget(widget)
        , m_own(widget.testAttribute(Qt::WA_SetPalette) ? widget.palette() : QPalette())
    {
        widget.setPalette(paperPalette());
    }
    ~OnPaper() { m_widget.setPalette(m_own); }
    OnPaper(const OnPaper&) = delete;
    OnPaper& operator=(const OnPaper&) = delete;

private:
    QWidget& m_widget;
    QPalette m_own;
};

QImage widgetPicture(QWidget& widget)
{
    const OnPaper paper(widget);
    QImage image(widget.size() * pictureScale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(pictureScale);
    image.fill(Qt::white);
    widget.render(&image);
    return image;
}

bool paintOn(QPaintDevice& device, QWidget& widget, double scale)
{
    QPainter painter;
    if (!painter.begin(&device))
        return false;
    painter.scale(scale, scale);
    widget.render(&painter);
    return painter.end();
}

void askForFile(QWidget& owner, const QString& title, const QStringList& filters,
                const std::function<bool(const QString&)>& save,
                const std::function<void(const QString&)>& tell)
{
    auto* dialog = new QFileDialog(
        &owner, title, QStandardPaths::writableLocation(QStandardPaths::PicturesLocation));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(filters.first().section(u'.', 1).chopped(1));
    QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.section(u'.', 1).chopped(1));
    });
    QObject::connect(dialog, &QFileDialog::fileSelected, &owner, [save, tell](const QString& path) {
        tell(save(path) ? tr("Saved %1").arg(path)
                        : tr("Cannot write %1: choose another folder").arg(path));
    });
    dialog->open();
}

} // namespace

void addPictureActions(QMenu& menu, QWidget& owner, const PictureSource& source)
{
    menu.addAction(tr("Copy picture"), &owner,
                   [picture = source.picture] { QApplication::clipboard()->setImage(picture()); });
    menu.addAction(tr("Copy data as CSV"), &owner,
                   [data = source.data] { QApplication::clipboard()->setText(data()); });
    menu.addAction(tr("Save picture…"), &owner, [&owner, source] {
        askForFile(
            owner, tr("Save picture"),
            {tr("PNG picture (*.png)"), tr("SVG drawing (*.svg)"), tr("PDF document (*.pdf)")},
            source.save, source.tell);
    });
    menu.addAction(tr("Save data…"), &owner, [&owner, source] {
        askForFile(
            owner, tr("Save data"), {tr("Comma-separated values (*.csv)")},
            [source](const QString& path) { return saveText(path, source.data()); }, source.tell);
    });
}

void installPictureMenu(QWidget& widget, std::function<QString()> data)
{
    widget.setContextMenuPolicy(Qt::CustomContextMenu);
    QObject::connect(
        &widget, &QWidget::customContextMenuRequested, &widget,
        [&widget, data = std::move(data)](const QPoint& place) {
            auto* menu = new QMenu(&widget);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            addPictureActions(
                *menu, widget,
                {[&widget] { return widgetPicture(widget); },
                 [&widget](const QString& path) { return saveWidgetPicture(widget, path); }, data,
                 [&widget](const QString& text) {
                     QToolTip::showText(widget.mapToGlobal(QPoint()), text, &widget);
                 }});
            menu->popup(widget.mapToGlobal(place));
        });
}

bool saveWidgetPicture(QWidget& widget, const QString& path)
{
    if (path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive))
        return widgetPicture(widget).save(path);
    const OnPaper paper(widget);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QSvgGenerator svg;
        svg.setOutputDevice(&file);
        svg.setSize(widget.size());
        svg.setViewBox(widget.rect());
        return paintOn(svg, widget, 1) && file.flush();
    }
    QPdfWriter pdf(&file);
    pdf.setPageMargins({});
    pdf.setPageSize(QPageSize(QSizeF(widget.size()) * 72.0 / pixelsPerInch, QPageSize::Point, {}));
    return paintOn(pdf, widget, double(pdf.logicalDpiX()) / pixelsPerInch) && file.flush();
}

bool saveText(const QString& path, const QString& text)
{
    QFile file(path);
    const QByteArray bytes = text.toUtf8();
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.flush();
}

QString tableText(const QAbstractItemModel& model)
{
    QString text;
    for (int row = -1; row < model.rowCount(); ++row) {
        for (int column = 0; column < model.columnCount(); ++column) {
            const QVariant value = row < 0 ? model.headerData(column, Qt::Horizontal)
                                           : model.index(row, column).data();
            text += (column > 0 ? QStringLiteral(",") : QString()) + quotedField(value.toString());
        }
        text += QLatin1Char('\n');
    }
    return text;
}

QString quotedField(QString text)
{
    return u'"' + text.replace(u'"', QLatin1String("\"\"")) + u'"';
}

} // namespace stair
