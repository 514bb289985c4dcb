#include "core/session/line_reader.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/theme.h"
#include "widgets/models/epoch_estimate.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSpinBox>

using namespace stair;

namespace {

const QString stairProgram = QStringLiteral(STAIR_BINARY_DIR "/app/stair");
constexpr int patience = 400'000; // ms: busy machines are slow

} // namespace

/// The time per epoch on this machine, measured in the background.
class TestEpochTime : public QObject
{
    Q_OBJECT

    /// Of a network small enough for a busy machine.
    static ExperimentSpec specOf(int batch)
    {
        Json json = tinySpec("timed", true).toJson();
        json["threads"] = 1;
        json["data"]["params"] = {{"train", 320}, {"test", 100}, {"size", 16}};
        json["data"]["validation"] = 0;
        json["data"]["batch"] = batch;
        json["network"] = {{"id", "mlp"}, {"params", {{"width", 32}}}};
        json["statistics"]["every"] = 0;
        return ExperimentSpec::read(json, "timed");
    }

    static bool isMeasured(const QString& text)
    {
        static const QRegularExpression form(
            "^About [0-9.]+ (s|min|h).* per epoch here \\(measured, [0-9]+ steps\\)\\.$");
        return form.match(text).hasMatch();
    }

private slots:
    void init()
    {
        QSettings().clear();
        applyTheme(Theme::Light);
    }

    void timesAreRough_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<QString>("text");
        QTest::addRow("parts of a second") << 0.4236 << "0.42 s";
        QTest::addRow("seconds") << 7.06 << "7.1 s";
        QTest::addRow("many") << 42.4 << "42 s";
        QTest::addRow("minutes") << 204.0 << "3 min 20 s";
        QTest::addRow("an hour and more") << 7512.0 << "2 h 5 min";
    }

    void timesAreRough()
    {
        QFETCH(double, seconds);
        QTEST(roughDurationText(seconds), "text");
    }

    void specsThatComputeTheSameAreOne()
    {
        const ExperimentSpec spec = specOf(64);
        ExperimentSpec other = spec;
        other.name = "another";
        other.seed = 9;
        other.training.epochs = 7;
        other.training.patience = 3;
        QCOMPARE(stepSignature(other), stepSignature(spec));
        other.data.batch = 32;
        QVERIFY(stepSignature(other) != stepSignature(spec));
        other = spec;
        other.quant.weightBits = 4;
        QVERIFY(stepSignature(other) != stepSignature(spec));
        other = spec;
        other.threads = 2;
        QVERIFY(stepSignature(other) != stepSignature(spec));
    }

    void itIsMeasuredOnce()
    {
        EpochEstimate estimate(stairProgram);
        QCOMPARE(estimate.text(), QString());
        QElapsedTimer time;
        time.start();
        estimate.request(specOf(64));
        QVERIFY(time.elapsed() < 100); // in the background
        QVERIFY2(estimate.text().endsWith("measuring"), qPrintable(estimate.text()));
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(estimate.text()), patience);
        QVERIFY(estimate.seconds() && *estimate.seconds() > 0);
        ExperimentSpec longer = specOf(64);
        longer.training.epochs = 50;
        estimate.request(longer);
        QVERIFY2(isMeasured(estimate.text()), qPrintable(estimate.text())); // known already
        longer.training.epochs = 0;
        estimate.request(longer);
        QCOMPARE(estimate.text(), "No epochs: nothing is trained.");
        estimate.forget();
        QCOMPARE(estimate.text(), QString());
    }

    /// The later one is what counts; the first one's measurement is given up.
    void anotherSpecReplacesTheOneThatIsTimed()
    {
        EpochEstimate estimate(stairProgram);
        estimate.request(specOf(64));
        QTest::qWait(900); // the first is being timed
        estimate.request(specOf(32));
        QVERIFY(estimate.text().endsWith("measuring"));
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(estimate.text()), patience);
        estimate.request(specOf(64));
        QVERIFY(estimate.text().endsWith("measuring")); // was not finished
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(estimate.text()), patience);
    }

    void nothingIsTimedBesideATraining()
    {
        EpochEstimate estimate(stairProgram);
        QSignalSpy changed(&estimate, &EpochEstimate::changed);
        estimate.setBusy(true);
        estimate.request(specOf(64));
        QVERIFY(estimate.text().contains("when nothing trains"));
        QTest::qWait(1500);
        QVERIFY(!estimate.seconds());
        estimate.setBusy(false);
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(estimate.text()), patience);
    }

    void whatCannotBeTimedIsSaid()
    {
        EpochEstimate estimate(stairProgram);
        ExperimentSpec spec = specOf(64);
        spec.training.from = "/no/such/run";
        estimate.request(spec);
        QTRY_VERIFY_WITH_TIMEOUT(estimate.text().contains("not measured"), patience);
        QVERIFY2(estimate.text().contains("/no/such/run"), qPrintable(estimate.text()));
        EpochEstimate nobody(QStringLiteral("/nowhere/stair"));
        nobody.request(specOf(64));
        QTRY_VERIFY(nobody.text().contains("not measured"));
    }

    void theWindowShowsItAndFollowsTheForm()
    {
        WindowFixture fixture(stairProgram);
        fixture.open(specOf(64));
        fixture.window->resize(1280, 800);
        fixture.window->frame().showDock("layers");
        const auto shown = [&] {
            return fixture.find<QLabel>("epochTime")->text();
        };
        QTRY_VERIFY(shown().endsWith("measuring"));
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(shown()), patience);
        QTest::qWait(50);
        QVERIFY(savePicture(*fixture.window, "epoch-time"));
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        QVERIFY(savePicture(*fixture.window, "epoch-time-dark"));
        const QString before = shown();
        fixture.find<QSpinBox>("epochs")->setValue(9);
        QCOMPARE(shown(), before);
        fixture.find<QSpinBox>("batch")->setValue(32);
        QVERIFY2(shown().endsWith("measuring"), qPrintable(shown()));
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(shown()), patience);
        fixture.type(fixture.find<QLineEdit>("learning_rate"), "much"); // no spec, no time
        QCOMPARE(shown(), QString());
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestEpochTime>(argc, argv);
}
#include "tst_epoch_time.moc"
