#include "core/base/files.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/forms/experiment_editor.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/main/selection.h"
#include "widgets/main/undo_commands.h"
#include "widgets/panels/curves_panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QUndoStack>

#include <fstream>

using namespace stair;

namespace {

const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

} // namespace

/// Undo of the form's edits, of what is added to runs, and of deletion.
class TestUndo : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<WindowFixture> m_fixture;

    MainWindow& window() { return *m_fixture->window; }
    ExperimentEditor& form() { return *window().findChild<ExperimentEditor*>(); }
    QString text(const char* action)
    {
        return window().actions().find(QLatin1String(action))->text();
    }

    template<typename Widget>
    Widget* find(const char* name)
    {
        return m_fixture->find<Widget>(name);
    }

    /// Ctrl+Z or Ctrl+Shift+Z wherever the focus is.
    void undo() { QTest::keyClick(target(), Qt::Key_Z, Qt::ControlModifier); }
    void redo() { QTest::keyClick(target(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier); }
    QWidget* target()
    {
        return QApplication::focusWidget() ? QApplication::focusWidget() : &window();
    }

    RunMeta metaOf(const char* run) const
    {
        return RunMeta::read(m_fixture->runs() / run / "meta.json");
    }

private slots:
    void init()
    {
        QSettings().clear();
        m_fixture = std::make_unique<WindowFixture>(fakeStair);
    }

    void cleanup() { m_fixture.reset(); }

    void keysAreNamedInWords_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("words");
        QTest::addRow("a field") << "/training/fields/learning_rate"
                                 << "learning rate";
        QTest::addRow("an entry of a table") << "/quant/method/id"
                                             << "method";
        QTest::addRow("the data set") << "/data/set/id"
                                      << "data set";
        QTest::addRow("the name") << "/name"
                                  << "name";
    }

    void keysAreNamedInWords()
    {
        QFETCH(QString, key);
        QTEST(keyWords(key), "words");
    }

    /// Typing is one step, until another field is entered.
    void typingIsOneStep()
    {
        m_fixture->open(tinySpec("before", true));
        const Json before = form().state();
        auto* name = find<QLineEdit>("name");
        auto* rate = find<QLineEdit>("learning_rate");
        const QString rateBefore = rate->text();
        m_fixture->type(name, "after");
        QCOMPARE(text("edit.undo"), "Undo change of name");
        m_fixture->type(rate, "0.375");
        QCOMPARE(text("edit.undo"), "Undo change of learning rate");
        QCOMPARE(window().undoStack().count(), 2);

        undo();
        QCOMPARE(rate->text(), rateBefore);
        QCOMPARE(name->text(), "after");
        QCOMPARE(text("edit.redo"), "Redo change of learning rate");
        undo();
        QCOMPARE(name->text(), "before");
        QVERIFY(form().state() == before);
        redo();
        redo();
        QCOMPARE(name->text(), "after");
        QCOMPARE(rate->text(), "0.375");
        QVERIFY(!window().actions().find("edit.redo")->isEnabled());
    }

    /// Undo inside the field that has been typed into is the window's, not the field's own.
    void theFieldsOwnHistoryIsNotInTheWay()
    {
        m_fixture->open(tinySpec("before", true));
        auto* name = find<QLineEdit>("name");
        m_fixture->type(name, "one");
        find<QSpinBox>("epochs")->setFocus();
        name->setFocus();
        name->end(false);
        QTest::keyClicks(name, " two");
        QCOMPARE(name->text(), "one two");
        QCOMPARE(window().undoStack().count(), 2);
        QTest::keyClick(name, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(name->text(), "one");
        QVERIFY(name->hasFocus());
        QTest::keyClick(name, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(name->text(), "before");
    }

    void whatIsInvalidComesBackToo()
    {
        m_fixture->open(tinySpec("", true));
        auto* rate = find<QLineEdit>("learning_rate");
        const QString good = rate->text();
        m_fixture->type(rate, "much");
        QVERIFY(!m_fixture->button("startButton")->isEnabled());
        undo();
        QCOMPARE(rate->text(), good);
        QVERIFY(m_fixture->button("startButton")->isEnabled());
        redo();
        QCOMPARE(rate->text(), "much");
        QVERIFY(!m_fixture->button("startButton")->isEnabled());
    }

    void anotherMethodIsOneStep()
    {
        m_fixture->open(tinySpec("", true));
        const Json before = form().state();
        auto* method = find<QWidget>("method")->findChild<QComboBox*>("choice");
        method->setFocus();
        const QString was = method->currentText();
        QTest::keyClick(method, Qt::Key_Down);
        QVERIFY(method->currentText() != was);
        QCOMPARE(window().undoStack().count(), 1);
        QCOMPARE(text("edit.undo"), "Undo change of method");
        const Json after = form().state();
        undo();
        QVERIFY(form().state() == before);
        redo();
        QVERIFY(form().state() == after);
    }

    /// Undo ends where it began: such an edit leaves no trace.
    void anEditThatIsTakenBackByHandVanishes()
    {
        m_fixture->open(tinySpec("x", true));
        auto* name = find<QLineEdit>("name");
        name->setFocus();
        name->end(false);
        QTest::keyClicks(name, "y");
        QCOMPARE(window().undoStack().count(), 1);
        QTest::keyClick(name, Qt::Key_Backspace);
        QCOMPARE(window().undoStack().count(), 0);
    }

    void loadingIsUndone()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("other", false));
        m_fixture->open(tinySpec("mine", true));
        const Json before = form().state();
        QTest::keyClick(&window(), Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(find<QLineEdit>("name")->text(), "other");
        QCOMPARE(text("edit.undo"), "Undo duplication of other");
        window().actions().find("edit.undo")->trigger();
        QVERIFY(form().state() == before);
    }

    void aPairIsAPairAgain()
    {
        m_fixture->open(tinySpec("two bits", true), tinySpec("its own float", false));
        QCOMPARE(form().specs().front().name, "its own float");
        find<QSpinBox>("epochs")->setValue(5);
        QCOMPARE(form().specs().front().name, "two bits (float)");
        window().actions().find("edit.undo")->trigger();
        QCOMPARE(form().specs().front().name, "its own float");
    }

    void forksFromACheckpoint()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("long", true));
        for (const char* name :
             {"step-00000040.safetensors", "step-00000080.safetensors", "best.safetensors"})
            writeFileAtomically(run.folder().checkpointFolder() / name, "x");
        m_fixture->open(tinySpec("mine", true));
        QTest::keyClick(&window(), Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
        auto* menu = find<QMenu>("checkpoints");
        QVERIFY(menu && menu->isVisible());
        QStringList titles;
        for (const QAction* action : menu->actions())
            titles += action->text();
        QCOMPARE(titles, QStringList({"the best step", "step 80", "step 40"}));
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Return);
        QCOMPARE(find<QLineEdit>("name")->text(), "long from step 80");
        QCOMPARE(form().specs().back().training.from,
                 (run.folder().checkpointFolder() / "step-00000080.safetensors").string());
        window().actions().find("edit.undo")->trigger();
        QCOMPARE(find<QLineEdit>("name")->text(), "mine");
    }

    void withoutACheckpointThereIsNoFork()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("short", true));
        m_fixture->open(tinySpec("mine", true));
        QTest::keyClick(&window(), Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(m_fixture->notice("problem").contains("no checkpoint yet"));
    }

    void aRunIsRenamedInPlace()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("old name", false));
        m_fixture->open(tinySpec("", true));
        m_fixture->list()->setFocus();
        QTest::keyClick(m_fixture->list(), Qt::Key_F2);
        auto* edit = find<QLineEdit>("runTitle");
        QVERIFY(edit);
        QCOMPARE(edit->text(), "old name");
        QTest::keyClicks(edit, "new name");
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(metaOf("0001-a").title, "new name");
        QCOMPARE(m_fixture->list()->model()->index(0, 0).data().toString(), "new name");
        QCOMPARE(text("edit.undo"), "Undo renaming of a run");
        undo();
        QCOMPARE(metaOf("0001-a").title, "");
        QCOMPARE(m_fixture->list()->model()->index(0, 0).data().toString(), "old name");
        redo();
        QCOMPARE(metaOf("0001-a").title, "new name");
    }

    void notesTagsAndStars()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("run", false));
        m_fixture->open(tinySpec("", true));
        window().frame().showLayout("train");
        QTest::keyClick(&window(), Qt::Key_N, Qt::ControlModifier | Qt::ShiftModifier);
        auto* notes = find<QPlainTextEdit>("detailNotes");
        QVERIFY(notes->hasFocus());
        QTest::keyClicks(notes, "too high a rate");
        auto* tags = find<QLineEdit>("detailTags");
        tags->setFocus(); // leaving the notes writes them
        QCOMPARE(metaOf("0001-a").notes, "too high a rate");
        QTest::keyClicks(tags, "bad, w2 ,, bad");
        QTest::keyClick(tags, Qt::Key_Return);
        QVERIFY(metaOf("0001-a").tags == std::vector<std::string>({"bad", "w2"}));
        QTest::keyClick(&window(), Qt::Key_B, Qt::ControlModifier);
        QVERIFY(metaOf("0001-a").star);
        QVERIFY(m_fixture->list()->model()->index(0, 0).data(RunListModel::StarRole).toBool());
        QTRY_VERIFY(find<QCheckBox>("detailStar")->isChecked());
        QTest::keyClick(&window(), Qt::Key_B, Qt::ControlModifier);
        QVERIFY(!metaOf("0001-a").star);
        for (int i = 0; i < 4; ++i)
            window().actions().find("edit.undo")->trigger();
        QVERIFY(metaOf("0001-a") == RunMeta());
        QTRY_COMPARE(notes->toPlainText(), QString());
    }

    void whatPlotsShowComesBack()
    {
        // A session to come back.
        const auto file = m_fixture->runs().parent_path() / "window.json";
        m_fixture->open(tinySpec("", true));
        auto* first = find<QComboBox>("quantity0");
        first->setCurrentIndex(first->findData("gradientNorm"));
        std::error_code none;
        QTRY_VERIFY(std::filesystem::exists(file, none)
                    && readJsonFile(file).at("curves")
                        == window().findChild<CurvesPanel*>()->choices());
        m_fixture->window.reset();

        m_fixture->open(tinySpec("", true));
        QCOMPARE(find<QComboBox>("quantity0")->currentData().toString(), "gradientNorm");
        window().frame().showLayout("train");
        const auto go = [this](const char* id) {
            window().actions().find(QLatin1String(id))->trigger();
        };
        auto* smoothing = find<QComboBox>("smoothing");
        const int before = smoothing->currentIndex();
        QCOMPARE(window().undoStack().count(), 0); // the session's choices are no edit
        smoothing->setCurrentIndex(before + 2);
        QCOMPARE(text("edit.undo"), "Undo change of smoothing");
        auto* steps = find<QCheckBox>("logSteps");
        steps->setChecked(true);
        QCOMPARE(text("edit.undo"), "Undo change of the axis of steps");
        auto* quantity = find<QComboBox>("quantity1");
        const QString shown = quantity->currentData().toString();
        quantity->setCurrentIndex(quantity->findData("learningRate"));
        QCOMPARE(window().undoStack().count(), 3);
        go("edit.undo");
        QCOMPARE(quantity->currentData().toString(), shown);
        QVERIFY(steps->isChecked());
        go("edit.undo");
        go("edit.undo");
        QVERIFY(!steps->isChecked());
        QCOMPARE(smoothing->currentIndex(), before);
        go("edit.redo");
        QCOMPARE(smoothing->currentIndex(), before + 2);
        QCOMPARE(window().undoStack().count(), 3);
        // Stepping through a box is one step.
        smoothing->setFocus();
        smoothing->setCurrentIndex(0);
        smoothing->setCurrentIndex(1);
        smoothing->setCurrentIndex(4);
        QCOMPARE(window().undoStack().count(), 2);
    }

    /// Undo takes back what was done in the window, not what others wrote since.
    void undoKeepsWhatAnotherProgramWrote()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("run", false));
        m_fixture->open(tinySpec("", true));
        QTest::keyClick(&window(), Qt::Key_B, Qt::ControlModifier);
        RunMeta meta = metaOf("0001-a");
        QVERIFY(meta.star);
        meta.notes = "from elsewhere";
        meta.write(m_fixture->runs() / "0001-a" / "meta.json");
        window().actions().find("edit.undo")->trigger();
        QVERIFY(!metaOf("0001-a").star);
        QCOMPARE(metaOf("0001-a").notes, "from elsewhere");
        window().actions().find("edit.redo")->trigger();
        QVERIFY(metaOf("0001-a").star);
        QCOMPARE(metaOf("0001-a").notes, "from elsewhere");
    }

    void whatIsTypedIsWrittenSoon()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("run", false));
        m_fixture->open(tinySpec("", true));
        window().frame().showLayout("train");
        QTest::keyClicks(find<QPlainTextEdit>("detailNotes"), "kept");
        QTRY_COMPARE(metaOf("0001-a").notes, "kept");
    }

    /// A damaged file is not written over, and what was typed waits until it is mended.
    void whatIsRefusedStaysInItsField()
    {
        const ActedRun run(m_fixture->runs() / "0001-a", tinySpec("run", false));
        const auto file = m_fixture->runs() / "0001-a" / "meta.json";
        m_fixture->open(tinySpec("", true));
        window().frame().showLayout("train");
        QTest::keyClick(&window(), Qt::Key_B, Qt::ControlModifier); // starred
        writeFileAtomically(file, "{\"title\": ");
        auto* notes = find<QPlainTextEdit>("detailNotes");
        auto* title = find<QLineEdit>("detailTitle");
        title->setText("new title");
        QTest::keyClicks(notes, "typed");
        QTRY_VERIFY(m_fixture->notice("problem").contains("meta.json"));
        window().selection().tick();
        QCOMPARE(notes->toPlainText(), "typed");
        QCOMPARE(title->text(), "new title");
        std::filesystem::remove(file);
        QTest::keyClicks(notes, " on");
        QTRY_COMPARE(metaOf("0001-a").notes, "typed on");
        QCOMPARE(metaOf("0001-a").title, "new title");
        QVERIFY(metaOf("0001-a").star); // as it was known
    }

    void aDeletedRunComesBack()
    {
        {
            ActedRun run(m_fixture->runs() / "0001-a", tinySpec("unwanted", false));
            run.start();
            run.train(0, 40);
            run.finish(40);
        }
        m_fixture->open(tinySpec("", true));
        const auto folder = m_fixture->runs() / "0001-a";
        const auto ask = [&](const QString& answer) {
            QString question;
            WindowFixture::answer(answer, question);
            QApplication::setActiveWindow(&window()); // after a dialog, without a window manager
            m_fixture->list()->setFocus();
            QTest::keyClick(m_fixture->list(), Qt::Key_Delete);
            QTRY_COMPARE(question, "Move the run unwanted to the trash?");
            QTRY_VERIFY(!QApplication::activeModalWidget());
        };
        ask("Cancel");
        QVERIFY(std::filesystem::exists(folder / "spec.json"));
        ask("Move to trash");
        QVERIFY(!std::filesystem::exists(folder));
        QCOMPARE(m_fixture->list()->model()->rowCount(), 0);
        QCOMPARE(text("edit.undo"), "Undo deletion of unwanted");
        window().actions().find("edit.undo")->trigger();
        QVERIFY(std::filesystem::exists(folder / "events.jsonl"));
        QCOMPARE(m_fixture->list()->model()->rowCount(), 1);
        QTRY_COMPARE(m_fixture->state(0), RunState::Finished);
        QCOMPARE(m_fixture->notice("problem"), QString());
    }

    /// Deleted, brought back and continued: Redo leaves it alone.
    void aRunThatTrainsAgainIsNotDeletedAgain()
    {
        const auto folder = m_fixture->runs() / "0001-a";
        {
            ActedRun run(folder, tinySpec("stopped", false));
            run.start();
            run.train(0, 40);
            run.write(endLine("stopped", 40, 0.4));
        }
        m_fixture->open(tinySpec("", true));
        window().undoStack().push(new DeleteCommand(window().model(), {folder}, "deletion"));
        QVERIFY(!std::filesystem::exists(folder));
        window().actions().find("edit.undo")->trigger();
        QVERIFY(std::filesystem::exists(folder / "spec.json"));
        QCOMPARE(m_fixture->notice("problem"), QString());
        const WorkerLock worker(folder, "test");
        std::ofstream(folder / "events.jsonl", std::ios::app)
            << toLine(startedLine(40, 120, true)) << '\n';
        QTRY_COMPARE(m_fixture->state(0), RunState::Running);
        window().actions().find("edit.redo")->trigger();
        QVERIFY(std::filesystem::exists(folder / "spec.json"));
        QVERIFY(m_fixture->notice("problem").contains("stopped is in training"));
        QCOMPARE(m_fixture->list()->model()->rowCount(), 1);
    }

    void aRunInTrainingIsNotDeleted()
    {
        ActedRun run(m_fixture->runs() / "0001-a", tinySpec("busy", false));
        run.work();
        run.start();
        m_fixture->open(tinySpec("", true));
        QTRY_COMPARE(m_fixture->state(0), RunState::Running);
        window().actions().find("run.delete")->trigger();
        QVERIFY(m_fixture->notice("problem").contains("stop it before"));
        QVERIFY(!QApplication::activeModalWidget());
        QVERIFY(std::filesystem::exists(m_fixture->runs() / "0001-a" / "spec.json"));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestUndo>(argc, argv);
}
#include "tst_undo.moc"
