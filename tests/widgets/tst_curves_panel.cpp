#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/theme.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/histogram_panel.h"
#include "widgets/panels/layer_curves.h"
#include "widgets/plot/legend_bar.h"
#include "widgets/plot/line_plot.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>

#include <cmath>
#include <map>

using namespace stair;

namespace {

ExperimentSpec specOf(const std::string& name, const std::string& method, int seed)
{
    Json json = tinySpec(name, false).toJson();
    json["seed"] = seed;
    if (method != "float")
        json["quant"]
            = {{"method", method}, {"weights", {{"bits", 2}}}, {"activations", {{"bits", 2}}}};
    return ExperimentSpec::read(json, name);
}

struct PanelRun
{
    PanelRun(const QTemporaryDir& home, const char* folder, const ExperimentSpec& spec)
        : acted(pathOf(home.path()) / folder, spec)
        , layers(acted.folder().path(), !spec.quant.isFloat(), 2)
        , log(acted.folder().path())
    {
        log.setDepth(RunLog::Depth::Curves);
        acted.start();
    }

    void train(int from, int to)
    {
        acted.train(from, to);
        for (int step = from + 1; step <= to; ++step) {
            if (step % 10 == 0)
                layers.write(step);
        }
        log.poll(std::chrono::milliseconds(1000));
    }

    ActedRun acted;
    ActedLayers layers;
    RunLog log;
};

/// The values of one curve in a plot's data, by step.
std::map<int, double> valuesOf(const LinePlot& plot, const QString& curve)
{
    std::map<int, double> values;
    for (const QString& line : plot.dataText().split(u'\n')) {
        if (line.startsWith(u'"' + curve + QStringLiteral("\",")))
            values[line.section(u',', -2, -2).toInt()] = line.section(u',', -1).toDouble();
    }
    return values;
}

} // namespace

class TestCurvesPanel : public QObject
{
    Q_OBJECT

private:
    static void open(CurvesPanel& panel)
    {
        panel.resize(900, 620);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        QApplication::setActiveWindow(&panel);
    }

    static void settle(CurvesPanel& panel)
    {
        for (int tick = 0; tick < 20; ++tick)
            panel.refresh();
    }

    /// By the keyboard.
    static void choose(QWidget& panel, const char* name, const QString& text)
    {
        auto* box = panel.findChild<QComboBox*>(QLatin1String(name));
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        for (int i = 0; i < box->count() && box->currentText() != text; ++i)
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentText(), text);
    }

    static QWidget* canvas(const LinePlot* plot)
    {
        return plot->findChild<QWidget*>(QStringLiteral("plot"));
    }

    static QTableView* table(const QWidget& panel)
    {
        return panel.findChild<QTableView*>(QStringLiteral("cursorTable"));
    }

    static double cell(const QTableView* table, int row, int column)
    {
        return table->model()->index(row, column).data().toString().toDouble();
    }

private slots:
    void init()
    {
        QSettings().clear();
        applyTheme(Theme::Light);
    }

    void anyQuantityIsPlotted()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-a", specOf("a", "minmax", 1));
        run.train(0, 80);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        choose(panel, "quantity0", QStringLiteral("Learning rate")); // which is never smoothed
        settle(panel);
        auto rates = valuesOf(*panel.lossPlot(), QStringLiteral("a, batch"));
        QCOMPARE(rates.size(), std::size_t(80));
        QVERIFY(std::abs(rates[40] - run.acted.report(40).learningRate) < 1e-8);
        QVERIFY(panel.lossPlot()->yTitle().contains(QStringLiteral("rate")));
        choose(panel, "quantity1", QStringLiteral("Gradient norm"));
        panel.setSmoothing(0);
        settle(panel);
        auto norms = valuesOf(*panel.accuracyPlot(), QStringLiteral("a, batch"));
        QVERIFY(std::abs(norms[7] - run.acted.report(7).gradientNorm) < 1e-6);
        run.train(80, 81); // and it follows
        settle(panel);
        QCOMPARE(valuesOf(*panel.lossPlot(), QStringLiteral("a, batch")).size(), std::size_t(81));
    }

    void accuracyIsHardAndBlended()
    {
        const QTemporaryDir home;
        PanelRun soft(home, "0001-a", specOf("soft", "asr", 1)),
            hard(home, "0002-b", specOf("hard", "minmax", 1));
        soft.train(0, 80);
        hard.train(0, 80);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&soft.log, &hard.log});
        const LinePlot& plot = *panel.accuracyPlot();
        const double test = 100 * soft.acted.evaluation(40).test.top1;
        QVERIFY(std::abs(valuesOf(plot, QStringLiteral("soft, test, hard"))[40] - test) < 1e-6);
        QVERIFY(std::abs(valuesOf(plot, QStringLiteral("soft, test, blended"))[40] - test - 4)
                < 1e-6);
        QVERIFY(valuesOf(plot, QStringLiteral("hard, test, blended")).empty());
        QCOMPARE(valuesOf(plot, QStringLiteral("hard, test, hard")).size(), std::size_t(2));
    }

    void everyScalarOfALayerIsPlotted()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-a", specOf("a", "minmax", 1));
        run.train(0, 80);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        auto* layer = panel.findChild<QComboBox*>(QStringLiteral("curveLayer"));
        QVERIFY(!layer->isVisible());
        const LayersReport report = run.layers.report(50);
        choose(panel, "quantity0", QStringLiteral("Weights: step size"));
        settle(panel);
        QVERIFY(layer->isVisible());
        QCOMPARE(layer->currentText(), QStringLiteral("stem.conv"));
        auto steps = valuesOf(*panel.lossPlot(), QStringLiteral("a, Weights: step size"));
        QCOMPARE(steps.size(), std::size_t(8));
        QVERIFY(std::abs(steps[50] - report.quantizers[0].step) < 1e-6);

        QSignalSpy selected(&panel, &CurvesPanel::layerSelected);
        choose(panel, "curveLayer", QStringLiteral("stage1.conv2"));
        QCOMPARE(selected.last().front().toString(), QStringLiteral("stage1.conv2"));
        panel.selectLayer(QStringLiteral("stage1.conv2")); // as the window answers
        settle(panel);
        steps = valuesOf(*panel.lossPlot(), QStringLiteral("a, Weights: step size"));
        QVERIFY(std::abs(steps[50] - report.quantizers[4].step) < 1e-6);
        QVERIFY(panel.lossPlot()->accessibleName().contains(QStringLiteral("stage1.conv2")));
        int ofLayers = 0;
        for (const CurveQuantity& quantity : curveQuantities()) {
            if (!quantity.isOfLayer())
                continue;
            ++ofLayers;
            panel.setQuantity(1, quantity.id);
            settle(panel);
            QVERIFY2(panel.accuracyPlot()->dataText().count(u'\n') == 9, qPrintable(quantity.id));
            QVERIFY(!quantity.tip.isEmpty());
        }
        QVERIFY(ofLayers > 15);
        auto sqnr = [&] {
            panel.setQuantity(1, QStringLiteral("sqnr"));
            return valuesOf(*panel.accuracyPlot(), QStringLiteral("a, Weights: SQNR"));
        }();
        QVERIFY(std::abs(sqnr[50] - report.quantizers[4].sqnr) < 1e-4);
    }

    void runsOfSeveralSeedsBecomeAMeanAndABand()
    {
        const QTemporaryDir home;
        PanelRun first(home, "0001-a", specOf("two bits, seed 1", "minmax", 1)),
            second(home, "0002-b", specOf("two bits, seed 2", "minmax", 2)),
            third(home, "0003-c", specOf("two bits, seed 3", "minmax", 3)),
            other(home, "0004-d", specOf("other", "asr", 1));
        for (PanelRun* run : {&first, &second, &third, &other})
            run->train(0, 80);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&first.log, &other.log, &second.log, &third.log});
        choose(panel, "seedBand", QStringLiteral("mean ± sd"));
        settle(panel);
        const LinePlot& plot = *panel.accuracyPlot();
        const QString name = QStringLiteral("two bits, N = 3: mean ± standard deviation");
        const auto test = [](const PanelRun& run, int step) {
            return 100 * run.acted.evaluation(step).test.top1;
        };
        const double a = test(first, 80), b = test(second, 80), c = test(third, 80);
        const double mean = (a + b + c) / 3;
        const double sd = std::sqrt(
            ((a - mean) * (a - mean) + (b - mean) * (b - mean) + (c - mean) * (c - mean)) / 2);
        auto means = valuesOf(plot, name + QStringLiteral(", test, hard"));
        QCOMPARE(means.size(), std::size_t(2));
        QVERIFY(std::abs(means[80] - mean) < 1e-6);
        auto high = valuesOf(plot, name + QStringLiteral(", test, hard, upper end"));
        auto low = valuesOf(plot, name + QStringLiteral(", test, hard, lower end"));
        QVERIFY(std::abs(high[80] - mean - sd) < 1e-6);
        QVERIFY(std::abs(low[80] - mean + sd) < 1e-6);
        QVERIFY(!valuesOf(plot, QStringLiteral("two bits, seed 2, test, hard")).empty());
        QVERIFY(!valuesOf(plot, QStringLiteral("other, test, hard")).empty());
        bool inLegend = false;
        for (const LegendBar* bar : panel.findChildren<LegendBar*>()) {
            for (const LegendBar::Entry& entry : bar->entries())
                inLegend |= bar->isVisible() && entry.text == name;
        }
        QVERIFY(inLegend);

        // One run goes on: the mean waits until all have the step.
        first.train(80, 120);
        settle(panel);
        QCOMPARE(valuesOf(plot, name + QStringLiteral(", test, hard")).size(), std::size_t(2));
        second.train(80, 120);
        third.train(80, 120);
        settle(panel);
        QCOMPARE(valuesOf(plot, name + QStringLiteral(", test, hard")).size(), std::size_t(3));

        choose(panel, "seedBand", QStringLiteral("mean, 95 %"));
        settle(panel);
        const QString interval = QStringLiteral("two bits, N = 3: mean, 95 % interval of the mean");
        high = valuesOf(plot, interval + QStringLiteral(", test, hard, upper end"));
        QVERIFY(std::abs(high[80] - mean - 4.302652729911275 * sd / std::sqrt(3.0)) < 1e-5);
        panel.setRuns({&first.log, &other.log});
        QVERIFY(!plot.dataText().contains(QStringLiteral("N = ")));
    }

    void theCrossHairReadsAllCurves()
    {
        const QTemporaryDir home;
        PanelRun first(home, "0001-a", specOf("apples", "minmax", 1)),
            second(home, "0002-b", specOf("pears", "float", 1));
        first.train(0, 120);
        second.train(0, 120);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&first.log, &second.log});
        QTest::qWait(50);
        QWidget* plot = canvas(panel.accuracyPlot());
        const auto* box = plot->findChild<QLabel*>(QStringLiteral("hoverBox"));
        QVERIFY(!box->isVisible());
        QTest::mouseMove(plot, plot->rect().center());
        QTRY_VERIFY(box->isVisible());
        for (const char* text :
             {"apples, test, hard", "apples, validation", "pears, test, hard",
              "pears, batch, smoothed", "apples, test with running statistics", "Step "})
            QVERIFY2(box->text().contains(QLatin1String(text)), text);
        QVERIFY(!box->text().contains(QStringLiteral("apples, batch&nbsp;"))); // the noise
        QVERIFY(savePicture(panel, QStringLiteral("curves-cross-hair")));
        QTest::mouseMove(plot, QPoint(3, 3));
        QTRY_VERIFY(!box->isVisible());
    }

    void cursorsTellDifferences()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-a", specOf("apples", "minmax", 1));
        run.train(0, 120);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        LinePlot* loss = panel.lossPlot();
        QTest::qWait(50);
        QWidget* plot = canvas(loss);
        const QAbstractItemModelTester tester(
            table(panel)->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(!table(panel)->isVisible());
        const QPoint left = plot->rect().center() - QPoint(120, 0);
        const QPoint right = plot->rect().center() + QPoint(120, 0);
        QTest::mouseClick(plot, Qt::LeftButton, {}, left);
        QTest::mouseMove(plot, left);
        QTest::keyClick(loss, Qt::Key_A);
        QVERIFY(table(panel)->isVisible());
        QTest::mouseMove(plot, right);
        QTest::keyClick(loss, Qt::Key_B);
        QVERIFY(*loss->cursor(LinePlot::A) < *loss->cursor(LinePlot::B));
        QCOMPARE(panel.accuracyPlot()->cursor(LinePlot::B), loss->cursor(LinePlot::B));
        QVERIFY(loss->isLive()); // nothing was panned

        const QTableView* values = table(panel);
        QCOMPARE(cell(values, 0, 3), std::round(*loss->cursor(LinePlot::B)));
        int compared = 0;
        for (int row = 1; row < values->model()->rowCount(); ++row) {
            const double a = cell(values, row, 2), b = cell(values, row, 3);
            if (values->model()->index(row, 2).data().toString() == QStringLiteral("–"))
                continue;
            const double printed = 1e-5 * (std::abs(a) + std::abs(b)); // six digits
            QVERIFY(std::abs(cell(values, row, 4) - (b - a))
                    < 1e-3 * std::abs(b - a) + printed + 1e-9);
            ++compared;
        }
        QVERIFY(compared >= 2);
        const auto readings = loss->readings(*loss->cursor(LinePlot::A));
        QVERIFY(std::abs(cell(values, 1, 2) - readings.front().value) < 1e-5);

        // Dragged, and moved by keys.
        const double before = *loss->cursor(LinePlot::B);
        QTest::mousePress(plot, Qt::LeftButton, {}, right);
        QTest::mouseMove(plot, right + QPoint(30, 0));
        QTest::mouseMove(plot, right + QPoint(60, 0));
        QTest::mouseRelease(plot, Qt::LeftButton, {}, right + QPoint(60, 0));
        const double dragged = *loss->cursor(LinePlot::B);
        QVERIFY(dragged > before);
        QVERIFY(loss->isLive());
        QCOMPARE(cell(values, 0, 3), std::round(dragged));
        QTest::keyClick(loss, Qt::Key_Left, Qt::ShiftModifier);
        QVERIFY(*loss->cursor(LinePlot::B) < dragged);
        QVERIFY(savePicture(panel, QStringLiteral("curves-cursors")));
        QTest::keyClick(loss, Qt::Key_Delete);
        QVERIFY(!values->isVisible());
        QVERIFY(!panel.accuracyPlot()->cursor(LinePlot::A));
    }

    void axesTurnLogarithmic()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-a", specOf("apples", "minmax", 1));
        run.train(0, 120);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        auto* steps = panel.findChild<QCheckBox*>(QStringLiteral("logSteps"));
        auto* values = panel.findChild<QCheckBox*>(QStringLiteral("logValues"));
        QTest::mouseClick(steps, Qt::LeftButton, {}, QPoint(8, steps->height() / 2));
        QTest::mouseClick(values, Qt::LeftButton, {}, QPoint(8, values->height() / 2));
        for (const LinePlot* plot : {panel.lossPlot(), panel.accuracyPlot()}) {
            QVERIFY(plot->isLogarithmic(Qt::Horizontal));
            QVERIFY(plot->isLogarithmic(Qt::Vertical));
            QVERIFY(plot->xRange().first > 0);
        }
        QTest::qWait(50);
        QVERIFY(savePicture(panel, QStringLiteral("curves-logarithmic")));
        QTest::mouseClick(steps, Qt::LeftButton, {}, QPoint(8, steps->height() / 2));
        QVERIFY(!panel.lossPlot()->isLogarithmic(Qt::Horizontal));
        QCOMPARE(panel.lossPlot()->xRange().first, 0.0);
    }

    void stepsAreLinkedOnDemand()
    {
        WindowFixture fixture(QStringLiteral("/nonexistent/stair"));
        ActedRun run(fixture.runs() / "0001-a", tinySpec("a", true));
        ActedLayers layers(run.folder().path(), true);
        run.start();
        run.train(0, 80);
        for (int step = 10; step <= 80; step += 10)
            layers.write(step);
        MainWindow& window = fixture.open(tinySpec("", true));
        window.frame().showLayout("train");
        window.openRun(run.folder().path());
        QTest::qWait(300);
        auto* loss = fixture.find<LinePlot>("lossPlot");
        auto* histograms = window.findChild<HistogramPanel*>();
        histograms->setView(HistogramPanel::View::Curves);
        LinePlot* below = histograms->curves()->plots().front();
        emit loss->xRangeChanged(10, 20);
        QVERIFY(below->isLive());

        fixture.click("linkSteps");
        QVERIFY(window.actions().find("view.linkSteps")->isChecked());
        QWidget* plot = canvas(loss);
        QTest::mousePress(plot, Qt::LeftButton, {}, plot->rect().center());
        QTest::mouseMove(plot, plot->rect().center() - QPoint(20, 0));
        QTest::mouseMove(plot, plot->rect().center() - QPoint(50, 0));
        QTest::mouseRelease(plot, Qt::LeftButton, {}, plot->rect().center() - QPoint(50, 0));
        QVERIFY(!below->isLive());
        QCOMPARE(below->xRange(), loss->xRange());
        QTest::mouseDClick(canvas(below), Qt::LeftButton, {}, canvas(below)->rect().center());
        QVERIFY(loss->isLive());
        // The histograms over time are linked as well.
        histograms->setView(HistogramPanel::View::OverTime);
        emit histograms->heatMap()->xRangeChanged(30, 60);
        QCOMPARE(loss->xRange(), std::pair(30.0, 60.0));
    }

    /// Another quantity leaves the steps as they are zoomed.
    void aZoomSurvivesAnotherQuantity()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-a", specOf("apples", "minmax", 1));
        run.train(0, 120);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        panel.setXRange(20, 60);
        choose(panel, "quantity0", QStringLiteral("Learning rate"));
        QCOMPARE(panel.lossPlot()->xRange(), std::pair(20.0, 60.0));
        panel.setSmoothing(100);
        QCOMPARE(panel.lossPlot()->xRange(), std::pair(20.0, 60.0));
        QCOMPARE(panel.lossPlot()->dataText().count(u'\n'), 1 + 41); // the visible range
    }

    void everyControlHasAName()
    {
        CurvesPanel panel;
        open(panel);
        QCOMPARE(nameless(panel), QString());
    }

    void picturesInEachTheme_data()
    {
        QTest::addColumn<int>("theme");
        QTest::addColumn<QString>("name");
        QTest::addRow("light") << int(Theme::Light) << QStringLiteral("curves-light");
        QTest::addRow("dark") << int(Theme::Dark) << QStringLiteral("curves-dark");
    }

    void picturesInEachTheme()
    {
        QFETCH(int, theme);
        QFETCH(QString, name);
        applyTheme(Theme(theme));
        const QTemporaryDir home;
        PanelRun first(home, "0001-a", specOf("two bits, seed 1", "minmax", 1)),
            second(home, "0002-b", specOf("two bits, seed 2", "minmax", 2)),
            third(home, "0003-c", specOf("two bits, seed 5", "minmax", 5)),
            other(home, "0004-d", specOf("soft rounding", "asr", 1));
        for (PanelRun* run : {&first, &second, &third, &other})
            run->train(0, 120);
        CurvesPanel panel;
        open(panel);
        panel.setRuns({&first.log, &second.log, &third.log, &other.log});
        panel.setSeedBand(SeedBand::Deviation);
        settle(panel);
        panel.accuracyPlot()->setCursor(LinePlot::A, 30);
        panel.lossPlot()->setCursor(LinePlot::A, 30);
        panel.accuracyPlot()->setCursor(LinePlot::B, 90);
        panel.lossPlot()->setCursor(LinePlot::B, 90);
        settle(panel);
        QTest::qWait(60);
        QWidget* plot = canvas(panel.accuracyPlot());
        QTest::mouseMove(plot, plot->rect().center());
        QTest::qWait(60);
        QVERIFY(savePicture(panel, name + QStringLiteral("-seeds")));
        QVERIFY(panel.accuracyPlot()->savePicture(
            QStringLiteral(STAIR_BINARY_DIR "/tests/pictures/%1-paper.png").arg(name)));
        panel.setSeedBand(SeedBand::None);
        panel.setQuantity(0, QStringLiteral("learningRate"));
        panel.setQuantity(1, QStringLiteral("sqnr"));
        panel.selectLayer(QStringLiteral("stage1.conv1"));
        settle(panel);
        QTest::qWait(60);
        QVERIFY(savePicture(panel, name + QStringLiteral("-layer")));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestCurvesPanel>(argc, argv);
}
#include "tst_curves_panel.moc"
