#include "tests/widgets/support/window_test.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/forms/fold_box.h"
#include "widgets/forms/number_edit.h"
#include "widgets/forms/param_form.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QToolButton>
#include <QToolTip>
#include <QWheelEvent>

using namespace stair;

class TestForms : public QObject
{
    Q_OBJECT

private:
    static std::vector<ParamSpec> sampleParams()
    {
        std::vector<ParamSpec> params = {
            ParamSpec::integer("depth", "Depth", 3, 1, 9, "How deep."),
            ParamSpec::real("rate", "Rate", 0.1, 0, 1, "How fast: x = y."),
            ParamSpec::flag("bias", "Bias", true, "Whether."),
            ParamSpec::choice("kind", "Kind", "b", {"a", "b"}, "Which."),
        };
        params[1].unit = "1/s";
        params[1].source = "Someone, 2020, eq. 3";
        return params;
    }

    static QComboBox* choice(QWidget& editor, const char* form)
    {
        return editor.findChild<QWidget*>(QLatin1String(form))
            ->findChild<QComboBox*>(QStringLiteral("choice"));
    }

    template<typename Widget>
    static Widget* field(QWidget& editor, const char* form, const char* name)
    {
        return editor.findChild<QWidget*>(QLatin1String(form))
            ->findChild<Widget*>(QLatin1String(name));
    }

    static void type(QLineEdit* edit, const char* text)
    {
        edit->selectAll();
        QTest::keyClicks(edit, QLatin1String(text));
    }

private slots:
    void aFormIsMadeFromItsRows()
    {
        ParamForm form;
        form.setParams(sampleParams());
        QCOMPARE(form.values().dump(),
                 std::string(R"({"depth":3,"rate":0.1,"bias":true,"kind":"b"})"));
        const QString tip = form.editor("rate")->toolTip();
        for (const char* part : {"How fast", "From 0 to 1", "default 0.1", "eq. 3", "rate"})
            QVERIFY2(tip.contains(QLatin1String(part)), part);

        QSignalSpy changed(&form, &ParamForm::changed);
        type(qobject_cast<QLineEdit*>(form.editor("rate")), "2e-1");
        QTest::keyClick(form.editor("bias"), Qt::Key_Space);
        QTest::keyClick(form.editor("kind"), Qt::Key_Up);
        QTest::keyClick(form.editor("depth"), Qt::Key_Up);
        QVERIFY(changed.size() >= 4);
        QCOMPARE(form.values().dump(),
                 std::string(R"({"depth":4,"rate":0.2,"bias":false,"kind":"a"})"));

        changed.clear();
        form.setValues({{"rate", 0.5}, {"unknown", 1}, {"depth", "text"}});
        QVERIFY(changed.isEmpty());
        QCOMPARE(form.values()["rate"].get<double>(), 0.5);
        QCOMPARE(form.values()["depth"].get<int>(), 4);
    }

    void whatIsNoNumberIsKeptForTheReader()
    {
        ParamForm form;
        form.setParams(sampleParams());
        auto* rate = qobject_cast<NumberEdit*>(form.editor("rate"));
        const QColor plain = rate->palette().color(QPalette::Text);
        type(rate, "fast");
        QCOMPARE(form.values()["rate"].get<std::string>(), std::string("fast"));
        QVERIFY(rate->palette().color(QPalette::Text) != plain);
        // Not by its colour alone.
        QVERIFY(rate->font().underline());
        QCOMPARE(rate->accessibleDescription(),
                 QString("“fast” is no number; give one from 0 to 1"));
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form));
        QHelpEvent help(QEvent::ToolTip, QPoint(2, 2), rate->mapToGlobal(QPoint(2, 2)));
        QApplication::sendEvent(rate, &help);
        QTRY_COMPARE(QToolTip::text(), rate->problem());
        QToolTip::hideText();
        type(rate, "1.5");
        QCOMPARE(rate->problem(), QString("1.5 is out of range; give a number from 0 to 1"));
        rate->setNumber(0.3);
        QCOMPARE(rate->palette().color(QPalette::Text), plain);
        QVERIFY(!rate->font().underline());
        QCOMPARE(rate->accessibleDescription(), QString());
    }

    void theWheelScrollsPastFields()
    {
        ParamForm form;
        form.setParams(sampleParams());
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form));
        QWidget* depth = form.editor("depth");
        form.editor("rate")->setFocus();
        QWheelEvent event(depth->rect().center(), depth->mapToGlobal(depth->rect().center()), {},
                          QPoint(0, 120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(depth, &event);
        QCOMPARE(form.values()["depth"].get<int>(), 3);
    }

    void aGroupFoldsToItsSummary()
    {
        auto* content = new QLabel(QStringLiteral("content"));
        FoldBox box(QStringLiteral("Data"), content);
        box.setSummary(QStringLiteral("CIFAR-10"));
        box.resize(300, 100);
        box.show();
        QVERIFY(QTest::qWaitForWindowExposed(&box));
        QVERIFY(content->isVisible());
        QTest::mouseClick(box.findChild<QToolButton*>(), Qt::LeftButton);
        QVERIFY(!content->isVisible());
        QVERIFY(box.isFolded());
    }

    void anExperimentGoesInAndOutUnchanged()
    {
        QAction start;
        ExperimentEditor editor(&start);
        ExperimentSpec spec = tinySpec("round trip", true);
        spec.seed = 7;
        spec.data.augment.flip = true;
        spec.quant.last = EndPolicy::Float;
        spec.quant.gradientBits = 8;
        spec.quant.weightBits = halfBits;
        // The form has no fields for these: they must come back all the same.
        spec.quant.layers = {{.match = "stage1.*", .weightBits = 4, .activationBits = 8}};
        spec.quant.schedule.startStep = 5;
        spec.training.patience = 3;
        spec.training.guards.dead = false;
        spec.training.optimizer = "adam";
        spec.training.optimizerParams = ParamValues();
        spec = ExperimentSpec::read(spec.toJson(), "test");
        editor.load(spec);
        QCOMPARE(editor.problem(), QString());
        const auto specs = editor.specs();
        QCOMPARE(specs.size(), std::size_t(1));
        QCOMPARE(specs.front().toJson().dump(1), spec.toJson().dump(1));
    }

    void greatNumbersGoInAndOutUnchanged_data()
    {
        QTest::addColumn<quint64>("seed");
        QTest::addColumn<int>("epochs");
        QTest::addRow("beyond an int") << quint64(3'000'000'000) << 200'000;
        QTest::addRow("the greatest") << (quint64(1) << 53) - 1 << 1'000'000;
    }

    void greatNumbersGoInAndOutUnchanged()
    {
        QFETCH(quint64, seed);
        QFETCH(int, epochs);
        QAction start;
        ExperimentEditor editor(&start);
        ExperimentSpec spec = tinySpec("great", true);
        spec.seed = seed;
        spec.training.epochs = epochs;
        spec.training.patience = 1'000'000;
        spec.training.evaluateEvery = 1'000'000;
        spec.statisticsEvery = 1'000'000'000;
        spec = ExperimentSpec::read(spec.toJson(), "test");
        editor.load(spec);
        QCOMPARE(editor.problem(), QString());
        QCOMPARE(editor.specs().front().toJson().dump(1), spec.toJson().dump(1));
        ExperimentEditor again(&start);
        again.setState(editor.state());
        QCOMPARE(again.specs().front().toJson().dump(1), spec.toJson().dump(1));
    }

    void everyTableRowMakesAValidSpec_data()
    {
        QTest::addColumn<QString>("form");
        for (const char* form : {"network", "method", "optimizer", "schedule"})
            QTest::addRow("%s", form) << QString::fromLatin1(form);
    }

    void everyTableRowMakesAValidSpec()
    {
        QFETCH(QString, form);
        QAction start;
        ExperimentEditor editor(&start);
        editor.load(tinySpec("", true));
        QComboBox* box = choice(editor, form.toLatin1());
        QVERIFY(box->count() > 0);
        for (int i = 0; i < box->count(); ++i) {
            box->setCurrentIndex(i);
            QVERIFY2(editor.problem().isEmpty(), qPrintable(editor.problem()));
            QVERIFY(!editor.specs().empty());
        }
    }

    void theInvalidFieldIsNamed()
    {
        QAction start;
        ExperimentEditor editor(&start);
        editor.load(tinySpec("", false));
        QSignalSpy changed(&editor, &ExperimentEditor::changed);
        type(field<QLineEdit>(editor, "optimizer", "learning_rate"), "-3");
        QVERIFY(!changed.isEmpty());
        QVERIFY2(editor.problem().contains(QStringLiteral("training.optimizer.learning_rate")),
                 qPrintable(editor.problem()));
        QVERIFY_THROWS_EXCEPTION(std::exception, editor.specs());
        type(field<QLineEdit>(editor, "optimizer", "learning_rate"), "0.05");
        QCOMPARE(editor.problem(), QString());
    }

    void dataOnDiskNeedsAPathThatIsThere()
    {
        QAction start;
        ExperimentEditor editor(&start);
        editor.load(tinySpec("", false));
        QComboBox* box = choice(editor, "dataset");
        box->setCurrentIndex(box->findData(QStringLiteral("cifar10")));
        QVERIFY2(editor.problem().contains(QStringLiteral("data.path")),
                 qPrintable(editor.problem()));
        QTemporaryDir folder;
        auto* path = field<QLineEdit>(editor, "dataPath", "path");
        type(path, "/nowhere/at/all");
        QVERIFY2(editor.problem().contains(QStringLiteral("/nowhere/at/all")),
                 qPrintable(editor.problem()));
        path->selectAll();
        QTest::keyClicks(path, folder.path());
        QCOMPARE(editor.problem(), QString());
        QCOMPARE(editor.specs().front().data.path, folder.path().toStdString());
    }

    void anotherMethodKeepsTheWidths()
    {
        QAction start;
        ExperimentEditor editor(&start);
        editor.load(tinySpec("", true));
        QComboBox* method = choice(editor, "method");
        const int before = method->currentIndex();
        method->setCurrentIndex(method->findData(QStringLiteral("float")));
        QVERIFY(editor.specs().front().quant.isFloat());
        method->setCurrentIndex(before);
        editor.load(tinySpec("", true));
        field<QComboBox>(editor, "quantFields", "weights")->setCurrentText(QStringLiteral("4"));
        QCOMPARE(editor.specs().front().quant.weightBits, 4);
    }

    void whatChangesOnTheWayIsSetInTheForm()
    {
        QAction start;
        ExperimentEditor editor(&start);
        editor.load(tinySpec("", true));
        field<QDoubleSpinBox>(editor, "quantSchedule", "start")->setValue(10);
        field<QDoubleSpinBox>(editor, "quantSchedule", "freeze_norm")->setValue(40);
        auto* widths = field<QLineEdit>(editor, "quantSchedule", "bits");
        QTest::keyClicks(widths, QStringLiteral("15: 6/6, 20: 4/0"));
        QCOMPARE(editor.problem(), QString());
        const QuantSchedule schedule = editor.specs().back().quant.schedule;
        QCOMPARE(schedule.startStep, std::int64_t(10));
        QCOMPARE(schedule.freezeNormStep, std::int64_t(40));
        QCOMPARE(schedule.bits.size(), std::size_t(2));
        QCOMPARE(schedule.bits[1].step, std::int64_t(20));
        QCOMPARE(schedule.bits[1].weightBits, 4);
        QCOMPARE(schedule.bits[1].activationBits, 0);

        ExperimentEditor again(&start);
        again.load(editor.specs().back());
        QVERIFY(again.specs().back().quant.schedule == schedule);
        QTest::keyClicks(widths, QStringLiteral(", half"));
        QVERIFY2(editor.problem().contains("step: weights/activations"),
                 qPrintable(editor.problem()));
    }

    /// As far as specs go, and past what an int holds.
    void scheduledStepsMayBeLate()
    {
        QAction start;
        ExperimentEditor editor(&start);
        ExperimentSpec spec = tinySpec("", true);
        spec.quant.schedule.startStep = 5'000'000'000;
        spec.quant.schedule.freezeRangesStep = 6'000'000'000;
        spec.quant.schedule.freezeNormStep = 1'000'000'000'000;
        spec.quant.schedule.bits = {{5'500'000'000, 4, 4}};
        editor.load(spec);
        QCOMPARE(editor.problem(), QString());
        QVERIFY(editor.specs().back().quant.schedule == spec.quant.schedule);
    }

    void aPairIsKeptAsItIsUntilEdited()
    {
        QAction start;
        ExperimentEditor editor(&start);
        ExperimentSpec reference = tinySpec("its own float", false);
        reference.training.epochs = 9;
        editor.loadPair(tinySpec("two bits", true), reference);
        auto specs = editor.specs();
        QCOMPARE(specs.size(), std::size_t(2));
        QCOMPARE(specs[0].name, std::string("its own float"));
        QCOMPARE(specs[0].training.epochs, 9);

        const Json state = editor.state();
        ExperimentEditor again(&start);
        again.setState(state);
        QCOMPARE(again.specs().front().name, std::string("its own float"));

        field<QSpinBox>(editor, "trainingFields", "epochs")->setValue(5);
        specs = editor.specs();
        QCOMPARE(specs.size(), std::size_t(2));
        QVERIFY(specs[0].quant.isFloat());
        QCOMPARE(specs[0].name, std::string("two bits (float)"));
        QCOMPARE(specs[0].training.epochs, 5);
        editor.findChild<QCheckBox*>(QStringLiteral("compare"))->setChecked(false);
        QCOMPARE(editor.specs().size(), std::size_t(1));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestForms>(argc, argv);
}
#include "tst_forms.moc"
