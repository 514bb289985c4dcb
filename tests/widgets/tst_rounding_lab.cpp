#include "core/quant/methods.h"
#include "core/quant/probe.h"
#include "core/quant/quant_spec.h"
#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/forms/number_edit.h"
#include "widgets/forms/slider_row.h"
#include "widgets/main/theme.h"
#include "widgets/models/lab_method_model.h"
#include "widgets/models/run_style.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/lab_controls.h"
#include "widgets/panels/lab_params.h"
#include "widgets/panels/rounding_lab.h"
#include "widgets/plot/staircase_plot.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTableView>

#include <algorithm>
#include <ctime>
#include <map>

using namespace stair;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double slowdown = 10; // of an instrumented build
#else
constexpr double slowdown = 1;
#endif

double threadMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

/// A run's folder with layers, and the log that the window would have of it.
struct LabRun
{
    explicit LabRun(const QTemporaryDir& home)
        : acted(pathOf(home.path()) / "0001-lab", tinySpec("lab run", true))
        , layers(acted.folder().path(), true, 2)
    {
        for (int step = 50; step <= 1000; step += 50)
            layers.write(step);
        log = std::make_unique<RunLog>(acted.folder().path());
    }
    ActedRun acted;
    ActedLayers layers;
    std::unique_ptr<RunLog> log;
};

} // namespace

class TestRoundingLab : public QObject
{
    Q_OBJECT

private:
    static void open(RoundingLab& lab)
    {
        lab.resize(1180, 700);
        lab.show();
        QVERIFY(QTest::qWaitForWindowExposed(&lab));
        QTest::qWait(30);
    }

    static QWidget* canvas(const RoundingLab& lab)
    {
        return lab.plot()->findChild<QWidget*>(QStringLiteral("plot"));
    }

    /// Rows of the plot's data as text: method, x, forward, surrogate, slope, error.
    static std::vector<QStringList> rows(const RoundingLab& lab)
    {
        std::vector<QStringList> rows;
        for (const QString& line : lab.plot()->dataText().split(u'\n').mid(1)) {
            const auto end = line.indexOf(QLatin1String("\","));
            if (end > 0) // names may have commas
                rows.push_back(QStringList(line.first(end + 1)) + line.mid(end + 2).split(u','));
        }
        return rows;
    }

    static void type(QLineEdit* field, const QString& text)
    {
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, text);
    }

private slots:
    void plottedNumbersAreTheProbesOfCore_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("kind");
        for (const MethodInfo& info : methods()) {
            if (!info.quantizes())
                continue;
            for (const int kind : {0, 1, 2})
                QTest::addRow("%s, %s", info.id.c_str(),
                              kind == 0       ? "weights"
                                  : kind == 1 ? "from 0"
                                              : "either sign")
                    << QString::fromStdString(info.id) << kind;
        }
    }

    void plottedNumbersAreTheProbesOfCore()
    {
        QFETCH(QString, method);
        QFETCH(int, kind);
        RoundingLab lab;
        open(lab);
        lab.showMethods({method.toStdString()});
        lab.findChild<QComboBox*>(QStringLiteral("kind"))->setCurrentIndex(kind);
        lab.controls()->setBits(3);
        type(lab.controls()->stepRow()->field(), QStringLiteral("0.35"));

        const MethodInfo& info = stair::method(method.toStdString());
        const QuantizerKind side = kind == 0 ? QuantizerKind::Weight : QuantizerKind::Activation;
        const ParamValues params(info.params);
        const int bits = std::clamp(3, info.bits(side).least, info.bits(side).most);
        const auto quantizer = makeQuantizer(info, params, "lab.step", side,
                                             methodGrid(info, params, side, bits, kind != 1), 1);
        quantizer->fixStep(0.35f);
        quantizer->advance({});
        std::vector<float> x;
        const auto drawn = rows(lab);
        QVERIFY(drawn.size() > 1000);
        for (const QStringList& row : drawn)
            x.push_back(row[1].toFloat());
        const auto expected = probe(*quantizer, x, 1);
        for (std::size_t i = 0; i < x.size(); ++i) {
            QCOMPARE(drawn[i][2].toFloat(), expected[i].y);
            QCOMPARE(drawn[i][4].toFloat(), expected[i].dydx);
        }
    }

    /// The straight-through estimator descends the clipped identity; others what their slope adds up to.
    void theSurrogateIsTheSlopesIntegral()
    {
        LabScene scene;
        scene.step = 0.5;
        scene.from = -3;
        scene.to = 3;
        scene.bits = 3;
        const LabCurves lsq = sampleMethod({"lsq", Json::object()}, scene);
        for (std::size_t i = 0; i < lsq.x.size(); ++i)
            QVERIFY(std::abs(lsq.surrogate[i] - std::clamp(lsq.x[i], -2.0, 1.5)) < 0.006);
        const LabCurves asr = sampleMethod({"asr", Json::object()}, scene);
        const auto at = std::ranges::lower_bound(asr.x, 1.0);
        QVERIFY(std::abs(asr.surrogate[std::size_t(at - asr.x.begin())] - 1) < 0.02);
        // Far from zero the samples still begin there.
        scene.from = 1.2;
        scene.to = 1.3;
        const LabCurves near = sampleMethod({"lsq", Json::object()}, scene);
        QVERIFY(std::abs(near.surrogate.back() - 1.3) < 1e-3);
    }

    void theStepIsDraggedInThePlot()
    {
        RoundingLab lab;
        open(lab);
        lab.showMethods({"lsq", "asr"});
        QCOMPARE(lab.controls()->scene().step, 1.0);
        StaircasePlot* plot = lab.plot();
        const QPoint from = canvas(lab)->mapFrom(plot, plot->stepHandle());
        const double before = plot->to();
        QTest::mousePress(canvas(lab), Qt::LeftButton, {}, from);
        QTest::mouseMove(canvas(lab), from + QPoint(20, 3));
        QTest::mouseMove(canvas(lab), from + QPoint(40, 5));
        QCOMPARE(plot->to(), before); // the axes keep still under the hand
        QTest::mouseRelease(canvas(lab), Qt::LeftButton, {}, from + QPoint(40, 5));
        const double step = lab.controls()->scene().step;
        QVERIFY(step > 1.1 && step < 2);
        QVERIFY(qAbs(lab.controls()->stepRow()->field()->number() - step) < 1e-3 * step);
        QVERIFY(qAbs(lab.controls()->clip() - step) < 1e-9); // 2 bits: the greatest code is 1

        lab.controls()->setBits(4);
        lab.showMethods({"lsq"});
        const QPoint clip = canvas(lab)->mapFrom(plot, plot->clipHandle());
        QTest::mousePress(canvas(lab), Qt::LeftButton, {}, clip);
        QTest::mouseMove(canvas(lab), clip - QPoint(30, 0));
        QTest::mouseRelease(canvas(lab), Qt::LeftButton, {}, clip - QPoint(30, 0));
        QVERIFY(lab.controls()->scene().step < step);
        QCOMPARE(lab.controls()->clip(), 7 * lab.controls()->scene().step);
    }

    void slidersAndFieldsMoveTheCurves()
    {
        RoundingLab lab;
        open(lab);
        lab.showMethods({"asr"});
        const auto steepest = [&] {
            double most = 0;
            for (const QStringList& row : rows(lab))
                most = std::max(most, row[4].toDouble());
            return most;
        };
        const double before = steepest();
        SliderRow* sharpness = lab.params()->slider("sharpness");
        QVERIFY(sharpness);
        type(sharpness->field(), QStringLiteral("12"));
        QVERIFY(steepest() > 2 * before);
        QTest::keyClick(sharpness->slider(), Qt::Key_Home);
        QVERIFY(steepest() < 1.01);

        QSlider* bits = lab.controls()->bitsRow()->slider();
        QTest::keyClick(bits, Qt::Key_Right);
        QCOMPARE(lab.controls()->scene().bits, 3);
        type(lab.controls()->clipRow()->field(), QStringLiteral("1.5"));
        QCOMPARE(lab.controls()->scene().step, 0.5);
        // What is no number is marked, and nothing moves.
        type(lab.controls()->stepRow()->field(), QStringLiteral("abc"));
        QCOMPARE(lab.controls()->scene().step, 0.5);
    }

    void methodsAreTickedInTheTable()
    {
        RoundingLab lab;
        open(lab);
        const QAbstractItemModelTester tester(
            lab.methodModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        auto* table = lab.findChild<QTableView*>(QStringLiteral("methods"));
        const auto drawn = [&] {
            QSet<QString> names;
            for (const QStringList& row : rows(lab))
                names += row[0];
            return names.size();
        };
        QCOMPARE(drawn(), 3);
        const int row = lab.methodModel()->rowOf("ewgs");
        table->setCurrentIndex(table->model()->index(row, 0));
        QTest::keyClick(table, Qt::Key_Space);
        QVERIFY(lab.methodModel()->isShown(row));
        QCOMPARE(drawn(), 4);
        QVERIFY(lab.params()->slider("delta"));
        lab.showMethods({});
        QCOMPARE(drawn(), 0);
        QVERIFY(lab.findChild<QLabel*>(QStringLiteral("sentence"))
                    ->text()
                    .startsWith(QStringLiteral("Tick a method")));
        std::vector<std::string> all;
        for (const MethodInfo& info : methods())
            all.push_back(info.id);
        lab.showMethods(all);
        QCOMPARE(drawn(), lab.methodModel()->rowCount());
    }

    void aMethodIsKnownByColourAndDashTogether()
    {
        std::map<std::pair<int, int>, std::string> seen;
        for (const MethodInfo& info : methods()) {
            const RunStyle style = methodStyle(info.id);
            const auto [other, isNew] = seen.insert({{style.hue, style.dash}, info.id});
            QVERIFY2(isNew, qPrintable(QString::fromStdString(info.id + " as " + other->second)));
        }
    }

    void aTypedFormulaBecomesAQuantizer()
    {
        RoundingLab lab;
        open(lab);
        lab.showMethods({"formula", "lsq"});
        auto* slope = lab.params()->findChild<QLineEdit*>(QStringLiteral("slope"));
        auto* problem = lab.params()->findChild<QLabel*>(QStringLiteral("problem"));
        auto* use = lab.findChild<QPushButton*>(QStringLiteral("use"));
        type(slope, QStringLiteral("1 + 0.5*cos(2*pi*u)"));
        QVERIFY(problem->isHidden());
        double most = 0;
        for (const QStringList& row : rows(lab)) {
            if (row[0] == QStringLiteral("\"Typed formula\""))
                most = std::max(most, row[4].toDouble());
        }
        QVERIFY(std::abs(most - 1.5) < 0.01);

        type(slope, QStringLiteral("1 + cos("));
        QVERIFY(problem->isVisible());
        QVERIFY2(problem->text().contains(QStringLiteral("1 + cos(")), qPrintable(problem->text()));
        QVERIFY(!use->isEnabled());
        QVERIFY(!rows(lab).empty()); // the others stay
        QVERIFY(contrast(problem->palette().color(QPalette::WindowText),
                         problem->palette().color(QPalette::Window))
                >= 4.5);
        type(slope, QStringLiteral("1/u"));
        QVERIFY(problem->text().contains(QStringLiteral("finite")));
        type(slope, QStringLiteral("exp(-e*e)"));
        QVERIFY(problem->isHidden());
        QSignalSpy used(&lab, &RoundingLab::useInRun);
        QTest::mouseClick(use, Qt::LeftButton);
        QCOMPARE(used.size(), 1);
        const Json json = Json::parse(used.front().front().toString().toStdString());
        const QuantSpec spec = QuantSpec::read(ObjectReader(json, "lab"));
        QCOMPARE(QString::fromStdString(spec.method), QStringLiteral("formula"));
        QCOMPARE(QString::fromStdString(spec.params.text("slope")), QStringLiteral("exp(-e*e)"));
        QCOMPARE(spec.weightBits, 2);
    }

    void theLayersValuesLieUnderTheCurves()
    {
        const QTemporaryDir home;
        LabRun run(home);
        RoundingLab lab;
        open(lab);
        lab.setRuns({run.log.get()});
        lab.showMethods({"lsq"});
        auto* layers = lab.findChild<QComboBox*>(QStringLiteral("layers"));
        QCOMPARE(layers->count(), 5);
        QSignalSpy chosen(&lab, &RoundingLab::layerSelected);
        lab.selectLayer(QStringLiteral("stage1.conv2"));
        QCOMPARE(chosen.size(), 0);
        QCOMPARE(layers->currentText(), QStringLiteral("stage1.conv2"));
        layers->setFocus();
        QTest::keyClick(layers, Qt::Key_Up);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen.front().front().toString(), QStringLiteral("stage1.conv1"));

        const LayersReport report = run.layers.report(1000);
        const QuantizerReport& quantizer = report.quantizers[2];
        QCOMPARE(lab.controls()->scene().bits, 2);
        QCOMPARE(lab.controls()->scene().step, quantizer.step);
        // LSQ's slope is 0 beyond -2 and 1 steps and 1 between.
        const ValueBins& values = report.gradients[1].values;
        double flat = 0, all = 0;
        for (std::size_t i = 0; i < values.counts.size(); ++i) {
            const double u = (values.from + (double(i) + 0.5) * values.width) / quantizer.step;
            all += double(values.counts[i]);
            flat += u <= -2 || u >= 1 ? double(values.counts[i]) : 0;
        }
        const int row = lab.methodModel()->rowOf("lsq");
        QCOMPARE(lab.methodModel()->index(row, LabMethodModel::Flat).data().toString(),
                 percentText(flat / all));
        QVERIFY(lab.findChild<QLabel*>(QStringLiteral("sentence"))
                    ->text()
                    .contains(QStringLiteral("stage1.conv1")));

        // New records are followed.
        run.layers.write(2000);
        QTest::qWait(20);
        lab.refresh();
        QVERIFY(
            lab.findChild<QLabel*>(QStringLiteral("sentence"))->text().contains(countText(2000)));
        // The same layer's activations, in its own step.
        lab.findChild<QComboBox*>(QStringLiteral("kind"))->setCurrentIndex(1);
        QVERIFY(!lab.methodModel()->index(row, LabMethodModel::Flat).data().toString().isEmpty());
        lab.setRuns({});
        QCOMPARE(layers->count(), 1);
    }

    /// The bar is one frame at 60 Hz, from the mouse's event to the picture drawn; in the thread's own time,
    /// whatever else the machine does.
    void aDragRedrawsWithinAFrame()
    {
        const QTemporaryDir home;
        LabRun run(home);
        RoundingLab lab;
        open(lab);
        lab.setRuns({run.log.get()});
        lab.showMethods({"minmax", "asr", "aqe", "lsq"});
        lab.selectLayer(QStringLiteral("stage1.conv1"));
        QTest::qWait(50);
        QWidget* target = canvas(lab);
        const QPoint from = target->mapFrom(lab.plot(), lab.plot()->stepHandle());
        QTest::mousePress(target, Qt::LeftButton, {}, from);
        std::vector<double> own, passed; // milliseconds
        for (int i = 1; i <= 50; ++i) {
            QElapsedTimer clock;
            clock.start();
            const double before = threadMilliseconds();
            QTest::mouseMove(target, from + QPoint(i, 0));
            QApplication::processEvents();
            own.push_back(threadMilliseconds() - before);
            passed.push_back(double(clock.nsecsElapsed()) / 1e6);
        }
        QTest::mouseRelease(target, Qt::LeftButton, {}, from + QPoint(50, 0));
        std::ranges::sort(own);
        std::ranges::sort(passed);
        qInfo(
            "a drag redraws 4 methods in %.1f ms of its own (median; longest %.1f), %.1f ms passed",
            own[25], own.back(), passed[25]);
        QVERIFY(own[25] < 16 * slowdown);
    }

    void picturesAndDataAreExported()
    {
        const QTemporaryDir home;
        RoundingLab lab;
        open(lab);
        const auto read = [&](const QString& name) {
            QFile file(home.filePath(name));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        for (const char* name : {"a.png", "a.svg", "a.pdf"})
            QVERIFY(lab.plot()->savePicture(home.filePath(QLatin1String(name))));
        QVERIFY(lab.plot()->saveData(home.filePath(QStringLiteral("a.csv"))));
        QVERIFY(read(QStringLiteral("a.png")).startsWith("\x89PNG"));
        QVERIFY(read(QStringLiteral("a.svg")).contains("<polyline"));
        QVERIFY(read(QStringLiteral("a.pdf")).startsWith("%PDF"));
        QVERIFY(
            read(QStringLiteral("a.csv")).startsWith("method,x,forward,surrogate,slope,error\n"));
        QVERIFY(!lab.plot()->savePicture(QStringLiteral("/nonexistent/a.svg")));

        QContextMenuEvent event(QContextMenuEvent::Mouse, QPoint(50, 50),
                                lab.plot()->mapToGlobal(QPoint(50, 50)));
        QApplication::sendEvent(canvas(lab), &event);
        auto* menu = lab.plot()->findChild<QMenu*>();
        QVERIFY(menu);
        QStringList texts;
        for (const QAction* action : menu->actions())
            texts += action->text();
        for (const char* text : {"Copy picture", "Copy data as CSV", "Save picture…", "Save data…"})
            QVERIFY2(texts.contains(QString::fromUtf8(text)), text);
        menu->close();
    }

    void everyControlHasAName()
    {
        RoundingLab lab;
        open(lab);
        lab.showMethods({"formula"});
        QCOMPARE(nameless(lab), QString());
        lab.showMethods({"aqe"});
        QCOMPARE(nameless(lab), QString());
    }

    void picturesInEachTheme_data()
    {
        QTest::addColumn<int>("theme");
        QTest::addColumn<QString>("name");
        QTest::addRow("light") << int(Theme::Light) << QStringLiteral("lab-light");
        QTest::addRow("dark") << int(Theme::Dark) << QStringLiteral("lab-dark");
    }

    void picturesInEachTheme()
    {
        QFETCH(int, theme);
        QFETCH(QString, name);
        applyTheme(Theme(theme));
        const QTemporaryDir home;
        LabRun run(home);
        RoundingLab lab;
        open(lab);
        QVERIFY(savePicture(lab, name + QStringLiteral("-no-run")));
        lab.setRuns({run.log.get()});
        lab.selectLayer(QStringLiteral("stage1.conv1"));
        lab.controls()->setBits(3);
        lab.showMethods({"asr", "minmax", "ewgs"});
        type(lab.params()->slider("sharpness")->field(), QStringLiteral("6"));
        QTest::qWait(30);
        QVERIFY(savePicture(lab, name + QStringLiteral("-layer")));
        lab.showMethods({"formula"});
        type(lab.params()->findChild<QLineEdit*>(QStringLiteral("slope")),
             QStringLiteral("1 + cos("));
        QTest::qWait(30);
        QVERIFY(savePicture(lab, name + QStringLiteral("-formula")));
        lab.setRuns({});
        lab.controls()->setStep(1);
        lab.controls()->setBits(4);
        lab.showMethods({"dsq", "aqe", "bcgd", "dorefa", "twn", "bnn"});
        QTest::qWait(30);
        QVERIFY(savePicture(lab, name + QStringLiteral("-many")));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestRoundingLab>(argc, argv);
}
#include "tst_rounding_lab.moc"
