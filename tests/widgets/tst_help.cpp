#include "core/data/archive.h"
#include "core/quant/methods.h"
#include "core/session/diagnostics.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/field_help.h"
#include "widgets/main/theme.h"
#include "widgets/plot/heat_map.h"
#include "widgets/plot/histogram_plot.h"
#include "widgets/plot/line_plot.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QWhatsThis>

#include <set>

using namespace stair;

namespace {

const QString stairProgram = QStringLiteral(STAIR_BINARY_DIR "/app/stair");

/// The What's this of a field, or of what it is a part of.
QString explanation(const QWidget* field, const QWidget* form)
{
    for (const QWidget* widget = field; widget && widget != form; widget = widget->parentWidget())
        if (!widget->whatsThis().isEmpty())
            return widget->whatsThis();
    return {};
}

/// What a user fills in: parts of other fields and folded titles left out.
std::vector<QWidget*> fieldsOf(const QWidget* form)
{
    std::vector<QWidget*> fields;
    for (QWidget* widget : form->findChildren<QWidget*>()) {
        const QWidget* above = widget->parentWidget();
        const bool isPart
            = qobject_cast<const QComboBox*>(above) || qobject_cast<const QAbstractSpinBox*>(above);
        const bool isField = qobject_cast<QLineEdit*>(widget) || qobject_cast<QComboBox*>(widget)
            || qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QCheckBox*>(widget)
            || qobject_cast<QPushButton*>(widget);
        if (isField && !isPart)
            fields.push_back(widget);
    }
    return fields;
}

QWidget* whatsThisPopup()
{
    for (QWidget* widget : QApplication::topLevelWidgets())
        if (widget->inherits("QWhatsThat") && widget->isVisible())
            return widget;
    return nullptr;
}

} // namespace

/// What's this on every field, the about box, the diagnostic bundle.
class TestHelp : public QObject
{
    Q_OBJECT

    std::unique_ptr<WindowFixture> m_fixture;

    MainWindow& window() { return *m_fixture->window; }
    QAction* action(const char* id) { return window().actions().find(QLatin1String(id)); }
    QWidget* form() { return window().findChild<ExperimentEditor*>(); }

    /// Every entry of one of the form's tables, with its fields looked at.
    void walk(const char* table, std::set<QString>& seen)
    {
        auto* choice
            = form()->findChild<QWidget*>(QLatin1String(table))->findChild<QComboBox*>("choice");
        for (int i = 0; i < choice->count(); ++i) {
            choice->setCurrentIndex(i);
            for (const QWidget* field : fieldsOf(form())) {
                const QString text = explanation(field, form());
                QVERIFY2(!text.isEmpty(),
                         qPrintable(QStringLiteral("%1 with %2")
                                        .arg(field->objectName(), choice->currentText())));
                seen.insert(field->objectName());
            }
        }
    }

private slots:
    void init()
    {
        QSettings().clear();
        applyTheme(Theme::Light);
        m_fixture = std::make_unique<WindowFixture>(stairProgram);
    }

    void cleanup() { m_fixture.reset(); }

    void everyFieldExplainsItself()
    {
        m_fixture->open(tinySpec("", true));
        std::set<QString> seen;
        for (const char* table : {"dataset", "network", "method", "optimizer", "schedule"}) {
            walk(table, seen);
            if (QTest::currentTestFailed())
                return;
        }
        for (const char* field : {"name", "path", "batch", "learning_rate", "epochs", "seed",
                                  "saturation", "compare", "startButton", "alpha"})
            QVERIFY2(seen.contains(QLatin1String(field)), field);
    }

    void methodParametersNameTheirSource_data()
    {
        QTest::addColumn<QString>("id");
        for (const MethodInfo& info : methods())
            QTest::addRow("%s", info.id.c_str()) << QString::fromStdString(info.id);
    }

    void methodParametersNameTheirSource()
    {
        QFETCH(QString, id);
        m_fixture->open(tinySpec("", true));
        auto* part = form()->findChild<QWidget*>(QStringLiteral("method"));
        auto* choice = part->findChild<QComboBox*>(QStringLiteral("choice"));
        choice->setCurrentIndex(choice->findData(id));
        const MethodInfo& info = method(id.toStdString());
        if (!info.source.empty())
            QVERIFY2(
                choice->whatsThis().contains(QString::fromStdString(info.source).toHtmlEscaped()),
                qPrintable(choice->whatsThis()));
        QVERIFY(choice->whatsThis().contains(QString::fromStdString(info.help).toHtmlEscaped()));
        for (const ParamSpec& param : info.params) {
            const auto* field = part->findChild<QWidget*>(QString::fromStdString(param.name));
            QVERIFY(field);
            const std::string& source = param.source.empty() ? info.source : param.source;
            QVERIFY2(!source.empty(), param.name.c_str());
            for (const std::string& words : {param.title, param.help, source})
                QVERIFY2(field->whatsThis().contains(QString::fromStdString(words).toHtmlEscaped()),
                         qPrintable(field->whatsThis()));
        }
    }

    void f1ExplainsTheFieldWithTheFocus()
    {
        m_fixture->open(tinySpec("", true));
        auto* rate = m_fixture->find<QLineEdit>("learning_rate");
        rate->setFocus();
        QVERIFY(!whatsThisPopup());
        QTest::keyClick(rate, Qt::Key_F1);
        QTRY_VERIFY(whatsThisPopup());
        QTest::qWait(50);
        QVERIFY(savePicture(*whatsThisPopup(), "whats-this"));
        QWhatsThis::hideText();
        QTRY_VERIFY(!whatsThisPopup());
        // A control without a text of its own has its panel's.
        m_fixture->list()->setFocus();
        QTest::keyClick(m_fixture->list(), Qt::Key_F1);
        QTRY_VERIFY(whatsThisPopup());
        QWhatsThis::hideText();
        QTRY_VERIFY(!whatsThisPopup());
        // Where nothing is to be said, the next click asks.
        window().setFocus();
        QTest::keyClick(&window(), Qt::Key_F1);
        QVERIFY(QWhatsThis::inWhatsThisMode());
        QWhatsThis::leaveWhatsThisMode();
    }

    void aTipIsShownUnderItsControlsName()
    {
        QPushButton button(QStringLiteral("&Press"));
        QCOMPARE(fieldHelp(button), QString());
        button.setToolTip(QStringLiteral("a < b"));
        QCOMPARE(fieldHelp(button), "<p><b>Press</b></p><p>a &lt; b</p>");
        button.setAccessibleName(QStringLiteral("Name"));
        QCOMPARE(fieldHelp(button), "<p><b>Name</b></p><p>a &lt; b</p>");
        QWidget bare;
        bare.setToolTip(QStringLiteral("tip"));
        QCOMPARE(fieldHelp(bare), "<p>tip</p>");
    }

    void everyPanelExplainsItself()
    {
        // What a plot says that nobody gave a meaning.
        const QStringList generic = {QString(), LinePlot({}, {}, 0).whatsThis(),
                                     HistogramPlot().whatsThis(), HeatMap().whatsThis()};
        m_fixture->open(tinySpec("", true));
        for (QDockWidget* dock : window().frame().findChildren<QDockWidget*>()) {
            window().frame().showDock(dock->objectName());
            QVERIFY2(dock->widget(), qPrintable(dock->objectName()));
            QVERIFY2(!dock->widget()->whatsThis().isEmpty(), qPrintable(dock->objectName()));
            for (const PlotView* plot : dock->widget()->findChildren<PlotView*>())
                QVERIFY2(!generic.contains(plot->whatsThis()), qPrintable(plot->accessibleName()));
        }
        const auto* quantity = m_fixture->find<QComboBox>("quantity0");
        QVERIFY(m_fixture->find<LinePlot>("lossPlot")
                    ->whatsThis()
                    .startsWith("<p>" + quantity->toolTip().toHtmlEscaped()));
        for (const char* control : {"runFilter", "smoothing", "layerPattern", "methods", "mapSplit",
                                    "compareLayers", "raceBoard", "exportFormats", "networkGraph"})
            QVERIFY2(!m_fixture->find<QWidget>(control)->whatsThis().isEmpty(), control);
    }

    void shiftF1ExplainsWhatIsClicked()
    {
        m_fixture->open(tinySpec("", true));
        QTest::keyClick(&window(), Qt::Key_F1, Qt::ShiftModifier);
        QVERIFY(QWhatsThis::inWhatsThisMode());
        auto* epochs = m_fixture->find<QSpinBox>("epochs");
        const int before = epochs->value();
        QTest::mouseClick(epochs, Qt::LeftButton);
        QTRY_VERIFY(whatsThisPopup());
        QVERIFY(!QWhatsThis::inWhatsThisMode());
        QCOMPARE(epochs->value(), before);
        QWhatsThis::hideText();
    }

    void theAboutBoxNamesVersionsAndKernels()
    {
        m_fixture->open(tinySpec("", true));
        action("help.about")->trigger();
        QVERIFY(!QApplication::activeModalWidget());
        auto* dialog = window().findChild<QDialog*>(QStringLiteral("aboutDialog"));
        QVERIFY(dialog);
        const QString versions = dialog->findChild<QLabel*>("versions")->text();
        for (const char* words : {"Qt 6.", "oneDNN 2.", "Eigen 3.", "CPU", "GPL-3.0"})
            QVERIFY2(versions.contains(QLatin1String(words)), qPrintable(versions));
        auto* table = dialog->findChild<QTableView*>("conformanceTable");
        auto* verdict = dialog->findChild<QLabel*>("conformance");
        QAbstractItemModelTester tester(table->model(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(verdict->text().startsWith("Checking"));
        QTRY_VERIFY_WITH_TIMEOUT(verdict->text().contains("Instruction set"), 120'000);
        QVERIFY2(verdict->text().contains("Every integer kernel is exact"),
                 qPrintable(verdict->text()));
        QVERIFY(table->model()->rowCount() > 20);
        QVERIFY(table->model()->index(0, 3).data().toString().contains("exact"));
        QString kernels;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            kernels += table->model()->index(row, 3).data().toString();
        QVERIFY2(kernels.contains("fused epilogues") && !kernels.contains("WRONG"),
                 qPrintable(kernels));
        QCOMPARE(nameless(*dialog), QString());
        QTest::qWait(30);
        QVERIFY(savePicture(*dialog, "about"));
        applyTheme(Theme::Dark);
        QTest::qWait(30);
        QVERIFY(savePicture(*dialog, "about-dark"));
        // Once more, cancelled.
        auto* check = dialog->findChild<QPushButton*>("conformanceCheck");
        QTest::mouseClick(check, Qt::LeftButton);
        QCOMPARE(check->text(), "Cancel");
        QTest::mouseClick(check, Qt::LeftButton);
        QTRY_COMPARE(check->text(), "Check again");
        QVERIFY(verdict->text().contains("cancelled"));
    }

    void wrongKernelsAreToldInTheAboutBox()
    {
        qputenv("STAIR_BREAK_KERNEL", "xnor");
        m_fixture->open(tinySpec("", true));
        action("help.about")->trigger();
        qunsetenv("STAIR_BREAK_KERNEL");
        auto* dialog = window().findChild<QDialog*>(QStringLiteral("aboutDialog"));
        auto* verdict = dialog->findChild<QLabel*>("conformance");
        QTRY_VERIFY_WITH_TIMEOUT(!verdict->text().startsWith("Checking"), 120'000);
        QVERIFY2(verdict->text().contains("compute wrong sums"), qPrintable(verdict->text()));
    }

    void theBundleIsSavedAsItSays()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("first", false));
        m_fixture->open(tinySpec("", true));
        window().openRun(m_fixture->runs() / "0001-a");
        action("help.bundle")->trigger();
        auto* dialog = window().findChild<QDialog*>(QStringLiteral("bundleDialog"));
        QVERIFY(dialog && !QApplication::activeModalWidget());
        const QString contents = dialog->findChild<QLabel*>("bundleContents")->text();
        QVERIFY2(contents.contains("No images, no weights") && contents.contains("0001-a"),
                 qPrintable(contents));
        QVERIFY(savePicture(*dialog, "bundle"));
        QTemporaryDir home;
        const std::filesystem::path file = pathOf(home.filePath("faults.zip"));
        QTest::mouseClick(dialog->findChild<QPushButton*>("bundleSave"), Qt::LeftButton);
        m_fixture->chooseFile(file);
        auto* notice = dialog->findChild<QWidget*>("bundleNotice");
        QTRY_VERIFY_WITH_TIMEOUT(!notice->isHidden(), 120'000);
        const QString said = notice->findChild<QLabel*>()->text();
        QVERIFY2(said.startsWith("Saved"), qPrintable(said));
        std::set<std::string> names;
        for (const auto archive = Archive::open(file); archive->next();) {
            names.insert(archive->name());
            archive->read();
        }
        for (const char* name : {"README.txt", "environment.json", "conformance.json",
                                 "window.json", "runs/0001-a/spec.json"})
            QVERIFY2(names.contains(std::string("staircase-diagnostics/") + name), name);
        applyTheme(Theme::Dark);
        QTest::qWait(30);
        QVERIFY(savePicture(*dialog, "bundle-dark"));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestHelp>(argc, argv);
}
#include "tst_help.moc"
