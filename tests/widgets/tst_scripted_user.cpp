#include "core/base/files.h"
#include "core/session/presets.h"
#include "core/session/run_folder.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/panels/bits_map_panel.h"
#include "widgets/panels/race_panel.h"

#include <QTableView>

#include <algorithm>

using namespace stair;

namespace {

constexpr int patience = 300'000; // ms; busy machines are slow

ExperimentSpec preset(const std::string& id)
{
    const auto found = std::ranges::find(presets(), id, &PresetInfo::id);
    return ExperimentSpec::read(found->spec, id);
}

} // namespace

/// A newcomer's hour in one sitting, by mouse and keys alone, in a workspace that is empty at first.
/// The steps build on each other.
class TestScriptedUser : public QObject
{
    Q_OBJECT

    std::unique_ptr<WindowFixture> m_fixture;

    WindowFixture& user() const { return *m_fixture; }
    QAbstractItemModel& runs() const { return *user().list()->model(); }

    /// Row of the run with this title; -1: none.
    int rowOf(const QString& title) const
    {
        for (int row = 0; row < runs().rowCount(); ++row)
            if (runs().index(row, 0).data().toString() == title)
                return row;
        return -1;
    }

    void waitForResult(const QString& title) const
    {
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(title) >= 0, patience);
        QTRY_COMPARE_WITH_TIMEOUT(user().state(rowOf(title)), RunState::Finished, patience);
    }

    std::filesystem::path folderOf(const QString& title) const
    {
        return pathOf(runs().index(rowOf(title), 0).data(RunListModel::FolderRole).toString());
    }

    /// Clicks these runs in the list, and no others.
    void select(const QStringList& titles) const
    {
        QListView* list = user().list();
        Qt::KeyboardModifiers keys;
        for (const QString& title : titles) {
            const QModelIndex run = runs().index(rowOf(title), 0);
            list->scrollTo(run);
            QTest::mouseClick(list->viewport(), Qt::LeftButton, keys,
                              list->visualRect(run).center());
            keys = Qt::ControlModifier;
        }
        QCOMPARE(list->selectionModel()->selectedIndexes().size(), titles.size());
    }

    /// Runs the first action that the palette finds for these words.
    void command(const QString& words) const
    {
        QTest::keyClick(user().window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* edit = user().find<QLineEdit>("paletteEdit");
        QTRY_VERIFY(edit && edit->isVisible());
        QTest::keyClicks(edit, words);
        QTest::keyClick(edit, Qt::Key_Return);
    }

    /// Clicks a button as soon as it can be.
    void press(const char* name) const
    {
        QTRY_VERIFY(user().button(name)->isVisible() && user().button(name)->isEnabled());
        user().click(name);
    }

    static int columnOf(const BitsMapModel& map, int bits)
    {
        for (int column = BitsMapModel::firstWidth; column < map.columnCount(); ++column)
            if (map.index(0, column).data(BitsMapModel::BitsRole).toInt() == bits)
                return column;
        return -1;
    }

    static QPoint placeOf(const QTableView& table, int row, int column)
    {
        return table.visualRect(table.model()->index(row, column)).center();
    }

    static QString forked() { return QStringLiteral("2 bits on procedural images, other widths"); }
    static QString quantized() { return QStringLiteral("2 bits on procedural images"); }
    static QString reference() { return QStringLiteral("Float on procedural images"); }

private slots:
    void initTestCase()
    {
        QSettings().clear();
        m_fixture = std::make_unique<WindowFixture>(QStringLiteral(STAIR_BINARY_DIR "/app/stair"));
        user().open(preset("default-2bit"), preset("default-float"));
    }

    void cleanupTestCase() { m_fixture.reset(); }

    void trainsTheDefault()
    {
        QTest::keyClick(user().window.get(), Qt::Key_Return, Qt::ControlModifier);
        waitForResult(reference());
        waitForResult(quantized());
        QCOMPARE(user().notice("problem"), QString());
        QTRY_VERIFY(user().notice("result").contains(QStringLiteral("Float reaches")));
        QVERIFY(savePicture(*user().window, QStringLiteral("user-default")));
    }

    void racesSteAsrAndAqeAndReadsOffTheWinner()
    {
        QTest::keyClick(user().window.get(), Qt::Key_R, Qt::ControlModifier);
        auto* methods = user().find<QTableView>("raceMethods");
        QTRY_VERIFY(methods && methods->isVisible());
        QVERIFY2(user().find<QLabel>("racePlan")->text().startsWith("3 runs"),
                 qPrintable(user().find<QLabel>("racePlan")->text()));
        user().click("raceStart");
        auto* panel = user().find<RacePanel>("racePanel");
        const RaceModel& board = panel->model();
        QTRY_COMPARE_WITH_TIMEOUT(board.rowCount(), 3, patience);
        QTRY_VERIFY_WITH_TIMEOUT(panel->race().isComplete(), patience);
        double best = -1;
        for (const RaceLane& lane : panel->race().lanes)
            best = std::max(best, lane.runs.front()->progress().best->test);
        const auto first = [&] {
            int row = 0;
            while (row < 3 && board.index(row, RaceModel::Rank).data().toString() != u"1")
                ++row;
            return row;
        };
        QTRY_VERIFY_WITH_TIMEOUT(first() < 3, patience);
        QCOMPARE(board.index(first(), RaceModel::Accuracy).data().toString(),
                 QString::number(100 * best, 'f', 1) + " %");
        const auto* verdict = user().find<QLabel>("raceVerdict");
        QTRY_VERIFY2(verdict->text().contains("wins with") || verdict->text().contains("end level"),
                     qPrintable(verdict->text()));
        QVERIFY(savePicture(*user().window, QStringLiteral("user-race")));
    }

    void lowersTwoLayersInTheMapAndForks()
    {
        select({quantized()});
        command(QStringLiteral("Layers × bits"));
        auto* table = user().find<QTableView>("bitsMap");
        QTRY_VERIFY(table->isVisible());
        press("mapMeasure");
        const BitsMapModel& map = user().window->findChild<BitsMapPanel*>()->model();
        QTRY_VERIFY_WITH_TIMEOUT(map.hasMap() && map.measured() == map.cells(), patience);
        QCOMPARE(map.images(), 500);
        const int three = columnOf(map, 3);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, placeOf(*table, 0, three));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, Qt::ControlModifier,
                          placeOf(*table, 1, three));
        const std::vector<std::string> layers = {map.index(0, 0).data().toString().toStdString(),
                                                 map.index(1, 0).data().toString().toStdString()};
        QVERIFY(savePicture(*user().window, QStringLiteral("user-map")));
        press("mapApply");
        QTest::keyClick(user().window.get(), Qt::Key_Return, Qt::ControlModifier);
        waitForResult(forked());
        const ExperimentSpec spec = RunFolder::open(folderOf(forked())).spec();
        QCOMPARE(spec.quant.layers.size(), layers.size());
        for (std::size_t i = 0; i < layers.size(); ++i) {
            QCOMPARE(spec.quant.layers[i].match, layers[i]);
            QCOMPARE(spec.quant.layers[i].weightBits, 3);
            QCOMPARE(spec.quant.layers[i].activationBits, 3);
        }
        QVERIFY(!spec.training.from.empty());
    }

    void exportsToOnnxAndVerifies()
    {
        select({forked()});
        command("ONNX, integer");
        press("exportStart");
        QTRY_VERIFY_WITH_TIMEOUT(user().notice("exportResult").contains("Verified"), patience);
        QVERIFY(std::filesystem::exists(folderOf(forked()) / "export" / "model.onnx"));
        QVERIFY(savePicture(*user().window, QStringLiteral("user-export")));
    }

    void comparesWithFloatAndSavesTheReport()
    {
        select({forked(), reference()});
        command("Comparison");
        press("compareStart");
        QTRY_VERIFY_WITH_TIMEOUT(user().find<QLabel>("compareVerdict")->text().startsWith("On "),
                                 patience);
        QVERIFY(savePicture(*user().window, QStringLiteral("user-compare")));
        command("Save report");
        const std::filesystem::path file = user().runs().parent_path() / "report.pdf";
        QTRY_VERIFY(user().window->findChild<QFileDialog*>());
        user().chooseFile(file);
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(file), patience);
        QVERIFY(readFile(file).starts_with("%PDF-"));
        QVERIFY(std::filesystem::file_size(file) > 20'000); // with figures
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestScriptedUser>(argc, argv);
}
#include "tst_scripted_user.moc"
