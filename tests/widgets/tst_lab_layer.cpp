#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/panels/lab_controls.h"
#include "widgets/panels/rounding_lab.h"

#include <QComboBox>
#include <QLabel>
#include <QSignalSpy>

#include <algorithm>

using namespace stair;

/// What the rounding lab takes over from a layer.
class TestLabLayer : public QObject
{
    Q_OBJECT

    static void open(RoundingLab& lab)
    {
        lab.resize(1180, 700);
        lab.show();
        QVERIFY(QTest::qWaitForWindowExposed(&lab));
    }

private slots:
    void aLayerChosenBeforeItsRecordIsTakenOverThen()
    {
        const QTemporaryDir home;
        const ActedRun run(pathOf(home.path()) / "0001-lab", tinySpec("lab run", true));
        ActedLayers(run.folder().path(), true, 2).write(50);
        const RunLog log(run.folder().path());
        RoundingLab lab;
        open(lab);
        lab.controls()->setBits(7);
        lab.selectLayer(QStringLiteral("stage1.conv2"));
        QSignalSpy chosen(&lab, &RoundingLab::layerSelected);
        lab.setRuns({&log});
        auto* layers = lab.findChild<QComboBox*>(QStringLiteral("layers"));
        QCOMPARE(layers->currentText(), QStringLiteral("stage1.conv2"));
        QCOMPARE(lab.controls()->scene().bits, 2);
        QCOMPARE(chosen.size(), 0);
    }

    /// Ternary weights are coded by another step than that of their levels.
    void theCodeStepIsTheLayers()
    {
        LabScene scene;
        scene.step = 1;
        const auto at = [&](double x) {
            const LabCurves curves = sampleMethod({"twn", Json::object()}, scene);
            const auto place = std::ranges::lower_bound(curves.x, x);
            return curves.forward.at(std::size_t(place - curves.x.begin()));
        };
        QCOMPARE(at(0.3), 0.0);
        scene.codeStepRatio = 0.5;
        QCOMPARE(at(0.3), 1.0);

        const QTemporaryDir home;
        const ActedRun run(pathOf(home.path()) / "0001-lab", tinySpec("lab run", true));
        ActedLayers layers(run.folder().path(), true, 2);
        const RunLog log(run.folder().path());
        LayersReport report = layers.report(50);
        QuantizerReport& weights = report.quantizers[2];
        weights.codeStep = 0.75 * weights.step;
        layers.writeText(toLine(layersLine(report)) + "\n");
        RoundingLab lab;
        open(lab);
        lab.showMethods({"twn"});
        auto* sentence = lab.findChild<QLabel*>(QStringLiteral("sentence"));
        QVERIFY2(sentence->text().contains("code step"), qPrintable(sentence->text()));
        lab.setRuns({&log});
        lab.selectLayer(QStringLiteral("stage1.conv1"));
        QCOMPARE(lab.controls()->scene().step, weights.step);
        QCOMPARE(lab.controls()->scene().codeStepRatio.value_or(0), 0.75);
        QVERIFY2(!sentence->text().contains("code step"), qPrintable(sentence->text()));
        lab.selectLayer(QStringLiteral("stage1.conv2")); // whose record has none
        QVERIFY(!lab.controls()->scene().codeStepRatio);
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestLabLayer>(argc, argv);
}
#include "tst_lab_layer.moc"
