#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/thread_clock.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/selection.h"
#include "widgets/panels/histogram_panel.h"
#include "widgets/plot/line_plot.h"

#include <QScrollBar>
#include <QWheelEvent>

#include <fstream>
#include <random>

using namespace stair;

namespace {

constexpr double frameMs = 1000.0 / 30; // 30 frames a second

/// Counts what a widget has painted.
class PaintCounter : public QObject
{
public:
    explicit PaintCounter(QWidget* widget) { widget->installEventFilter(this); }
    int paints = 0;

protected:
    bool eventFilter(QObject*, QEvent* event) override
    {
        paints += event->type() == QEvent::Paint;
        return false;
    }
};

void settle()
{
    for (int i = 0; i < 4; ++i)
        QApplication::processEvents();
}

} // namespace

/// The bars for a window that is looked at all day. They are measured in what the window's thread
/// computes: the machine that tests run on may be used by others.
class TestWindowSpeed : public QObject
{
    Q_OBJECT

private slots:
    void init() { QSettings().clear(); }

    void aMillionPointsPanSmoothly()
    {
        LinePlot plot(QStringLiteral("Loss"), QStringLiteral("nats"), 0);
        plot.resize(900, 400);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        const int raw = plot.addCurve(QStringLiteral("a"), {1, 0, CurveStyle::Mark::Faint});
        const int line = plot.addCurve(QStringLiteral("b"), {1, 1, CurveStyle::Mark::Line});
        std::mt19937 random(2);
        for (int i = 0; i < 1'000'000; ++i) {
            const double value = double(random() % 1000) / 1000;
            plot.append(raw, i, value);
            plot.append(line, i, value * value);
        }
        plot.refresh();
        settle();
        auto* canvas = plot.findChild<QWidget*>(QStringLiteral("plot"));
        PaintCounter counter(canvas);
        const QPoint start = canvas->rect().center();
        const auto before = plot.xRange();
        QTest::mousePress(canvas, Qt::LeftButton, {}, start);
        constexpr int frames = 60;
        const ThreadClock clock;
        for (int frame = 1; frame <= frames; ++frame) {
            QTest::mouseMove(canvas, start + QPoint(2 * frame, 0));
            settle();
        }
        const double each = clock.ms() / frames;
        QTest::mouseRelease(canvas, Qt::LeftButton, {}, start + QPoint(2 * frames, 0));
        qInfo("2 curves of 1,000,000 points: %.1f ms a frame computed, %.1f ms passed", each,
              clock.wallMs() / frames);
        QVERIFY(plot.xRange().first < before.first);
        QVERIFY(counter.paints >= frames); // every frame was drawn
        QVERIFY(each < frameMs);
    }

    void theWindowOpensWithinASecond()
    {
        WindowFixture fixture(QStringLiteral("/nonexistent/stair"));
        const ThreadClock clock;
        fixture.open(tinySpec("", true), tinySpec("", false));
        settle();
        qInfo("the window opened after %.0f ms computed, %.0f ms passed", clock.ms(),
              clock.wallMs());
        QVERIFY(clock.ms() < 1000);
    }

    void twoHundredRunsScrollSmoothly()
    {
        WindowFixture fixture(QStringLiteral("/nonexistent/stair"));
        constexpr int count = 200;
        for (int i = 0; i < count; ++i) {
            const auto name
                = QStringLiteral("%1-run").arg(i, 4, 10, QLatin1Char('0')).toStdString();
            ActedRun run(fixture.runs() / name, tinySpec("a run, number " + name, i % 3 > 0));
            run.start();
            run.train(0, 120);
            run.finish(120);
        }
        const ThreadClock opening;
        MainWindow& window = fixture.open(tinySpec("", true));
        settle();
        qInfo("with %d runs the window opened after %.0f ms computed", count, opening.ms());
        QCOMPARE(window.model().rowCount(), count);
        QVERIFY(opening.ms() < 1000);
        QTest::qWait(1500); // all are read
        QListView* list = fixture.list();
        QVERIFY(list->verticalScrollBar()->maximum() > 1000);
        QWidget* view = list->viewport();
        PaintCounter counter(view);
        double longest = 0, sum = 0;
        int frames = 0;
        for (; list->verticalScrollBar()->value() < list->verticalScrollBar()->maximum();
             ++frames) {
            const QPoint place = view->rect().center();
            QWheelEvent turn(place, view->mapToGlobal(place), {}, QPoint(0, -120), Qt::NoButton,
                             Qt::NoModifier, Qt::NoScrollPhase, false);
            const ThreadClock clock;
            QApplication::sendEvent(view, &turn);
            settle();
            longest = std::max(longest, clock.ms());
            sum += clock.ms();
        }
        qInfo("%d turns of the wheel: %.1f ms computed each, %.1f ms the longest", frames,
              sum / frames, longest);
        QVERIFY(frames > 20 && counter.paints >= frames);
        QVERIFY(sum / frames < frameMs / 2);
        QVERIFY(longest < 50); // with the window's own ticks among them

        // What looking for new runs costs, once a second.
        const ThreadClock scan;
        window.model().rescan();
        qInfo("looking for new runs: %.1f ms computed", scan.ms());
        QVERIFY(scan.ms() < 50);
    }

    void aLongRunOpensAndIsFollowed()
    {
        WindowFixture fixture(QStringLiteral("/nonexistent/stair"));
        ExperimentSpec spec = tinySpec("a thousand epochs", true);
        constexpr int epochs = 1000, perEpoch = 250, steps = epochs * perEpoch;
        spec.training.epochs = epochs;
        ActedRun run(fixture.runs() / "0001-long", spec);
        ActedLayers layers(run.folder().path(), true);
        const double megabytes = writeLongRun(run, layers, perEpoch, steps);
        QVERIFY(megabytes >= 100);

        MainWindow& window = fixture.open(tinySpec("", true));
        window.frame().showLayout("train");
        settle();
        const auto* loss = fixture.find<LinePlot>("lossPlot");
        const ThreadClock clock;
        window.openRun(run.folder().path());
        const auto isRead = [&] {
            const std::vector<RunLog*>& runs = window.selection().runs();
            return runs.size() == 1 && runs.front()->steps().size() == std::size_t(steps)
                && loss->points(1).size() == std::size_t(steps);
        };
        double longest = 0, last = 0;
        while (!isRead() && clock.wallMs() < 60'000) {
            QTest::qWait(1);
            longest = std::max(longest, clock.ms() - last);
            last = clock.ms();
        }
        qInfo("%.0f MB of logs, %d steps: curves complete after %.0f ms computed, %.0f ms passed; "
              "%.0f ms at most in one go",
              megabytes, steps, clock.ms(), clock.wallMs(), longest);
        QVERIFY(isRead());
        QVERIFY(clock.ms() < 3000);
        QVERIFY(longest < 150);

        // The layers' records are there by then as well, and what is appended is seen at once.
        const auto* histograms = window.findChild<HistogramPanel*>();
        QTRY_VERIFY(!histograms->layer().isEmpty());
        const ThreadClock following;
        run.write(stepLine(run.report(steps + 1)));
        QTRY_COMPARE_WITH_TIMEOUT(loss->points(1).size(), std::size_t(steps + 1), 3000);
        qInfo("a new line was drawn after %.0f ms, %.0f ms of them computed", following.wallMs(),
              following.ms());
        QVERIFY(following.ms() < 150);
    }

    /// A run that trains: its steps and its layers' records come in while curves and histograms are seen.
    void liveStatisticsAreLight()
    {
        WindowFixture fixture(QStringLiteral("/nonexistent/stair"));
        ExperimentSpec spec = tinySpec("live", true);
        spec.training.epochs = 100;
        ActedRun run(fixture.runs() / "0001-live", spec);
        ActedLayers layers(run.folder().path(), true, 8);
        run.work();
        run.start();
        run.train(0, 400);
        for (int step = 10; step <= 400; step += 10)
            layers.write(step);
        MainWindow& window = fixture.open(tinySpec("", true));
        window.frame().showLayout("train");
        window.openRun(run.folder().path());
        auto* histograms = window.findChild<HistogramPanel*>();
        QTRY_VERIFY(histograms && !histograms->layer().isEmpty());
        for (const auto view : {HistogramPanel::View::Now, HistogramPanel::View::OverTime,
                                HistogramPanel::View::Curves}) {
            histograms->setView(view);
            QTest::qWait(100);
            double longest = 0, sum = 0;
            constexpr int ticks = 20;
            const int first = 400 + int(view) * ticks * 10;
            for (int tick = 0; tick < ticks; ++tick) {
                run.train(first + 10 * tick, first + 10 * (tick + 1));
                layers.write(first + 10 * (tick + 1));
                const ThreadClock clock;
                QTest::qWait(45); // a tick of the window is in it
                longest = std::max(longest, clock.ms());
                sum += clock.ms();
            }
            qInfo("view %d: %.1f ms computed a tick, %.1f ms the longest", int(view), sum / ticks,
                  longest);
            QVERIFY(sum / ticks < frameMs);
            QVERIFY(longest < 100);
        }
    }

private:
    /// Returns the size of the logs in megabytes: at least 100.
    static double writeLongRun(ActedRun& run, ActedLayers& layers, int perEpoch, int steps)
    {
        std::ofstream events(run.folder().path() / "events.jsonl", std::ios::app);
        std::size_t bytes = 0;
        const auto write = [&](const Json& line) {
            const std::string text = toLine(line) + '\n';
            bytes += text.size();
            events << text;
        };
        write(startedLine(0, steps, false));
        for (int step = 1; step <= steps; ++step) {
            StepReport report = run.report(step);
            report.steps = steps;
            report.loss = 0.15 + 2 * std::exp(-step * 5.0 / steps)
                + 0.1 * std::sin(step * 12.9898) * std::sin(step * 4.1414);
            write(stepLine(report));
            if (step % perEpoch == 0)
                write(evaluationLine(run.evaluation(step)));
        }
        events.close();
        // The layers fill what is missing; a few reports come again and again, each at its own step.
        constexpr std::size_t whole = 101'000'000;
        std::vector<LayersReport> reports;
        for (int i = 1; i <= 20; ++i)
            reports.push_back(layers.report(50 * i));
        const std::size_t line = toLine(layersLine(reports.front())).size();
        const int records = bytes < whole ? int((whole - bytes) / line) + 1 : 100;
        std::string text;
        for (int i = 1; i <= records; ++i) {
            LayersReport& report = reports[std::size_t(i) % reports.size()];
            report.step = std::int64_t(i) * steps / records;
            text += toLine(layersLine(report)) + '\n';
        }
        layers.writeText(text);
        bytes += text.size();
        return double(bytes) / 1e6;
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestWindowSpeed>(argc, argv);
}
#include "tst_window_speed.moc"
