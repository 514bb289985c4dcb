#include "core/train/histogram.h"
#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/thread_clock.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/theme.h"
#include "widgets/panels/histogram_panel.h"
#include "widgets/panels/layer_curves.h"
#include "widgets/plot/line_plot.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTableView>

#include <numeric>

using namespace stair;

namespace {

struct PanelRun
{
    PanelRun(const QTemporaryDir& home, const char* folder, bool quantized, int bits = 4)
        : acted(pathOf(home.path()) / folder, tinySpec(folder, quantized))
        , layers(acted.folder().path(), quantized, bits)
        , log(acted.folder().path())
    {
    }

    void train(int from, int to)
    {
        for (int step = from + 50; step <= to; step += 50)
            layers.write(step);
    }

    ActedRun acted;
    ActedLayers layers;
    RunLog log;
};

} // namespace

class TestHistogramPanel : public QObject
{
    Q_OBJECT

private:
    static void open(HistogramPanel& panel)
    {
        panel.resize(1180, 560);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
    }

    /// As the window's ticks do, until all is read.
    static void settle(HistogramPanel& panel)
    {
        for (int tick = 0; tick < 100; ++tick)
            panel.refresh();
    }

    static QString text(const HistogramPanel& panel, const char* name)
    {
        return panel.findChild<QLabel*>(QLatin1String(name))->text();
    }

    static void click(const HistogramPanel& panel, const char* name)
    {
        QTest::mouseClick(panel.findChild<QAbstractButton*>(QLatin1String(name)), Qt::LeftButton);
    }

    static QTableView* list(const HistogramPanel& panel)
    {
        return panel.findChild<QTableView*>(QStringLiteral("layers"));
    }

    static bool isEmpty(const HistogramPanel& panel)
    {
        return panel.findChild<QWidget*>(QStringLiteral("empty"))->isVisible();
    }

private slots:
    void anEmptyPanelSaysWhatWillAppearAndWhatToDo()
    {
        const QTemporaryDir home;
        HistogramPanel panel;
        open(panel);
        QVERIFY(isEmpty(panel));
        QVERIFY(text(panel, "emptyText").contains(QStringLiteral("Select a run")));
        QSignalSpy wanted(&panel, &HistogramPanel::startWanted);
        click(panel, "emptyAction");
        QCOMPARE(wanted.size(), 1);

        PanelRun run(home, "0001-float", false);
        panel.setRuns({&run.log});
        settle(panel);
        QVERIFY(text(panel, "emptyText").contains(QStringLiteral("first record")));
        QVERIFY(panel.findChild<QAbstractButton*>(QStringLiteral("emptyAction"))->isHidden());
        run.train(0, 100);
        panel.refresh();
        QVERIFY(!isEmpty(panel)); // the weights of a float run
        click(panel, "activations");
        QVERIFY(isEmpty(panel));
        QVERIFY(text(panel, "emptyText").contains(QStringLiteral("float")));
        click(panel, "emptyAction");
        QVERIFY(!isEmpty(panel));
        QVERIFY(panel.findChild<QAbstractButton*>(QStringLiteral("gradients"))->isChecked());
    }

    void barsAreTheRecordsCounts()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-q", true);
        run.train(0, 100);
        HistogramPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        settle(panel);
        panel.selectLayer(QStringLiteral("stage1.conv1"));
        const LayersReport report = run.layers.report(100);
        const auto sum = [](const std::vector<std::int64_t>& counts) {
            return double(std::reduce(counts.begin(), counts.end()));
        };
        const ValueBins& weights = report.gradients[1].values;
        for (std::size_t i = 0; i < weights.counts.size(); ++i)
            QCOMPARE(panel.nowPlot()->bars(0).shares[i],
                     100 * double(weights.counts[i]) / sum(weights.counts));
        const QStringList lines = panel.nowPlot()->dataText().split(u'\n');
        QCOMPARE(lines[0], QStringLiteral("run,from,to,count,share_percent"));
        QCOMPARE(lines[1 + 64].split(u',')[1].toDouble(), 0.0);
        QCOMPARE(lines[1 + 64].split(u',')[3].toLongLong(), weights.counts[64]);

        click(panel, "activations");
        const QuantizerReport& act = report.quantizers[3];
        const QStringList row = panel.nowPlot()->dataText().split(u'\n')[1 + 20].split(u',');
        QCOMPARE(row[3].toLongLong(), act.values.counts[20]);
        QVERIFY(std::abs(row[1].toDouble() - act.step * (act.values.from + 20 * act.values.width))
                < 1e-6);

        click(panel, "gradients");
        const auto& bins = report.gradients[1].bins;
        const std::size_t bin = std::size_t(Histogram::binOf(1e-4f));
        QCOMPARE(panel.nowPlot()->bars(0).shares[bin], 100 * double(bins[bin]) / sum(bins));
        QVERIFY(panel.nowPlot()->dataText().startsWith(QStringLiteral("run,octave_from")));
    }

    void theGridIsDrawnOnTheBars()
    {
        const LayersReport report = ActedLayers({}, true, 2).report(50);
        const HistogramGrid grid = layerGrid(report, "stem.conv", TensorSide::Weights);
        const double step = report.quantizers[0].step;
        QCOMPARE(grid.levels, (std::vector<double>{-2 * step, -step, 0, step}));
        QCOMPARE(grid.counts.size(), std::size_t(4));
        QCOMPARE(grid.counts[2], double(report.quantizers[0].levels[2]));
        QCOMPARE(grid.clipLow, -2.5 * step);
        QCOMPARE(grid.clipHigh, 1.5 * step);
        QVERIFY(layerGrid(report, "stem.conv", TensorSide::Gradients).levels.empty());
        // Mid-rise, ternary and power-of-two grids leave codes out.
        QuantizerReport odd;
        odd.leastCode = -3;
        odd.gridLevels = 4;
        odd.levels.resize(7);
        QCOMPARE(gridCodes(odd), (std::vector<int>{-3, -1, 1, 3}));
        odd.leastCode = -4;
        odd.gridLevels = 7;
        odd.levels.resize(9);
        QCOMPARE(gridCodes(odd), (std::vector<int>{-4, -2, -1, 0, 1, 2, 4}));
    }

    void layersAreFoundAndSelected()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-q", true);
        run.train(0, 50);
        HistogramPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        settle(panel);
        QSignalSpy selected(&panel, &HistogramPanel::layerSelected);
        QCOMPARE(panel.layer(), QStringLiteral("stem.conv"));
        const QRect place = list(panel)->visualRect(list(panel)->model()->index(2, 0));
        QTest::mouseClick(list(panel)->viewport(), Qt::LeftButton, {}, place.center());
        QCOMPARE(selected.size(), 1);
        QCOMPARE(panel.layer(), QStringLiteral("stage1.conv2"));
        QTest::keyClick(list(panel), Qt::Key_Down);
        QCOMPARE(selected.last().front().toString(), QStringLiteral("head.fc"));

        auto* search = panel.findChild<QLineEdit*>(QStringLiteral("search"));
        QTest::keyClicks(search, QStringLiteral("STAGE1"));
        QCOMPARE(list(panel)->model()->rowCount(), 2);
        QCOMPARE(panel.layer(), QStringLiteral("head.fc")); // hidden, and still shown
        QCOMPARE(selected.size(), 2);
        search->clear();
        QCOMPARE(list(panel)->currentIndex().row(), 3);
        panel.selectLayer(QStringLiteral("stem.conv"));
        panel.selectLayer(QStringLiteral("nobody"));
        QCOMPARE(panel.layer(), QStringLiteral("stem.conv"));
        QCOMPARE(selected.size(), 2);
        // A record that comes in moves nothing.
        run.train(50, 100);
        panel.refresh();
        QCOMPARE(list(panel)->currentIndex().row(), 0);
        QVERIFY(text(panel, "fact0").contains(QStringLiteral("100")));
    }

    void overTimeHasEveryRecordInCommonBins()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-q", true);
        run.train(0, 1500); // the weights' range grows past a power of two on the way
        HistogramPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        settle(panel);
        click(panel, "overTime");
        for (const char* side : {"weights", "activations", "gradients"}) {
            click(panel, side);
            const HeatMapCells& cells = panel.heatMap()->cells();
            QCOMPARE(cells.steps.size(), std::size_t(30));
            QCOMPARE(cells.steps.back(), 1500.0);
            for (const auto& shares : cells.shares) {
                QCOMPARE(shares.size() + 1, cells.edges.size());
                QVERIFY(std::abs(std::reduce(shares.begin(), shares.end()) - 100) < 1e-6);
            }
        }
        click(panel, "weights");
        const LayersReport first = run.layers.report(50);
        const HeatMapCells& cells = panel.heatMap()->cells();
        const ValueBins& own = first.gradients[0].values;
        QVERIFY(own.to() < cells.edges.back());
        QCOMPARE(cells.edges.back(), 2 * own.to());
        const double all = double(std::reduce(own.counts.begin(), own.counts.end()));
        QVERIFY(std::abs(cells.shares[0][64] - 100 * double(own.counts[64] + own.counts[65]) / all)
                < 1e-9);
        QCOMPARE(cells.clipHigh[0], 7.5 * first.quantizers[0].step);
        QVERIFY(panel.heatMap()->dataText().startsWith(QStringLiteral("step,from,to")));
    }

    void runsAreLaidOverEachOther()
    {
        const QTemporaryDir home;
        PanelRun quantized(home, "0001-q", true), real(home, "0002-float", false);
        quantized.train(0, 200);
        real.train(0, 200);
        HistogramPanel panel;
        open(panel);
        panel.setRuns({&quantized.log, &real.log});
        settle(panel);
        const QString data = panel.nowPlot()->dataText();
        QVERIFY(data.contains(QStringLiteral("\"0001-q\"")));
        QVERIFY(data.contains(QStringLiteral("\"0002-float\"")));
        // In bars of one width the second run still has all its values.
        const HistogramBars& bars = panel.nowPlot()->bars(1);
        QCOMPARE(bars.width, panel.nowPlot()->bars(0).width);
        const double sum = std::reduce(bars.shares.begin(), bars.shares.end());
        QVERIFY(std::abs(sum - 100) < 1e-9);
        QTest::mouseClick(panel.findChild<QAbstractButton*>(QStringLiteral("logarithmic")),
                          Qt::LeftButton);
        QVERIFY(panel.nowPlot()->isLogarithmic());
        click(panel, "overTime");
        auto* which = panel.findChild<QComboBox*>(QStringLiteral("mapRun"));
        QVERIFY(which->isVisible());
        QCOMPARE(which->count(), 2);
        click(panel, "curves");
        QVERIFY(panel.curves()->plots()[0]->isVisible());
        const QString curve = panel.curves()->plots()[3]->dataText(); // flips
        QCOMPARE(curve.count(u'\n'), 5); // the float run has none
        QVERIFY(curve.contains(QStringLiteral("\"0001-q\",200,2\n")));
        click(panel, "gradients");
        QVERIFY(panel.curves()->plots()[4]->isVisible());
        QVERIFY(!panel.curves()->plots()[0]->isVisible());
        QCOMPARE(panel.curves()->plots()[4]->dataText().count(u'\n'), 9);
        // Taken away and set again, nothing is read twice.
        panel.setRuns({&real.log});
        settle(panel);
        QCOMPARE(panel.curves()->plots()[4]->dataText().count(u'\n'), 5);
        panel.setRuns({});
        QVERIFY(isEmpty(panel));
    }

    /// What a tick of the window costs while a long log is read and drawn.
    void aTickIsShort()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-q", true, 8);
        const std::string line = toLine(layersLine(run.layers.report(50))) + '\n';
        std::string text;
        for (int i = 0; i < 4000; ++i)
            text += line;
        run.layers.writeText(text);
        HistogramPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        click(panel, "overTime");
        double longest = 0, longestWall = 0;
        for (int tick = 0; tick < 60; ++tick) {
            const ThreadClock clock; // what is computed: others may use the machine
            panel.refresh();
            QApplication::processEvents();
            longest = std::max(longest, clock.ms());
            longestWall = std::max(longestWall, clock.wallMs());
        }
        qInfo("%.0f MB of records: the longest tick computed %.1f ms, %.1f ms passed",
              double(text.size()) / 1e6, longest, longestWall);
        QVERIFY(longest < 50);
        QVERIFY(longestWall < 150); // the margin is for slow test machines
    }

    void picturesAndDataAreExported()
    {
        const QTemporaryDir home;
        PanelRun run(home, "0001-q", true);
        run.train(0, 500);
        HistogramPanel panel;
        open(panel);
        panel.setRuns({&run.log});
        settle(panel);
        click(panel, "overTime");
        for (PlotView* plot :
             {static_cast<PlotView*>(panel.nowPlot()), static_cast<PlotView*>(panel.heatMap())}) {
            for (const char* name : {"a.png", "a.svg", "a.pdf"})
                QVERIFY(plot->savePicture(home.filePath(QLatin1String(name))));
            QVERIFY(plot->saveData(home.filePath(QStringLiteral("a.csv"))));
            QFile file(home.filePath(QStringLiteral("a.svg")));
            QVERIFY(file.open(QIODevice::ReadOnly) && file.size() > 5000);
        }
    }

    void theScaleStandsOutInBothThemes_data()
    {
        QTest::addColumn<QColor>("ground");
        QTest::addRow("light") << QColor(Qt::white);
        QTest::addRow("dark") << QColor(0x1E, 0x1F, 0x22);
    }

    void theScaleStandsOutInBothThemes()
    {
        QFETCH(QColor, ground);
        PlotTheme theme;
        theme.background = ground;
        double last = 0;
        for (int i = 0; i <= 10; ++i) {
            const double ratio = contrast(scaleColor(theme, i / 10.0), ground);
            QVERIFY(ratio >= last); // more is farther from the ground, always
            last = ratio;
        }
        QVERIFY(last >= 10);
        QVERIFY(contrast(scaleColor(theme, 0.6), ground) >= 3);
    }

    void everyControlHasAName()
    {
        HistogramPanel panel;
        open(panel);
        QCOMPARE(nameless(panel), QString());
    }

    void picturesInEachTheme_data()
    {
        QTest::addColumn<int>("theme");
        QTest::addColumn<QString>("name");
        QTest::addRow("light") << int(Theme::Light) << QStringLiteral("histograms-light");
        QTest::addRow("dark") << int(Theme::Dark) << QStringLiteral("histograms-dark");
    }

    void picturesInEachTheme()
    {
        QFETCH(int, theme);
        QFETCH(QString, name);
        applyTheme(Theme(theme));
        const QTemporaryDir home;
        PanelRun quantized(home, "0001-convnet_a-minmax-w4a4", true),
            coarse(home, "0003-convnet_a-minmax-w2a2", true, 2),
            real(home, "0002-convnet_a-float", false);
        for (PanelRun* run : {&quantized, &coarse, &real})
            run->train(0, 2000);
        HistogramPanel panel;
        open(panel);
        const auto save = [&](const char* what) {
            QTest::qWait(40);
            QVERIFY(savePicture(panel, name + QLatin1String(what)));
        };
        save("-empty");
        panel.setRuns({&quantized.log, &coarse.log, &real.log});
        settle(panel);
        panel.selectLayer(QStringLiteral("stage1.conv2"));
        save("-weights");
        panel.setSide(TensorSide::Activations);
        save("-activations");
        panel.setSide(TensorSide::Gradients);
        save("-gradients");
        panel.setView(HistogramPanel::View::OverTime);
        save("-gradients-time");
        panel.setSide(TensorSide::Weights);
        save("-weights-time");
        panel.setView(HistogramPanel::View::Curves);
        save("-curves");
        panel.setRuns({&coarse.log});
        settle(panel);
        panel.setView(HistogramPanel::View::Now);
        panel.nowPlot()->setLogarithmic(true);
        panel.setSide(TensorSide::Activations);
        save("-log");
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestHistogramPanel>(argc, argv);
}
#include "tst_histogram_panel.moc"
