#include "core/session/presets.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_fixture.h"
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

    /// Row of the run whose title begins so; -1: none.
    int rowOf(const QString& title) const
    {
        for (int row = 0; row < runs().rowCount(); ++row)
            if (runs().index(row, 0).data().toString().startsWith(title))
                return row;
        return -1;
    }

    void waitForResult(const QString& title) const
    {
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(title) >= 0, patience);
        QTRY_COMPARE_WITH_TIMEOUT(user().state(rowOf(title)), RunState::Finished, patience);
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
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestScriptedUser>(argc, argv);
}
#include "tst_scripted_user.moc"
