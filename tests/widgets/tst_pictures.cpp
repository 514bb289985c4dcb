#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/main_window.h"
#include "widgets/main/theme.h"

#include <QDir>
#include <QLineEdit>
#include <QSignalSpy>

using namespace stair;

/// Pictures of the window, to be looked at: each is written and must not be of one colour.
class TestPictures : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_home;

    static void write(const QPixmap& picture, const QString& name)
    {
        const QString folder = QStringLiteral(STAIR_BINARY_DIR "/tests/pictures");
        QDir().mkpath(folder);
        const QString suffix = picture.devicePixelRatio() > 1 ? QStringLiteral("@2x") : QString();
        const QString file = folder + QLatin1Char('/') + name + suffix + QStringLiteral(".png");
        QVERIFY(picture.save(file));
    }

    static void save(QWidget& window, const QString& name)
    {
        const QPixmap picture = window.grab();
        write(picture, name);
        QCOMPARE(picture.deviceIndependentSize().toSize(), QSize(1280, 800));
    }

private slots:
    void init()
    {
        QVERIFY(m_home.isValid());
        QSettings().clear();
    }

    void windowInEachTheme_data()
    {
        QTest::addColumn<int>("theme");
        QTest::addColumn<QString>("name");
        QTest::addRow("light") << int(Theme::Light) << QStringLiteral("light");
        QTest::addRow("dark") << int(Theme::Dark) << QStringLiteral("dark");
    }

    void windowInEachTheme()
    {
        QFETCH(int, theme);
        QFETCH(QString, name);
        QTemporaryDir home;
        const std::filesystem::path runs = pathOf(home.path()) / "runs";
        applyTheme(Theme(theme));

        const WindowSetup setup = {LocalLauncher(QStringLiteral("/nonexistent/stair")), runs,
                                   tinySpec("2 bits on procedural images", true),
                                   tinySpec("Float on procedural images", false)};
        MainWindow window(setup);
        window.resize(1280, 800);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QTest::qWait(200);
        save(window, name + "-empty");

        ActedRun reference(runs / "0001-convnet_a-float", *setup.reference);
        ActedRun quantized(runs / "0002-convnet_a-minmax-w2a2", *setup.quantized);
        ExperimentSpec third = tinySpec("a run with a name too long for the list", true);
        third.training.epochs = 20;
        ActedRun other(runs / "0003-convnet_a-lsq-w4a4", third);
        for (ActedRun* run : {&reference, &quantized, &other}) {
            run->work();
            run->start();
        }
        other.train(0, 300);
        reference.train(0, 70);
        quantized.train(0, 55);
        window.openRun(runs / "0003-convnet_a-lsq-w4a4");
        QTest::qWait(400);
        save(window, name + "-one-run");
        other.write(noticeLine(300, "stage1.conv1.weight saturates 93 % of its values"));
        other.write(pausedLine(300,
                               "stage1.conv1.weight saturates 93 % of its values; set another "
                               "learning rate, or go on"));
        QTest::qWait(1300);
        save(window, name + "-paused");

        window.openRuns({runs / "0001-convnet_a-float", runs / "0002-convnet_a-minmax-w2a2"});
        QTest::qWait(1300);
        save(window, name + "-pair");
        reference.train(70, reference.steps());
        quantized.train(55, quantized.steps());
        reference.finish(reference.steps());
        quantized.finish(quantized.steps());
        reference.rest();
        quantized.rest();
        window.openRun(pathOf(home.path()));
        QTest::qWait(1300);
        save(window, name + "-results");

        window.openRuns({runs / "0001-convnet_a-float", runs / "0002-convnet_a-minmax-w2a2"});
        for (const LayoutRow& layout : window.frame().layouts()) {
            window.frame().showLayout(layout.id);
            QTest::qWait(100);
            save(window, name + "-layout-" + layout.id);
        }
        saveRunList(window, name);
        saveHelpers(window, name);
    }

private:
    /// Grouped, with stars, tags and notes; one run's details.
    static void saveRunList(MainWindow& window, const QString& name)
    {
        RunListModel& model = window.model();
        model.setData(model.index(0), QStringList({"wide", "try again"}), RunListModel::TagsRole);
        model.setData(model.index(1), true, RunListModel::StarRole);
        model.setData(model.index(1), "The rate was too high in the first epoch.",
                      RunListModel::NotesRole);
        window.actions().find("runs.group.method")->trigger();
        window.frame().showLayout("train");
        window.openRun(pathOf(model.index(1).data(RunListModel::FolderRole).toString()));
        QTest::qWait(200);
        save(window, name + "-grouped");
    }

    static void saveHelpers(MainWindow& window, const QString& name)
    {
        QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
        auto* edit = window.findChild<QLineEdit*>(QStringLiteral("paletteEdit"));
        QTest::keyClicks(edit, "lay");
        QTest::qWait(50);
        save(window, name + "-palette");
        QTest::keyClick(edit, Qt::Key_Escape);
        window.actions().find("edit.shortcuts")->trigger();
        window.actions().find("help.shortcuts")->trigger();
        for (const char* dialog : {"shortcutEditor", "shortcutSheet"}) {
            auto* widget = window.findChild<QWidget*>(QLatin1String(dialog));
            QVERIFY(widget);
            QTest::qWait(50);
            write(widget->grab(), name + '-' + QLatin1String(dialog));
        }
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestPictures>(argc, argv);
}
#include "tst_pictures.moc"
