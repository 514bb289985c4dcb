#include "core/base/files.h"
#include "core/exchange/export_formats.h"
#include "tests/support/stair_process.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/theme.h"
#include "widgets/models/export_model.h"
#include "widgets/models/run_text.h"
#include "widgets/panels/export_panel.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

using namespace stair;

namespace fs = std::filesystem;

/// The export panel over a run that was really trained, with the program itself.
class TestExportPanel : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    fs::path m_run;
    std::unique_ptr<ExportPanel> m_panel;

    static QString program() { return QStringLiteral(STAIR_BINARY_DIR "/app/stair"); }

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }

    void click(const char* name) const
    {
        QTest::mouseClick(find<QPushButton>(name), Qt::LeftButton);
    }

    QString result() const
    {
        const auto* strip = find<QWidget>("exportResult");
        return strip->isHidden() ? QString() : strip->findChild<QLabel*>()->text();
    }

    void waitIdle() const
    {
        QSignalSpy idle(m_panel.get(), &ExportPanel::idle);
        QVERIFY(idle.wait(120'000));
    }

    /// Ticks a format as a user does.
    void tick(const std::string& id) const
    {
        auto* table = find<QTableView>("exportFormats");
        for (int row = 0; row < int(exportFormats().size()); ++row)
            if (exportFormats()[std::size_t(row)].id == id) {
                table->setCurrentIndex(table->model()->index(row, 0));
                QTest::keyClick(table, Qt::Key_Space);
            }
    }

    void save(const QString& name) const
    {
        QTest::qWait(20); // texts may have grown
        QVERIFY(savePicture(*m_panel, name));
    }

private slots:
    void initTestCase()
    {
        m_run = m_stair.path("small");
        const auto done
            = m_stair.run(smallRun() << "--out" << QString::fromStdString(m_run.string()));
        QVERIFY2(done.code == 0, qPrintable(done.err));
    }

    void init()
    {
        applyTheme(Theme::Light);
        m_panel = std::make_unique<ExportPanel>(program());
        m_panel->resize(1000, 420);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }

    void cleanup() { m_panel.reset(); }

    void theModelKeepsItsRules()
    {
        ExportModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.chosen(), std::vector<std::string>{"packed"});
        model.choose("c");
        QCOMPARE(model.chosen(), std::vector<std::string>{"c"});
        model.setSizes({{"float_bytes", 8000},
                        {"formats",
                         {{{"format", "packed"}, {"bytes", 1000}, {"refusal", ""}},
                          {{"format", "c"}, {"refusal", "layer fc computes in float"}}}}});
        QVERIFY(model.chosen().empty()); // what cannot be had is not chosen
        QCOMPARE(model.index(0, ExportModel::SizeColumn).data().toString(), QString("1.0 kB"));
        QCOMPARE(model.index(0, ExportModel::SmallerColumn).data().toString(), QString("8.0 ×"));
        model.choose("c");
        QVERIFY(model.chosen().empty());
    }

    void withoutARunItSaysWhatToDo()
    {
        QVERIFY(find<QLabel>("exportTitle")->text().contains("Select one run"));
        QVERIFY(!find<QPushButton>("exportStart")->isEnabled());
        m_panel->setRun(m_run, "small", false, ExportPanel::Layers::Integers);
        QVERIFY(find<QLabel>("exportTitle")->text().contains("no checkpoint"));
        QVERIFY(!find<QPushButton>("exportStart")->isEnabled());
    }

    /// A float run has no integer program, and one with float layers not a whole one.
    void theTitleSaysWhatLeaves_data()
    {
        QTest::addColumn<bool>("quantized");
        QTest::addColumn<bool>("proved");
        QTest::addColumn<QString>("words");
        QTest::addRow("float") << false << false << "It is a float run";
        QTest::addRow("partly") << true << false << "Some of its layers compute in float";
        QTest::addRow("integers") << true << true << "the integer program";
    }

    void theTitleSaysWhatLeaves()
    {
        QFETCH(bool, quantized);
        QFETCH(bool, proved);
        QFETCH(QString, words);
        ActedRun run(m_stair.path(QTest::currentDataTag()), tinySpec("acted", quantized));
        run.start();
        EvaluationReport evaluation = run.evaluation(40);
        evaluation.proved = proved;
        run.write(evaluationLine(evaluation));
        fs::create_directories(run.folder().checkpointFolder());
        writeFileAtomically(run.folder().checkpointFolder() / checkpointName(40), "");
        RunLog log(run.folder().path());
        log.poll(std::chrono::seconds(1));
        m_panel->setRuns({&log});
        const QString title = find<QLabel>("exportTitle")->text();
        QVERIFY2(title.contains(words), qPrintable(title));
        QCOMPARE(title.contains("the integer program"), quantized && proved);
        m_panel->setRuns({}); // the log goes
    }

    /// The accuracy that the window shows is that of the best checkpoint, which is offered first; each
    /// says what it is.
    void checkpointsSayWhatTheyReach()
    {
        ActedRun run(m_stair.path("evaluated"), tinySpec("acted", true));
        run.start();
        EvaluationReport evaluation = run.evaluation(20);
        evaluation.validation = evaluation.test;
        evaluation.best = true;
        run.write(evaluationLine(evaluation));
        const QString best = percentText(evaluation.test.top1);
        evaluation = run.evaluation(40);
        evaluation.test.top1 = 0.125;
        evaluation.best = false;
        run.write(evaluationLine(evaluation));
        fs::create_directories(run.folder().checkpointFolder());
        writeFileAtomically(run.folder().checkpointFolder() / checkpointName(40), "");
        RunLog log(run.folder().path());
        log.poll(std::chrono::seconds(1));
        auto* box = find<QComboBox>("exportCheckpoint");
        m_panel->setRuns({&log}); // without a best one there
        QCOMPARE(box->currentData().toString(), "last");
        QCOMPARE(box->currentText(), "Last checkpoint; evaluated at step 40: 12.5 %");
        m_panel->setRuns({});
        QCOMPARE(box->currentText(), "Last checkpoint"); // of no run
        writeFileAtomically(run.folder().bestCheckpoint(), "");
        m_panel->setRuns({&log});
        QCOMPARE(box->currentData().toString(), "best");
        QCOMPARE(box->currentText(), "Best by validation, step 20: " + best);
        m_panel->setRuns({}); // the log goes
    }

    void sizesAreShownBeforeAnythingIsWritten()
    {
        m_panel->setRun(m_run, "small", true, ExportPanel::Layers::Integers);
        click("exportSizes");
        waitIdle();
        auto* table = find<QTableView>("exportFormats");
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            const QString size
                = table->model()->index(row, ExportModel::SizeColumn).data().toString();
            QVERIFY2(size.endsWith(" kB"), qPrintable(size));
        }
        QVERIFY(!fs::exists(m_run / "export"));
        save("export-sizes");
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        save("export-sizes-dark");
    }

    void sizesOfAnotherRunAreNotShown()
    {
        m_panel->setRun(m_run, "small", true, ExportPanel::Layers::Integers);
        click("exportSizes");
        m_panel->setRun(m_stair.path("other"), "other", true, ExportPanel::Layers::Integers);
        waitIdle();
        const QAbstractItemModel* formats = find<QTableView>("exportFormats")->model();
        for (int row = 0; row < formats->rowCount(); ++row)
            QCOMPARE(formats->index(row, ExportModel::SizeColumn).data().toString(), QString());
        QVERIFY(find<QPushButton>("exportSizes")->isVisible());
        QVERIFY(find<QPushButton>("exportSizes")->isEnabled());
        QCOMPARE(result(), QString());
    }

    void whatIsExportedIsVerified()
    {
        m_panel->setRun(m_run, "small", true, ExportPanel::Layers::Integers);
        tick("onnx-integer");
        tick("npz");
        click("exportStart");
        waitIdle();
        QVERIFY(fs::exists(m_run / "export" / "model.stair"));
        QVERIFY(fs::exists(m_run / "export" / "model.onnx"));
        QVERIFY(fs::exists(m_run / "export" / "model.npz"));
        QCOMPARE(result().count("Verified"), 2);
        const QString file = QString::fromStdString((m_run / "export" / "model.onnx").string());
        QCOMPARE(result().count(file), 2); // written, and verified
        save("export-done");
    }

    void aChangedFileIsToldByItsLayer()
    {
        const fs::path file = m_run / "export" / "model.stair";
        std::string bytes = readFile(file);
        const std::size_t at = bytes.size() - 40; // the last layer's data
        bytes[at] = char(bytes[at] ^ 1);
        const fs::path damaged = m_stair.path("damaged.stair");
        writeFileAtomically(damaged, bytes);
        QSignalSpy idle(m_panel.get(), &ExportPanel::idle);
        m_panel->verify(QString::fromStdString(damaged.string()));
        QVERIFY(idle.wait(60'000));
        QVERIFY2(result().contains("NOT what was shipped"), qPrintable(result()));
        QVERIFY2(result().contains("layer "), qPrintable(result()));
    }

    void whatFailsIsSaidInPlace()
    {
        m_panel->setRun(m_stair.path("gone"), "gone", true, ExportPanel::Layers::Integers);
        click("exportStart");
        waitIdle();
        QVERIFY2(result().contains("gone"), qPrintable(result()));
        QVERIFY(find<QPushButton>("exportStart")->isVisible());
    }

    void aLongExportCanBeCancelled()
    {
        m_panel->setRun(m_run, "small", true, ExportPanel::Layers::Integers);
        QSignalSpy idle(m_panel.get(), &ExportPanel::idle);
        click("exportSizes");
        QTest::mouseClick(find<QWidget>("exportCancel"), Qt::LeftButton);
        QVERIFY(idle.count() == 1 || idle.wait(20'000));
        QVERIFY2(result().contains("cancelled"), qPrintable(result()));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestExportPanel>(argc, argv);
}
#include "tst_export_panel.moc"
