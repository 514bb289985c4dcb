#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/main_window.h"
#include "widgets/main/theme.h"

#include <QDir>
#include <QSignalSpy>

using namespace stair;

/// Pictures of the window, to be looked at: each is written and must not be of one colour.
class TestPictures : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_home;

    static void save(QWidget& window, const QString& name)
    {
        const QString folder = QStringLiteral(STAIR_BINARY_DIR "/tests/pictures");
        QDir().mkpath(folder);
        const QPixmap picture = window.grab();
        const QString suffix = picture.devicePixelRatio() > 1 ? QStringLiteral("@2x") : QString();
        const QString file = folder + QLatin1Char('/') + name + suffix + QStringLiteral(".png");
        QVERIFY(picture.save(file));
        QCOMPARE(picture.deviceIndependentSize().toSize(), QSize(1280, 800));
    }

private slots:
    void init() { QVERIFY(m_home.isValid()); }

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
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestPictures>(argc, argv);
}
#include "tst_pictures.moc"
