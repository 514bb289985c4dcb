#include "core/base/files.h"
#include "core/session/presets.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/dock_frame.h"
#include "widgets/models/bits_map_model.h"
#include "widgets/panels/race_panel.h"

#include <QAction>
#include <QSpinBox>
#include <QTableView>

#include <algorithm>

using namespace stair;

namespace fs = std::filesystem;

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

    /// By its shortcut where it has one, else through the palette.
    void act(const char* id) const
    {
        const QAction* action = user().window->actions().find(QLatin1String(id));
        QVERIFY2(action && action->isEnabled(), id);
        QTest::keyClick(user().window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* edit = user().find<QLineEdit>("paletteEdit");
        QTRY_VERIFY(edit && edit->isVisible());
        QTest::keyClicks(edit, user().window->actions().title(action));
        QTest::qWait(50);
        QTest::keyClick(edit, Qt::Key_Return);
    }

    /// Row of the run whose title begins so; -1: none.
    int rowOf(const QString& title) const
    {
        for (int row = 0; row < runs().rowCount(); ++row)
            if (runs().index(row, 0).data().toString().startsWith(title))
                return row;
        return -1;
    }

    void select(const QString& title, Qt::KeyboardModifiers keys = Qt::NoModifier) const
    {
        const int row = rowOf(title);
        QVERIFY2(row >= 0, qPrintable(title));
        const QModelIndex index = runs().index(row, 0);
        user().list()->scrollTo(index);
        QTest::mouseClick(user().list()->viewport(), Qt::LeftButton, keys,
                          user().list()->visualRect(index).center());
    }

    void waitForResult(const QString& title) const
    {
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(title) >= 0, patience);
        QTRY_COMPARE_WITH_TIMEOUT(user().state(rowOf(title)), RunState::Finished, patience);
    }

    fs::path folderOf(const QString& title) const
    {
        return pathOf(runs().index(rowOf(title), 0).data(RunListModel::FolderRole).toString());
    }

    static QString quantized() { return QStringLiteral("2 bits"); }
    static QString reference() { return QStringLiteral("Float"); }

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
        QVERIFY(!user().find<QLabel>("raceVerdict")->text().isEmpty());
        QVERIFY(savePicture(*user().window, QStringLiteral("user-race")));
    }

    void lowersTwoLayersInTheMapAndForks()
    {
        select(quantized());
        user().window->frame().showDock("map");
        user().find<QSpinBox>("mapImages")->setValue(200);
        user().click("mapMeasure");
        auto* table = user().find<QTableView>("bitsMap");
        const auto* model = qobject_cast<BitsMapModel*>(table->model());
        QVERIFY(model);
        QTRY_VERIFY_WITH_TIMEOUT(model->hasMap() && model->measured() == model->cells(), patience);
        QTRY_VERIFY_WITH_TIMEOUT(user().button("mapMeasure")->isVisible(), patience);
        int column = BitsMapModel::firstWidth;
        while (model->index(0, column).data(BitsMapModel::BitsRole).toInt() != 3)
            ++column;
        for (const int row : {0, 1}) {
            const QRect cell = table->visualRect(model->index(row, column));
            QTest::mouseClick(table->viewport(), Qt::LeftButton,
                              row ? Qt::ControlModifier : Qt::NoModifier, cell.center());
        }
        QVERIFY(savePicture(*user().window, QStringLiteral("user-map")));
        user().click("mapApply");
        const int before = runs().rowCount();
        QVERIFY2(user().button("startButton")->isEnabled(),
                 qPrintable(user().notice("formProblem")));
        QTest::keyClick(user().window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(runs().rowCount() > before, patience);
        const QString fork = QStringLiteral("2 bits on procedural images, other widths");
        waitForResult(fork);
        const ExperimentSpec spec = ExperimentSpec::readFile(folderOf(fork) / "spec.json");
        QCOMPARE(spec.quant.layers.size(), std::size_t(2));
        for (const LayerBits& layer : spec.quant.layers)
            QCOMPARE(layer.weightBits, 3);
        QVERIFY(!spec.training.from.empty());
    }

    void exportsToOnnxAndVerifies()
    {
        select(quantized());
        act("export.onnx-integer");
        user().click("exportStart");
        QTRY_VERIFY_WITH_TIMEOUT(user().notice("exportResult").contains(QLatin1String("Verified")),
                                 patience);
        QVERIFY(savePicture(*user().window, QStringLiteral("user-export")));
        const fs::path file = folderOf(quantized()) / "export" / "model.onnx";
        QVERIFY(fs::exists(file));
        act("export.verify");
        user().chooseFile(file);
        QTRY_VERIFY_WITH_TIMEOUT(user().notice("exportResult").contains(QLatin1String("Verified")),
                                 patience);
    }

    void comparesWithFloatAndSavesThePdf()
    {
        act("layout.compare");
        select(reference());
        select(quantized(), Qt::ControlModifier);
        user().window->frame().showDock("compare");
        user().click("compareStart");
        QTRY_VERIFY_WITH_TIMEOUT(!user().find<QLabel>("compareVerdict")->text().isEmpty(),
                                 patience);
        QTRY_VERIFY_WITH_TIMEOUT(user().button("compareStart")->isVisible(), patience);
        QVERIFY(savePicture(*user().window, QStringLiteral("user-compare")));
        act("analyse.report");
        const fs::path file = user().runs().parent_path() / "report.pdf";
        user().chooseFile(file);
        QTRY_VERIFY_WITH_TIMEOUT(fs::exists(file), patience);
        const std::string pdf = readFile(file);
        QVERIFY(pdf.starts_with("%PDF") && pdf.size() > 10'000);
        QCOMPARE(user().notice("problem"), QString());
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestScriptedUser>(argc, argv);
}
#include "tst_scripted_user.moc"
