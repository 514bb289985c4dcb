#include "core/data/cifar.h"
#include "tests/support/error_text.h"
#include "tests/support/make_archive.h"
#include "tests/support/test_folder.h"

#include <QTest>

using namespace stair;
namespace fs = std::filesystem;

namespace {

/// Colour c of pixel p in the made image `number`.
std::uint8_t madeByte(int number, std::size_t p, std::size_t c)
{
    return std::uint8_t(number * 7 + int(p) * 3 + int(c) * 101 + int(p) / 32);
}

std::string record(int number, const std::vector<int>& labels)
{
    std::string bytes;
    for (const int label : labels)
        bytes += char(label);
    for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t p = 0; p < 1024; ++p)
            bytes += char(madeByte(number, p, c));
    }
    return bytes;
}

/// Two images a batch; image k of all has label k % 10.
std::vector<PackedFile> madeCifar10(const std::string& folder)
{
    std::vector<PackedFile> files;
    int k = 0;
    for (int batch = 1; batch <= 5; ++batch, k += 2)
        files.push_back({folder + "data_batch_" + std::to_string(batch) + ".bin",
                         record(k, {k % 10}) + record(k + 1, {(k + 1) % 10})});
    files.push_back({folder + "test_batch.bin", record(10, {3}) + record(11, {4})});
    return files;
}

std::string numberedNames(int count)
{
    std::string names;
    for (int i = 0; i < count; ++i)
        names += "kind" + std::to_string(i) + "\r\n";
    return names + "\n";
}

std::vector<PackedFile> madeCifar100()
{
    return {{"cifar-100-binary/coarse_label_names.txt", numberedNames(20)},
            {"cifar-100-binary/fine_label_names.txt", numberedNames(100)},
            {"cifar-100-binary/test.bin", record(4, {19, 99})},
            {"cifar-100-binary/train.bin",
             record(0, {1, 10}) + record(1, {2, 20}) + record(2, {3, 30})}};
}

Dataset open(const std::string& id, const fs::path& path, const char* params = "{}")
{
    const DatasetInfo info = id == "cifar10" ? cifar10Info() : cifar100Info();
    const Json json = Json::parse(params);
    ObjectReader reader(json, "test");
    return info.open({path, {}, ParamValues::read(info.params, reader)});
}

bool holdsMadeImage(const ImageSet& set, int index, int number)
{
    const auto image = set.image(index);
    for (std::size_t p = 0; p < 1024; ++p) {
        for (std::size_t c = 0; c < 3; ++c) {
            if (image[3 * p + c] != madeByte(number, p, c))
                return false;
        }
    }
    return true;
}

} // namespace

class TestCifar : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_temporary;
    fs::path m_folder;

    /// Lays files out as a folder or packs them, by the ending of the name.
    fs::path lay(const std::string& name, const std::vector<PackedFile>& files) const
    {
        const fs::path path = m_folder / name;
        if (path.has_extension())
            makeArchive(path, files);
        else
            for (const PackedFile& file : files)
                writePlainFile(path / file.name, file.content);
        return path;
    }

    static void rowPerPlace()
    {
        QTest::addColumn<std::string>("name");
        for (const char* name : {"set.tar.gz", "set.tar.xz", "set.zip", "folder"})
            QTest::addRow("%s", name) << std::string(name);
    }

private slots:
    void init() { m_folder = testFolder(m_temporary); }

    void cifar10OpensFromEveryPlace_data() { rowPerPlace(); }

    void cifar10OpensFromEveryPlace()
    {
        QFETCH(std::string, name);
        const Dataset data = open("cifar10", lay(name, madeCifar10("some/where/")));
        QCOMPARE(data.train.count(), 10);
        QCOMPARE(data.test.count(), 2);
        QCOMPARE(data.train.height * 100 + data.train.width, 3232);
        QCOMPARE(data.train.channels, 3);
        for (int i = 0; i < 10; ++i) {
            QCOMPARE(int(data.train.labels[std::size_t(i)]), i);
            QVERIFY(holdsMadeImage(data.train, i, i));
        }
        QVERIFY(holdsMadeImage(data.test, 1, 11));
        QCOMPARE(data.test.labels[1], 4);
        QCOMPARE(data.classes(), 10);
        QCOMPARE(data.classNames[3], std::string("cat"));
        QCOMPARE(data.mean[0], 0.4914f);
        QCOMPARE(data.deviation[2], 0.2616f);
        QCOMPARE(data.hash, contentHash(data));
    }

    void theOrderInTheArchiveDoesNotMatter()
    {
        std::vector<PackedFile> files = madeCifar10("");
        const std::string hash = open("cifar10", lay("a.zip", files)).hash;
        std::ranges::reverse(files);
        QCOMPARE(open("cifar10", lay("b.zip", files)).hash, hash);
    }

    void classNamesComeFromTheFile()
    {
        std::vector<PackedFile> files = madeCifar10("d/");
        files.push_back({"d/batches.meta.txt", numberedNames(10)});
        QCOMPARE(open("cifar10", lay("a.tar.gz", files)).classNames[9], std::string("kind9"));
    }

    void cifar100GivesTheLabelsAskedFor_data()
    {
        QTest::addColumn<std::string>("params");
        QTest::addColumn<int>("classes");
        QTest::addColumn<int>("label");
        QTest::addRow("by default the fine ones") << std::string("{}") << 100 << 30;
        QTest::addRow("fine") << std::string(R"({"labels": "fine"})") << 100 << 30;
        QTest::addRow("coarse") << std::string(R"({"labels": "coarse"})") << 20 << 3;
    }

    void cifar100GivesTheLabelsAskedFor()
    {
        QFETCH(std::string, params);
        QFETCH(int, classes);
        const Dataset data = open("cifar100", lay("set.tar.gz", madeCifar100()), params.c_str());
        QCOMPARE(data.classes(), classes);
        QTEST(int(data.train.labels[2]), "label");
        QCOMPARE(data.classNames.back(), "kind" + std::to_string(classes - 1));
        QVERIFY(holdsMadeImage(data.train, 2, 2));
        QVERIFY(holdsMadeImage(data.test, 0, 4));
        QCOMPARE(data.mean[1], 0.4865f);
        QCOMPARE(data.deviation[0], 0.2673f);
    }

    void cifar100WithoutNamesNumbersItsClasses()
    {
        auto files = madeCifar100();
        files.erase(files.begin(), files.begin() + 2);
        QCOMPARE(open("cifar100", lay("set.zip", files)).classNames[42], std::string("class 42"));
    }

    void mistakesAreNamed_data()
    {
        using Files = std::vector<PackedFile>;
        QTest::addColumn<std::string>("id");
        QTest::addColumn<Files>("files");
        QTest::addColumn<QString>("text");
        const auto row
            = [](const char* name, const char* id, const Files& files, const char* text) {
                  QTest::addRow("%s", name) << std::string(id) << files << QString(text);
              };
        const auto changed = [](std::size_t which, const std::string& content) {
            Files files = madeCifar10("");
            files[which].content = content;
            return files;
        };
        Files missing = madeCifar10("");
        missing.erase(missing.begin() + 2);
        row("a missing batch", "cifar10", missing,
            "holds no data_batch_3.bin, which belongs to CIFAR-10; choose the archive");
        row("a batch cut short", "cifar10", changed(1, record(0, {1}) + "rest"),
            "data_batch_2.bin ends within record 1 (4 of 3073 bytes); download it again");
        row("an empty batch", "cifar10", changed(5, ""), "test_batch.bin ends within record 0");
        row("a label out of range", "cifar10", changed(4, record(0, {1}) + record(1, {10})),
            "data_batch_5.bin, record 1 has label 10, which must be below 10");
        row("the Python version", "cifar10", {{"d/data_batch_1", "x"}, {"d/test_batch", "y"}},
            "this is the Python version, download the binary version");
        row("CIFAR-100 opened as CIFAR-10", "cifar10", madeCifar100(),
            "this is not CIFAR-10, choose the other CIFAR");
        row("CIFAR-10 opened as CIFAR-100", "cifar100", madeCifar10(""),
            "this is not CIFAR-100, choose the other CIFAR");
        Files coarse = madeCifar100();
        coarse[3].content = record(0, {20, 1});
        row("a coarse label out of range", "cifar100", coarse,
            "train.bin, record 0 has label 20, which must be below 20");
        Files names = madeCifar100();
        names[1].content = numberedNames(99);
        row("a name missing", "cifar100", names, "fine_label_names.txt names 99 classes, not 100");
    }

    void mistakesAreNamed()
    {
        QFETCH(std::string, id);
        QFETCH(std::vector<PackedFile>, files);
        QFETCH(QString, text);
        const fs::path path = lay("set.zip", files);
        const QString thrown = errorText([&] { open(id, path); });
        VERIFY_CONTAINS(thrown, text);
        VERIFY_CONTAINS(thrown, QString::fromStdString(path.string()));
        QVERIFY(thrown.contains("download") || thrown.contains("choose"));
    }
};

QTEST_GUILESS_MAIN(TestCifar)
#include "tst_cifar.moc"
