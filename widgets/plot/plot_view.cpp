#include "widgets/plot/plot_view.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QStandardPaths>
#include <QSvgGenerator>
#include <QVBoxLayout>

#include <qcustomplot.h>

namespace stair {

namespace {

/// As in the light theme, whatever the window's is: pictures go into papers.
PlotTheme paperTheme()
{
    QPalette palette;
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::Text, QColor(0x1C, 0x1C, 0x1C));
    return PlotTheme::of(palette);
}

bool saveSvg(QCustomPlot& plot, const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    QSvgGenerator generator;
    generator.setOutputDevice(&file);
    generator.setSize(plot.size());
    generator.setViewBox(plot.rect());
    QCPPainter painter;
    if (!painter.begin(&generator))
        return false;
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, plot.width(), plot.height());
    return painter.end() && file.flush();
}

} // namespace

PlotView::PlotView(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(title))
    , m_readout(new QLabel)
    , m_plot(new QCustomPlot)
    , m_theme(PlotTheme::of(palette()))
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(title);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_readout->setObjectName(QStringLiteral("readout"));
    m_readout->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_readout->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_plot->setObjectName(QStringLiteral("plot"));
    m_plot->setFocusPolicy(Qt::NoFocus); // the keyboard is ours
    m_plot->setContextMenuPolicy(Qt::CustomContextMenu); // it passes no mouse event on
    m_plot->setMouseTracking(true);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(6, 2, 6, 2);
    row->addWidget(m_title);
    row->addWidget(m_readout, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(row);
    layout->addWidget(m_plot, 1);
    connect(m_plot, &QWidget::customContextMenuRequested, this,
            [this](const QPoint& place) { openMenu(m_plot->mapToGlobal(place)); });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this] { showAll(); });
    connect(m_plot, &QCustomPlot::mousePress, this, [this] { setFocus(Qt::MouseFocusReason); });
}

PlotView::~PlotView() = default;

void PlotView::setTitle(const QString& title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

void PlotView::fixMargins(QCPAxisRect& rect, int leftFigures, int rightFigures, double above,
                          double below) const
{
    const QFontMetrics metrics(font());
    const int figure = metrics.horizontalAdvance(QLatin1Char('0'));
    const int line = metrics.height();
    const auto side = [&](int figures) {
        return figures > 0 ? figures * figure + line + 18 : 18;
    };
    rect.setAutoMargins(QCP::msNone);
    rect.setMargins(QMargins(side(leftFigures), int(above * line), side(rightFigures),
                             below > 0 ? int(below * line) + 18 : 4));
}

QCPLegend* PlotView::addLegend(QCPAxisRect& rect, Qt::Alignment corner)
{
    auto* legend = new QCPLegend;
    rect.insetLayout()->addElement(legend, corner);
    rect.insetLayout()->setMargins(QMargins(6, 6, 6, 6));
    legend->setLayer(QStringLiteral("legend"));
    legend->setMargins(QMargins(4, 2, 4, 2));
    legend->setRowSpacing(2);
    legend->setIconSize(28, fontMetrics().height() + 3);
    return legend;
}

void PlotView::styleLegend(QCPLegend& legend) const
{
    QColor ground = m_theme.background;
    ground.setAlphaF(0.8f);
    legend.setBrush(ground);
    legend.setBorderPen(Qt::NoPen);
    legend.setFont(font());
    legend.setTextColor(m_theme.text);
    for (int i = 0; i < legend.itemCount(); ++i) {
        legend.item(i)->setFont(font());
        legend.item(i)->setTextColor(m_theme.text);
    }
}

void PlotView::setTheme(const PlotTheme& theme)
{
    m_theme = theme;
    m_plot->setBackground(theme.background);
    for (QCPAxisRect* rect : m_plot->axisRects()) {
        for (QCPAxis* axis : rect->axes()) {
            axis->setBasePen(QPen(theme.axis));
            axis->setTickPen(QPen(theme.axis));
            axis->setSubTickPen(QPen(theme.axis));
            axis->setTickLabelColor(theme.text);
            axis->setLabelColor(theme.text);
            axis->setTickLabelFont(font());
            axis->setLabelFont(font());
            axis->grid()->setPen(QPen(theme.grid));
            axis->grid()->setZeroLinePen(QPen(theme.grid));
        }
    }
    applyTheme();
}

void PlotView::retheme()
{
    setTheme(PlotTheme::of(palette()));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        retheme();
}

void PlotView::copyPicture() const
{
    QApplication::clipboard()->setPixmap(m_plot->toPixmap(0, 0, 2));
}

void PlotView::copyData() const
{
    QApplication::clipboard()->setText(dataText());
}

bool PlotView::savePicture(const QString& path)
{
    setTheme(paperTheme());
    const bool saved = path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)
        ? m_plot->savePdf(path)
        : path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)
        ? saveSvg(*m_plot, path)
        : m_plot->savePng(path, 0, 0, 2);
    retheme();
    return saved;
}

bool PlotView::saveData(const QString& path) const
{
    QFile file(path);
    const QByteArray text = dataText().toUtf8();
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.flush();
}

void PlotView::askForFile(const QString& title, const QStringList& filters,
                          const std::function<bool(const QString&)>& save)
{
    auto* dialog = new QFileDialog(
        this, title, QStandardPaths::writableLocation(QStandardPaths::PicturesLocation));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(filters.first().section(u'.', 1).chopped(1));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.section(u'.', 1).chopped(1));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this, save](const QString& path) {
        m_readout->setText(save(path) ? tr("Saved %1").arg(path)
                                      : tr("Cannot write %1: choose another folder").arg(path));
    });
    dialog->open();
}

void PlotView::contextMenuEvent(QContextMenuEvent* event)
{
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    openMenu(byKey ? m_plot->mapToGlobal(m_plot->rect().center()) : event->globalPos());
}

void PlotView::openMenu(const QPoint& place)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy picture"), this, &PlotView::copyPicture);
    menu->addAction(tr("Copy data as CSV"), this, &PlotView::copyData);
    menu->addAction(tr("Save picture…"), this, [this] {
        askForFile(
            tr("Save picture"),
            {tr("PNG picture (*.png)"), tr("SVG drawing (*.svg)"), tr("PDF document (*.pdf)")},
            [this](const QString& path) { return savePicture(path); });
    });
    menu->addAction(tr("Save data…"), this, [this] {
        askForFile(tr("Save data"), {tr("Comma-separated values (*.csv)")},
                   [this](const QString& path) { return saveData(path); });
    });
    menu->addSeparator();
    fillMenu(*menu);
    menu->addAction(tr("Show everything"), this, [this] { showAll(); });
    menu->popup(place);
}

void PlotView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        showAll();
    else if (event->matches(QKeySequence::Copy))
        copyPicture();
    else
        QWidget::keyPressEvent(event);
}

} // namespace stair
