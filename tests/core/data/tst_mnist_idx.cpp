#include "core/data/mnist_idx.h"
#include "tests/support/error_text.h"
#include "tests/support/make_archive.h"
#include "tests/support/test_folder.h"

#include <QTest>

#include <cmath>

using namespace stair;
namespace fs = std::filesystem;

namespace {

std::string bigEndian(std::uint32_t value)
{
    return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

std::string images(std::uint32_t count, std::uint32_t height, std::uint32_t width,
                   const std::string& pixels, std::uint32_t magic = 0x803)
{
    return bigEndian(magic) + bigEndian(count) + bigEndian(height) + bigEndian(width) + pixels;
}

std::string labels(const std::string& values)
{
    return bigEndian(0x801) + bigEndian(std::uint32_t(values.size())) + values;
}

/// Four training and two test images of 2 x 3 pixels, each of one grey.
std::vector<PackedFile> madeSet()
{
    std::string train;
    for (const int grey : {0, 0, 255, 255})
        train += std::string(6, char(grey));
    return {{"train-images-idx3-ubyte", images(4, 2, 3, train)},
            {"train-labels-idx1-ubyte", labels({0, 1, 2, 9})},
            {"t10k-images-idx3-ubyte", images(2, 2, 3, "abcdefghijkl")},
            {"t10k-labels-idx1-ubyte", labels({5, 6})}};
}

Dataset open(const fs::path& path, const char* params = "{}")
{
    const DatasetInfo info = idxInfo();
    const Json json = Json::parse(params);
    ObjectReader reader(json, "test");
    return info.open({path, {}, ParamValues::read(info.params, reader)});
}

} // namespace

class TestMnistIdx : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_temporary;
    fs::path m_folder;

    static void check(const Dataset& data)
    {
        QCOMPARE(data.train.count(), 4);
        QCOMPARE(data.train.height, 2);
        QCOMPARE(data.train.width, 3);
        QCOMPARE(data.train.channels, 1);
        QCOMPARE(data.test.count(), 2);
        QCOMPARE(data.train.labels[3], 9);
        QCOMPARE(data.test.labels[0], 5);
        QCOMPARE(data.test.image(1)[5], std::uint8_t('l'));
        QCOMPARE(data.train.image(2)[0], 255);
        QCOMPARE(data.classes(), 10);
        QCOMPARE(data.classNames[7], std::string("7"));
        // Half the training pixels are 0, half 255.
        QCOMPARE(data.mean[0], 0.5f);
        QCOMPARE(data.deviation[0], 0.5f);
    }

private slots:
    void init() { m_folder = testFolder(m_temporary); }

    void opensFromAFolderOfPlainFiles()
    {
        for (const PackedFile& file : madeSet())
            writePlainFile(m_folder / "raw" / file.name, file.content);
        check(open(m_folder));
        check(open(m_folder / "raw" / "t10k-labels-idx1-ubyte"));
    }

    void opensFromAFolderOfGzipFiles()
    {
        for (const PackedFile& file : madeSet())
            makeArchive(m_folder / (file.name + ".gz"), {file});
        check(open(m_folder));
        check(open(m_folder / "train-images-idx3-ubyte.gz"));
    }

    void opensFromAnArchive_data()
    {
        QTest::addColumn<std::string>("name");
        QTest::addRow("zip") << std::string("set.zip");
        QTest::addRow("tar.gz") << std::string("set.tar.gz");
    }

    void opensFromAnArchive()
    {
        QFETCH(std::string, name);
        makeArchive(m_folder / name, madeSet());
        check(open(m_folder / name));
    }

    void otherSpellingsOfTheNamesAreKnown()
    {
        auto files = madeSet();
        files[0].name = "emnist-digits-train-images-idx3-ubyte";
        files[1].name = "train-labels.idx1-ubyte";
        files[2].name = "test-images-idx3-ubyte";
        files.push_back({"__MACOSX/._train-images-idx3-ubyte", "junk"});
        files.push_back({"copy/train-labels-idx1-ubyte", files[1].content});
        makeArchive(m_folder / "set.zip", files);
        check(open(m_folder / "set.zip"));
    }

    void moreClassesAreTakenWhenAskedFor()
    {
        auto files = madeSet();
        files[3].content = labels({5, 26});
        makeArchive(m_folder / "set.zip", files);
        QCOMPARE(open(m_folder / "set.zip", R"({"classes": 27})").classes(), 27);
    }

    void oneColourDoesNotDivideByZero()
    {
        auto files = madeSet();
        files[0].content = images(4, 2, 3, std::string(24, '\x33'));
        makeArchive(m_folder / "set.zip", files);
        const Dataset data = open(m_folder / "set.zip");
        QCOMPARE(data.mean[0], 0.2f);
        QVERIFY(data.deviation[0] > 0);
    }

    void mistakesAreNamed_data()
    {
        QTest::addColumn<int>("file");
        QTest::addColumn<std::string>("content");
        QTest::addColumn<QString>("text");
        QTest::addRow("no image file") << 0 << std::string() << "holds no train-images-idx3-ubyte";
        QTest::addRow("no test labels") << 3 << std::string() << "holds no t10k-labels-idx1-ubyte";
        QTest::addRow("a short head")
            << 2 << std::string("abc") << "t10k-images-idx3-ubyte has only 3 bytes";
        QTest::addRow("labels for images")
            << 0 << images(1, 2, 3, "abcdef", 0x801)
            << "train-images-idx3-ubyte begins with 2049, not with 2051 as images";
        QTest::addRow("pixels missing") << 0 << images(4, 2, 3, std::string(23, 'x'))
                                        << "has 39 bytes, but 4 images of 2 x 3 take 40";
        QTest::addRow("an absurd size")
            << 0 << images(~0u, ~0u, ~0u, "x") << "claims 4294967295 images of";
        QTest::addRow("a label too few") << 1 << labels({0, 1, 2}) << "has 3 labels for 4 images";
        QTest::addRow("a label out of range")
            << 3 << labels({0, 10}) << "has label 10 in record 1, not below 10";
        QTest::addRow("another image size") << 2 << images(2, 3, 2, "abcdefghijkl")
                                            << "test images are 3 x 2, training images 2 x 3";
    }

    void mistakesAreNamed()
    {
        QFETCH(int, file);
        QFETCH(std::string, content);
        QFETCH(QString, text);
        auto files = madeSet();
        if (content.empty())
            files.erase(files.begin() + file);
        else
            files[std::size_t(file)].content = content;
        const fs::path path = m_folder / "set.zip";
        makeArchive(path, files);
        const QString thrown = errorText([&] { open(path); });
        VERIFY_CONTAINS(thrown, text);
        VERIFY_CONTAINS(thrown, QString::fromStdString(path.string()));
        QVERIFY(thrown.contains("; "));
    }

    void twoSetsInOnePlaceAreRefused()
    {
        auto files = madeSet();
        files.push_back({"emnist-train-labels-idx1-ubyte", labels({1, 1, 1, 1})});
        makeArchive(m_folder / "set.zip", files);
        VERIFY_CONTAINS(errorText([&] { open(m_folder / "set.zip"); }), "holds several sets");
    }
};

QTEST_GUILESS_MAIN(TestMnistIdx)
#include "tst_mnist_idx.moc"
