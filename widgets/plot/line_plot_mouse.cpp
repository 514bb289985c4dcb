#include "widgets/plot/line_plot.h"

#include "widgets/plot/line_plot_p.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QStandardPaths>
#include <QTextStream>
#include <QTimer>

#include <qcustomplot.h>

#include <algorithm>

namespace stair {

void LinePlot::setUpMouse()
{
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->setContextMenuPolicy(Qt::CustomContextMenu);
    m_plot->setMouseTracking(true);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis})
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this] {
            if (m_ownChange)
                return;
            leaveLive();
            const QCPRange range = m_plot->xAxis->range();
            emit xRangeChanged(range.lower, range.upper);
        });
    connect(m_plot, &QCustomPlot::mouseWheel, this, [this](const QWheelEvent* event) {
        // Over the plot and the x axis the steps are zoomed, over the y axis its values.
        const bool overY = event->position().x() < m_plot->axisRect()->left();
        m_plot->axisRect()->setRangeZoom(overY ? Qt::Vertical : Qt::Horizontal);
    });
    connect(m_plot, &QCustomPlot::mousePress, this, [this](const QMouseEvent* event) {
        setFocus(Qt::MouseFocusReason);
        const bool box = event->modifiers() & Qt::ShiftModifier;
        m_plot->axisRect()->setRangeZoom(Qt::Horizontal | Qt::Vertical);
        m_plot->setSelectionRectMode(box ? QCP::srmZoom : QCP::srmNone);
    });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, &LinePlot::returnToLive);
    connect(m_plot, &QCustomPlot::mouseMove, this, &LinePlot::showReadout);
    connect(m_plot, &QWidget::customContextMenuRequested, this, &LinePlot::showMenu);
}

void LinePlot::showReadout(const QMouseEvent* event)
{
    const QRect frame = m_plot->axisRect()->rect();
    if (event->buttons() != Qt::NoButton || !frame.contains(event->position().toPoint())) {
        hideReadout();
        return;
    }
    const double x = m_plot->xAxis->pixelToCoord(event->position().x());
    QStringList parts = {
        m_xWord.isEmpty() ? tr("step %1").arg(std::max<qint64>(0, qRound64(x)))
                          : QStringLiteral("%1 %2").arg(m_xWord).arg(std::max(0.0, x), 0, 'f', 1)};
    for (const auto& curve : m_curves) {
        const auto& points = curve->series.points();
        const auto next = std::ranges::upper_bound(points, x, {}, &MinMaxSeries::Point::x);
        if (next == points.begin() || curve->style.mark == CurveStyle::Mark::Faint)
            continue;
        parts += QStringLiteral("%1 %2").arg(curve->name).arg(std::prev(next)->y, 0, 'g', 4);
    }
    m_readout->setText(parts.join(QStringLiteral("   ")));
    m_readout->setToolTip(m_readout->text());
    m_cursor->point1->setCoords(x, 0);
    m_cursor->point2->setCoords(x, 1);
    m_cursor->setVisible(true);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::hideReadout()
{
    if (!m_cursor->visible())
        return;
    m_cursor->setVisible(false);
    m_readout->clear();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    hideReadout();
}

void LinePlot::showMenu(const QPoint& position)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy picture"), this,
                    [this] { QApplication::clipboard()->setPixmap(m_plot->toPixmap(0, 0, 2)); });
    menu->addAction(tr("Copy data"), this,
                    [this] { QApplication::clipboard()->setText(dataText()); });
    menu->addAction(tr("Save picture…"), this, &LinePlot::savePicture);
    menu->addSeparator();
    QAction* live = menu->addAction(tr("Show everything"), this, &LinePlot::returnToLive);
    live->setEnabled(!m_live);
    menu->popup(m_plot->mapToGlobal(position));
}

void LinePlot::savePicture()
{
    auto* dialog
        = new QFileDialog(this, tr("Save picture"),
                          QStandardPaths::writableLocation(QStandardPaths::PicturesLocation));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("PNG picture (*.png)"), tr("PDF document (*.pdf)")});
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        const bool saved = path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)
            ? m_plot->savePdf(path)
            : m_plot->savePng(path, 0, 0, 2);
        m_readout->setText(saved ? tr("Saved %1").arg(path)
                                 : tr("Cannot write %1: choose another folder").arg(path));
    });
    dialog->open();
}

QString LinePlot::dataText() const
{
    QString text;
    QTextStream out(&text);
    out.setRealNumberPrecision(9);
    out << "curve," << (m_xWord.isEmpty() ? QStringLiteral("step") : m_xWord) << ",value\n";
    for (const auto& curve : m_curves) {
        for (const MinMaxSeries::Point& point : curve->series.points())
            out << '"' << QString(curve->name).replace(u'"', QLatin1String("\"\"")) << "\","
                << point.x << ',' << point.y << '\n';
    }
    return text;
}

} // namespace stair
