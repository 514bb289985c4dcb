#include "core/base/files.h"
#include "core/data/datasets.h"
#include "core/zoo/networks.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/theme.h"
#include "widgets/models/data_desk.h"
#include "widgets/panels/layer_panel.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

using namespace stair;

namespace {

ExperimentSpec resnetSpec(const Json& quant)
{
    return ExperimentSpec::read({{"schema", 1},
                                 {"name", "layers"},
                                 {"data", {{"id", "procedural"}, {"batch", 64}}},
                                 {"network", {{"id", "resnet20"}}},
                                 {"quant", quant}},
                                "test");
}

const Json w4a4 = {{"method", "lsq"}, {"weights", {{"bits", 4}}}, {"activations", {{"bits", 4}}}};

} // namespace

/// The table of layers: what it shows and what it asks for.
class TestLayerPanel : public QObject
{
    Q_OBJECT

    std::unique_ptr<LayerPanel> m_panel;
    ExperimentSpec m_spec;

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }
    QTableView* table() const { return find<QTableView>("layerTable"); }
    QString cell(int row, int column) const
    {
        return table()->model()->index(row, column).data().toString();
    }

    void show(const Json& quant)
    {
        m_spec = resnetSpec(quant);
        m_panel->setSpec(m_spec, Shape{1, 32, 32, 3}, 10);
    }

    void save(const QString& name) const
    {
        QTest::qWait(20); // texts may have grown
        QVERIFY(savePicture(*m_panel, name));
    }

private slots:
    void init()
    {
        applyTheme(Theme::Light);
        m_panel = std::make_unique<LayerPanel>();
        m_panel->resize(900, 560);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        // As the form does: what is asked for becomes the spec.
        connect(m_panel.get(), &LayerPanel::layersEdited, this,
                [this](const std::vector<LayerBits>& layers) {
                    m_spec.quant.layers = layers;
                    m_panel->setSpec(m_spec, Shape{1, 32, 32, 3}, 10);
                });
        show(w4a4);
    }

    void cleanup() { m_panel.reset(); }

    void theModelKeepsItsRules()
    {
        LayerTableModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        const ExperimentSpec spec = resnetSpec(w4a4);
        const Graph graph = network("resnet20").build({1, 32, 32, 3}, 10, spec.network.params);
        model.setPlan(planQuantization(graph, spec.quant), spec.quant);
        QVERIFY(model.rowCount() > 20);
        model.setPlan(planQuantization(graph, spec.quant.asFloat()), spec.quant.asFloat());
        QVERIFY(
            !(model.flags(model.index(1, LayerTableModel::WeightBitsColumn)) & Qt::ItemIsEditable));
        model.setPlan({}, spec.quant);
        QCOMPARE(model.rowCount(), 0);
    }

    void endsAndMiddleShowTheirWidths()
    {
        const int last = table()->model()->rowCount() - 1;
        QCOMPARE(cell(0, LayerTableModel::WeightBitsColumn), QString("8"));
        QCOMPARE(cell(1, LayerTableModel::WeightBitsColumn), QString("4"));
        QCOMPARE(cell(last, LayerTableModel::WeightBitsColumn), QString("8"));
        QVERIFY(find<QLabel>("layerTotals")->text().contains("Every layer computes in integers"));
        save("layers");
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        save("layers-dark");
    }

    void aCellEditedFollowsForAllSelectedRows()
    {
        QItemSelectionModel* selection = table()->selectionModel();
        for (const int row : {2, 3, 4})
            selection->select(table()->model()->index(row, 0),
                              QItemSelectionModel::Select | QItemSelectionModel::Rows);
        QSignalSpy edited(m_panel.get(), &LayerPanel::layersEdited);
        QVERIFY(table()->model()->setData(
            table()->model()->index(3, LayerTableModel::WeightBitsColumn), 2));
        QCOMPARE(edited.count(), 1);
        for (const int row : {2, 3, 4})
            QCOMPARE(cell(row, LayerTableModel::WeightBitsColumn), QString("2"));
        QCOMPARE(cell(5, LayerTableModel::WeightBitsColumn), QString("4"));
        QVERIFY(!table()->model()->setData(
            table()->model()->index(3, LayerTableModel::WeightBitsColumn), 17));
    }

    void aWidthIsChosenWithTheKeyboard()
    {
        table()->setFocus();
        table()->setCurrentIndex(table()->model()->index(6, LayerTableModel::WeightBitsColumn));
        QTest::keyClick(table(), Qt::Key_F2);
        auto* box = table()->findChild<QComboBox*>();
        QVERIFY(box);
        QCOMPARE(box->accessibleName(), QString("W bits of %1").arg(cell(6, 0)));
        box->setCurrentIndex(box->findData(3));
        QTest::keyClick(box, Qt::Key_Return);
        QTRY_COMPARE(cell(6, LayerTableModel::WeightBitsColumn), QString("3"));
    }

    void aPatternSetsItsLayersAndResetTakesThemBack()
    {
        QTest::keyClicks(find<QLineEdit>("layerPattern"), "stage2.*");
        auto* weights = find<QComboBox>("patternWeights");
        weights->setCurrentIndex(weights->findData(2));
        QTest::mouseClick(find<QPushButton>("patternApply"), Qt::LeftButton);
        int lowered = 0;
        for (int row = 0; row < table()->model()->rowCount(); ++row) {
            const bool isStage2 = cell(row, 0).startsWith("stage2.");
            QCOMPARE(cell(row, LayerTableModel::WeightBitsColumn) == "2", isStage2);
            lowered += isStage2;
        }
        QVERIFY(lowered > 0);
        QTest::mouseClick(find<QPushButton>("layersReset"), Qt::LeftButton);
        QVERIFY(m_spec.quant.layers.empty());
    }

    void whatCannotBeIsSaidInPlace()
    {
        QTest::keyClicks(find<QLineEdit>("layerPattern"), "nowhere*");
        auto* weights = find<QComboBox>("patternWeights");
        weights->setCurrentIndex(weights->findData(2));
        QTest::mouseClick(find<QPushButton>("patternApply"), Qt::LeftButton);
        QVERIFY(find<QLabel>("layerTotals")->text().contains("nowhere"));
        m_panel->setSpec(m_spec, std::nullopt, 10);
        QVERIFY(!table()->isEnabled());
    }

    void layersAreSelectedByName()
    {
        QSignalSpy selected(m_panel.get(), &LayerPanel::layerSelected);
        m_panel->selectLayer(cell(4, 0));
        QCOMPARE(table()->currentIndex().row(), 4);
        QCOMPARE(selected.count(), 0);
        QTest::mouseClick(table()->viewport(), Qt::LeftButton, {},
                          table()->visualRect(table()->model()->index(2, 0)).center());
        QCOMPARE(selected.count(), 1);
        QCOMPARE(selected.front().front().toString(), cell(2, 0));
    }

    void aLayerChosenBeforeTheRowsAreThereIsSelectedThen()
    {
        show(w4a4);
        const QString name = cell(4, 0);
        m_panel = std::make_unique<LayerPanel>();
        m_panel->selectLayer(name);
        show(w4a4);
        QCOMPARE(table()->currentIndex().row(), 4);
    }

    /// Tab into the table makes its first row current: that chooses no layer.
    void theFocusAloneSelectsNoLayer()
    {
        m_panel = std::make_unique<LayerPanel>();
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        QApplication::setActiveWindow(m_panel.get());
        show(w4a4);
        QSignalSpy selected(m_panel.get(), &LayerPanel::layerSelected);
        table()->setFocus(Qt::TabFocusReason);
        QVERIFY(table()->hasFocus());
        QCOMPARE(selected.count(), 0);
        QTest::keyClick(table(), Qt::Key_Down);
        QCOMPARE(selected.count(), 1);
    }

    void dataIsOpenedInTheBackground()
    {
        DataDesk desk;
        QSignalSpy changed(&desk, &DataDesk::changed);
        ExperimentSpec spec = resnetSpec(w4a4);
        desk.request(spec.data);
        QVERIFY(!desk.data());
        QTRY_VERIFY_WITH_TIMEOUT(desk.data(), 60'000);
        QCOMPARE(desk.imageShape({})->h, desk.data()->train.height);
        const int before = int(changed.count());
        desk.request(spec.data); // the same
        QCOMPARE(int(changed.count()), before);
        spec.data.id = "cifar10";
        spec.data.path = "/nowhere";
        desk.request(spec.data);
        QTRY_VERIFY_WITH_TIMEOUT(!desk.problem().isEmpty(), 60'000);
        QVERIFY2(desk.problem().contains("/nowhere"), qPrintable(desk.problem()));
    }

    /// Its files come later: on demand it is opened then, and whoever shares it has it.
    void aSetThatCouldNotBeOpenedIsTriedAgain()
    {
        const QTemporaryDir home;
        DataSpec spec;
        spec.id = "idx";
        spec.params = ParamValues(dataset("idx").params);
        spec.path = home.filePath("set").toStdString();
        DataDesk desk;
        DataDesk beside(nullptr, &desk);
        desk.request(spec);
        beside.request(spec);
        QTRY_VERIFY(!desk.problem().isEmpty() && !beside.problem().isEmpty());

        std::filesystem::create_directories(spec.path);
        const auto write = [&](const char* name, std::string content) {
            writeFileAtomically(std::filesystem::path(spec.path) / name, content);
        };
        const auto images = [](char count) {
            return std::string({0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 3})
                + std::string(std::size_t(count) * 6, 'x');
        };
        const auto labels = [](char count) {
            return std::string({0, 0, 8, 1, 0, 0, 0, count}) + std::string(std::size_t(count), 1);
        };
        write("train-images-idx3-ubyte", images(4));
        write("train-labels-idx1-ubyte", labels(4));
        write("t10k-images-idx3-ubyte", images(2));
        write("t10k-labels-idx1-ubyte", labels(2));
        desk.request(spec); // the same question alone opens nothing
        QVERIFY(!desk.problem().isEmpty());
        beside.retry(); // not its own
        QVERIFY(!beside.problem().isEmpty());
        desk.retry();
        QVERIFY(desk.problem().isEmpty());
        QTRY_VERIFY2(desk.data(), qPrintable(desk.problem()));
        QCOMPARE(desk.data()->train.count(), 4);
        QVERIFY(beside.data() == desk.data());
        const QSignalSpy changed(&desk, &DataDesk::changed);
        desk.retry(); // nothing has failed
        QVERIFY(changed.isEmpty());
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestLayerPanel>(argc, argv);
}
#include "tst_layer_panel.moc"
