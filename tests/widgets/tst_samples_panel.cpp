#include "core/session/experiment.h"
#include "core/session/run_folder.h"
#include "tests/support/stair_process.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/forms/data_preview.h"
#include "widgets/main/theme.h"
#include "widgets/panels/maps_view.h"
#include "widgets/panels/sample_browser.h"
#include "widgets/panels/samples_panel.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QListView>
#include <QMimeData>
#include <QProgressBar>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <unistd.h>

using namespace stair;

namespace {

/// Seconds that this thread has computed: what others do on the machine does not count.
double threadSeconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/// `count` training images of 16 x 16, and a tenth of that to test; the class is the number's rest.
std::shared_ptr<const Dataset> manyImages(int count, int classes)
{
    auto data = std::make_shared<Dataset>();
    const auto fill = [classes](ImageSet& set, int images) {
        set.height = set.width = 16;
        set.channels = 1;
        set.pixels.resize(std::size_t(images) * 256);
        for (std::size_t i = 0; i < set.pixels.size(); ++i)
            set.pixels[i] = std::uint8_t(i * 7 + i / 256);
        for (int i = 0; i < images; ++i)
            set.labels.push_back(std::uint16_t(i % classes));
    };
    fill(data->train, count);
    fill(data->test, count / 10);
    for (int c = 0; c < classes; ++c)
        data->classNames.push_back("class " + std::to_string(c));
    return data;
}

} // namespace

/// The data set's images, and what a trained run makes of them.
class TestSamplesPanel : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    std::unique_ptr<RunLog> m_run;
    std::unique_ptr<RunLog> m_float;
    ExperimentSpec m_spec;
    std::unique_ptr<DataDesk> m_form;
    std::unique_ptr<SamplesPanel> m_panel;

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }

    std::unique_ptr<RunLog> train(const char* name, const QStringList& assignments)
    {
        QStringList arguments = smallRun()
            << "--out" << QString::fromStdString(m_stair.path(name).string());
        for (const QString& assignment : assignments)
            arguments << "--set" << assignment;
        const auto done = m_stair.run(arguments);
        if (done.code != 0)
            qFatal("%s", qPrintable(done.err));
        auto log = std::make_unique<RunLog>(m_stair.path(name));
        log->poll(std::chrono::milliseconds(500));
        return log;
    }

    QListView* grid() const { return find<QListView>("samples"); }

    void clickImage(int row)
    {
        const QModelIndex index = grid()->model()->index(row, 0);
        grid()->scrollTo(index);
        QTest::mouseClick(grid()->viewport(), Qt::LeftButton, {},
                          grid()->visualRect(index).center());
    }

    /// The run's images are there, and the run is what is looked at.
    void openRun()
    {
        m_panel->setRuns({m_run.get()});
        m_panel->showForm(false);
        QTRY_COMPARE_WITH_TIMEOUT(grid()->model()->rowCount(), 64, 60'000);
    }

    QString verdict() const { return find<QLabel>("samplesVerdict")->text(); }
    QString notice() const
    {
        const auto* strip = find<QWidget>("samplesNotice");
        return strip->isHidden() ? QString() : strip->findChild<QLabel*>()->text();
    }

private slots:
    void initTestCase()
    {
        m_run = train("run", {"name=two bits"});
        m_float = train("float",
                        {"name=floats", "quant.method=float", "quant.weights.bits=32",
                         "quant.activations.bits=32"});
        m_spec = RunFolder::open(m_run->folder()).spec();
        m_form = std::make_unique<DataDesk>();
        m_form->request(m_spec.data);
    }

    void init()
    {
        applyTheme(Theme::Light);
        m_panel = std::make_unique<SamplesPanel>(QStringLiteral(STAIR_BINARY_DIR "/app/stair"),
                                                 *m_form);
        m_panel->resize(1000, 560);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }

    void cleanup() { m_panel.reset(); }

    void theModelsKeepTheirRules()
    {
        SampleModel samples;
        QAbstractItemModelTester tester(&samples,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        samples.setData(manyImages(1000, 10), 200, 1);
        QCOMPARE(samples.rowCount(), 100);
        samples.choose({SampleSplit::Validation, -1});
        QCOMPARE(samples.rowCount(), 200);
        samples.choose({SampleSplit::Train, 7});
        QCOMPARE(samples.rowCount(), 80);
        for (int row = 0; row < samples.rowCount(); ++row)
            QCOMPARE(samples.index(row).data(SampleModel::NumberRole).toInt() % 10, 7);
        QVERIFY(samples.index(0).data(Qt::ToolTipRole).toString().startsWith("class 7, image "));
        const int number = samples.index(3).data(SampleModel::NumberRole).toInt();
        QCOMPARE(samples.rowOf(number), 3);
        QCOMPARE(samples.rowOf(number + 1), -1);
        samples.setData(nullptr, 0, 1);
        QCOMPARE(samples.rowCount(), 0);

        ClassTableModel classes;
        QAbstractItemModelTester other(&classes,
                                       QAbstractItemModelTester::FailureReportingMode::QtTest);
        classes.setCounts({"cat", "dog"}, {40, 60}, {4, 6}, {10, 10});
        QCOMPARE(classes.most(), 60);
        QCOMPARE(classes.index(1, ClassTableModel::ValidationColumn).data().toString(),
                 QString("6"));
    }

    void thousandsOfImagesScrollSmoothly()
    {
        SampleBrowser browser;
        browser.resize(500, 400);
        browser.setData(manyImages(60'000, 10), 0, 1);
        auto* split = browser.findChild<QComboBox*>("sampleSplit");
        split->setCurrentIndex(1);
        emit split->activated(1);
        browser.show();
        QVERIFY(QTest::qWaitForWindowExposed(&browser));
        auto* view = browser.findChild<QListView*>("samples");
        QCOMPARE(view->model()->rowCount(), 60'000);
        QScrollBar* bar = view->verticalScrollBar();
        QVERIFY(bar->maximum() > 40'000);
        double worst = 0;
        for (int i = 1; i <= 50; ++i) {
            const double before = threadSeconds();
            bar->setValue(bar->maximum() * i / 50);
            view->viewport()->repaint();
            worst = std::max(worst, threadSeconds() - before);
        }
        QVERIFY2(worst < 0.05, qPrintable(QString::number(worst)));
        const double before = threadSeconds();
        browser.resize(420, 380);
        view->viewport()->repaint();
        const double seconds = threadSeconds() - before;
        QVERIFY2(seconds < 0.1, qPrintable(QString::number(seconds)));
    }

    void theFormsDataNeedNoRun()
    {
        m_panel->setForm(m_spec);
        QTRY_COMPARE_WITH_TIMEOUT(grid()->model()->rowCount(), 64, 60'000);
        clickImage(2);
        QVERIFY2(verdict().contains("image 2 of the test set"), qPrintable(verdict()));
        QVERIFY(!find<QLabel>("samplesPreview")->pixmap(Qt::ReturnByValue).isNull());
        QCOMPARE(nameless(*m_panel), QString());
        m_panel->openPicture("cat.png");
        QVERIFY2(notice().contains("Select a run"), qPrintable(notice()));
    }

    void anImageIsClassifiedByIntegersAndFloats()
    {
        openRun();
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        clickImage(3);
        QVERIFY(inspected.wait(60'000));
        QVERIFY2(verdict().contains("“two bits” says ") && verdict().contains("by integers alone"),
                 qPrintable(verdict()));
        const QAbstractItemModel* classes = find<QTableView>("samplesClasses")->model();
        QVERIFY(classes->rowCount() >= 10);
        double sums[2] = {};
        for (int row = 0; row < classes->rowCount(); ++row)
            for (int side : {0, 1})
                sums[side]
                    += classes->index(row, side + 1).data(ValueTableModel::SortRole).toDouble();
        QVERIFY(std::abs(sums[0] - 1) < 1e-3 && std::abs(sums[1] - 1) < 1e-3);
        QTest::qWait(20);
        QVERIFY(savePicture(*m_panel, "samples-classes"));
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "samples-classes-dark"));
    }

    void theNextImageComesByKey()
    {
        openRun();
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        clickImage(0);
        QVERIFY(inspected.wait(60'000));
        QTest::keyClick(grid(), Qt::Key_Right);
        QVERIFY(inspected.wait(60'000));
        QVERIFY2(verdict().contains("image 1 of"), qPrintable(verdict()));
    }

    void mapsAndFiltersOfTheSharedLayer()
    {
        openRun();
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        QSignalSpy layer(m_panel.get(), &SamplesPanel::layerSelected);
        clickImage(3);
        QVERIFY(inspected.wait(60'000));
        auto* layers = find<QComboBox>("samplesLayer");
        QVERIFY(layers->count() > 3);
        layers->setFocus();
        QTest::keyClick(layers, Qt::Key_Down);
        QTest::keyClick(layers, Qt::Key_Down);
        QTRY_VERIFY_WITH_TIMEOUT(inspected.size() >= 2, 60'000);
        QVERIFY(layer.size() >= 1);
        const QString second = layers->currentText();
        QCOMPARE(layer.back().front().toString(), second);
        QTRY_COMPARE_WITH_TIMEOUT(layers->itemText(0), QString("stem.conv"), 60'000);
        auto* tabs = find<QTabWidget>("samplesTabs");
        tabs->setCurrentIndex(1);
        const auto views = tabs->currentWidget()->findChildren<TileView*>();
        QCOMPARE(views.size(), 3);
        QTRY_VERIFY_WITH_TIMEOUT(views[0]->tiles().count > 1, 60'000);
        QCOMPARE(views[1]->tiles().count, views[0]->tiles().count);
        QVERIFY(!views[2]->isVisible());
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "samples-maps"));
        auto* difference = tabs->currentWidget()->findChild<QCheckBox*>("mapsDifference");
        QTest::mouseClick(difference, Qt::LeftButton, {}, {8, difference->height() / 2});
        QTRY_VERIFY(views[2]->isVisible());
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "samples-maps-difference"));
        tabs->setCurrentIndex(2);
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "samples-filters"));
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "samples-filters-dark"));
        const auto filters = tabs->currentWidget()->findChildren<TileView*>();
        QVERIFY(filters[0]->tiles().count > filters[0]->capacity());
        const QString before = tabs->currentWidget()->findChild<QLabel*>("mapsPlace")->text();
        filters[0]->setFocus();
        QTest::keyClick(filters[0], Qt::Key_PageDown);
        QVERIFY(tabs->currentWidget()->findChild<QLabel*>("mapsPlace")->text() != before);

        const QString first = layers->itemText(0);
        const qsizetype answers = inspected.size();
        m_panel->selectLayer(first); // by another panel
        QTRY_VERIFY_WITH_TIMEOUT(inspected.size() > answers, 60'000);
        QCOMPARE(layers->currentText(), first);
        m_panel->selectLayer("another.network's"); // no reason not to classify
        QTRY_VERIFY_WITH_TIMEOUT(inspected.size() > answers + 1, 60'000);
        QCOMPARE(notice(), QString());
        QVERIFY(verdict().contains("“two bits” says"));
    }

    void aDroppedPictureIsClassified()
    {
        openRun();
        const QString file = QString::fromStdString(m_stair.path("bird.png").string());
        QImage picture(90, 60, QImage::Format_RGB32);
        picture.fill(QColor(200, 120, 40));
        QVERIFY(picture.save(file));
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enter({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_panel.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_panel.get(), &drop);
        QVERIFY(inspected.wait(60'000));
        QVERIFY2(verdict().startsWith("bird.png. The run “two bits” says "), qPrintable(verdict()));
        QTRY_VERIFY(!find<QLabel>("samplesPreview")->pixmap(Qt::ReturnByValue).isNull());
        m_panel->openPicture("/nowhere/cat.png");
        QVERIFY(inspected.wait(60'000));
        QVERIFY2(notice().contains("/nowhere/cat.png cannot be read"), qPrintable(notice()));
    }

    void anImageOfOtherDataIsNotGivenTheAnswer()
    {
        openRun();
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        clickImage(0);
        QVERIFY(inspected.wait(60'000)); // the next answer takes no time
        clickImage(3);
        ExperimentSpec other = m_spec;
        other.data.path = "elsewhere";
        m_panel->setForm(other);
        m_panel->showForm(true);
        clickImage(5);
        QVERIFY(!m_panel->findChild<QProgressBar*>()->isVisible());
        QVERIFY(!inspected.wait(1'000));
        QVERIFY2(verdict().contains("image 5 of") && !verdict().contains("says"),
                 qPrintable(verdict()));
        QCOMPARE(find<QTableView>("samplesClasses")->model()->rowCount(), 0);
        QVERIFY2(notice().contains("other data"), qPrintable(notice()));
    }

    void aPictureThatIsReadLateDoesNotCoverAClickedImage()
    {
        openRun();
        const QString file = QString::fromStdString(m_stair.path("late.png").string());
        QImage picture(2000, 2000, QImage::Format_RGB32);
        picture.fill(Qt::red);
        QVERIFY(picture.save(file));
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        m_panel->openPicture(file);
        clickImage(2);
        const auto preview = [this] {
            return find<QLabel>("samplesPreview")->pixmap(Qt::ReturnByValue).toImage();
        };
        const QImage clicked = preview();
        QVERIFY(inspected.wait(60'000));
        QVERIFY2(verdict().contains("image 2 of"), qPrintable(verdict()));
        QVERIFY(preview() == clicked);
    }

    void aRunThatHasJustBeenStartedShowsNoOthersData()
    {
        openRun();
        RunLog late(m_stair.path("late"));
        late.setLaunched(true);
        m_panel->setRuns({&late});
        QCOMPARE(grid()->model()->rowCount(), 0);
        QVERIFY2(notice().contains("has not begun yet"), qPrintable(notice()));
        m_panel->refresh();
        QCOMPARE(grid()->model()->rowCount(), 0);
        std::filesystem::copy(m_run->folder(), late.folder(),
                              std::filesystem::copy_options::recursive);
        m_panel->refresh();
        QTRY_COMPARE_WITH_TIMEOUT(grid()->model()->rowCount(), 64, 60'000);
        QCOMPARE(notice(), QString());
        m_panel->setRuns({});
    }

    void anotherSelectedRunStandsBeside()
    {
        m_panel->setRuns({m_float.get(), m_run.get()}); // the quantized one is looked at
        m_panel->showForm(false);
        QTRY_COMPARE_WITH_TIMEOUT(grid()->model()->rowCount(), 64, 60'000);
        auto* beside = find<QComboBox>("samplesBeside");
        QCOMPARE(beside->count(), 2);
        QVERIFY(beside->itemText(1).contains("floats"));
        beside->setFocus();
        QTest::keyClick(beside, Qt::Key_Down);
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        clickImage(1);
        QVERIFY(inspected.wait(60'000));
        QVERIFY2(verdict().contains("What stands beside it says"), qPrintable(verdict()));
    }

    void aKilledProcessIsStartedAgain()
    {
        openRun();
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        clickImage(0);
        QVERIFY(inspected.wait(60'000));
        QFile children(QStringLiteral("/proc/self/task/%1/children").arg(::getpid()));
        QVERIFY(children.open(QIODevice::ReadOnly));
        const QList<QByteArray> pids = children.readAll().simplified().split(' ');
        QCOMPARE(pids.size(), 1); // it stayed to be asked again
        ::kill(pids.front().toInt(), SIGKILL);
        QTest::qWait(300);
        clickImage(1);
        QVERIFY(inspected.wait(60'000));
        QVERIFY2(verdict().contains("image 1 of") && verdict().contains("“two bits” says"),
                 qPrintable(verdict()));
        QCOMPARE(notice(), QString());
    }

    void whatFailsIsSaidInPlace()
    {
        m_panel = std::make_unique<SamplesPanel>(QStringLiteral("/nonexistent/stair"), *m_form);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        openRun();
        QSignalSpy inspected(m_panel.get(), &SamplesPanel::inspected);
        clickImage(1);
        QVERIFY(inspected.size() > 0 || inspected.wait(10'000));
        QVERIFY2(notice().contains("/nonexistent/stair"), qPrintable(notice()));
        RunLog gone(m_stair.path("gone"));
        m_panel->setRuns({&gone});
        QVERIFY2(notice().contains("gone"), qPrintable(notice()));
        m_panel->setRuns({});
    }

    void theFormsPreviewCountsTheClasses()
    {
        DataPreview preview;
        preview.resize(330, 420);
        QWidget& widget = preview;
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&preview));
        preview.showData(nullptr, 0, 1, "no such file");
        QCOMPARE(preview.findChild<QLabel*>("dataSizes")->text(), QString("no such file"));
        auto* retry = preview.findChild<QAbstractButton*>("dataRetry");
        QVERIFY(retry->isHidden());
        preview.showData(nullptr, 0, 1, "no such file", true);
        QSignalSpy wanted(&preview, &DataPreview::retryWanted);
        QTest::mouseClick(retry, Qt::LeftButton);
        QCOMPARE(wanted.size(), 1);
        QApplication::setActiveWindow(&preview);
        retry->setFocus();
        QVERIFY(retry->hasFocus());
        preview.showData(nullptr, 0, 1, {}); // it is being opened
        QVERIFY(retry->hasFocus());
        preview.showData(nullptr, 0, 1, "no such file");
        QVERIFY(retry->isHidden());
        preview.showData(nullptr, 0, 1, "no such file", true);
        const auto data
            = std::make_shared<const Dataset>(openData(m_spec.data, std::filesystem::path()));
        preview.showData(data, 256, 1, {});
        QVERIFY(retry->isHidden());
        const QString sizes = preview.findChild<QLabel*>("dataSizes")->text();
        QVERIFY2(sizes.contains("256 held out") && sizes.contains("64 to test"), qPrintable(sizes));
        const QAbstractItemModel* counts = preview.findChild<QTableView*>("classCounts")->model();
        int sum = 0;
        for (int row = 0; row < counts->rowCount(); ++row)
            for (int column : {ClassTableModel::TrainColumn, ClassTableModel::ValidationColumn})
                sum += counts->index(row, column).data(ClassTableModel::CountRole).toInt();
        QCOMPARE(sum, data->train.count());
        QTest::qWait(20);
        QVERIFY(savePicture(preview, "data-preview"));
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        QVERIFY(savePicture(preview, "data-preview-dark"));
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestSamplesPanel>(argc, argv);
}
#include "tst_samples_panel.moc"
