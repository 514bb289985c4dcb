#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "tests/support/stair_process.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/theme.h"
#include "widgets/models/report.h"
#include "widgets/panels/compare_panel.h"
#include "widgets/plot/matrix_view.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>

using namespace stair;

namespace fs = std::filesystem;

/// Two runs that were really trained, side by side.
class TestComparePanel : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    std::unique_ptr<RunLog> m_logs[2];
    std::unique_ptr<ComparePanel> m_panel;

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }

    QString cell(const char* table, int row, int column) const
    {
        return find<QTableView>(table)->model()->index(row, column).data().toString();
    }

    std::unique_ptr<RunLog> train(const char* name, const QStringList& assignments)
    {
        const fs::path folder = m_stair.path(name);
        QStringList arguments = smallRun() << "--out" << QString::fromStdString(folder.string());
        for (const QString& assignment : assignments)
            arguments << "--set" << assignment;
        const auto done = m_stair.run(arguments);
        if (done.code != 0)
            qFatal("%s", qPrintable(done.err));
        auto log = std::make_unique<RunLog>(folder);
        log->poll(std::chrono::milliseconds(500));
        return log;
    }

    void save(const QString& name) const
    {
        QTest::qWait(20); // texts may have grown
        QVERIFY(savePicture(*m_panel, name));
    }

private slots:
    void initTestCase()
    {
        m_logs[0] = train("four", {"name=four bits", "quant.weights.bits=4"});
        m_logs[1] = train("two", {"name=two bits"});
    }

    void init()
    {
        applyTheme(Theme::Light);
        m_panel = std::make_unique<ComparePanel>(QStringLiteral(STAIR_BINARY_DIR "/app/stair"));
        m_panel->resize(1000, 520);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }

    void cleanup() { m_panel.reset(); }

    void theModelKeepsItsRules()
    {
        ValueTableModel model({"name", "number"}, {"a", "b"});
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows({{{"x, y"}, {"1.0", 1}}, {{"z"}, {"2.0", 2}}});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.toCsv(), QString("name,number\n\"x, y\",1\nz,2\n"));
        model.setRows({});
        QCOMPARE(model.rowCount(), 0);
    }

    void oneRunIsNotEnough()
    {
        m_panel->setRuns({m_logs[0].get()});
        QVERIFY(!find<QPushButton>("compareStart")->isEnabled());
        QVERIFY(find<QLabel>("compareVerdict")->text().contains("Select two runs"));
    }

    void settingsThatDifferAreShownAtOnce()
    {
        m_panel->setRuns({m_logs[0].get(), m_logs[1].get()});
        QCOMPARE(find<QTableView>("compareSettings")->model()->rowCount(), 1);
        QCOMPARE(cell("compareSettings", 0, 0), QString("quant.weights.bits"));
        QCOMPARE(cell("compareSettings", 0, 1), QString("4"));
        QCOMPARE(cell("compareSettings", 0, 2), QString("2"));
        save("compare-settings");
    }

    void layersMatricesAndFlippedImagesFollow()
    {
        m_panel->setRuns({m_logs[0].get(), m_logs[1].get()});
        QSignalSpy compared(m_panel.get(), &ComparePanel::compared);
        QSignalSpy layer(m_panel.get(), &ComparePanel::layerSelected);
        QTest::mouseClick(find<QPushButton>("compareStart"), Qt::LeftButton);
        QVERIFY(compared.wait(60'000));
        const QString verdict = find<QLabel>("compareVerdict")->text();
        QVERIFY2(verdict.startsWith("On 64 test images, by the last checkpoints"),
                 qPrintable(verdict));
        auto* tabs = find<QTabWidget>("compareTabs");
        tabs->setCurrentIndex(1);
        auto* layers = find<QTableView>("compareLayers");
        QVERIFY(layers->model()->rowCount() > 3);
        QCOMPARE(cell("compareLayers", 0, 1), QString("equal")); // the image
        layers->setFocus();
        layers->setCurrentIndex(layers->model()->index(1, 0));
        QCOMPARE(layer.back().front().toString(), cell("compareLayers", 1, 0));
        save("compare-layers");
        tabs->setCurrentIndex(2);
        save("compare-confusion");
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        save("compare-confusion-dark");
        tabs->setCurrentIndex(3);
        auto* flipped = find<QTableView>("compareFlipped");
        QVERIFY(flipped->model()->rowCount() > 0);
        flipped->setCurrentIndex(flipped->model()->index(0, 0));
        QTRY_VERIFY_WITH_TIMEOUT(
            !find<QLabel>("comparePicture")->pixmap(Qt::ReturnByValue).isNull(), 30'000);
        QVERIFY(cell("compareFlipped", 0, 2) != cell("compareFlipped", 0, 3));
        save("compare-flipped");
    }

    void anotherPairForgetsTheLast()
    {
        m_panel->setRuns({m_logs[0].get(), m_logs[1].get()});
        QSignalSpy compared(m_panel.get(), &ComparePanel::compared);
        QTest::mouseClick(find<QPushButton>("compareStart"), Qt::LeftButton);
        QVERIFY(compared.wait(60'000));
        const QString name = cell("compareLayers", 2, 0);
        m_panel->setRuns({m_logs[1].get()});
        QCOMPARE(find<QTableView>("compareLayers")->model()->rowCount(), 0);

        // A layer that is chosen meanwhile is selected when it is there.
        m_panel->selectLayer(name);
        m_panel->setRuns({m_logs[0].get(), m_logs[1].get()});
        QTest::mouseClick(find<QPushButton>("compareStart"), Qt::LeftButton);
        QVERIFY(compared.wait(60'000));
        QCOMPARE(find<QTableView>("compareLayers")->currentIndex().row(), 2);
    }

    void aPairChosenMeanwhileIsNotGivenTheResult()
    {
        m_panel->setRuns({m_logs[0].get(), m_logs[1].get()});
        QSignalSpy compared(m_panel.get(), &ComparePanel::compared);
        QTest::mouseClick(find<QPushButton>("compareStart"), Qt::LeftButton);
        m_panel->setRuns({m_logs[1].get()});
        QVERIFY(compared.wait(60'000));
        QCOMPARE(find<QTableView>("compareLayers")->model()->rowCount(), 0);
        QVERIFY(find<QLabel>("compareVerdict")->text().contains("Select two runs"));
        const QString said = find<QWidget>("compareNotice")->findChild<QLabel*>()->text();
        QVERIFY2(said.contains("another pair"), qPrintable(said));
    }

    void aReportHoldsWhatWasFound()
    {
        const auto done
            = m_stair.run({"compare", QString::fromStdString(m_logs[0]->folder().string()),
                           QString::fromStdString(m_logs[1]->folder().string()), "--json"});
        QVERIFY2(done.code == 0, qPrintable(done.err));
        const Json comparison = Json::parse(done.out.toStdString());
        for (auto& log : m_logs) {
            log->setDepth(RunLog::Depth::Curves);
            log->poll(std::chrono::milliseconds(500));
        }
        QImage figure(64, 32, QImage::Format_RGB32);
        figure.fill(Qt::red);
        const QString html = reportHtml(reportRuns({m_logs[0].get(), m_logs[1].get()}),
                                        {{figure, QStringLiteral("A <figure>")}}, comparison);
        for (const QString& part :
             {QStringLiteral("four bits"), QStringLiteral("two bits"),
              QStringLiteral("quant.weights.bits"), QStringLiteral("A &lt;figure&gt;"),
              QString::fromStdString(sha256OfFile(m_logs[0]->folder() / "spec.json")),
              QStringLiteral("data:image/png;base64,"), QStringLiteral("told differently")})
            QVERIFY2(html.contains(part), qPrintable(part));

        const QString page = QString::fromStdString(m_stair.path("report.html").string());
        saveReport(html, page);
        QCOMPARE(readFile(page.toStdString()), html.toStdString());
        const QString pdf = QString::fromStdString(m_stair.path("report.pdf").string());
        saveReport(html, pdf);
        const std::string bytes = readFile(pdf.toStdString());
        QVERIFY(bytes.starts_with("%PDF-"));
        QVERIFY(bytes.size() > 10'000);
        QVERIFY_THROWS_EXCEPTION(Error, saveReport(html, "/nowhere/report.pdf"));
    }

    void whatFailsIsSaidInPlace()
    {
        RunLog gone(m_stair.path("gone"));
        m_panel->setRuns({m_logs[0].get(), &gone});
        QVERIFY(find<QLabel>("compareVerdict")->text().contains("gone"));
        QSignalSpy compared(m_panel.get(), &ComparePanel::compared);
        QTest::mouseClick(find<QPushButton>("compareStart"), Qt::LeftButton);
        QVERIFY(compared.wait(60'000));
        const auto* notice = find<QWidget>("compareNotice");
        QVERIFY(!notice->isHidden());
        QVERIFY(notice->findChild<QLabel*>()->text().contains("gone"));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestComparePanel>(argc, argv);
}
#include "tst_compare_panel.moc"
