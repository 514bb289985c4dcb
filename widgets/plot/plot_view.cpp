#include "widgets/plot/plot_view.h"

#include "widgets/plot/picture_menu.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QSvgGenerator>
#include <QToolButton>
#include <QVBoxLayout>

#include <qcustomplot.h>

namespace stair {

namespace {

constexpr double pictureScale = 2;

bool saveSvg(QCustomPlot& plot, const QString& path, QSize size)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    QSvgGenerator generator;
    generator.setOutputDevice(&file);
    generator.setSize(size);
    generator.setViewBox(QRect({}, size));
    QCPPainter painter;
    if (!painter.begin(&generator))
        return false;
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, size.width(), size.height());
    return painter.end() && file.flush();
}

/// Below and at the left of each frame.
std::vector<QCPAxis*> zoomedAxes(const QCustomPlot& plot)
{
    std::vector<QCPAxis*> axes;
    for (const QCPAxisRect* rect : plot.axisRects()) {
        axes.push_back(rect->axis(QCPAxis::atBottom));
        axes.push_back(rect->axis(QCPAxis::atLeft));
    }
    return axes;
}

} // namespace

PlotView::PlotView(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(title))
    , m_readout(new QLabel)
    , m_liveButton(new QToolButton)
    , m_plot(new QCustomPlot)
    , m_theme(PlotTheme::of(palette()))
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(title);
    setMouseHelp(
        tr("<p>The wheel zooms, dragging pans. A zoom stays when data arrives; Live, Esc or a "
           "double click shows everything again and follows what is new. A right click "
           "copies and saves the picture and its data.</p>"));
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_readout->setObjectName(QStringLiteral("readout"));
    m_readout->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_readout->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_liveButton->setObjectName(QStringLiteral("liveButton"));
    m_liveButton->setText(tr("Live"));
    m_liveButton->setToolTip(
        tr("Show everything again and follow what is new (double click, Esc)"));
    QSizePolicy kept = m_liveButton->sizePolicy(); // hiding it must not move the header
    kept.setRetainSizeWhenHidden(true);
    m_liveButton->setSizePolicy(kept);
    m_liveButton->hide();
    m_plot->setObjectName(QStringLiteral("plot"));
    m_plot->setFocusPolicy(Qt::NoFocus); // the keyboard is ours
    m_plot->setContextMenuPolicy(Qt::CustomContextMenu); // it passes no mouse event on
    m_plot->setMouseTracking(true);
    m_header = new QHBoxLayout;
    m_header->setContentsMargins(6, 2, 6, 2);
    m_header->addWidget(m_title);
    m_header->addWidget(m_readout, 1);
    m_header->addWidget(m_liveButton);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(m_header);
    layout->addWidget(m_plot, 1);
    connect(m_plot, &QWidget::customContextMenuRequested, this,
            [this](const QPoint& place) { openMenu(m_plot->mapToGlobal(place)); });
    connect(m_liveButton, &QToolButton::clicked, this, [this] { showAll(); });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this] { showAll(); });
    connect(m_plot, &QCustomPlot::mousePress, this, [this] { setFocus(Qt::MouseFocusReason); });
}

PlotView::~PlotView() = default;

void PlotView::setMeaning(const QString& meaning)
{
    m_meaning = meaning;
    setMouseHelp(m_mouseHelp);
}

void PlotView::setMouseHelp(const QString& html)
{
    m_mouseHelp = html;
    setWhatsThis(m_meaning.isEmpty()
                     ? html
                     : QStringLiteral("<p>%1</p>").arg(m_meaning.toHtmlEscaped()) + html);
}

void PlotView::setTitle(const QString& title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

void PlotView::setChooser(QWidget* chooser)
{
    m_title->hide();
    m_header->insertWidget(0, chooser);
}

void PlotView::setLive(bool live)
{
    m_live = live;
    m_liveButton->setVisible(!live);
    emit zoomChanged();
}

std::vector<double> PlotView::zoom() const
{
    std::vector<double> ends;
    if (m_live)
        return ends;
    for (const QCPAxis* axis : zoomedAxes(*m_plot)) {
        ends.push_back(axis->range().lower);
        ends.push_back(axis->range().upper);
    }
    return ends;
}

void PlotView::setZoom(const std::vector<double>& ends)
{
    const std::vector<QCPAxis*> axes = zoomedAxes(*m_plot);
    if (ends.size() != 2 * axes.size())
        return;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (QCPRange::validRange(ends[2 * i], ends[2 * i + 1]) && ends[2 * i] < ends[2 * i + 1])
            axes[i]->setRange(ends[2 * i], ends[2 * i + 1]);
    }
    setLive(false);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
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
        QCPAbstractLegendItem* item = legend.item(i);
        if (!item) // a cell of the last row that is empty
            continue;
        item->setFont(font());
        item->setTextColor(m_theme.text);
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

/// Draws as in the light theme, whatever the window's is: pictures go into papers.
void PlotView::onPaper(const std::function<void(QSize)>& draw)
{
    setTheme(PlotTheme::of(paperPalette()));
    const int more = dressForPaper();
    draw(m_plot->size() + QSize(0, more));
    undress();
    retheme();
}

QImage PlotView::picture()
{
    QImage image;
    onPaper([&](QSize size) {
        image = m_plot->toPixmap(size.width(), size.height(), pictureScale).toImage();
    });
    return image;
}

void PlotView::copyPicture()
{
    QApplication::clipboard()->setImage(picture());
}

bool PlotView::savePicture(const QString& path)
{
    bool saved = false;
    onPaper([&](QSize size) {
        saved = path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)
            ? m_plot->savePdf(path, size.width(), size.height())
            : path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)
            ? saveSvg(*m_plot, path, size)
            : m_plot->savePng(path, size.width(), size.height(), pictureScale);
    });
    return saved;
}

bool PlotView::saveData(const QString& path) const
{
    return saveText(path, dataText());
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
    addPictureActions(*menu, *this,
                      {[this] { return picture(); },
                       [this](const QString& path) { return savePicture(path); },
                       [this] { return dataText(); },
                       [this](const QString& text) {
                           m_readout->setText(text);
                       }});
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
