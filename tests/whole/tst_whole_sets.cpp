#include "core/data/datasets.h"
#include "core/train/trainer.h"
#include "tests/support/small_experiment.h"
#include "tests/whole/shipped_forms.h"
#include "tests/whole/value_digest.h"
#include "tests/whole/whole_models.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

using namespace stair;

namespace fs = std::filesystem;

namespace {

constexpr int threads = 2;
constexpr int shortImages = 64;
constexpr int shortSteps = 6;
constexpr int longChunk = 250; // images at a time
constexpr int proofSamples = 2;

ImageSet firstImages(const ImageSet& set, int count)
{
    ImageSet part{set.height, set.width, set.channels, {}, {}};
    count = std::min(count, set.count());
    part.labels.assign(set.labels.begin(), set.labels.begin() + count);
    part.pixels.assign(set.pixels.begin(),
                       set.pixels.begin() + std::ptrdiff_t(std::size_t(count) * set.imageBytes()));
    return part;
}

ImageBytes batchOf(const ImageSet& set, int first, int count)
{
    return {set.image(first).data(), {count, set.height, set.width, set.channels}};
}

} // namespace

/// Networks of real size, trained briefly: every integer is the same in the run's evaluation, in the
/// engine with every kind of kernel, in the packed file, in ONNX Runtime and in C. A few images;
/// with STAIR_LONG_TESTS=1 the whole test set. On CIFAR-10 where STAIRCASE_DATA has it.
class TestWholeSets : public QObject
{
    Q_OBJECT

    fs::path folder() const { return m_folder.path().toStdString(); }

    Dataset dataFor(const WholeModel& model) const
    {
        Dataset data = m_data;
        data.train = firstImages(m_data.train, m_isLong ? model.steps * 128 : shortSteps * 32);
        data.test = firstImages(m_data.test, m_isLong ? m_data.test.count() : shortImages);
        return data;
    }

    /// Trains, and what is shipped then; `judged`: what the run itself said at its end.
    ShippedModel train(const ExperimentSpec& spec, const Dataset& data, Metrics* judged)
    {
        Trainer trainer(spec, data, m_runtime);
        RecordingObserver observer;
        ScriptedControls controls;
        trainer.run(observer, controls, {});
        *judged = observer.evaluations.back().test;
        ShippedModel shipped;
        shipped.program = trainer.program();
        shipped.origin.spec = spec.toJson();
        shipped.origin.classNames = data.classNames;
        shipped.proof = prove(shipped.program, m_runtime, EngineKernels::Fast, proofSamples);
        return shipped;
    }

private slots:
    void initTestCase()
    {
        m_isLong = qEnvironmentVariableIntValue("STAIR_LONG_TESTS") == 1;
        const fs::path data = qEnvironmentVariable("STAIRCASE_DATA").toStdString();
        const fs::path file = data / "cifar-10-binary.tar.xz";
        m_hasCifar = !data.empty() && fs::exists(file);
        const DatasetInfo& info = dataset(m_hasCifar ? "cifar10" : "procedural");
        m_data = info.open({.path = m_hasCifar ? file : fs::path(),
                            .cacheFolder = folder() / "cache",
                            .params = ParamValues(info.params)});
    }

    void theIntegersAreTheSameEverywhere_data()
    {
        QTest::addColumn<int>("model");
        for (int i = 0; i < int(std::size(wholeModels)); ++i)
            QTest::addRow("%s", wholeModels[i].name) << i;
    }

    void theIntegersAreTheSameEverywhere()
    {
        QFETCH(int, model);
        const WholeModel& chosen = wholeModels[model];
        QElapsedTimer timer;
        timer.start();
        const Dataset data = dataFor(chosen);
        Metrics judged;
        const ShippedModel shipped
            = train(readSpec(wholeSpec(chosen, m_hasCifar, m_isLong)), data, &judged);
        const Program& program = shipped.program;
        QVERIFY(program.floatLayers().empty());
        ShippedForms forms(shipped, m_runtime, folder());
        const bool joins = std::ranges::any_of(program.instructions,
                                               [](const auto& in) { return in.skip >= 0; });
        QCOMPARE(forms.hasThresholds(), !joins);
        const double prepared = double(timer.restart()) / 1000;

        const int total = data.test.count();
        // All of the few images, or a quarter of them where the plain kernels take a second for one.
        const int careful = std::min(total, m_isLong ? chosen.careful : chosen.careful / 12);
        const int chunk = std::min(careful, longChunk);
        MetricsMeter meter(data.classes());
        ValueDigest digest(program);
        Engine engine(program, m_runtime);
        engine.keepValues(true);
        for (int first = 0; first < total; first += chunk) {
            const int count = std::min(chunk, total - first);
            const ImageBytes batch = batchOf(data.test, first, count);
            const std::span labels(data.test.labels.data() + first, std::size_t(count));
            meter.add(engine.run(batch), labels);
            QCOMPARE(QString::fromStdString(forms.unlikeReloaded(engine, batch)), QString());
            QCOMPARE(QString::fromStdString(forms.unlikeInOnnxRuntime(engine, batch)), QString());
            if (forms.hasQdq())
                QCOMPARE(QString::fromStdString(forms.countQdq(engine, batch, labels)), QString());
            if (first + count > careful)
                continue;
            digest.add(engine);
            QCOMPARE(QString::fromStdString(forms.unlikePlain(engine, batch)), QString());
            QCOMPARE(QString::fromStdString(forms.unlikeInC(engine, batch)), QString());
        }
        // The run judged these very integers.
        QCOMPARE(meter.value().confusion, judged.confusion);
        QVERIFY(std::abs(meter.value().loss - judged.loss) <= 1e-12 * judged.loss);

        const auto* pixels = reinterpret_cast<const char*>(data.test.pixels.data());
        writeFileAtomically(folder() / "pixels",
                            {pixels, std::size_t(careful) * data.test.imageBytes()});
        const std::string expected = digest.text(program);
        QByteArrayList cpus;
        for (const char* isa : {"AVX2", "AVX512", "AVX512_VNNI", ""})
            for (const int count : {1, 2}) {
                QByteArray cpu;
                QCOMPARE(forms.digest(folder() / "pixels", isa, count, &cpu), expected);
                if (!cpus.contains(cpu))
                    cpus << cpu;
            }

        qInfo("top-1 %.4f of %d images; %lld integers as in ONNX Runtime; on %d images plain "
              "kernels, %s and one or two threads on %s; %.0f + %.0f s",
              judged.top1, total, (long long)forms.compared(), careful,
              forms.hasThresholds() ? "C (fixed point, thresholds)" : "C (fixed point)",
              cpus.join(", ").constData(), prepared, double(timer.elapsed()) / 1000);
        QVERIFY(forms.compared() > 0);
        if (!forms.hasQdq())
            return;
        const double qdq = forms.qdqMetrics().top1;
        qInfo("QDQ: top-1 %.4f, %lld of %lld integers differ", qdq, (long long)forms.qdqUnlike(),
              (long long)forms.qdqCompared());
        if (m_isLong)
            QVERIFY(std::abs(qdq - judged.top1) <= 0.001 + 1e-9);
    }

private:
    bool m_isLong = false;
    bool m_hasCifar = false;
    Dataset m_data;
    QTemporaryDir m_folder;
    Runtime m_runtime{threads};
};

QTEST_GUILESS_MAIN(TestWholeSets)
#include "tst_whole_sets.moc"
