#pragma once

#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainterPath>
#include <QWidget>

#include <vector>

namespace stair {

/// A text as something was painted: where, and with what colour.
struct InkedText
{
    QString text;
    QColor color;
    QRect place; // in the device's pixels
    QRect window; // of the widget that painted it: nothing beyond shows
};

/// Keeps the texts that are painted and lets everything else go.
class InkEngine : public QPaintEngine
{
public:
    InkEngine()
        : QPaintEngine(AllFeatures)
    {
    }

    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    Type type() const override { return User; }
    void updateState(const QPaintEngineState& state) override
    {
        if (state.state() & DirtyPen)
            m_color = state.pen().color();
        if (state.state() & DirtyTransform)
            m_transform = state.transform();
    }
    void drawPath(const QPainterPath&) override { }
    void drawPolygon(const QPointF*, int, PolygonDrawMode) override { }
    void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override { }
    void drawImage(const QRectF&, const QImage&, const QRectF&, Qt::ImageConversionFlags) override
    {
    }
    void drawTextItem(const QPointF& at, const QTextItem& item) override
    {
        const QRectF place(at.x(), at.y() - item.ascent(), item.width(),
                           item.ascent() + item.descent());
        if (!item.text().trimmed().isEmpty())
            texts.push_back({item.text(), m_color, m_transform.mapRect(place).toRect(),
                             systemClip().boundingRect()});
    }

    std::vector<InkedText> texts;

private:
    QColor m_color;
    QTransform m_transform;
};

/// Something to paint on that remembers the texts.
class InkRecorder : public QPaintDevice
{
public:
    explicit InkRecorder(QSize size)
        : m_size(size)
    {
    }

    QPaintEngine* paintEngine() const override { return &m_engine; }
    const std::vector<InkedText>& texts() const { return m_engine.texts; }

protected:
    int metric(PaintDeviceMetric metric) const override
    {
        switch (metric) {
        case PdmWidth:
            return m_size.width();
        case PdmHeight:
            return m_size.height();
        case PdmWidthMM:
            return m_size.width() * 254 / 960;
        case PdmHeightMM:
            return m_size.height() * 254 / 960;
        case PdmDpiX:
        case PdmDpiY:
        case PdmPhysicalDpiX:
        case PdmPhysicalDpiY:
            return 96;
        case PdmNumColors:
            return 1 << 24;
        case PdmDepth:
            return 32;
        case PdmDevicePixelRatio:
            return 1;
        default:
            return QPaintDevice::metric(metric);
        }
    }

private:
    QSize m_size;
    mutable InkEngine m_engine;
};

} // namespace stair
