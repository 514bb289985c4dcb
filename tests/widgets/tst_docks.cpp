#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"

#include <QDockWidget>
#include <QLabel>

#include <fstream>
#include <map>

using namespace stair;

namespace {

const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

/// Four panels in two layouts: "wide" has a column of its own for a, b over c beside d; "tabs" has
/// a and b behind each other.
std::vector<DockRow> panels(std::map<QString, int>& made)
{
    const auto label = [&made](const char* text) {
        return [&made, text] {
            ++made[QLatin1String(text)];
            return new QLabel(QLatin1String(text));
        };
    };
    return {{"a", "A", label("a"), {{"wide", 0}, {"tabs", 0}}},
            {"b", "B", label("b"), {{"wide", 1, 0, 0, 200}, {"tabs", 0}}},
            {"c", "C", label("c"), {{"wide", 1, 1, 0, 100}}},
            {"d", "D", label("d"), {{"wide", 1, 1, 1, 100}}},
            {"never", "Never", label("never"), {}}};
}

} // namespace

class TestDocks : public QObject
{
    Q_OBJECT

private:
    std::map<QString, int> m_made;

    std::unique_ptr<DockFrame> makeFrame()
    {
        m_made.clear();
        auto frame = std::make_unique<DockFrame>(
            panels(m_made),
            std::vector<LayoutRow>{{"wide", "Wide", {100, 300}}, {"tabs", "Tabs", {100}}});
        frame->resize(800, 600);
        frame->show();
        if (!QTest::qWaitForWindowExposed(frame.get()))
            qFatal("the frame does not show");
        return frame;
    }

    static QRect place(const DockFrame& frame, const char* id)
    {
        return frame.dock(QLatin1String(id))->geometry();
    }

    static QStringList visible(const DockFrame& frame)
    {
        QStringList ids;
        for (const char* id : {"a", "b", "c", "d", "never"}) {
            if (!frame.dock(QLatin1String(id))->isHidden())
                ids += QLatin1String(id);
        }
        return ids;
    }

private slots:
    void init() { QSettings().clear(); }

    void aLayoutPlacesItsDocks()
    {
        const auto frame = makeFrame();
        QCOMPARE(visible(*frame), QStringList({"a", "b", "c", "d"}));
        QVERIFY(place(*frame, "a").right() < place(*frame, "b").left());
        QVERIFY(place(*frame, "b").bottom() < place(*frame, "c").top());
        QVERIFY(place(*frame, "c").right() < place(*frame, "d").left());
        QCOMPARE(place(*frame, "b").right(), place(*frame, "d").right());
        // A quarter of the width, and twice the height, within the separators and title bars.
        QVERIFY(std::abs(place(*frame, "a").width() - 200) < 12);
        QVERIFY(std::abs(place(*frame, "b").height() - 400) < 24);
        // All of the frame is used.
        QCOMPARE(place(*frame, "a").height(), frame->height());
        QVERIFY(place(*frame, "d").right() >= frame->width() - 2);
    }

    void contentIsMadeWhenItIsFirstSeen()
    {
        const auto frame = makeFrame();
        QCOMPARE(m_made["never"], 0);
        frame->showDock("never");
        QCoreApplication::processEvents();
        QCOMPARE(m_made["never"], 1);
        QVERIFY(frame->dock("never")->isVisible());
        QCOMPARE(m_made["a"], 1);
    }

    void layoutsRememberHowTheyWereLeft()
    {
        const auto frame = makeFrame();
        frame->dock("c")->hide();
        frame->showLayout("tabs");
        QCOMPARE(frame->currentLayout(), "tabs");
        QCOMPARE(visible(*frame), QStringList({"a", "b"}));
        QVERIFY(frame->tabifiedDockWidgets(frame->dock("a")).contains(frame->dock("b")));
        frame->showLayout("wide");
        QCOMPARE(visible(*frame), QStringList({"a", "b", "d"}));
        frame->resetLayout();
        QCOMPARE(visible(*frame), QStringList({"a", "b", "c", "d"}));
    }

    void layoutsAreSavedAndRestored()
    {
        Json saved;
        {
            const auto frame = makeFrame();
            frame->dock("c")->hide();
            frame->dock("d")->setFloating(true);
            frame->showLayout("tabs");
            saved = frame->saveLayouts();
        }
        const auto frame = makeFrame();
        frame->restoreLayouts(parseJson(saved.dump(), "test"));
        QCOMPARE(frame->currentLayout(), "tabs");
        frame->showLayout("wide");
        QCOMPARE(visible(*frame), QStringList({"a", "b", "d"}));
        QVERIFY(frame->dock("d")->isFloating());
    }

    void layoutsOfOtherDocksAreRefused()
    {
        const auto frame = makeFrame();
        frame->dock("c")->hide();
        Json saved = frame->saveLayouts();
        saved["docks"] = "a b";
        QVERIFY_THROWS_EXCEPTION(std::exception, frame->restoreLayouts(saved));
        QCOMPARE(visible(*frame), QStringList({"a", "b", "d"})); // as they stood
        QVERIFY_THROWS_EXCEPTION(std::exception, frame->restoreLayouts(Json::array()));
        QVERIFY_THROWS_EXCEPTION(std::exception, frame->restoreLayouts({{"schema", 1}}));
    }

    /// The window's own table: buttons, keys, the View menu, and the next start.
    void theWindowsLayoutsByMouseAndKeys()
    {
        WindowFixture fixture(fakeStair);
        fixture.open(tinySpec("", true));
        DockFrame& frame = fixture.window->frame();
        QCOMPARE(frame.currentLayout(), "setup");
        QVERIFY(fixture.button("startButton")->isVisible());
        fixture.click("trainLayoutButton");
        QCOMPARE(frame.currentLayout(), "train");
        QVERIFY(!fixture.button("startButton")->isVisible());
        QVERIFY(fixture.window->actions().find("layout.train")->isChecked());
        const int keys[] = {Qt::Key_1, Qt::Key_2, Qt::Key_3, Qt::Key_4};
        for (int i = 0; i < 4; ++i) {
            QTest::keyClick(fixture.window.get(), Qt::Key(keys[i]), Qt::ControlModifier);
            QCOMPARE(frame.currentLayout(), frame.layouts()[std::size_t(i)].id);
            QVERIFY(!frame.dock("runs")->isHidden());
        }
        QAction* toggle = fixture.window->actions().find("dock.runs");
        QVERIFY(toggle->isChecked());
        toggle->trigger();
        QVERIFY(frame.dock("runs")->isHidden());
        QVERIFY(!toggle->isChecked());
        QVERIFY(fixture.window->close());
        fixture.open(tinySpec("", true));
        QCOMPARE(fixture.window->frame().currentLayout(), "export");
        QVERIFY(fixture.window->frame().dock("runs")->isHidden());
        for (QDockWidget* dock : fixture.window->frame().findChildren<QDockWidget*>())
            QVERIFY2(fixture.window->actions().find("dock." + dock->objectName())->isChecked()
                         == !dock->isHidden(),
                     qPrintable(dock->objectName()));
        fixture.window->actions().find("view.resetLayout")->trigger();
        QVERIFY(!fixture.window->frame().dock("runs")->isHidden());
    }

    void layoutsGoToAFileAndBack()
    {
        QTemporaryDir home;
        const std::filesystem::path file = pathOf(home.filePath("layouts.json"));
        WindowFixture fixture(fakeStair);
        fixture.open(tinySpec("", true));
        DockFrame& frame = fixture.window->frame();
        frame.showLayout("compare");
        frame.dock("curves")->hide();
        fixture.window->actions().find("view.exportLayouts")->trigger();
        fixture.chooseFile(file);
        QTRY_VERIFY(std::filesystem::exists(file));
        frame.resetLayout();
        frame.showLayout("setup");
        fixture.window->actions().find("view.importLayouts")->trigger();
        fixture.chooseFile(file);
        QTRY_COMPARE(frame.currentLayout(), "compare");
        QVERIFY(frame.dock("curves")->isHidden());
        QCOMPARE(fixture.notice("problem"), QString());
    }

    void importedLayoutsOfOtherDocksAreSaid()
    {
        QTemporaryDir home;
        const std::filesystem::path file = pathOf(home.filePath("layouts.json"));
        WindowFixture fixture(fakeStair);
        fixture.open(tinySpec("", true));
        DockFrame& frame = fixture.window->frame();
        Json saved = frame.saveLayouts();
        saved["docks"] = "a b";
        std::ofstream(file) << saved.dump();
        frame.showLayout("train");
        frame.dock("runs")->hide();
        fixture.window->actions().find("view.importLayouts")->trigger();
        fixture.chooseFile(file);
        QTRY_VERIFY(fixture.notice("problem").contains("other panels"));
        QCOMPARE(frame.currentLayout(), "train");
        QVERIFY(frame.dock("runs")->isHidden());
    }

    /// At the start there is nothing to mend: another version of the program has saved them.
    void savedLayoutsOfOtherDocksAreForgotten()
    {
        WindowFixture fixture(fakeStair);
        fixture.open(tinySpec("", true));
        fixture.window->frame().showLayout("train");
        Json saved = fixture.window->frame().saveLayouts();
        saved["docks"] = "a b";
        QVERIFY(fixture.window->close());
        QSettings().setValue("window/layouts", QByteArray::fromStdString(saved.dump()));
        fixture.open(tinySpec("", true));
        QCOMPARE(fixture.window->frame().currentLayout(), "setup");
        QCOMPARE(fixture.notice("problem"), QString());
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestDocks>(argc, argv);
}
#include "tst_docks.moc"
