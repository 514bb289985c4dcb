#include "widgets/plot/octave_ticker.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int innermost = -30; // the exponent at edge 0.5
constexpr int mostOctave = 41;

class OctaveTicker : public QCPAxisTicker
{
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return octaveText(tick);
    }
    double getTickStep(const QCPRange& range) override
    {
        return range.size() > 50 ? 10 : range.size() > 25 ? 5 : 2;
    }
    QVector<double> createTickVector(double step, const QCPRange& range) override
    {
        QVector<double> ticks = {0};
        for (double octave = 1 + step; octave <= mostOctave; octave += step) {
            for (const double edge : {octave - 0.5, 0.5 - octave}) {
                if (range.contains(edge))
                    ticks += edge;
            }
        }
        std::ranges::sort(ticks);
        return ticks;
    }
    int getSubTickCount(double) override { return 0; }
};

} // namespace

QString octaveText(double edge)
{
    if (std::abs(edge) < 0.25)
        return QStringLiteral("0");
    static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
    const int exponent = int(std::lround(std::abs(edge) - 0.5)) + innermost;
    QString text = edge < 0 ? QStringLiteral("−2") : QStringLiteral("2");
    if (exponent < 0)
        text += QChar(0x207B); // superscript minus
    for (const QChar digit : QString::number(std::abs(exponent)))
        text += digits[digit.digitValue()];
    return text;
}

QSharedPointer<QCPAxisTicker> octaveTicker()
{
    return QSharedPointer<QCPAxisTicker>(new OctaveTicker);
}

} // namespace stair
