#include "core/base/files.h"
#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/selection.h"
#include "widgets/main/single_instance.h"
#include "widgets/main/system_colors.h"
#include "widgets/main/theme.h"
#include "widgets/panels/curves_panel.h"
#include "widgets/panels/histogram_panel.h"
#include "widgets/panels/notice_strip.h"
#include "widgets/panels/rounding_lab.h"
#include "widgets/plot/graph_view.h"
#include "widgets/plot/line_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVariant>
#include <QDockWidget>
#include <QDropEvent>
#include <QMimeData>
#include <QProcess>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>

#include <thread>

using namespace stair;

namespace {

const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

} // namespace

/// Stands in for the desktop's portal.
class FakePortal : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Settings")

public:
    uint scheme = 1;

public slots:
    QDBusVariant Read(const QString&, const QString&)
    {
        return QDBusVariant(QVariant::fromValue(QDBusVariant(scheme)));
    }
};

/// What outlives a window: its session, recent files, colours; and that there is one to a workspace.
class TestWindowSession : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<WindowFixture> m_fixture;

    MainWindow& window() { return *m_fixture->window; }
    QAction* action(const char* id) { return window().actions().find(QLatin1String(id)); }

    void drop(const QStringList& files)
    {
        QMimeData data;
        QList<QUrl> urls;
        for (const QString& file : files)
            urls += QUrl::fromLocalFile(file);
        data.setUrls(urls);
        QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, &data, Qt::LeftButton,
                              Qt::NoModifier);
        QApplication::sendEvent(&window(), &enter);
        QDropEvent event(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window(), &event);
    }

private slots:
    void init()
    {
        QSettings().clear();
        applyTheme(Theme::Light);
        m_fixture = std::make_unique<WindowFixture>(fakeStair);
    }

    void cleanup() { m_fixture.reset(); }

    /// The window goes without being closed, as in a crash.
    void aCrashLosesNothingButTheLastSecond()
    {
        const ActedRun first(m_fixture->runs() / "0001-a", tinySpec("first", false));
        const ActedRun second(m_fixture->runs() / "0002-b", tinySpec("second", false));
        m_fixture->open(tinySpec("", true));
        window().openRun(m_fixture->runs() / "0001-a");
        auto* rate = m_fixture->find<QLineEdit>("learning_rate");
        m_fixture->type(rate, "half typed");
        window().frame().showLayout("train");
        auto* quantity = m_fixture->find<QComboBox>("quantity1");
        quantity->setCurrentIndex(quantity->findData("learningRate"));
        m_fixture->find<QComboBox>("smoothing")->setCurrentIndex(3);
        m_fixture->find<QCheckBox>("logSteps")->setChecked(true);
        const auto file = m_fixture->runs().parent_path() / "window.json";
        std::error_code none;
        QTRY_VERIFY(std::filesystem::exists(file, none)
                    && readJsonFile(file).at("curves")
                        == window().findChild<CurvesPanel*>()->choices());
        m_fixture->window.reset();

        m_fixture->open(tinySpec("", true));
        QCOMPARE(m_fixture->find<QLineEdit>("learning_rate")->text(), "half typed");
        QCOMPARE(window().frame().currentLayout(), "train");
        QCOMPARE(m_fixture->find<QComboBox>("quantity0")->currentData().toString(), "loss");
        QCOMPARE(m_fixture->find<QComboBox>("quantity1")->currentData().toString(), "learningRate");
        QCOMPARE(m_fixture->find<QComboBox>("smoothing")->currentIndex(), 3);
        QVERIFY(m_fixture->find<QCheckBox>("logSteps")->isChecked());
        QVERIFY(!m_fixture->find<QCheckBox>("logValues")->isChecked());
        QCOMPARE(window().selection().runs().size(), std::size_t(1));
        QCOMPARE(window().selection().runs().front()->identity().name, "first");
    }

    void zoomsColumnsAndTheLayerAreKept()
    {
        const QString layer = QStringLiteral("stage1.conv2");
        ActedRun run(m_fixture->runs() / "0001-a", tinySpec("first", true));
        run.start();
        run.train(0, 80);
        ActedLayers(run.folder().path(), true).write(50);
        const auto file = m_fixture->runs().parent_path() / "window.json";
        m_fixture->open(tinySpec("", true));
        window().openRun(run.folder().path());
        window().frame().showLayout("train");
        window().frame().showDock("layers");
        QVERIFY(m_fixture->find<LinePlot>("lossPlot")->isLive());
        m_fixture->find<LinePlot>("lossPlot")->setXRange(5, 25);
        m_fixture->find<QTableView>("layerTable")->setColumnWidth(0, 333);
        window().selection().setLayer(layer); // last: a file that has it has them all
        std::error_code none;
        QTRY_VERIFY(std::filesystem::exists(file, none)
                    && readJsonFile(file).value("layer", "") == layer.toStdString());
        m_fixture->window.reset();

        m_fixture->open(tinySpec("", true));
        window().frame().showDock("layers");
        auto* loss = m_fixture->find<LinePlot>("lossPlot");
        QCOMPARE(loss->xRange(), std::pair(5.0, 25.0));
        QCOMPARE(m_fixture->find<LinePlot>("accuracyPlot")->xRange(), std::pair(5.0, 25.0));
        auto* table = m_fixture->find<QTableView>("layerTable");
        QCOMPARE(table->columnWidth(0), 333);
        // The panels show it when their rows have come.
        QTRY_COMPARE(table->currentIndex().siblingAtColumn(0).data().toString(), layer);
        QTRY_COMPARE(window().findChild<HistogramPanel*>()->layer(), layer);
        QTRY_COMPARE(
            window().findChild<RoundingLab*>()->findChild<QComboBox*>("layers")->currentText(),
            layer);
        QCOMPARE(window().selection().layer(), layer);
        run.train(80, 120);
        QTRY_VERIFY(window().selection().runs().front()->progress().step >= 100);
        QVERIFY(!loss->isLive()); // news do not move it
        QCOMPARE(loss->xRange(), std::pair(5.0, 25.0));

        // Where other runs are shown, the zooms are not theirs.
        m_fixture->window.reset();
        const Json kept = readJsonFile(file);
        Json session = kept;
        session["runs"] = {(m_fixture->runs() / "0009-gone").string()};
        writeFileAtomically(file, session.dump());
        m_fixture->open(tinySpec("", true));
        QCOMPARE(window().selection().runs().size(), std::size_t(1)); // the newest
        QVERIFY(m_fixture->find<LinePlot>("lossPlot")->isLive());
        QCOMPARE(m_fixture->find<QTableView>("layerTable")->columnWidth(0), 333);

        // Views of another version of the program are passed over.
        m_fixture->window.reset();
        session = kept;
        session["views"] = {{"layers", 3}, {"curves", {{"columns", {}}, {"zooms", "x"}}}};
        writeFileAtomically(file, session.dump());
        m_fixture->open(tinySpec("", true));
        QVERIFY(m_fixture->find<LinePlot>("lossPlot")->isLive());
        QCOMPARE(window().selection().layer(), layer);
    }

    void aDamagedSessionIsPassedOver_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addRow("no JSON") << QByteArray("{\"window\": 1, ");
        QTest::addRow("another kind") << QByteArray("[1, 2]");
        QTest::addRow("another version") << QByteArray(R"({"window": 99})");
        QTest::addRow("nonsense inside")
            << QByteArray(R"({"window": 1, "runs": 3, "sort": "x", "form": []})");
        QTest::addRow("a form without fields")
            << QByteArray(R"({"window": 1, "runs": [], "sort": 0, "group": 0, "form": {}})");
    }

    void aDamagedSessionIsPassedOver()
    {
        QFETCH(QByteArray, text);
        std::filesystem::create_directories(m_fixture->runs());
        writeFileAtomically(m_fixture->runs().parent_path() / "window.json", text.toStdString());
        QSettings().setValue("window/layouts", text);
        m_fixture->open(tinySpec("the default", true));
        QCOMPARE(m_fixture->find<QLineEdit>("name")->text(), "the default");
        QVERIFY(m_fixture->button("startButton")->isEnabled());
    }

    void aWorkspaceThatCannotBeWrittenIsTold()
    {
        m_fixture->open(tinySpec("", true));
        std::filesystem::create_directories(m_fixture->runs().parent_path() / "window.json");
        m_fixture->find<QSpinBox>("epochs")->setValue(7);
        QTRY_VERIFY(m_fixture->notice("problem").contains("state is not kept"));
        QVERIFY(!QApplication::activeModalWidget());
    }

    void droppedSpecsAndRunsOpen()
    {
        QTemporaryDir home;
        const QString spec = home.filePath("mine.json");
        writeFileAtomically(pathOf(spec), tinySpec("from a file", true).toJson().dump());
        const ActedRun run(pathOf(home.filePath("run")), tinySpec("a run", false));
        m_fixture->open(tinySpec("", true));
        drop({spec, home.filePath("run")});
        QCOMPARE(m_fixture->find<QLineEdit>("name")->text(), "from a file");
        QCOMPARE(window().selection().runs().front()->identity().name, "a run");
        QCOMPARE(m_fixture->notice("problem"), QString());

        // Both can be opened again from the menu, the latest first.
        QCOMPARE(action("recent.1")->text(),
                 QString("run in %1").arg(QFileInfo(home.path()).fileName()));
        QVERIFY(action("recent.2")->text().startsWith("mine.json in"));
        QVERIFY(!action("recent.3")->isVisible());
        m_fixture->type(m_fixture->find<QLineEdit>("name"), "changed");
        action("recent.2")->trigger();
        QCOMPARE(m_fixture->find<QLineEdit>("name")->text(), "from a file");

        writeFileAtomically(pathOf(home.filePath("bad.json")), R"({"nmae": "x"})");
        drop({home.filePath("bad.json")});
        QVERIFY(m_fixture->notice("problem").contains("nmae"));
        drop({home.filePath("bad.json"), home.filePath("run")}); // what is good opens, and is no
        QVERIFY(m_fixture->notice("problem").contains("nmae")); // reason to be silent on the rest
        writeFileAtomically(pathOf(home.filePath("cat.png")), "x");
        drop({home.filePath("cat.png")});
        QVERIFY(window().frame().dock("samples")->isVisible()); // the run's model is asked
        QTRY_VERIFY(m_fixture->notice("samplesNotice").contains("checkpoint"));
    }

    /// Before any run: the chart, the layer table and the images of what the form describes.
    void theFormsNetworkAndDataAreShown()
    {
        m_fixture->open(tinySpec("", true));
        window().frame().showDock("chart");
        auto* graph = m_fixture->find<GraphView>("networkGraph");
        QTRY_VERIFY_WITH_TIMEOUT(graph->boxes().size() > 4, 60'000);
        graph->setFocus();
        QTest::keyClick(graph, Qt::Key_Down);
        QTest::keyClick(graph, Qt::Key_Down);
        const QString layer = window().selection().layer();
        QCOMPARE(graph->boxes()[std::size_t(graph->selected())].title, layer);
        auto* table = m_fixture->find<QTableView>("layerTable");
        QCOMPARE(table->currentIndex().siblingAtColumn(0).data().toString(), layer);
        const QModelIndex last = table->model()->index(table->model()->rowCount() - 1, 0);
        table->setCurrentIndex(last);
        QCOMPARE(graph->boxes()[std::size_t(graph->selected())].title, last.data().toString());
        window().frame().showDock("samples");
        QTRY_VERIFY(m_fixture->find<QListView>("samples")->model()->rowCount() > 1000);
        QVERIFY(m_fixture->find<QTableView>("classCounts")->model()->rowCount() == 10);
    }

    void theFormIsSavedAsASpec()
    {
        QTemporaryDir home;
        const std::filesystem::path file = pathOf(home.filePath("saved.json"));
        m_fixture->open(tinySpec("to be saved", true));
        action("file.saveSpec")->trigger();
        m_fixture->chooseFile(file);
        QTRY_VERIFY(std::filesystem::exists(file));
        QCOMPARE(ExperimentSpec::readFile(file).name, "to be saved");
        m_fixture->type(m_fixture->find<QLineEdit>("name"), "other");
        action("file.openSpec")->trigger();
        m_fixture->chooseFile(file);
        QTRY_COMPARE(m_fixture->find<QLineEdit>("name")->text(), "to be saved");
    }

    void coloursSwitchLive()
    {
        m_fixture->open(tinySpec("", true));
        const auto ground = [this] {
            return window().grab().toImage().pixelColor(4, 300).lightness();
        };
        action("theme.dark")->trigger();
        QTest::qWait(20);
        QVERIFY(ground() < 80);
        QVERIFY(window().palette().color(QPalette::Window).lightness() < 80);
        action("theme.light")->trigger();
        QTest::qWait(20);
        QVERIFY(ground() > 180);
        NoticeStrip strip; // has a palette of its own
        strip.say(NoticeStrip::Kind::Result, QStringLiteral("said before"));
        strip.show();
        action("theme.dark")->trigger();
        QTest::qWait(20);
        QVERIFY(strip.grab().toImage().pixelColor(strip.width() - 2, 2).lightness() < 100);
        action("theme.light")->trigger();
        QTest::qWait(20);
        QVERIFY(strip.grab().toImage().pixelColor(strip.width() - 2, 2).lightness() > 180);
        m_fixture->open(tinySpec("", true));
        QVERIFY(action("theme.light")->isChecked());
    }

    void thePortalsNumbersAreRead()
    {
        using Preference = SystemColors::Preference;
        QCOMPARE(SystemColors::fromPortal(0), Preference::None);
        QCOMPARE(SystemColors::fromPortal(1), Preference::Dark);
        QCOMPARE(SystemColors::fromPortal(2), Preference::Light);
        QCOMPARE(SystemColors::fromPortal(7), Preference::None);
    }

    /// Over a session bus of its own; see main().
    void thePortalIsFollowed()
    {
        if (!QDBusConnection::sessionBus().isConnected())
            QSKIP("no dbus-daemon here");
        QDBusConnection desktop
            = QDBusConnection::connectToBus(QDBusConnection::SessionBus, "desktop");
        FakePortal portal;
        QVERIFY(desktop.registerObject("/org/freedesktop/portal/desktop", &portal,
                                       QDBusConnection::ExportAllSlots));
        QVERIFY(desktop.registerService("org.freedesktop.portal.Desktop"));
        m_fixture->open(tinySpec("", true));
        const auto ground = [] {
            return QApplication::palette().color(QPalette::Window).lightness();
        };
        QTRY_VERIFY(ground() < 80);

        const auto tell = [&](uint scheme) {
            QDBusMessage signal
                = QDBusMessage::createSignal("/org/freedesktop/portal/desktop",
                                             "org.freedesktop.portal.Settings", "SettingChanged");
            signal << "org.freedesktop.appearance"
                   << "color-scheme" << QVariant::fromValue(QDBusVariant(scheme));
            desktop.send(signal);
        };
        tell(2);
        QTRY_VERIFY(ground() > 180);
        action("theme.dark")->trigger(); // the user's word counts more
        tell(1);
        tell(2);
        QTest::qWait(100);
        QVERIFY(ground() < 80);
        action("theme.system")->trigger();
        QVERIFY(ground() > 180);
        QDBusConnection::disconnectFromBus("desktop");
    }

    void oneWindowToAWorkspace()
    {
        QTemporaryDir home;
        const SingleInstance first(pathOf(home.path()));
        QVERIFY(first.isFirst());
        QTemporaryDir elsewhere;
        QVERIFY(SingleInstance(pathOf(elsewhere.path())).isFirst());
        QSignalSpy handed(&first, &SingleInstance::handedOver);
        bool took = false;
        std::thread second([&] {
            const SingleInstance later(pathOf(home.path()));
            took = !later.isFirst() && later.handOver({"/a run", "/b.json"});
        });
        QTRY_COMPARE(handed.count(), 1);
        QTest::qWait(50);
        second.join();
        QVERIFY(took);
        QCOMPARE(handed[0][0].toStringList(), QStringList({"/a run", "/b.json"}));
    }

    /// The program itself: the second start hands its spec to the first and ends; after a kill the
    /// next one holds the workspace.
    void aSecondStartHandsItsArgumentsOver()
    {
        QTemporaryDir home;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("STAIRCASE_WORKSPACE", home.filePath("workspace"));
        environment.insert("XDG_CONFIG_HOME", home.filePath("config"));
        const QString program = QStringLiteral(STAIR_BINARY_DIR "/app/staircase");
        const QString spec = home.filePath("mine.json");
        writeFileAtomically(pathOf(spec), tinySpec("handed over", true).toJson().dump());
        const auto start = [&](QProcess& process, const QStringList& arguments) {
            process.setProcessEnvironment(environment);
            process.setProcessChannelMode(QProcess::ForwardedChannels);
            process.start(program, arguments);
            return process.waitForStarted();
        };
        const std::filesystem::path session = pathOf(home.filePath("workspace/window.json"));
        const auto name = [&] {
            return std::filesystem::exists(session)
                ? QString::fromStdString(readJsonFile(session).at("form").at("name"))
                : QString();
        };
        {
            QProcess first;
            QVERIFY(start(first, {}));
            QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(session), 20'000);
            QVERIFY(name() != "handed over");
            QProcess second;
            QVERIFY(start(second, {spec}));
            QVERIFY(second.waitForFinished(20'000));
            QCOMPARE(second.exitCode(), 0);
            QTRY_COMPARE_WITH_TIMEOUT(name(), "handed over", 20'000);
            QCOMPARE(first.state(), QProcess::Running);
            first.kill();
            QVERIFY(first.waitForFinished());
        }
        std::filesystem::remove(session);
        QProcess third;
        QVERIFY(start(third, {spec}));
        QTRY_COMPARE_WITH_TIMEOUT(name(), "handed over", 20'000); // by its own window
        QCOMPARE(third.state(), QProcess::Running);
        third.kill();
        QVERIFY(third.waitForFinished());
    }

    void aWindowThatIsGoneIsFollowedByAnother()
    {
        QTemporaryDir home;
        {
            const SingleInstance first(pathOf(home.path()));
            QVERIFY(first.isFirst());
        }
        QVERIFY(SingleInstance(pathOf(home.path())).isFirst());
    }
};

int main(int argc, char* argv[])
{
    // A session bus of the test's own, before anything asks for one.
    QProcess bus;
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    bus.start("dbus-daemon", {"--session", "--nofork", "--print-address"});
    if (bus.waitForStarted() && bus.waitForReadyRead(5000))
        qputenv("DBUS_SESSION_BUS_ADDRESS", bus.readLine().trimmed());
    const int result = runWindowTest<TestWindowSession>(argc, argv);
    bus.terminate();
    bus.waitForFinished();
    return result;
}
#include "tst_window_session.moc"
