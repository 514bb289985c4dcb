#include "core/data/datasets.h"

#include <QCryptographicHash>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace stair;
namespace fs = std::filesystem;

namespace {

/// Images of each class among some in a row.
std::vector<int> countClasses(const ImageSet& set, int from, int count)
{
    std::vector<int> counts(10);
    for (int i = from; i < from + count; ++i)
        ++counts.at(set.labels[std::size_t(i)]);
    return counts;
}

/// Records as CIFAR-10's files hold them, rebuilt from the decoded images.
QByteArray records(const ImageSet& set, int from, int count)
{
    QByteArray bytes;
    bytes.reserve(count * 3073);
    for (int i = from; i < from + count; ++i) {
        bytes.append(char(set.labels[std::size_t(i)]));
        const auto image = set.image(i);
        for (std::size_t c = 0; c < 3; ++c) {
            for (std::size_t p = 0; p < 1024; ++p)
                bytes.append(char(image[3 * p + c]));
        }
    }
    return bytes;
}

} // namespace

/// The published sets themselves, where the machine has them.
class TestRealData : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_cache;

    static fs::path dataPath(const char* name)
    {
        const QString folder = qEnvironmentVariable("STAIRCASE_DATA");
        return folder.isEmpty() ? fs::path() : fs::path(folder.toStdString()) / name;
    }

    Dataset open(const char* id, const fs::path& path)
    {
        QElapsedTimer timer;
        timer.start();
        const DatasetInfo& info = dataset(id);
        Dataset data = info.open({path, m_cache.path().toStdString(), ParamValues(info.params)});
        qInfo("%s opened in %lld ms", id, timer.elapsed());
        return data;
    }

private slots:
    void cifar10IsThePublishedOne()
    {
        const fs::path path = dataPath("cifar-10-binary.tar.xz");
        if (!fs::exists(path))
            QSKIP("STAIRCASE_DATA names no folder with cifar-10-binary.tar.xz");
        const Dataset data = open("cifar10", path);
        QCOMPARE(data.train.count(), 50'000);
        QCOMPARE(data.test.count(), 10'000);
        QCOMPARE(countClasses(data.test, 0, 10'000), std::vector<int>(10, 1000));
        QCOMPARE(countClasses(data.train, 0, 50'000), std::vector<int>(10, 5000));
        QCOMPARE(data.classNames.front(), std::string("airplane"));
        QCOMPARE(data.classNames.back(), std::string("truck"));

        // The md5 published for data_batch_1.bin: every byte and the order are right.
        const QByteArray batch = records(data.train, 0, 10'000);
        QCOMPARE(QCryptographicHash::hash(batch, QCryptographicHash::Md5).toHex(),
                 QByteArray("5dd7e06a14cb22eb9f671a540d1b7c25"));

        // The published colours agree with the measured ones.
        Dataset measured;
        measured.train = data.train;
        measureColours(measured);
        for (std::size_t c = 0; c < 3; ++c) {
            QVERIFY(std::abs(measured.mean[c] - data.mean[c]) < 1e-4f);
            QVERIFY(std::abs(measured.deviation[c] - data.deviation[c]) < 1e-4f);
        }
        QCOMPARE(open("cifar10", path).hash, data.hash);
    }

    void fashionMnistIsThePublishedOne()
    {
        const fs::path path = dataPath("fashion-mnist");
        if (!fs::exists(path))
            QSKIP("STAIRCASE_DATA names no folder with fashion-mnist");
        const Dataset data = open("idx", path);
        QCOMPARE(data.train.count(), 60'000);
        QCOMPARE(data.test.count(), 10'000);
        QCOMPARE(data.train.height, 28);
        QCOMPARE(countClasses(data.train, 0, 60'000), std::vector<int>(10, 6000));
        QCOMPARE(countClasses(data.test, 0, 10'000), std::vector<int>(10, 1000));
        QVERIFY(std::abs(data.mean[0] - 0.2860f) < 1e-4f);
        QVERIFY(std::abs(data.deviation[0] - 0.3530f) < 1e-4f);
        QCOMPARE(open("idx", path).hash, data.hash);
    }
};

QTEST_GUILESS_MAIN(TestRealData)
#include "tst_real_data.moc"
