#include "tests/widgets/support/thread_clock.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/dock_frame.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QPointer>
#include <QSlider>
#include <QTabBar>
#include <QWheelEvent>

#include <algorithm>
#include <map>

using namespace stair;

namespace {

constexpr int patience = 120'000; // ms
constexpr int probeEvery = 5; // ms

/// How long the event loop was away each time it should have come back: a user's wait.
class LoopProbe : public QObject
{
public:
    LoopProbe()
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            const double wait = std::max(0.0, double(m_clock.nsecsElapsed()) / 1e6 - probeEvery);
            m_clock.restart();
            m_waits.push_back(wait);
            m_longest.emplace(wait,
                              QStringLiteral("%1 ms of them computing, %2")
                                  .arg(m_work.ms(), 0, 'f', 1)
                                  .arg(m_doing));
            m_work.start();
            if (m_longest.size() > 12)
                m_longest.erase(m_longest.begin());
        });
        m_clock.start();
        m_timer.start(probeEvery);
    }

    double percentile(double share)
    {
        const auto at = m_waits.begin() + std::ptrdiff_t(share * double(m_waits.size() - 1));
        std::nth_element(m_waits.begin(), at, m_waits.end());
        return *at;
    }

    std::size_t count() const { return m_waits.size(); }

    /// What the user does from now on: names what made them wait.
    void setDoing(const QString& what) { m_doing = what; }

    /// The longest waits and what was done, a line each.
    QString longest() const
    {
        QString lines;
        for (const auto& [wait, what] : m_longest)
            lines += QStringLiteral("\n%1 ms: %2").arg(wait, 0, 'f', 1).arg(what);
        return lines;
    }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::vector<double> m_waits; // ms
    ThreadClock m_work; // since the last turn
    QString m_doing;
    std::multimap<double, QString> m_longest;
};

/// A run that keeps every core busy for as long as the test lasts.
ExperimentSpec busySpec()
{
    const Json json = {
        {"schema", 1},
        {"name", "busy"},
        {"data", {{"id", "procedural"}, {"batch", 64}, {"validation", 200}}},
        {"network", {{"id", "convnet_d"}, {"params", {{"width", 0.25}}}}},
        {"quant", {{"method", "lsq"}, {"weights", {{"bits", 2}}}, {"activations", {{"bits", 2}}}}},
        {"training", {{"epochs", 1000}, {"guards", {{"saturation", 1}, {"dead", false}}}}},
        {"statistics", {{"every", 10}}}};
    return ExperimentSpec::read(json, "busy");
}

} // namespace

/// The window while a run trains on all cores: somebody goes through every panel of every layout, and it
/// never keeps them waiting. A minute, with STAIR_LONG_TESTS=1 alone.
class TestResponsiveness : public QObject
{
    Q_OBJECT

    QElapsedTimer m_session;
    qint64 m_length = 0; // ms

    bool over() const { return m_session.elapsed() > m_length; }

    static void turnWheel(QWidget* widget, int steps)
    {
        const QPointF at = widget->rect().center();
        QWheelEvent event(at, widget->mapToGlobal(at), {}, {0, 120 * steps}, Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(widget, &event);
    }

    /// A user's events come one at a time: the loop turns between any two of them.
    static void usePlot(QWidget* plot)
    {
        const QPoint middle = plot->rect().center();
        turnWheel(plot, 2);
        QTest::qWait(1);
        QTest::mousePress(plot, Qt::LeftButton, {}, middle);
        for (int i = 1; i <= 5; ++i) {
            QTest::mouseMove(plot, middle + QPoint(10 * i, 2 * i));
            QTest::qWait(1);
        }
        QTest::mouseRelease(plot, Qt::LeftButton, {}, middle + QPoint(50, 10));
        QTest::qWait(1);
        QTest::mouseMove(plot, middle - QPoint(20, 5));
        QTest::qWait(1);
        QTest::mouseDClick(plot, Qt::LeftButton, {}, middle);
    }

    static void useList(QAbstractItemView* view)
    {
        const QPointer<QWidget> list(view);
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, {20, 10});
        for (const Qt::Key key : {Qt::Key_Down, Qt::Key_Down, Qt::Key_PageDown, Qt::Key_Home}) {
            QTest::qWait(1);
            if (list)
                QTest::keyClick(list, key);
        }
    }

    static void useTabs(QTabBar* bar)
    {
        for (int i = 0; i < bar->count(); ++i) {
            QTest::mouseClick(bar, Qt::LeftButton, {}, bar->tabRect(i).center());
            QTest::qWait(20);
        }
    }

    /// Everything in a panel that only looks: plots, lists, tabs, choices, sliders.
    void usePanel(QWidget* panel, LoopProbe& probe)
    {
        const QString name = panel->objectName().isEmpty()
            ? QLatin1String(panel->metaObject()->className())
            : panel->objectName();
        const QList<QWidget*> found = panel->findChildren<QWidget*>();
        // What is used may replace others.
        for (const QPointer<QWidget>& widget :
             QList<QPointer<QWidget>>(found.begin(), found.end())) {
            if (over())
                return;
            if (!widget || !widget->isVisible() || !widget->isEnabled())
                continue;
            probe.setDoing(QStringLiteral("%1, %2 %3")
                               .arg(name, QLatin1String(widget->metaObject()->className()),
                                    widget->objectName()));
            if (widget->inherits("QCustomPlot"))
                usePlot(widget);
            else if (auto* view = qobject_cast<QAbstractItemView*>(widget.data()))
                useList(view);
            else if (auto* tabs = qobject_cast<QTabBar*>(widget.data()))
                useTabs(tabs);
            else if (qobject_cast<QComboBox*>(widget.data())
                     || qobject_cast<QSlider*>(widget.data())) {
                QTest::keyClick(widget, Qt::Key_Down);
                QTest::qWait(10);
                if (widget)
                    QTest::keyClick(widget, Qt::Key_Up);
            }
            QTest::qWait(10);
        }
    }

private slots:
    void theWindowAnswersWhileARunTrains()
    {
        if (qEnvironmentVariableIntValue("STAIR_LONG_TESTS") != 1)
            QSKIP("a minute by the clock: tests/run --long");
        m_length = 60'000;
        QSettings().clear();
        WindowFixture fixture(QStringLiteral(STAIR_BINARY_DIR "/app/stair"));
        MainWindow& window = fixture.open(busySpec());
        fixture.click("startButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture.state(0), RunState::Running, patience);
        QTest::qWait(3000); // some records of layers

        LoopProbe probe;
        m_session.start();
        int panels = 0;
        while (!over()) {
            for (const LayoutRow& layout : window.frame().layouts()) {
                probe.setDoing(QStringLiteral("layout ") + layout.id);
                window.frame().showLayout(layout.id);
                QTest::qWait(50);
                for (QDockWidget* dock : window.frame().findChildren<QDockWidget*>()) {
                    if (dock->isHidden() || over())
                        continue;
                    probe.setDoing(QStringLiteral("dock ") + dock->objectName());
                    window.frame().showDock(dock->objectName());
                    QTest::qWait(50);
                    if (dock->objectName() != QLatin1String("form"))
                        usePanel(dock->widget(), probe);
                    ++panels;
                }
            }
        }
        QCOMPARE(fixture.state(0), RunState::Running);
        fixture.click("stopButton");
        QTRY_COMPARE_WITH_TIMEOUT(fixture.state(0), RunState::Stopped, patience);

        const double usual = probe.percentile(0.99);
        const double worst = probe.percentile(1);
        qInfo("%d panels in %lld s, %zu turns of the event loop: 99 of 100 within %.1f ms, the "
              "longest %.1f ms:%s",
              panels, (long long)m_length / 1000, probe.count(), usual, worst,
              qPrintable(probe.longest()));
        QVERIFY(panels > 0);
        QVERIFY2(usual < 50, qPrintable(QString::number(usual)));
        QVERIFY2(worst < 150, qPrintable(QString::number(worst)));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestResponsiveness>(argc, argv);
}
#include "tst_responsiveness.moc"
