#include "core/data/datasets.h"
#include "core/exchange/onnx_import.h"
#include "core/train/evaluator.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <filesystem>

using namespace stair;

namespace fs = std::filesystem;

/// Trained networks that other programs wrote, where the machine has them: read node by node, they
/// judge CIFAR-10's test images as ONNX Runtime does with the same files.
class TestOnnxModels : public QObject
{
    Q_OBJECT

    static fs::path data(const char* name)
    {
        const QString folder = qEnvironmentVariable("STAIRCASE_DATA");
        return folder.isEmpty() ? fs::path() : fs::path(folder.toStdString()) / name;
    }

private slots:
    void accuracyIsOnnxRuntimes_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<double>("top1");
        QTest::addColumn<bool>("isRaw"); // takes bytes from 0 to 255
        QTest::newRow("ResNet-20") << "models/resnet20_cifar10_akamaster.onnx" << 0.9173 << false;
        QTest::newRow("ResNet-8") << "models/resnet8_cifar10_mlperftiny.onnx" << 0.8719 << true;
    }

    void accuracyIsOnnxRuntimes()
    {
        QFETCH(QString, file);
        QFETCH(double, top1);
        QFETCH(bool, isRaw);
        const fs::path model = data(qPrintable(file));
        if (model.empty() || !fs::exists(model))
            QSKIP("STAIRCASE_DATA has no such model");
        if (m_cifar.test.labels.empty()) {
            const DatasetInfo& info = dataset("cifar10");
            m_cifar = info.open({.path = data("cifar-10-binary.tar.xz"),
                                 .cacheFolder = m_cache.path().toStdString(),
                                 .params = ParamValues(info.params)});
        }
        const Normalisation normalisation = isRaw
            ? Normalisation{{0, 0, 0}, std::vector<float>(3, 1.0f / 255)}
            : Normalisation{{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
        const Program program = importOnnx(model, normalisation);
        QVERIFY(!program.floatLayers().empty()); // they are float networks
        const Metrics found = evaluateProgram(program, m_runtime, m_cifar.test, nullptr, {}, 10);
        qInfo("%.4f, ONNX Runtime %.4f", found.top1, top1);
        QCOMPARE(found.images, std::int64_t(10'000));
        QVERIFY(std::abs(found.top1 - top1) < 0.0003);
    }

private:
    QTemporaryDir m_cache;
    Dataset m_cifar;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestOnnxModels)
#include "tst_onnx_models.moc"
