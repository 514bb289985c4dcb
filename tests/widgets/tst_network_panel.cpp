#include "core/nn/quant_plan.h"
#include "core/session/line_reader.h"
#include "core/session/run_folder.h"
#include "tests/support/build_network.h"
#include "tests/support/stair_process.h"
#include "tests/widgets/support/picture.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/main/theme.h"
#include "widgets/panels/network_panel.h"
#include "widgets/plot/graph_view.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QWheelEvent>

#include <cmath>

using namespace stair;

/// The network as a chart: where its boxes stand, what colours them, and that choosing one chooses the
/// layer.
class TestNetworkPanel : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    std::unique_ptr<RunLog> m_run;
    ExperimentSpec m_spec;
    std::unique_ptr<DataDesk> m_form;
    std::unique_ptr<NetworkPanel> m_panel;

    template<typename Widget>
    Widget* find(const char* name) const
    {
        return m_panel->findChild<Widget*>(QLatin1String(name));
    }

    GraphView* graph() const { return find<GraphView>("networkGraph"); }

    void choose(const char* name, int index)
    {
        auto* box = find<QComboBox>(name);
        box->setCurrentIndex(index);
        emit box->activated(index);
    }

    static std::vector<std::pair<int, int>> pairsOf(const NetworkChart& chart)
    {
        std::vector<std::pair<int, int>> pairs;
        for (const ChartEdge& edge : chart.edges)
            pairs.emplace_back(edge.from, edge.to);
        return pairs;
    }

private slots:
    void initTestCase()
    {
        QStringList arguments = smallRun()
            << "--out" << QString::fromStdString(m_stair.path("run").string());
        for (const char* assignment :
             {"name=residual", "network.id=resnet20", "data.params.train=128", "training.epochs=2",
              "statistics.every=1",
              "quant.layers=[{\"match\":\"stage2.*\",\"weights\":{\"bits\":4}}]"})
            arguments << "--set" << assignment;
        const auto done = m_stair.run(arguments);
        QVERIFY2(done.code == 0, qPrintable(done.err));
        m_run = std::make_unique<RunLog>(m_stair.path("run"));
        m_run->poll(std::chrono::milliseconds(500));
        m_spec = RunFolder::open(m_run->folder()).spec();
        m_form = std::make_unique<DataDesk>();
        m_form->request(m_spec.data);
    }

    void init()
    {
        applyTheme(Theme::Light);
        m_panel = std::make_unique<NetworkPanel>(QStringLiteral(STAIR_BINARY_DIR "/app/stair"),
                                                 *m_form);
        m_panel->resize(760, 640);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        m_panel->setForm(m_spec);
        QTRY_VERIFY_WITH_TIMEOUT(!m_panel->chart().nodes.empty(), 60'000);
    }

    void cleanup() { m_panel.reset(); }

    void aResidualBlockHasItsSkipBesideIt()
    {
        // 0 -> 1 -> 2 -> 3 -> 4, and 0 -> 3 past 1 and 2.
        const GraphLayout layout = layOutGraph(5, {{0, 1}, {1, 2}, {2, 3}, {0, 3}, {3, 4}});
        for (int box = 0; box < 5; ++box)
            QCOMPARE(layout.boxes[std::size_t(box)], QPointF(0, box));
        QCOMPARE(layout.bends[3].size(), std::size_t(2));
        for (int i = 0; i < 2; ++i) {
            QVERIFY(layout.bends[3][std::size_t(i)].x() > 0.5); // clear of the boxes
            QCOMPARE(layout.bends[3][std::size_t(i)].y(), double(i + 1));
        }
    }

    void everyNetworkHasItsChart_data()
    {
        QTest::addColumn<QString>("id");
        for (const NetworkInfo& info : networks())
            QTest::addRow("%s", info.id.c_str()) << QString::fromStdString(info.id);
    }

    void everyNetworkHasItsChart()
    {
        QFETCH(QString, id);
        const int side = id == "inception_v3" ? 299 : 64;
        QuantSpec quant = m_spec.quant;
        quant.layers.clear();
        const NetworkChart chart
            = NetworkChart::of(buildWith(id.toStdString(), {1, side, side, 3}), quant);
        QVERIFY(chart.nodes.size() > 2);
        std::vector<int> incoming(chart.nodes.size());
        for (const ChartEdge& edge : chart.edges) {
            QVERIFY(edge.from >= 0 && edge.from < edge.to);
            ++incoming[std::size_t(edge.to)];
        }
        for (std::size_t i = 0; i < chart.nodes.size(); ++i) {
            QCOMPARE(incoming[i] > 0, i > 0); // the image alone reads nothing
            if (chart.nodes[i].kind == "join" || chart.nodes[i].kind == "concat")
                QVERIFY(incoming[i] >= 2);
        }
        const GraphLayout layout = layOutGraph(int(chart.nodes.size()), pairsOf(chart));
        for (const ChartEdge& edge : chart.edges)
            QVERIFY(layout.boxes[std::size_t(edge.from)].y()
                    < layout.boxes[std::size_t(edge.to)].y());
        for (std::size_t a = 0; a < layout.boxes.size(); ++a)
            for (std::size_t b = 0; b < a; ++b)
                QVERIFY(layout.boxes[a].y() != layout.boxes[b].y()
                        || std::abs(layout.boxes[a].x() - layout.boxes[b].x()) >= 0.999);
    }

    void widthsAreThoseOfTheLayerTable()
    {
        const Graph graph = network(m_spec.network.id)
                                .build(m_form->imageShape(m_spec.data.augment)->withImages(1), 10,
                                       m_spec.network.params);
        const QuantPlan plan = planQuantization(graph, m_spec.quant);
        const NetworkChart& chart = m_panel->chart();
        const auto weights = chartValues(chart, ChartMeasure::WeightBits, nullptr, {});
        const auto sources = chartValues(chart, ChartMeasure::SourceBits, nullptr, {});
        QVERIFY(plan.layers.size() > 15);
        for (const LayerPlan& layer : plan.layers) {
            const int box = chart.find(QString::fromStdString(layer.name));
            QVERIFY2(box >= 0, layer.name.c_str());
            QCOMPARE(weights[std::size_t(box)].value_or(0), double(layer.weightBits));
            QCOMPARE(sources[std::size_t(box)].value_or(0), double(layer.sourceBits));
        }
        QCOMPARE(
            std::ranges::count_if(chart.nodes, [](const ChartNode& n) { return n.kind == "join"; }),
            9);
    }

    void theFormsWidthsBeforeAnyRun()
    {
        QCOMPARE(graph()->boxes().size(), m_panel->chart().nodes.size());
        QCOMPARE(nameless(*m_panel), QString());
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "network-bits"));
        choose("networkMeasure", 2);
        QVERIFY2(find<QLabel>("networkFacts")->text().contains("has not run"),
                 qPrintable(find<QLabel>("networkFacts")->text()));
        for (const GraphBox& box : graph()->boxes())
            QVERIFY(box.number.isEmpty());
        m_panel->setFormProblem("network.params.width is wrong");
        QCOMPARE(find<QLabel>("networkMessage")->text(), QString("network.params.width is wrong"));
        QVERIFY(graph()->isHidden());
    }

    void choosingABoxChoosesTheLayer()
    {
        QSignalSpy layer(m_panel.get(), &NetworkPanel::layerSelected);
        const int box = m_panel->chart().find("stage1.block0.conv1");
        QVERIFY(box > 0);
        m_panel->selectLayer("stage1.block0.conv1"); // by another panel: seen, not sent again
        QCOMPARE(graph()->selected(), box);
        QCOMPARE(layer.size(), 0);
        QVERIFY(graph()->viewport()->rect().contains(graph()->boxRect(box).center()));
        graph()->setFocus();
        QTest::keyClick(graph(), Qt::Key_Down);
        QCOMPARE(layer.back().front().toString(),
                 m_panel->chart().nodes[std::size_t(box) + 1].name);
        QTest::mouseClick(graph()->viewport(), Qt::LeftButton, {}, graph()->boxRect(box).center());
        QCOMPARE(layer.back().front().toString(), QString("stage1.block0.conv1"));
        QCOMPARE(graph()->selected(), box);
    }

    void wheelAndKeysZoomAndFit()
    {
        const double before = graph()->transform().m11();
        const QPointF middle = graph()->viewport()->rect().center();
        QWheelEvent wheel(middle, graph()->viewport()->mapToGlobal(middle), {}, {0, 120}, {}, {},
                          Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(graph()->viewport(), &wheel);
        QVERIFY(graph()->transform().m11() > before * 1.1);
        graph()->setFocus();
        QTest::keyClick(graph(), Qt::Key_Home);
        const QRect all = graph()->viewport()->rect().adjusted(-2, -2, 2, 2);
        for (std::size_t i = 0; i < graph()->boxes().size(); ++i)
            QVERIFY(all.contains(graph()->boxRect(int(i))));
        const double fitted = graph()->transform().m11();
        QTest::keyClick(graph(), Qt::Key_Plus);
        QVERIFY(graph()->transform().m11() > fitted);
        QTest::mouseClick(find<QToolButton>("networkFit"), Qt::LeftButton);
        QCOMPARE(graph()->transform().m11(), fitted);
    }

    void errorAndSaturationAreTheRunsRecords()
    {
        m_panel->setRuns({m_run.get()});
        choose("networkSource", 1);
        choose("networkMeasure", 2);
        QTRY_VERIFY_WITH_TIMEOUT(!m_panel->chart().nodes.empty(), 60'000);
        const Json last = readLines(m_run->folder() / "layers.jsonl").back();
        int found = 0;
        for (const Json& quantizer : last.at("quantizers")) {
            const std::string name = quantizer.at("name");
            if (!name.ends_with(".weight.step"))
                continue;
            const int box
                = m_panel->chart().find(QString::fromStdString(name.substr(0, name.size() - 12)));
            QVERIFY2(box >= 0, name.c_str());
            QCOMPARE(graph()->boxes()[std::size_t(box)].number,
                     QString::number(quantizer.at("sqnr_db").get<double>(), 'f', 1));
            ++found;
        }
        QVERIFY(found > 15);
        QVERIFY(find<QLabel>("networkFacts")->text().contains("step 4"));
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "network-sqnr"));
        choose("networkMeasure", 5);
        int results = 0;
        for (const GraphBox& box : graph()->boxes())
            results += !box.number.isEmpty();
        QVERIFY(results > 15);
        applyTheme(Theme::Dark);
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "network-saturation-dark"));
    }

    void timeIsMeasuredOnDemand()
    {
        m_panel->setRuns({m_run.get()});
        choose("networkSource", 1);
        QSignalSpy timed(m_panel.get(), &NetworkPanel::timed);
        QTest::mouseClick(find<QPushButton>("networkTime"), Qt::LeftButton);
        QVERIFY(find<QPushButton>("networkTime")->isHidden());
        QTest::mouseClick(find<QToolButton>("networkCancel"), Qt::LeftButton);
        QVERIFY(timed.wait(60'000));
        for (const GraphBox& box : graph()->boxes())
            QVERIFY(box.number.isEmpty() || !box.toolTip.contains("µs"));
        QTest::mouseClick(find<QPushButton>("networkTime"), Qt::LeftButton);
        QVERIFY(timed.wait(120'000));
        QVERIFY2(find<QWidget>("networkNotice")->isHidden(),
                 qPrintable(find<QWidget>("networkNotice")->findChild<QLabel*>()->text()));
        int convolutions = 0;
        for (const GraphBox& box : graph()->boxes())
            convolutions += box.value && *box.value > 0 && box.toolTip.contains("µs");
        QVERIFY(convolutions > 15);
        QTest::qWait(50);
        QVERIFY(savePicture(*m_panel, "network-time"));
    }

    void whatFailsIsSaidInPlace()
    {
        RunLog gone(m_stair.path("gone"));
        m_panel->setRuns({&gone});
        choose("networkSource", 1);
        QVERIFY2(find<QLabel>("networkMessage")->text().contains("gone"),
                 qPrintable(find<QLabel>("networkMessage")->text()));
        QSignalSpy timed(m_panel.get(), &NetworkPanel::timed);
        QTest::mouseClick(find<QPushButton>("networkTime"), Qt::LeftButton);
        QVERIFY(timed.wait(60'000));
        QVERIFY(!find<QWidget>("networkNotice")->isHidden());
        m_panel->setRuns({});
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestNetworkPanel>(argc, argv);
}
#include "tst_network_panel.moc"
