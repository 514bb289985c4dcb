#include "core/quant/methods.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/command_palette.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/fuzzy.h"
#include "widgets/main/selection.h"
#include "widgets/main/shortcut_editor.h"
#include "widgets/main/shortcut_model.h"
#include "widgets/models/run_style.h"
#include "widgets/plot/graph_view.h"
#include "widgets/plot/line_plot.h"
#include "widgets/plot/matrix_view.h"
#include "widgets/plot/plot_view.h"
#include "widgets/plot/tile_view.h"

#include <QAbstractItemModelTester>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QDockWidget>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QSlider>
#include <QTableView>
#include <QTextBrowser>
#include <QToolButton>

using namespace stair;

namespace {

const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

QString accessibleName(QObject* object)
{
    QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(object);
    return interface ? interface->text(QAccessible::Name) : QString();
}

} // namespace

/// The registry of actions, and what is made from it.
class TestActions : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<WindowFixture> m_fixture;

    MainWindow& window() { return *m_fixture->window; }
    QLineEdit* paletteEdit() { return m_fixture->find<QLineEdit>("paletteEdit"); }
    QListView* paletteList() { return m_fixture->find<QListView>("paletteList"); }

    QString firstFound() { return paletteList()->currentIndex().data().toString(); }

private slots:
    void init()
    {
        QSettings().clear();
        m_fixture = std::make_unique<WindowFixture>(fakeStair);
    }

    void cleanup() { m_fixture.reset(); }

    void fuzzyScores_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("better");
        QTest::addColumn<QString>("worse"); // empty: no hit at all
        QTest::addRow("all letters in order") << "rsl"
                                              << "Reset layout"
                                              << "";
        QTest::addRow("words' beginnings") << "rl"
                                           << "Reset layout"
                                           << "Grill";
        QTest::addRow("unbroken") << "star"
                                  << "Start"
                                  << "Sit at a rail";
        QTest::addRow("upper and lower case") << "EXP"
                                              << "export"
                                              << "";
        QTest::addRow("the shorter of equals") << "open"
                                               << "Open run"
                                               << "Open run in a window";
        QTest::addRow("a space is nothing") << "re la"
                                            << "Reset layout"
                                            << "";
    }

    void fuzzyScores()
    {
        QFETCH(QString, typed);
        QFETCH(QString, better);
        QFETCH(QString, worse);
        QVERIFY(fuzzyScore(typed, better) >= 0);
        if (worse.isEmpty())
            QVERIFY(fuzzyScore(typed, "Quit") < 0);
        else
            QVERIFY(fuzzyScore(typed, better) > fuzzyScore(typed, worse));
    }

    void anEmptyTextHasNothing()
    {
        QVERIFY(fuzzyScore("a", "") < 0);
        QCOMPARE(fuzzyScore("", "anything"), 0);
    }

    void modelsKeepTheirContract()
    {
        QWidget owner;
        ActionRegistry registry(&owner);
        registry.add({"one", "First", "File", Qt::CTRL | Qt::Key_1});
        registry.add({"two", "Second", "File"});
        ShortcutModel shortcuts(registry);
        const QAbstractItemModelTester first(
            &shortcuts, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(shortcuts.rowCount(), 2);
        registry.setShortcut(registry.find("two"), Qt::CTRL | Qt::Key_2);
        QCOMPARE(shortcuts.index(1, ShortcutModel::ShortcutColumn).data().toString(), "Ctrl+2");

        PaletteModel palette;
        const QAbstractItemModelTester second(
            &palette, QAbstractItemModelTester::FailureReportingMode::QtTest);
        palette.setEntries(
            {{"Reset layout", "View", "", true, {}}, {"Quit", "File", "", true, {}}});
        QCOMPARE(palette.rowCount(), 2);
        palette.setTyped("quit");
        QCOMPARE(palette.rowCount(), 1);
        palette.setTyped("zz");
        QCOMPARE(palette.rowCount(), 0);
        palette.setTyped("");
        QCOMPARE(palette.rowCount(), 2);
        QVERIFY_THROWS_EXCEPTION(std::exception, registry.add({"one", "Again", ""}));
    }

    /// Every action has a name, an accessible name, and a shortcut or a menu place.
    void everyActionCanBeFound()
    {
        m_fixture->open(tinySpec("", true));
        QSet<QAction*> inMenus;
        for (QMenu* menu : window().menuBar()->findChildren<QMenu*>()) {
            for (QAction* action : menu->actions())
                inMenus += action;
        }
        QSet<QString> texts;
        for (QAction* action : window().actions().actions()) {
            const QByteArray id = action->objectName().toUtf8();
            QVERIFY2(!id.isEmpty(), qPrintable(action->text()));
            QVERIFY2(!action->text().isEmpty(), id);
            QVERIFY2(!action->toolTip().isEmpty(), id);
            QVERIFY2(!plainText(action).isEmpty(), id);
            QVERIFY2(!action->shortcut().isEmpty() || inMenus.contains(action), id);
            const QString whole = window().actions().menuOf(action) + action->text();
            QVERIFY2(!texts.contains(whole), qPrintable(whole)); // told apart by eye and ear
            texts += whole;
        }
        // What screen readers say of an action is its entry in the menu.
        for (QMenu* menu : window().menuBar()->findChildren<QMenu*>()) {
            QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(menu);
            for (int i = 0; i < interface->childCount(); ++i) {
                if (!menu->actions().at(i)->isSeparator())
                    QVERIFY2(!interface->child(i)->text(QAccessible::Name).isEmpty(),
                             qPrintable(menu->title()));
            }
        }
    }

    /// No two actions have the same keys.
    void shortcutsAreUnique()
    {
        m_fixture->open(tinySpec("", true));
        for (const QAction* action : window().actions().actions()) {
            const QAction* other = window().actions().holderOf(action->shortcut(), action);
            QVERIFY2(!other, qPrintable(action->objectName()));
        }
    }

    void keysInDifferentPlacesDoNotMeet()
    {
        QWidget owner;
        QWidget left(&owner), right(&owner);
        ActionRegistry registry(&owner);
        QAction* one = registry.add({"one", "First", "File", Qt::Key_F2});
        QAction* two = registry.add({"two", "Second", "File", Qt::Key_F2});
        const QKeySequence keys(Qt::Key_F2);
        QCOMPARE(registry.holderOf(keys, one), two);
        registry.confine(one, &left);
        QCOMPARE(registry.holderOf(keys, one), two); // the window's keys count there too
        QCOMPARE(registry.holderOf(keys, two), one);
        registry.confine(two, &right);
        QVERIFY(!registry.holderOf(keys, one));
        QVERIFY(!registry.holderOf(keys, two));
    }

    /// A plot has Delete for its cursors, a table F2 for its cells.
    void keysOfTheRunListCountThereAlone()
    {
        ActedRun run(m_fixture->runs() / "0001-a", tinySpec("kept", false));
        run.start();
        run.train(0, 40);
        run.finish(40);
        m_fixture->open(tinySpec("", true));
        window().frame().showLayout("train");
        window().frame().showDock("curves");
        QCOMPARE(window().selection().runs().size(), std::size_t(1));
        auto* plot = m_fixture->find<LinePlot>("lossPlot");
        QVERIFY(plot);
        QTRY_VERIFY(plot->isVisible());
        plot->setFocus();
        QVERIFY(plot->hasFocus());
        QTest::keyClick(plot, Qt::Key_Delete);
        QTest::keyClick(plot, Qt::Key_F2);
        QVERIFY(!window().findChild<QMessageBox*>());
        QVERIFY(!m_fixture->find<QLineEdit>("runTitle"));
        m_fixture->list()->setFocus();
        QTest::keyClick(m_fixture->list(), Qt::Key_Delete);
        auto* question = window().findChild<QMessageBox*>();
        QVERIFY(question && question->isVisible());
        question->reject();
    }

    /// In every panel, brought to the front one after the other while a run is shown; and on the pages
    /// behind, which come up later.
    void everyControlHasAnAccessibleName()
    {
        ActedRun run(m_fixture->runs() / "0001-a", tinySpec("first", true));
        run.start();
        run.train(0, 40);
        m_fixture->open(tinySpec("", true));
        window().openRun(run.folder().path());
        QStringList nameless;
        int controls = 0;
        for (QDockWidget* dock : window().frame().findChildren<QDockWidget*>()) {
            window().frame().showDock(dock->objectName());
            QTest::qWait(30);
            QVERIFY2(dock->widget() && dock->widget()->isVisible(), qPrintable(dock->objectName()));
            for (QWidget* widget : window().findChildren<QWidget*>()) {
                const bool inside = qobject_cast<QAbstractSpinBox*>(widget->parentWidget())
                    || qobject_cast<QComboBox*>(widget->parentWidget())
                    || qobject_cast<QLineEdit*>(widget->parentWidget()) // what clears it
                    || qobject_cast<QHeaderView*>(widget) // of a table that must have a name
                    || widget->inherits("QTableCornerButton")
                    || widget->objectName().startsWith(QLatin1String("qt_"));
                const bool control = qobject_cast<QAbstractButton*>(widget)
                    || qobject_cast<QLineEdit*>(widget) || qobject_cast<QComboBox*>(widget)
                    || qobject_cast<QAbstractSpinBox*>(widget)
                    || qobject_cast<QPlainTextEdit*>(widget)
                    || qobject_cast<QAbstractItemView*>(widget) || qobject_cast<PlotView*>(widget)
                    || qobject_cast<QSlider*>(widget) || qobject_cast<GraphView*>(widget)
                    || qobject_cast<TileView*>(widget) || qobject_cast<MatrixView*>(widget);
                if (!control || inside || widget->window() != &window())
                    continue; // a list that pops up
                ++controls;
                if (accessibleName(widget).isEmpty())
                    nameless
                        += QString("%1: %2 %3 in %4")
                               .arg(dock->objectName(), widget->metaObject()->className(),
                                    widget->objectName(), widget->parentWidget()->objectName());
            }
        }
        nameless.removeDuplicates();
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join('\n')));
        QVERIFY(controls > 200);
    }

    /// Not by colour alone: what is drawn of runs that are shown together differs in its dash where
    /// their methods do, and in words.
    void nothingIsToldByColourAlone()
    {
        std::vector<std::string> all;
        for (const MethodInfo& info : methods())
            all.push_back(info.id);
        const std::vector<RunStyle> styles = runStyles(all);
        for (std::size_t i = 1; i < styles.size(); ++i) // neighbours in lists and legends
            QVERIFY2(styles[i].dash != styles[i - 1].dash, all[i].c_str());

        std::vector<std::unique_ptr<ActedRun>> runs;
        std::vector<std::filesystem::path> folders;
        for (const bool quantized : {false, true}) {
            folders.push_back(m_fixture->runs() / (quantized ? "0002-b" : "0001-a"));
            runs.push_back(std::make_unique<ActedRun>(
                folders.back(), tinySpec(quantized ? "two bits" : "float", quantized)));
            runs.back()->start();
            runs.back()->train(0, 80);
        }
        m_fixture->open(tinySpec("", true));
        window().frame().showLayout("train");
        window().openRuns(folders);
        auto* plot = m_fixture->find<LinePlot>("accuracyPlot");
        const auto isDrawn = [plot](const QString& run) {
            return std::ranges::any_of(plot->readings(70), [&](const LinePlot::Reading& reading) {
                return reading.name.contains(run);
            });
        };
        QTRY_VERIFY(isDrawn("float") && isDrawn("two bits"));
        const std::vector<LinePlot::Reading> readings = plot->readings(70);
        QVERIFY(readings.size() > 2);
        for (std::size_t i = 0; i < readings.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                const CurveStyle &a = readings[i].style, &b = readings[j].style;
                QVERIFY2(a.dash != b.dash || a.mark != b.mark, qPrintable(readings[i].name));
                QVERIFY2(readings[i].name != readings[j].name, qPrintable(readings[i].name));
            }
        }
        // The list says in words what it draws in colour.
        const QAbstractItemModel* list = m_fixture->list()->model();
        for (int row = 0; row < list->rowCount(); ++row) {
            const QModelIndex index = list->index(row, 0);
            const QString words = index.data(Qt::AccessibleTextRole).toString();
            QVERIFY(words.contains(index.data(RunListModel::StateTextRole).toString()));
            QVERIFY(words.contains(index.data(RunListModel::MethodTitleRole).toString()));
        }
    }

    void thePaletteFindsAndRuns()
    {
        m_fixture->open(tinySpec("", true));
        QTest::keyClick(&window(), Qt::Key_K, Qt::ControlModifier);
        QVERIFY(paletteEdit()->isVisible());
        int visible = 0;
        for (const QAction* action : window().actions().actions())
            visible += action->isVisible() ? 1 : 0;
        QCOMPARE(paletteList()->model()->rowCount(), visible);
        QTest::keyClicks(paletteEdit(), "compare");
        QCOMPARE(firstFound(), "Compare");
        QTest::keyClick(paletteEdit(), Qt::Key_Return);
        QCOMPARE(window().frame().currentLayout(), "compare");
        QVERIFY(!paletteEdit()->isVisible());

        QTest::keyClick(&window(), Qt::Key_K, Qt::ControlModifier);
        QVERIFY(paletteEdit()->text().isEmpty());
        QTest::keyClicks(paletteEdit(), "qqqqq");
        QCOMPARE(paletteList()->model()->rowCount(), 0);
        QTest::keyClick(paletteEdit(), Qt::Key_Return);
        QTest::keyClick(paletteEdit(), Qt::Key_Escape);
        QVERIFY(!paletteEdit()->isVisible());
    }

    void thePaletteOpensFromAField()
    {
        m_fixture->open(tinySpec("a long name", true));
        auto* name = m_fixture->find<QLineEdit>("name");
        name->setFocus();
        name->setCursorPosition(2);
        QTest::keyClick(name, Qt::Key_K, Qt::ControlModifier);
        QVERIFY(paletteEdit()->isVisible());
        QCOMPARE(name->text(), "a long name"); // the line is not cut
        QTest::keyClick(paletteEdit(), Qt::Key_Escape);
        QVERIFY(name->hasFocus());
    }

    void thePaletteSelectsRuns()
    {
        const ActedRun first(m_fixture->runs() / "0001-a", tinySpec("apples", false));
        const ActedRun second(m_fixture->runs() / "0002-b", tinySpec("pears", false));
        m_fixture->open(tinySpec("", true));
        m_fixture->click("paletteButton");
        QTest::keyClicks(paletteEdit(), "show apples");
        QCOMPARE(firstFound(), "Show apples");
        QTest::mouseClick(paletteList()->viewport(), Qt::LeftButton, {},
                          paletteList()->visualRect(paletteList()->currentIndex()).center());
        QCOMPARE(window().selection().runs().size(), std::size_t(1));
        QCOMPARE(window().selection().runs().front()->identity().name, "apples");
    }

    void whatCannotBeDoneIsPassedOver()
    {
        m_fixture->open(tinySpec("", true));
        QTest::keyClick(&window(), Qt::Key_K, Qt::ControlModifier);
        QTest::keyClicks(paletteEdit(), "pause"); // nothing runs
        QVERIFY(paletteList()->model()->rowCount() > 0);
        QVERIFY(firstFound() != "Pause");
    }

    void shortcutsAreEditedAndKept()
    {
        m_fixture->open(tinySpec("", true));
        window().actions().find("edit.shortcuts")->trigger();
        auto* editor = m_fixture->find<ShortcutEditor>("shortcutEditor");
        QVERIFY(editor->isVisible());
        auto* filter = editor->findChild<QLineEdit*>("shortcutFilter");
        auto* table = editor->findChild<QTableView*>("shortcutTable");
        auto* keys = editor->findChild<QKeySequenceEdit*>("shortcutKeys");
        auto* conflict = editor->findChild<QLabel*>("shortcutConflict");
        QTest::keyClicks(filter, "reset layout");
        QCOMPARE(table->model()->rowCount(), 1);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          table->visualRect(table->model()->index(0, 0)).center());
        QTest::keyClick(keys, Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY2(conflict->text().contains("Duplicate into the form"),
                     qPrintable(conflict->text()));
        QTest::mouseClick(editor->findChild<QAbstractButton*>("shortcutAssign"), Qt::LeftButton);
        QCOMPARE(conflict->text(), QString());
        const QKeySequence taken(Qt::CTRL | Qt::Key_D);
        QCOMPARE(window().actions().find("view.resetLayout")->shortcut(), taken);
        QVERIFY(window().actions().find("run.duplicate")->shortcut().isEmpty());
        QVERIFY(window().actions().find("view.resetLayout")->toolTip().contains("Ctrl+D"));

        m_fixture->open(tinySpec("", true)); // the next window
        QCOMPARE(window().actions().find("view.resetLayout")->shortcut(), taken);
        window().frame().dock("runs")->hide();
        QTest::keyClick(&window(), Qt::Key_D, Qt::ControlModifier);
        QVERIFY(!window().frame().dock("runs")->isHidden());
        window().actions().resetShortcut(window().actions().find("run.duplicate"));
        QCOMPARE(window().actions().find("run.duplicate")->shortcut(), taken);
    }

    void theSheetListsTheShortcuts()
    {
        m_fixture->open(tinySpec("", true));
        QTest::keyClick(&window(), Qt::Key_Slash, Qt::ControlModifier);
        auto* sheet = m_fixture->find<QDialog>("shortcutSheet");
        QVERIFY(sheet && sheet->isVisible());
        const QString text = sheet->findChild<QTextBrowser*>()->toPlainText();
        for (const QAction* action : window().actions().actions()) {
            if (!action->shortcut().isEmpty())
                QVERIFY2(text.contains(window().actions().title(action)),
                         qPrintable(action->text()));
        }
        QVERIFY(text.contains("Ctrl+Shift+F"));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestActions>(argc, argv);
}
#include "tst_actions.moc"
