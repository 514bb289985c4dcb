#include "tests/widgets/support/window_test.h"
#include "widgets/plot/axis_reach.h"
#include "widgets/plot/heat_map.h"
#include "widgets/plot/histogram_plot.h"
#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_view.h"
#include "widgets/plot/min_max_series.h"
#include "widgets/plot/picture_menu.h"
#include "widgets/plot/staircase_plot.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QFileInfo>
#include <QMenu>
#include <QSignalSpy>
#include <QToolButton>
#include <QToolTip>
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

    /// The others that can be zoomed, too; and a zoom can be kept and brought back.
    void everyPlotReturnsToLive()
    {
        HistogramPlot histogram;
        histogram.setSeries({{QStringLiteral("a"), 1, 0, {0, 1, 2}, {1, 2}}});
        histogram.refresh();
        HeatMap map;
        map.setCells({{1, 2, 3}, {0, 1, 2}, {{40, 60}, {50, 50}, {60, 40}}, {}, {}});
        map.refresh();
        StaircasePlot stairs;
        stairs.setLevels({-1, 0, 1});
        stairs.redraw();
        LinePlot lines(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        lines.append(lines.addCurve(QStringLiteral("a"), {}), 50, 2);
        lines.refresh();
        for (PlotView* plot : {static_cast<PlotView*>(&histogram), static_cast<PlotView*>(&map),
                               static_cast<PlotView*>(&stairs), static_cast<PlotView*>(&lines)}) {
            plot->resize(600, 400);
            plot->show();
            QVERIFY(QTest::qWaitForWindowExposed(plot));
            auto* live = plot->findChild<QToolButton*>(QStringLiteral("liveButton"));
            auto* canvas = plot->findChild<QWidget*>(QStringLiteral("plot"));
            QVERIFY(plot->isLive() && live->isHidden() && plot->zoom().empty());
            wheel(canvas, centre(canvas), 2);
            QVERIFY2(!plot->isLive() && live->isVisible(), plot->metaObject()->className());
            const std::vector<double> zoom = plot->zoom();
            QTest::mouseClick(live, Qt::LeftButton);
            QVERIFY2(plot->isLive() && live->isHidden(), plot->metaObject()->className());
            QSignalSpy changed(plot, &PlotView::zoomChanged);
            plot->setZoom({1, 2, 3}); // of another plot
            QVERIFY(plot->isLive());
            plot->setZoom(zoom);
            QVERIFY(!plot->isLive() && !changed.isEmpty());
            QVERIFY2(plot->zoom() == zoom, plot->metaObject()->className());
        }
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

    void onlyTheVisibleRangeIsCopied()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        const int curve = plot.addCurve(QStringLiteral("a"), {});
        const int band = plot.addBand(QStringLiteral("b"), 1);
        for (int i = 0; i < 100; ++i) {
            plot.append(curve, i, i);
            plot.appendBand(band, i, i - 1, i + 1);
        }
        plot.setXRange(40, 41.5);
        QCOMPARE(plot.dataText(),
                 QStringLiteral("curve,step,value\n\"a\",40,40\n\"a\",41,41\n"
                                "\"b, lower end\",40,39\n\"b, lower end\",41,40\n"
                                "\"b, upper end\",40,41\n\"b, upper end\",41,42\n"));
    }

    void aBoxIsZoomedInto()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        plot.resize(600, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        const int curve = plot.addCurve(QStringLiteral("a"), {});
        for (int i = 0; i < 100; ++i)
            plot.append(curve, i, i);
        plot.refresh();
        QTest::qWait(30);
        const auto before = plot.xRange();
        auto* canvas = plot.findChild<QWidget*>(QStringLiteral("plot"));
        const QPoint from = centre(canvas) - QPoint(60, 40), to = centre(canvas) + QPoint(60, 40);
        QTest::mousePress(canvas, Qt::LeftButton, Qt::ShiftModifier, from);
        QTest::mouseMove(canvas, centre(canvas));
        QTest::mouseMove(canvas, to);
        QTest::mouseRelease(canvas, Qt::LeftButton, Qt::ShiftModifier, to);
        const auto after = plot.xRange();
        QVERIFY(after.first > before.first && after.second < before.second);
        QVERIFY(!plot.isLive());
    }

    /// Light, with a legend, whatever the window looks like.
    void picturesAreForPaper()
    {
        const QTemporaryDir home;
        QPalette dark;
        dark.setColor(QPalette::Base, QColor(0x1E, 0x1F, 0x22));
        dark.setColor(QPalette::Text, Qt::white);
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        plot.setPalette(dark);
        plot.resize(600, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        for (const char* name : {"first run", "second run"}) {
            const int curve = plot.addCurve(QLatin1String(name), {1, 0, CurveStyle::Mark::Disc});
            plot.append(curve, 1, 1);
            plot.append(curve, 9, 2);
        }
        plot.refresh();
        QTest::qWait(30);
        auto* canvas = plot.findChild<QWidget*>(QStringLiteral("plot"));
        const QImage picture = plot.picture();
        QCOMPARE(picture.pixelColor(1, 1), QColor(Qt::white));
        QVERIFY(picture.height() > 2 * canvas->height() + 20); // room for the legend
        plot.copyPicture();
        QCOMPARE(QApplication::clipboard()->image().size(), picture.size());
        QCOMPARE(canvas->grab().toImage().pixelColor(1, 1), QColor(0x1E, 0x1F, 0x22));
        for (const char* file : {"a.png", "a.svg", "a.pdf"})
            QVERIFY(plot.savePicture(home.filePath(QLatin1String(file))));
        QVERIFY(!plot.savePicture(home.filePath(QStringLiteral("none/a.svg"))));
        QFile svg(home.filePath(QStringLiteral("a.svg")));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        const QByteArray text = svg.readAll();
        for (const char* word : {"first run", "second run", "nats", "Step"})
            QVERIFY2(text.contains(word), word);
        QFile pdf(home.filePath(QStringLiteral("a.pdf")));
        QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    }

    /// Three names in two columns leave a cell of the legend empty.
    void aLegendNeedNotBeFull()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        const QString name = QStringLiteral("a name of some length");
        plot.resize(2 * QFontMetrics(plot.font()).horizontalAdvance(name) + 140, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        for (int i = 0; i < 3; ++i) {
            const int curve = plot.addCurve(name, {i, 0, CurveStyle::Mark::Disc});
            plot.append(curve, 1, 1);
        }
        plot.refresh();
        QTest::qWait(30);
        const int bare = plot.findChild<QWidget*>(QStringLiteral("plot"))->height();
        const int line = plot.fontMetrics().height();
        const int legend = plot.picture().height() / 2 - bare;
        QVERIFY2(legend > 2 * line && legend < 3 * line + 10, qPrintable(QString::number(legend)));
    }

    /// Not one over the other, and not when there are many.
    void fewLinesAreNamedAtTheirEnds()
    {
        LinePlot plot(QStringLiteral("Accuracy"), QStringLiteral("%"), 100);
        plot.resize(600, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        const auto add = [&](const QString& name, double y, const QString& label = {}) {
            const int curve = plot.addCurve(name, {}, label);
            plot.append(curve, 0, 10);
            plot.append(curve, 100, y);
        };
        plot.refresh();
        QTest::qWait(50);
        const QImage bare = plot.grab().toImage();
        add(QStringLiteral("low"), 50);
        add(QStringLiteral("run, a little higher"), 50.5, QStringLiteral("higher"));
        add(QStringLiteral("high"), 90);
        plot.addCurve(QStringLiteral("not begun"), {});
        plot.append(plot.addCurve(QStringLiteral("noise"), {0, 0, CurveStyle::Mark::Faint}), 50, 1);
        plot.refresh();
        QTRY_VERIFY(plot.grab().toImage() != bare); // it is drawn
        QVERIFY(plot.endLabels().empty()); // nobody wants them
        plot.nameEnds();
        plot.refresh();
        QTRY_COMPARE(plot.endLabels().size(), std::size_t(3));
        QStringList texts;
        const QRectF canvas = plot.findChild<QWidget*>(QStringLiteral("plot"))->rect();
        double above = canvas.top();
        for (const LinePlot::EndLabel& label : plot.endLabels()) {
            texts += label.text;
            QVERIFY(label.place.top() >= above && canvas.contains(label.place));
            above = label.place.bottom();
        }
        QCOMPARE(texts, QStringList({"high", "higher", "low"}));

        add(QString(80, u'n'), 20);
        plot.refresh();
        QTRY_COMPARE(plot.endLabels().size(), std::size_t(4));
        QVERIFY(plot.endLabels().back().text.size() < 80);
        QVERIFY(plot.endLabels().back().place.width() < 0.4 * plot.width());
        add(QStringLiteral("fifth"), 70);
        plot.refresh();
        QTRY_COMPARE(plot.endLabels().size(), std::size_t(5));
        add(QStringLiteral("sixth"), 30);
        plot.refresh();
        QTRY_VERIFY(plot.endLabels().empty());
    }

    void aMatrixIsReadByKeys()
    {
        MatrixView matrix(QStringLiteral("Confusion"));
        matrix.resize(300, 320);
        matrix.show();
        QVERIFY(QTest::qWaitForWindowExposed(&matrix));
        QApplication::setActiveWindow(&matrix); // an X server may have no window manager
        matrix.setFocus();
        QTest::keyClick(&matrix, Qt::Key_Right); // there is nothing yet
        QCOMPARE(matrix.current(), std::pair(-1, -1));
        matrix.setCounts({{5, 1}, {0, 7}}, {QStringLiteral("cat"), QStringLiteral("dog")});
        QCOMPARE(matrix.current(), std::pair(0, 0)); // it has the focus
        matrix.clearFocus();
        const QImage bare = matrix.grab().toImage();
        matrix.setFocus();
        QTRY_VERIFY(matrix.hasFocus());
        QVERIFY(matrix.grab().toImage() != bare); // the cell is marked
        QTest::keyClick(&matrix, Qt::Key_Right);
        QTest::keyClick(&matrix, Qt::Key_Right); // no further
        QCOMPARE(matrix.current(), std::pair(0, 1));
        const QString mistake = QStringLiteral("cat told as dog: 1 of 6 (16.7 %)");
        QCOMPARE(matrix.accessibleDescription(), mistake);
        QTest::keyClick(&matrix, Qt::Key_Return);
        QTRY_COMPARE(QToolTip::text(), mistake);
        QTest::keyClick(&matrix, Qt::Key_Down);
        QTest::keyClick(&matrix, Qt::Key_Left);
        QCOMPARE(matrix.current(), std::pair(1, 0));
        QTest::keyClick(&matrix, Qt::Key_Up);
        QTest::mouseClick(&matrix, Qt::LeftButton, {}, QPoint(150, 60)); // in the upper row
        QCOMPARE(matrix.current().first, 0);
        QTRY_COMPARE(QToolTip::text(), matrix.accessibleDescription());
        matrix.setCounts({}, {});
        QCOMPARE(matrix.current(), std::pair(-1, -1));
        QToolTip::hideText();
    }

    /// The menu of the curves, and of what paints itself.
    void everyPlotHasTheMenu()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        const int curve = plot.addCurve(QStringLiteral("a"), {});
        plot.append(curve, 1, 2.5);
        plot.refresh();
        MatrixView matrix(QStringLiteral("Confusion"));
        matrix.setCounts({{5, 1}, {0, 7}}, {QStringLiteral("cat"), QStringLiteral("dog")});
        auto* canvas = plot.findChild<QWidget*>(QStringLiteral("plot"));
        const std::pair<QWidget*, QString> rows[]
            = {{canvas, QStringLiteral("curve,step,value\n\"a\",1,2.5\n")},
               {&matrix,
                QStringLiteral("label,prediction,count\n\"cat\",\"cat\",5\n\"cat\",\"dog\",1\n"
                               "\"dog\",\"cat\",0\n\"dog\",\"dog\",7\n")}};
        for (const auto& [widget, data] : rows) {
            QWidget* window = widget->window();
            window->resize(400, 300);
            window->show();
            QVERIFY(QTest::qWaitForWindowExposed(window));
            QContextMenuEvent click(QContextMenuEvent::Mouse, centre(widget),
                                    widget->mapToGlobal(centre(widget)));
            QApplication::sendEvent(widget, &click);
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            QVERIFY(menu);
            QStringList texts;
            for (QAction* action : menu->actions())
                texts += action->text();
            for (const char* text :
                 {"Copy picture", "Copy data as CSV", "Save picture…", "Save data…"})
                QVERIFY2(texts.contains(QString::fromUtf8(text)), text);
            menu->actions()[1]->trigger();
            QCOMPARE(QApplication::clipboard()->text(), data);
            menu->close();
        }
        const QTemporaryDir home;
        for (const char* file : {"m.png", "m.svg", "m.pdf"}) {
            const QString path = home.filePath(QLatin1String(file));
            QVERIFY(saveWidgetPicture(matrix, path));
            QVERIFY(QFileInfo(path).size() > 500);
        }
    }

    void everyOctaveIsDrawnOnALogarithmicAxis()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        plot.resize(600, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        const int curve = plot.addCurve(QStringLiteral("a"), {0, 0, CurveStyle::Mark::Line});
        for (int i = 1; i <= 200'000; ++i)
            plot.append(curve, i, i == 3 ? 0.001 : 1000.0 / i);
        plot.setLogarithmic(Qt::Horizontal, true);
        plot.setLogarithmic(Qt::Vertical, true);
        plot.refresh();
        QTest::qWait(30);
        QCOMPARE(plot.xRange().first, 1.0);
        // The third point is far below its neighbours: ink near the frame's lower left end.
        auto* canvas = plot.findChild<QWidget*>(QStringLiteral("plot"));
        const QImage image = canvas->grab().toImage();
        const int top = int(image.height() * 0.7), right = image.width() / 3;
        bool isDrawn = false;
        const QColor ink = PlotTheme::of(plot.palette()).curve(0);
        for (int y = top; y < image.height() * 0.82; ++y) {
            for (int x = image.width() / 7; x < right; ++x)
                isDrawn |= image.pixelColor(x, y) == ink;
        }
        QVERIFY(isDrawn);
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
