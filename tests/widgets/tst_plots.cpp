#include "tests/widgets/support/window_test.h"
#include "widgets/plot/axis_reach.h"
#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/min_max_series.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QToolButton>
#include <QWheelEvent>

#include <limits>
#include <random>

using namespace stair;

class TestPlots : public QObject
{
    Q_OBJECT

private:
    static QPoint centre(const QWidget* widget) { return widget->rect().center(); }

    static void wheel(QWidget* target, QPoint place, int turns)
    {
        QWheelEvent event(place, target->mapToGlobal(place), {}, QPoint(0, 120 * turns),
                          Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(target, &event);
    }

private slots:
    void axesGrowInSteps_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("end");
        QTest::addRow("nothing yet") << 0.0 << 1.0;
        QTest::addRow("below one") << 0.13 << 0.15;
        QTest::addRow("exactly a step") << 2.0 << 2.0;
        QTest::addRow("just above") << 2.01 << 3.0;
        QTest::addRow("near the next power") << 81.0 << 100.0;
        QTest::addRow("not a number") << std::numeric_limits<double>::quiet_NaN() << 1.0;
    }

    void axesGrowInSteps()
    {
        QFETCH(double, value);
        QTEST(niceReach(value), "end");
    }

    void axesNeverShrinkWhileLive()
    {
        AxisReach reach;
        QCOMPARE(reach.follow(70), 80.0);
        QCOMPARE(reach.follow(5), 80.0);
        QCOMPARE(reach.follow(700, 600), 600.0);
        reach.reset();
        QCOMPARE(reach.follow(5), 5.0);
    }

    void fewPointsAreDrawnAsTheyAre()
    {
        MinMaxSeries series;
        for (int i = 0; i < 100; ++i)
            series.append(i, -i);
        QCOMPARE(series.visible(0, 99, 100).size(), std::size_t(100));
        QCOMPARE(series.visible(10, 20, 100).size(), std::size_t(13)); // a neighbour on each side
        QVERIFY(MinMaxSeries().visible(0, 1, 100).empty());
    }

    void manyPointsAreReducedWithoutLosingASpike()
    {
        MinMaxSeries series;
        constexpr int count = 1'000'000;
        std::mt19937 random(1);
        for (int i = 0; i < count; ++i)
            series.append(i, i == 654'321 ? 50.0 : double(random() % 1000) / 1000);
        for (const int columns : {100, 640, 2000}) {
            const auto drawn = series.visible(0, count, columns);
            QVERIFY(int(drawn.size()) <= 4 * columns + 4);
            QVERIFY(int(drawn.size()) >= columns);
            QCOMPARE(std::ranges::max(drawn, {}, &MinMaxSeries::Point::y).y, 50.0);
            QVERIFY(std::ranges::is_sorted(drawn, {}, &MinMaxSeries::Point::x));
            QCOMPARE(drawn.front().x, 0.0);
            QCOMPARE(drawn.back().x, count - 1.0);
        }
        const auto near = series.visible(654'000, 655'000, 640);
        QCOMPARE(std::ranges::max(near, {}, &MinMaxSeries::Point::y).y, 50.0);
    }

    void curvesStandOutInBothThemes_data()
    {
        QTest::addColumn<QColor>("ground");
        QTest::addRow("light") << QColor(Qt::white);
        QTest::addRow("dark") << QColor(0x1E, 0x1F, 0x22);
    }

    void curvesStandOutInBothThemes()
    {
        QFETCH(QColor, ground);
        QPalette palette;
        palette.setColor(QPalette::Base, ground);
        palette.setColor(QPalette::Text, ground.lightness() > 128 ? Qt::black : Qt::white);
        const PlotTheme theme = PlotTheme::of(palette);
        QVERIFY(contrast(theme.text, ground) >= 4.5);
        for (int hue = 0; hue < PlotTheme::hueCount; ++hue) {
            QVERIFY(contrast(theme.curve(hue), ground) >= 3);
            for (int other = 0; other < hue; ++other)
                QVERIFY(theme.curve(hue) != theme.curve(other));
        }
        for (int dash = 1; dash < PlotTheme::dashCount; ++dash)
            QVERIFY(PlotTheme::dash(dash) != PlotTheme::dash(dash - 1));
    }

    void contrastIsThatOfTheStandard()
    {
        QCOMPARE(contrast(Qt::black, Qt::white), 21.0);
        QVERIFY(qAbs(contrast(QColor(0x76, 0x76, 0x76), Qt::white) - 4.54) < 0.01);
    }

    void aZoomStaysWhenDataArrivesAndLiveReturns()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        plot.resize(600, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        const int curve = plot.addCurve(QStringLiteral("a"), {});
        for (int i = 0; i < 100; ++i)
            plot.append(curve, i, 2);
        plot.refresh();
        QVERIFY(plot.isLive());
        auto* live = plot.findChild<QToolButton*>(QStringLiteral("liveButton"));
        auto* canvas = plot.findChild<QWidget*>(QStringLiteral("plot"));
        QVERIFY(live->isHidden());

        QSignalSpy zoomed(&plot, &LinePlot::xRangeChanged);
        wheel(canvas, centre(canvas), 2);
        QVERIFY(!zoomed.isEmpty());
        QVERIFY(!plot.isLive());
        QVERIFY(live->isVisible());
        const auto range = zoomed.last();
        plot.append(curve, 1000, 3);
        plot.refresh();
        QTest::qWait(30);
        QCOMPARE(zoomed.last(), range);

        QSignalSpy returned(&plot, &LinePlot::wentLive);
        QTest::mouseClick(live, Qt::LeftButton);
        QCOMPARE(returned.size(), 1);
        QVERIFY(plot.isLive());
        wheel(canvas, centre(canvas), 1);
        QTest::keyClick(&plot, Qt::Key_Escape);
        QVERIFY(plot.isLive());
    }

    void dragPansAndDoubleClickFits()
    {
        LinePlot plot(QStringLiteral("Accuracy"), QStringLiteral("%"), 100);
        plot.resize(600, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        auto* canvas = plot.findChild<QWidget*>(QStringLiteral("plot"));
        QSignalSpy panned(&plot, &LinePlot::xRangeChanged);
        QTest::mousePress(canvas, Qt::LeftButton, {}, centre(canvas));
        QTest::mouseMove(canvas, centre(canvas) + QPoint(40, 0));
        QTest::mouseMove(canvas, centre(canvas) + QPoint(80, 0));
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, centre(canvas) + QPoint(80, 0));
        QVERIFY(!panned.isEmpty());
        QVERIFY(panned.last().front().toDouble() < 0);
        QTest::mouseDClick(canvas, Qt::LeftButton, {}, centre(canvas));
        QVERIFY(plot.isLive());
    }

    void dataIsCopiedAsText()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        const int curve = plot.addCurve(QStringLiteral("a \"b\""), {});
        plot.append(curve, 1, 2.5);
        plot.append(curve, 2, std::numeric_limits<double>::quiet_NaN());
        plot.append(curve, 3, 0.125);
        QCOMPARE(plot.dataText(),
                 QStringLiteral("curve,step,value\n\"a \"\"b\"\"\",1,2.5\n"
                                "\"a \"\"b\"\"\",3,0.125\n"));
    }

    /// The bar is 30 frames a second over 1,000,000 points; the margin is for slow test machines.
    void aMillionPointsPanSmoothly()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        plot.resize(900, 400);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        const int curve = plot.addCurve(QStringLiteral("a"), {1, 0, CurveStyle::Mark::Faint});
        std::mt19937 random(2);
        for (int i = 0; i < 1'000'000; ++i)
            plot.append(curve, i, double(random() % 1000) / 1000);
        plot.refresh();
        QTest::qWait(100);
        constexpr int frames = 30;
        QElapsedTimer clock;
        clock.start();
        for (int frame = 0; frame < frames; ++frame) {
            plot.setXRange(frame * 1000, 900'000 + frame * 1000);
            QApplication::processEvents();
            plot.grab();
        }
        const double each = double(clock.elapsed()) / frames;
        qInfo("%.1f ms a frame", each);
        QVERIFY(each < 150);
    }

    void theLegendCutsTheLongestFirst()
    {
        LegendBar bar;
        bar.setEntries({{QStringLiteral("test"), {}},
                        {QString(200, QLatin1Char('x')), {1, 1, CurveStyle::Mark::Disc}}});
        bar.resize(300, bar.sizeHint().height());
        QVERIFY(!bar.grab().isNull());
        QVERIFY(bar.toolTip().contains(QString(200, QLatin1Char('x'))));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestPlots>(argc, argv);
}
#include "tst_plots.moc"
