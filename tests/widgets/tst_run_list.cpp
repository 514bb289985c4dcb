#include "core/base/concat.h"
#include "core/base/error.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_fixture.h"
#include "widgets/main/action_registry.h"
#include "widgets/main/selection.h"
#include "widgets/models/run_list_proxy.h"
#include "widgets/panels/run_list.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QScrollBar>
#include <QSignalSpy>

using namespace stair;

namespace {

using Reporting = QAbstractItemModelTester::FailureReportingMode;

const QString fakeStair = QStringLiteral(STAIR_BINARY_DIR "/tests/widgets/fake_stair");

ExperimentSpec specOf(const std::string& name, const std::string& network, bool quantized)
{
    Json json = tinySpec(name, quantized).toJson();
    json["network"] = {{"id", network}};
    return ExperimentSpec::read(json, name);
}

} // namespace

/// The list of runs: what it sorts, finds and groups, and that many runs do not slow it down.
class TestRunList : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_home;

    std::filesystem::path runs() const { return pathOf(m_home->path()) / "runs"; }

    /// A run that has reached `accuracy` in percent; none where it is 0.
    void addRun(const char* folder, const ExperimentSpec& spec, double accuracy,
                const RunMeta& meta = {}) const
    {
        ActedRun run(runs() / folder, spec);
        run.start();
        if (accuracy > 0) {
            EvaluationReport report = run.evaluation(40);
            report.test.top1 = accuracy / 100;
            run.write(evaluationLine(report));
            run.finish(40);
        }
        meta.write(run.folder().metaFile());
    }

    void addThree() const
    {
        addRun("0001-a", specOf("cherry", "mlp", false), 80, {"", {"fruit"}, "too dark", false});
        addRun("0002-b", specOf("apple", "lenet5", true), 90, {"", {}, "", true});
        addRun("0003-c", specOf("banana", "mlp", true), 0, {"", {"fruit", "long"}, "", false});
    }

    static QStringList names(const QAbstractItemModel& model)
    {
        QStringList names;
        for (int row = 0; row < model.rowCount(); ++row)
            names += model.index(row, 0).data().toString();
        return names;
    }

    static QStringList headings(const QAbstractItemModel& model)
    {
        QStringList headings;
        for (int row = 0; row < model.rowCount(); ++row)
            headings += model.index(row, 0).data(RunListProxy::HeadingRole).toString();
        return headings;
    }

    static void read(RunListModel& model)
    {
        model.rescan();
        model.poll(std::chrono::seconds(1));
    }

private slots:
    void init() { m_home = std::make_unique<QTemporaryDir>(); }

    void sortsInEachOrder()
    {
        addThree();
        RunListModel model(runs());
        RunListProxy proxy;
        proxy.setSourceModel(&model);
        const QAbstractItemModelTester source(&model, Reporting::QtTest);
        const QAbstractItemModelTester tester(&proxy, Reporting::QtTest);
        read(model);
        QCOMPARE(names(proxy), QStringList({"banana", "apple", "cherry"}));
        proxy.setSort(RunSort::Name);
        QCOMPARE(names(proxy), QStringList({"apple", "banana", "cherry"}));
        proxy.setSort(RunSort::Best);
        QCOMPARE(names(proxy), QStringList({"apple", "cherry", "banana"}));
        proxy.setSort(RunSort::Network);
        QCOMPARE(names(proxy), QStringList({"apple", "banana", "cherry"}));
        proxy.setSort(RunSort::Newest);
        QCOMPARE(names(proxy), QStringList({"banana", "apple", "cherry"}));
    }

    void findsByWords_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QStringList>("found");
        QTest::addRow("name") << "APP" << QStringList({"apple"});
        QTest::addRow("tag") << "fruit" << QStringList({"banana", "cherry"});
        QTest::addRow("notes") << "dark" << QStringList({"cherry"});
        QTest::addRow("method") << "minmax" << QStringList({"banana", "apple"});
        QTest::addRow("network") << "lenet5" << QStringList({"apple"});
        QTest::addRow("state") << "finished" << QStringList({"apple", "cherry"});
        QTest::addRow("all words") << "fruit mlp long" << QStringList({"banana"});
        QTest::addRow("nothing") << "pear" << QStringList();
    }

    void findsByWords()
    {
        QFETCH(QString, words);
        addThree();
        RunListModel model(runs());
        RunListProxy proxy;
        proxy.setSourceModel(&model);
        read(model);
        proxy.setWords(words);
        QTEST(names(proxy), "found");
    }

    void starsAlone()
    {
        addThree();
        RunListModel model(runs());
        RunListProxy proxy;
        proxy.setSourceModel(&model);
        read(model);
        proxy.setStarredOnly(true);
        QCOMPARE(names(proxy), QStringList({"apple"}));
        model.setData(model.index(0), true, RunListModel::StarRole);
        QCOMPARE(names(proxy), QStringList({"banana", "apple"}));
    }

    void groupsUnderHeadings()
    {
        addThree();
        RunListModel model(runs());
        RunListProxy proxy;
        proxy.setSourceModel(&model);
        const QAbstractItemModelTester tester(&proxy, Reporting::QtTest);
        read(model);
        QCOMPARE(headings(proxy), QStringList({"", "", ""}));
        proxy.setGroup(RunGroup::Network);
        QCOMPARE(names(proxy), QStringList({"apple", "banana", "cherry"}));
        QCOMPARE(headings(proxy), QStringList({"lenet5", "mlp", ""}));
        proxy.setGroup(RunGroup::Tag);
        QCOMPARE(headings(proxy), QStringList({"fruit", "", "No tag"}));
        proxy.setWords("banana");
        QCOMPARE(headings(proxy), QStringList({"fruit"}));
        // A run that gets another tag moves under another heading.
        proxy.setWords("");
        model.setData(model.index(0), QStringList({"zebra"}), RunListModel::TagsRole);
        QCOMPARE(names(proxy), QStringList({"cherry", "banana", "apple"}));
        QCOMPARE(headings(proxy), QStringList({"fruit", "zebra", "No tag"}));
    }

    void editsAreWrittenAndTold()
    {
        addThree();
        RunListModel model(runs());
        const QAbstractItemModelTester tester(&model, Reporting::QtTest);
        read(model);
        QSignalSpy edited(&model, &RunListModel::metaEdited);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QVERIFY(model.setData(model.index(0), "new title", Qt::EditRole));
        QCOMPARE(edited.count(), 1);
        QVERIFY(changed.count() >= 1);
        QCOMPARE(model.index(0).data().toString(), "new title");
        QCOMPARE(RunMeta::read(runs() / "0003-c" / "meta.json").title, "new title");
        QVERIFY(!model.setData(model.index(0), "new title", Qt::EditRole)); // nothing new
        QCOMPARE(edited.count(), 1);

        // What another program writes is seen.
        RunMeta meta = RunMeta::read(runs() / "0003-c" / "meta.json");
        meta.title = "from elsewhere";
        QTest::qWait(20); // another time of writing
        meta.write(runs() / "0003-c" / "meta.json");
        model.rescan();
        QCOMPARE(model.index(0).data().toString(), "from elsewhere");

        // A folder that went away is a problem in words.
        QSignalSpy problem(&model, &RunListModel::problem);
        std::filesystem::remove_all(runs() / "0003-c");
        QVERIFY(!model.setData(model.index(0), "again", Qt::EditRole));
        QCOMPARE(problem.count(), 1);
    }

    /// What others wrote since it was last read stays, in the file and in the list.
    void anEditWritesItsFieldAlone()
    {
        addThree();
        RunListModel model(runs());
        read(model);
        const auto file = runs() / "0003-c" / "meta.json";
        RunMeta meta = RunMeta::read(file);
        meta.notes = "from elsewhere";
        meta.tags = {"other"};
        meta.write(file);
        QVERIFY(model.setData(model.index(0), true, RunListModel::StarRole));
        QCOMPARE(RunMeta::read(file).notes, "from elsewhere");
        QVERIFY(RunMeta::read(file).tags == std::vector<std::string>{"other"});
        QVERIFY(RunMeta::read(file).star);
        QCOMPARE(model.index(0).data(RunListModel::NotesRole).toString(), "from elsewhere");
    }

    void aRunThatIsGoneIsNotEdited()
    {
        addThree();
        RunListModel model(runs());
        read(model);
        QVERIFY_THROWS_EXCEPTION(Error, model.putMeta(runs() / "0009-gone", {}, {}));
    }

    /// What the row draws is said as well.
    void aRowsWordsSayWhatItShows()
    {
        addThree();
        ActedRun active(runs() / "0004-d", specOf("durian", "mlp", false));
        active.work();
        active.start();
        active.train(0, active.steps() / 2);
        RunListModel model(runs());
        read(model);
        model.rescan(); // sees the worker
        const auto words = [&](const char* folder) {
            return model.indexOf(runs() / folder).data(Qt::AccessibleTextRole).toString();
        };
        const QString apple = words("0002-b");
        QVERIFY2(apple.startsWith("apple, "), qPrintable(apple));
        QVERIFY2(apple.endsWith(", finished, best accuracy 90.0 %, starred"), qPrintable(apple));
        QVERIFY2(words("0001-a").endsWith(", tags fruit"), qPrintable(words("0001-a")));
        const QString durian = words("0004-d");
        QVERIFY2(durian.contains(", running, 50.0 % done, 0:01 left"), qPrintable(durian));
    }

    void theTraceIsThinned()
    {
        ExperimentSpec spec = tinySpec("long", false);
        spec.training.epochs = 300;
        ActedRun run(runs() / "0001-a", spec);
        run.start();
        for (int epoch = 1; epoch <= 300; ++epoch) {
            EvaluationReport report = run.evaluation(epoch * ActedRun::stepsPerEpoch);
            report.test.top1 = epoch / 300.0;
            run.write(evaluationLine(report));
        }
        RunLog log(runs() / "0001-a");
        while (log.poll(std::chrono::seconds(1))) { }
        QVERIFY(log.trace().size() > RunLog::traceLength / 2);
        QVERIFY(log.trace().size() <= RunLog::traceLength);
        QCOMPARE(log.trace().front(), 1 / 300.0);
        QVERIFY(std::ranges::is_sorted(log.trace()));
        QVERIFY(log.trace().back() > 0.95);
    }

    /// Typing a title is not disturbed by a run that reports all the time.
    void renamingWhileItTrains()
    {
        ActedRun run(runs() / "0001-a", specOf("busy", "mlp", false));
        run.work();
        run.start();
        WindowFixture fixture(fakeStair);
        fixture.open(tinySpec("", true));
        fixture.window->openRun(runs() / "0001-a");
        fixture.list()->setFocus();
        QTest::keyClick(fixture.list(), Qt::Key_F2);
        auto* edit = fixture.find<QLineEdit>("runTitle");
        QVERIFY(edit);
        for (int step = 0; step < 30; step += 10) {
            QTest::keyClicks(edit, "x");
            run.train(step, step + 10);
            QTest::qWait(100);
        }
        QCOMPARE(edit->text(), "xxx");
        QTest::keyClick(edit, Qt::Key_Escape);
        QCOMPARE(fixture.list()->model()->index(0, 0).data().toString(), "busy");
    }

    void orderIsChosenInTheMenuAndKept()
    {
        WindowFixture fixture(fakeStair);
        addThree();
        fixture.open(tinySpec("", true));
        fixture.window->openRuns({runs() / "0001-a", runs() / "0002-b", runs() / "0003-c"});
        fixture.window->actions().find("runs.sort.name")->trigger();
        fixture.window->actions().find("runs.group.network")->trigger();
        QCOMPARE(names(*fixture.list()->model()), QStringList({"apple", "banana", "cherry"}));
        QVERIFY(fixture.window->actions().find("runs.sort.name")->isChecked());
        QVERIFY(!fixture.window->actions().find("runs.sort.newest")->isChecked());
        // The heading takes room of its own above the group's first run.
        const QListView* list = fixture.list();
        QVERIFY(list->visualRect(list->model()->index(0, 0)).height()
                > list->visualRect(list->model()->index(2, 0)).height());
        QVERIFY(fixture.window->close());
        fixture.open(tinySpec("", true));
        QCOMPARE(names(*fixture.list()->model()), QStringList({"apple", "banana", "cherry"}));
        QVERIFY(fixture.window->actions().find("runs.group.network")->isChecked());
        QCOMPARE(fixture.window->selection().runs().size(), std::size_t(3));
    }

    /// The bar is 60 frames a second; test machines are shared and slow, so the bound is wider.
    void twoHundredRunsScroll()
    {
        for (int i = 0; i < 200; ++i) {
            char name[16];
            std::snprintf(name, sizeof name, "%04d-r", i + 1);
            addRun(name, specOf(concat("run ", i), i % 2 ? "mlp" : "lenet5", i % 3 != 0),
                   50 + i % 40, {"", {"tag"}, "", i % 5 == 0});
        }
        RunListModel model(runs());
        QElapsedTimer clock;
        clock.start();
        read(model);
        qInfo("200 runs read in %lld ms", clock.elapsed());
        QCOMPARE(model.rowCount(), 200);
        clock.restart();
        model.rescan();
        qInfo("looked at again in %lld ms", clock.elapsed());
        QVERIFY(clock.elapsed() < 150); // once a second; the bar is 50 ms
        RunList list(model);
        list.proxy().setGroup(RunGroup::Network);
        list.resize(260, 700);
        list.show();
        QVERIFY(QTest::qWaitForWindowExposed(&list));
        auto* view = list.findChild<QListView*>();
        qint64 worst = 0;
        qint64 sum = 0;
        constexpr int frames = 100;
        QScrollBar* bar = view->verticalScrollBar();
        QVERIFY(bar->maximum() > 5000);
        for (int i = 0; i < frames; ++i) {
            clock.restart();
            bar->setValue(bar->maximum() * i / frames);
            model.touch(model.log(model.index(i))); // one trains
            list.grab();
            worst = std::max(worst, clock.elapsed());
            sum += clock.elapsed();
        }
        qInfo("a frame of the list: %.1f ms on average, %lld ms at most", double(sum) / frames,
              worst);
        QVERIFY(sum / frames < 60);
        clock.restart();
        list.proxy().setSort(RunSort::Best);
        list.proxy().setWords("lenet");
        qInfo("sorted and filtered in %lld ms", clock.elapsed());
        QVERIFY(clock.elapsed() < 300);
        QCOMPARE(list.proxy().rowCount(), 100);
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestRunList>(argc, argv);
}
#include "tst_run_list.moc"
