#include "tests/widgets/support/acted_layers.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/models/layer_list_model.h"
#include "widgets/models/layer_log.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>

#include <chrono>

using namespace stair;
using namespace std::chrono_literals;

class TestLayerLog : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_home;
    std::filesystem::path home() const { return pathOf(m_home->path()); }

private slots:
    void init() { m_home = std::make_unique<QTemporaryDir>(); }

    void layersAreInTheNetworksOrderWithTheirRows()
    {
        const LayersReport report = ActedLayers(home(), true).report(50);
        const std::vector<LayerParts> parts = layerParts(report);
        QCOMPARE(parts.size(), std::size_t(4));
        QCOMPARE(QString::fromStdString(parts[1].name), QStringLiteral("stage1.conv1"));
        QCOMPARE(parts[1].weight, 2);
        QCOMPARE(parts[1].gradient, 1);
        QCOMPARE(parts[1].activations, std::vector<int>{3});
        LayersReport pooled = report; // two activations behind one another
        pooled.quantizers.push_back(pooled.quantizers[3]);
        pooled.quantizers.back().name = "head.pool.wide.step";
        const std::vector<LayerParts> more = layerParts(pooled);
        QCOMPARE(more.size(), std::size_t(5));
        QCOMPARE(QString::fromStdString(more[4].name), QStringLiteral("head.pool.wide"));
        QCOMPARE(more[4].weight, -1);
        QCOMPARE(more[4].activations, std::vector<int>{8});
        const std::vector<LayerParts> real = layerParts(ActedLayers(home(), false).report(50));
        QCOMPARE(real.size(), std::size_t(4));
        QCOMPARE(real[3].weight, -1);
        QCOMPARE(real[3].gradient, 3);
    }

    void recordsAreFollowedAsTheyComeAndStartAgainWhenCut()
    {
        ActedLayers layers(home(), true);
        LayerLog log(home());
        QVERIFY(!log.poll(10ms));
        QVERIFY(!log.latest());
        layers.write(50);
        layers.writeText("{\"step\":"); // half a line, then damage
        QVERIFY(log.poll(10ms));
        QCOMPARE(log.latest()->step, 50);
        layers.writeText("oops}\n");
        layers.write(100);
        QVERIFY(log.poll(10ms));
        QCOMPARE(log.latest()->step, 100);
        QCOMPARE(log.kept().size(), std::size_t(2));
        const auto& trace = log.trace("stage1.conv1.weight.step");
        QCOMPARE(trace.size(), std::size_t(2));
        const LayersReport wanted = layers.report(100);
        QCOMPARE(trace[1].saturated, wanted.quantizers[2].saturated);
        QCOMPARE(trace[1].flips, 0.01);
        QCOMPARE(log.trace("stage1.conv1.weight")[1].norm, wanted.gradients[1].norm);
        QVERIFY(log.trace("nobody").empty());

        const int before = log.generation();
        std::filesystem::remove(home() / "layers.jsonl");
        layers.write(50);
        QVERIFY(log.poll(10ms));
        QVERIFY(log.generation() > before);
        QCOMPARE(log.latest()->step, 50);
        QCOMPARE(log.trace("stage1.conv1.weight.step").size(), std::size_t(1));
    }

    /// The whole run stays visible, evenly, with its first and its newest record.
    void aLongRunIsThinnedEvenly()
    {
        const LayersReport one = ActedLayers(home(), true).report(1);
        std::ofstream file(home() / "layers.jsonl");
        constexpr int records = 5000;
        for (int i = 1; i <= records; ++i) {
            LayersReport report = one;
            report.step = 50 * i;
            report.quantizers.resize(2);
            report.gradients.resize(1);
            file << toLine(layersLine(report)) << '\n';
        }
        file.close();
        LayerLog log(home());
        QElapsedTimer clock;
        clock.start();
        do
            log.poll(20ms);
        while (log.isBehind());
        qInfo("%d records in %lld ms", records, clock.elapsed());
        QCOMPARE(log.latest()->step, std::int64_t(50) * records);
        const auto& kept = log.kept();
        QVERIFY(kept.size() <= LayerLog::mostKept && kept.size() > LayerLog::mostKept / 2);
        QCOMPARE(kept.front().step, 50);
        for (std::size_t i = 2; i < kept.size(); ++i)
            QCOMPARE(kept[i].step - kept[i - 1].step, kept[1].step - kept[0].step);
        const auto& trace = log.trace("stem.conv.weight.step");
        QVERIFY(trace.size() <= LayerLog::mostTraced && trace.size() > LayerLog::mostTraced / 2);
    }

    /// The length of a run that is followed from its start is not known beforehand.
    void aRunThatIsFollowedForLongIsThinnedToo()
    {
        LayersReport report = ActedLayers(home(), true).report(1);
        report.quantizers.resize(2);
        report.gradients.resize(1);
        std::ofstream file(home() / "layers.jsonl");
        LayerLog log(home());
        const auto write = [&](int from, int to) {
            for (int i = from; i <= to; ++i) {
                report.step = 50 * i;
                file << toLine(layersLine(report)) << '\n';
            }
            file.flush();
            do
                log.poll(20ms);
            while (log.isBehind());
        };
        write(1, 1);
        write(2, int(LayerLog::mostTraced));
        const auto& points = log.trace("stem.conv.weight.step");
        QCOMPARE(points.size(), LayerLog::mostTraced);
        const int generation = log.generation();
        write(int(LayerLog::mostTraced) + 1, 3000);
        QVERIFY(log.generation() > generation);
        QVERIFY(points.size() <= LayerLog::mostTraced && points.size() > LayerLog::mostTraced / 2);
        QCOMPARE(points.front().step, 50.0);
        for (std::size_t i = 2; i < points.size(); ++i)
            QCOMPARE(points[i].step - points[i - 1].step, points[1].step - points[0].step);
        QCOMPARE(log.trace("stem.conv.weight").size(), points.size());
        QCOMPARE(log.latest()->step, std::int64_t(50) * 3000);
    }

    void aPollKeepsItsBudget()
    {
        ActedLayers layers(home(), true, 8);
        const std::string line = toLine(layersLine(layers.report(50))) + '\n';
        std::string text;
        for (int i = 0; i < 3000; ++i)
            text += line;
        layers.writeText(text);
        LayerLog log(home());
        QElapsedTimer clock;
        clock.start();
        log.poll(5ms);
        qInfo("asked for 5 ms of %.1f MB: %lld ms", double(text.size()) / 1e6, clock.elapsed());
        QVERIFY(log.isBehind());
        QVERIFY(clock.elapsed() < 100); // the margin is for slow test machines
    }

    void theNewestAloneParsesOneLine()
    {
        ActedLayers layers(home(), true);
        for (int i = 1; i <= 20; ++i)
            layers.write(50 * i);
        LayerLog log(home(), LayerLog::Depth::Newest);
        QVERIFY(log.poll(50ms));
        QCOMPARE(log.latest()->step, 1000);
        QVERIFY(log.kept().size() <= 1);
        layers.write(1050);
        QVERIFY(log.poll(50ms));
        QCOMPARE(log.latest()->step, 1050);
    }

    void theListsRowsStayWhileTheLayersDo()
    {
        LayerListModel model;
        const QAbstractItemModelTester tester(
            &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        const LayersReport first = ActedLayers(home(), true).report(50);
        const LayersReport second = ActedLayers(home(), true).report(1500);
        const LayersReport real = ActedLayers(home(), false).report(50);
        model.setReports({&first});
        QCOMPARE(resets.size(), 1);
        QCOMPARE(model.rowCount(), 4);
        const auto text = [&](int row, int column) {
            return model.index(row, column).data(Qt::DisplayRole).toString();
        };
        QCOMPARE(text(1, LayerListModel::Name), QStringLiteral("stage1.conv1"));
        QCOMPARE(text(1, LayerListModel::Bits), QStringLiteral("4 / 4"));
        const QString before = text(3, LayerListModel::Sqnr);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        model.setReports({&second, &real});
        QCOMPARE(resets.size(), 1);
        QCOMPARE(changes.size(), 1);
        QVERIFY(text(3, LayerListModel::Sqnr) != before);
        QCOMPARE(model.rowOf(QStringLiteral("head.fc")), 3);
        QCOMPARE(model.layer(3), QStringLiteral("head.fc"));
        model.setReports({&real});
        QCOMPARE(text(0, LayerListModel::Bits), QStringLiteral("float"));
        QCOMPARE(text(0, LayerListModel::Sqnr), QStringLiteral("–"));
        model.setReports({});
        QCOMPARE(model.rowCount(), 0);
    }
};

int main(int argc, char* argv[])
{
    return runWindowTest<TestLayerLog>(argc, argv);
}
#include "tst_layer_log.moc"
