#include "core/analysis/rank_correlation.h"
#include "core/base/files.h"
#include "core/quant/quant_spec.h"
#include "core/session/line_reader.h"
#include "tests/support/stair_process.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/theme.h"
#include "widgets/panels/bits_map_panel.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>

#include <fstream>

using namespace stair;

namespace fs = std::filesystem;

/// The layers x bits map of a run that was really trained, measured by the program itself.
class TestBitsMapPanel : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    std::unique_ptr<RunLog> m_run;
    std::unique_ptr<BitsMapPanel> m_panel;

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }
    QTableView* table() const { return find<QTableView>("bitsMap"); }
    QString facts() const { return find<QLabel>("mapFacts")->text(); }

    void save(const QString& name) const
    {
        QTest::qWait(20); // texts may have grown
        QVERIFY(savePicture(*m_panel, name));
    }

    void measure()
    {
        QSignalSpy measured(m_panel.get(), &BitsMapPanel::measured);
        QTest::mouseClick(find<QPushButton>("mapMeasure"), Qt::LeftButton);
        QVERIFY(measured.wait(120'000));
    }

private slots:
    void initTestCase()
    {
        const fs::path folder = m_stair.path("run");
        const auto done = m_stair.run(
            smallRun() << "--out" << QString::fromStdString(folder.string()) << "--set"
                       << "data.validation=200"
                       << "--set"
                       << "quant.weights.bits=4"
                       << "--set"
                       << "quant.activations.bits=4");
        QVERIFY2(done.code == 0, qPrintable(done.err));
        m_run = std::make_unique<RunLog>(folder);
        m_run->poll(std::chrono::milliseconds(500));
    }

    void init()
    {
        applyTheme(Theme::Light);
        m_panel = std::make_unique<BitsMapPanel>(QStringLiteral(STAIR_BINARY_DIR "/app/stair"));
        m_panel->resize(820, 420);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }

    void cleanup() { m_panel.reset(); }

    void withoutARunOrAMapItSaysWhatToDo()
    {
        m_panel->setRuns({});
        QVERIFY(facts().contains("Select one run"));
        QVERIFY(!find<QPushButton>("mapMeasure")->isEnabled());
        m_panel->setRuns({m_run.get()});
        QVERIFY(facts().contains("Not measured yet"));
    }

    void theMapIsMeasuredAndShown()
    {
        QAbstractItemModelTester tester(&m_panel->model(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        m_panel->setRuns({m_run.get()});
        find<QSpinBox>("mapImages")->setValue(100);
        measure();
        const BitsMapModel& model = m_panel->model();
        QVERIFY(model.hasMap());
        QCOMPARE(model.measured(), model.cells());
        QVERIFY(model.cells() >= 10);
        // What the table shows is what the file says.
        int compared = 0;
        for (const Json& line : readLines(m_run->folder() / "sensitivity.jsonl")) {
            if (line.value("event", "") != "cell")
                continue;
            for (int row = 0; row < model.rowCount(); ++row)
                for (int column = BitsMapModel::firstWidth; column < model.columnCount();
                     ++column) {
                    const QModelIndex index = model.index(row, column);
                    if (index.data(BitsMapModel::LayerRole).toString().toStdString()
                            != line.at("layer").get<std::string>()
                        || index.data(BitsMapModel::BitsRole).toInt() != line.at("bits").get<int>())
                        continue;
                    QString shown = index.data().toString();
                    shown.replace(QChar(0x2212), QLatin1Char('-'));
                    QVERIFY(std::abs(shown.toDouble() + 100 * line.at("drop").get<double>())
                            <= 0.05 + 1e-9);
                    ++compared;
                }
        }
        QCOMPARE(compared, model.cells());
        QVERIFY2(facts().contains("The checkpoint that is measured"), qPrintable(facts()));
        save("bits-map");
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        save("bits-map-dark");
    }

    void aLayerChosenBeforeTheRowsAreThereIsSelectedThen()
    {
        m_panel->setRuns({m_run.get()});
        QVERIFY(m_panel->model().rowCount() > 2);
        const QString name = m_panel->model().index(2, 0).data().toString();
        m_panel->setRuns({});
        m_panel->selectLayer(name);
        m_panel->setRuns({m_run.get()});
        QCOMPARE(table()->currentIndex().row(), 2);
    }

    void proxiesTellTheirCorrelation()
    {
        m_panel->setRuns({m_run.get()});
        auto* shown = find<QComboBox>("mapShown");
        shown->setCurrentIndex(shown->findData(int(BitsMapModel::Shown::WeightSqnr)));
        const auto rho = m_panel->model().correlation();
        std::vector<double> drops, proxies;
        for (const Json& line : readLines(m_run->folder() / "sensitivity.jsonl"))
            if (line.value("event", "") == "cell" && line.at("weights").is_object()) {
                drops.push_back(line.at("drop").get<double>());
                proxies.push_back(line.at("weights").at("sqnr_db").get<double>());
            }
        const double expected = rankCorrelation(drops, proxies);
        QCOMPARE(rho.has_value(), std::isfinite(expected));
        if (rho) {
            QCOMPARE(*rho, expected);
            QVERIFY(facts().contains("Rank correlation"));
        }
    }

    void chosenCellsBecomeAnExperiment()
    {
        m_panel->setRuns({m_run.get()});
        QSignalSpy wanted(m_panel.get(), &BitsMapPanel::forkWanted);
        QVERIFY(!find<QPushButton>("mapApply")->isEnabled());
        const auto click = [&](int row, int column, Qt::KeyboardModifiers keys) {
            const QRect cell = table()->visualRect(table()->model()->index(row, column));
            QTest::mouseClick(table()->viewport(), Qt::LeftButton, keys, cell.center());
        };
        click(1, BitsMapModel::firstWidth + 1, Qt::NoModifier); // 3 bits
        click(2, BitsMapModel::firstWidth, Qt::ControlModifier); // 2 bits
        QTest::mouseClick(find<QPushButton>("mapApply"), Qt::LeftButton);
        QCOMPARE(wanted.count(), 1);
        const auto widths = wanted.front().at(1).value<std::vector<LayerBits>>();
        QCOMPARE(widths.size(), std::size_t(2));
        QCOMPARE(widths[0].weightBits, 3);
        QCOMPARE(widths[0].activationBits, 3);
        QCOMPARE(widths[1].weightBits, 2);
        QCOMPARE(QString::fromStdString(widths[0].match),
                 table()->model()->index(1, 0).data().toString());
    }

    /// What a cell of the mode gave its width is what the fork gives it to.
    void theForkLowersWhatWasMeasured_data()
    {
        QTest::addColumn<int>("weightBits");
        QTest::addColumn<int>("activationBits");
        QTest::newRow("weights") << 2 << 0;
        QTest::newRow("activations") << 0 << 2;
        QTest::newRow("all-but") << 0 << 0; // cannot be applied
    }

    void theForkLowersWhatWasMeasured()
    {
        QFETCH(int, weightBits);
        QFETCH(int, activationBits);
        m_panel->setRuns({m_run.get()});
        auto* mode = find<QComboBox>("mapMode");
        mode->setCurrentIndex(mode->findData(QString(QTest::currentDataTag())));
        table()->setCurrentIndex(table()->model()->index(1, BitsMapModel::firstWidth));
        QSignalSpy wanted(m_panel.get(), &BitsMapPanel::forkWanted);
        auto* apply = find<QPushButton>("mapApply");
        QCOMPARE(apply->isEnabled(), weightBits + activationBits > 0);
        QCOMPARE(apply->toolTip().contains("every other layer"), !apply->isEnabled());
        QTest::mouseClick(apply, Qt::LeftButton);
        QCOMPARE(wanted.count(), apply->isEnabled() ? 1 : 0);
        if (wanted.isEmpty())
            return;
        const auto widths = wanted.front().at(1).value<std::vector<LayerBits>>();
        QCOMPARE(widths.size(), std::size_t(1));
        QCOMPARE(widths[0].weightBits, weightBits);
        QCOMPARE(widths[0].activationBits, activationBits);
    }

    /// A budget in the middle of what can be had: proposed, checked, marked, and a fork.
    void widthsForASizeBudget()
    {
        QAbstractItemModelTester tester(&m_panel->model(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        m_panel->setRuns({m_run.get()});
        const MeasuredMap map = *m_panel->model().wholeMap();
        const SizeRange range = sizeRange(map.options());
        auto* budget = find<QDoubleSpinBox>("budget");
        QVERIFY(budget->isEnabled());
        QVERIFY(budget->minimum() * 1000 >= double(range.least));
        QVERIFY(budget->maximum() * 1000 >= double(range.most));
        QVERIFY(!find<QLabel>("budgetResult")->isVisible());
        budget->setFocus();
        budget->selectAll();
        const std::int64_t bytes = (range.least * 2 + range.most) / 3 / 100 * 100;
        QTest::keyClicks(budget, QLocale().toString(double(bytes) / 1000, 'f', 1));
        QTest::mouseClick(find<QPushButton>("budgetPropose"), Qt::LeftButton);
        QVERIFY(find<QToolButton>("budgetStop")->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("budgetResult")->isVisible(), 120'000);
        const QString text = find<QLabel>("budgetResult")->text();
        QVERIFY2(text.contains("test images"), qPrintable(text));
        QVERIFY2(text.contains("Better than uniform") || text.contains("None was found"),
                 qPrintable(text));

        const auto expected = proposeWidths(map.options(), bytes);
        std::size_t changed = 0;
        for (int row = 0; row < m_panel->model().rowCount(); ++row) {
            const WidthOption& option
                = map.layers[std::size_t(row)].options[expected->chosen[std::size_t(row)]];
            changed += option.bits > 0 ? 1 : 0;
            for (int column = BitsMapModel::widthsColumn; column < m_panel->model().columnCount();
                 ++column) {
                const QModelIndex cell = m_panel->model().index(row, column);
                const bool isMarked = column == BitsMapModel::widthsColumn
                    ? option.bits == 0
                    : cell.data(BitsMapModel::BitsRole).toInt() == option.bits;
                QCOMPARE(cell.data(BitsMapModel::ProposedRole).toBool(), isMarked);
                QCOMPARE(cell.data(Qt::AccessibleTextRole).toString().endsWith("proposed"),
                         isMarked);
            }
        }
        QVERIFY(changed > 0);
        QSignalSpy wanted(m_panel.get(), &BitsMapPanel::forkWanted);
        QTest::mouseClick(find<QPushButton>("budgetFork"), Qt::LeftButton);
        QCOMPARE(wanted.count(), 1);
        const auto widths = wanted[0][1].value<std::vector<LayerBits>>();
        QCOMPARE(widths.size(), changed);
        QCOMPARE(widths.front().weightBits, widths.front().activationBits);
        save("bits-map-budget");
        applyTheme(Theme::Dark);
        save("bits-map-budget-dark");
        QCOMPARE(nameless(*m_panel), QString());
        m_panel->setRuns({}); // another selection: nothing is proposed for it
        QVERIFY(!find<QLabel>("budgetResult")->isVisible());
        QVERIFY(!budget->isEnabled());
    }

    void aProposalIsCancelled()
    {
        m_panel->setRuns({m_run.get()});
        QTest::mouseClick(find<QPushButton>("budgetPropose"), Qt::LeftButton);
        QTest::mouseClick(find<QToolButton>("budgetStop"), Qt::LeftButton);
        QTRY_VERIFY(find<QPushButton>("budgetPropose")->isVisible());
        QVERIFY(!find<QLabel>("budgetResult")->isVisible());
        QVERIFY(find<QWidget>("mapNotice")->isHidden());
    }

    void whatCannotBeProposedIsSaid()
    {
        const fs::path file = m_run->folder() / "sensitivity.jsonl";
        std::vector<Json> lines = readLines(file);
        const std::string before = readFile(file);
        lines.front()["checkpoint"] = "of another file";
        std::ofstream(file, std::ios::trunc) << [&] {
            std::string text;
            for (const Json& line : lines)
                text += line.dump() + "\n";
            return text;
        }();
        m_panel->setRuns({m_run.get()});
        QTest::mouseClick(find<QPushButton>("budgetPropose"), Qt::LeftButton);
        const auto* notice = find<QWidget>("mapNotice");
        QTRY_VERIFY_WITH_TIMEOUT(!notice->isHidden(), 60'000);
        QVERIFY2(notice->findChild<QLabel*>()->text().contains("another checkpoint"),
                 qPrintable(notice->findChild<QLabel*>()->text()));
        writeFileAtomically(file, before);
    }

    // Half a map, as after a stop: Measure goes on, and cells that were there stay as they were.
    void aStoppedMapIsGoneOnWith()
    {
        const fs::path file = m_run->folder() / "sensitivity.jsonl";
        const std::vector<Json> whole = readLines(file);
        std::string half;
        for (std::size_t i = 0; i < whole.size() / 2; ++i)
            half += whole[i].dump() + "\n";
        std::ofstream(file, std::ios::trunc) << half;
        m_panel->setRuns({m_run.get()});
        QVERIFY(m_panel->model().measured() < m_panel->model().cells());
        find<QSpinBox>("mapImages")->setValue(100);
        measure();
        QCOMPARE(m_panel->model().measured(), m_panel->model().cells());
        const std::vector<Json> again = readLines(file);
        QCOMPARE(again.size(), whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i)
            for (const char* key : {"layer", "bits", "top1"})
                if (whole[i].contains(key))
                    QCOMPARE(again[i].at(key).dump(), whole[i].at(key).dump());
    }

    void anotherMapsFileIsRefusedInWords()
    {
        m_panel->setRuns({m_run.get()});
        find<QSpinBox>("mapImages")->setValue(50); // the file has 100
        measure();
        const auto* notice = find<QWidget>("mapNotice");
        QVERIFY(!notice->isHidden());
        QVERIFY2(notice->findChild<QLabel*>()->text().contains("restart"),
                 qPrintable(notice->findChild<QLabel*>()->text()));
    }

    void whatIsMeasuredStandsUnderItsOwnRun()
    {
        RunLog other(m_stair.path("other"));
        m_panel->setRuns({m_run.get()});
        find<QSpinBox>("mapImages")->setValue(50); // refused: the file has 100
        QSignalSpy measured(m_panel.get(), &BitsMapPanel::measured);
        auto* start = find<QPushButton>("mapMeasure");
        QTest::mouseClick(start, Qt::LeftButton);
        m_panel->setRuns({&other});
        QVERIFY(!find<QToolButton>("mapStop")->isVisible());
        QVERIFY(start->isVisible() && !start->isEnabled());
        QVERIFY2(start->toolTip().contains(m_run->identity().name), qPrintable(start->toolTip()));
        QVERIFY(measured.wait(120'000));
        QVERIFY(start->isEnabled());
        QVERIFY(find<QWidget>("mapNotice")->isHidden());
        m_panel->setRuns({m_run.get()});
        QVERIFY(!find<QWidget>("mapNotice")->isHidden());
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestBitsMapPanel>(argc, argv);
}
#include "tst_bits_map_panel.moc"
