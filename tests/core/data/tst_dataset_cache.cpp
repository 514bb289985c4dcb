#include "core/data/dataset_cache.h"
#include "tests/support/error_text.h"
#include "tests/support/make_archive.h"
#include "tests/support/test_folder.h"

#include <QTest>

#include <chrono>

using namespace stair;
namespace fs = std::filesystem;

namespace {

Dataset made(std::uint8_t first)
{
    Dataset data;
    data.train = {.height = 2, .width = 1, .channels = 3, .pixels = {}, .labels = {7, 300, 0}};
    for (std::uint8_t i = 0; i < 18; ++i)
        data.train.pixels.push_back(std::uint8_t(first + i));
    data.test
        = {.height = 2, .width = 1, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}, .labels = {1}};
    data.classNames = {"zero", "one \"quoted\""};
    data.mean = {0.1f, 0.4914f, 1.0f / 3};
    data.deviation = {0.247f, 1e-3f, 1};
    data.hash = contentHash(data);
    return data;
}

bool equal(const Dataset& a, const Dataset& b)
{
    const auto sets = [](const ImageSet& x, const ImageSet& y) {
        return x.height == y.height && x.width == y.width && x.channels == y.channels
            && x.pixels == y.pixels && x.labels == y.labels;
    };
    return sets(a.train, b.train) && sets(a.test, b.test) && a.classNames == b.classNames
        && a.mean == b.mean && a.deviation == b.deviation && a.hash == b.hash;
}

/// Makes the file look old enough for its hash to be remembered.
void wait()
{
    std::this_thread::sleep_for(std::chrono::milliseconds(4100));
}

} // namespace

class TestDatasetCache : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_temporary;
    fs::path m_folder;
    CacheRequest m_request;
    int m_decoded = 0;

    Dataset open()
    {
        return openThroughCache(m_request, [this] {
            ++m_decoded;
            return made(std::uint8_t(m_request.kind.size()));
        });
    }

    std::vector<fs::path> files(const std::string& start) const
    {
        std::vector<fs::path> found;
        for (const auto& item : fs::directory_iterator(m_request.cacheFolder)) {
            if (item.path().filename().string().starts_with(start))
                found.push_back(item.path());
        }
        return found;
    }

private slots:
    void init()
    {
        m_folder = testFolder(m_temporary);
        m_request = {.source = m_folder / "source.bin",
                     .cacheFolder = m_folder / "cache",
                     .kind = "kind",
                     .wanted = [](std::string_view file) {
                         return file.ends_with(".bin");
                     }};
        m_decoded = 0;
        writePlainFile(m_request.source, "content");
    }

    void whatIsWrittenIsRead()
    {
        const Dataset data = made(5);
        writeCachedDataset(m_folder / "copy", data);
        const auto read = readCachedDataset(m_folder / "copy");
        QVERIFY(read && equal(*read, data));
        QVERIFY(!readCachedDataset(m_folder / "absent"));
    }

    void theSecondOpeningDecodesNothing()
    {
        const Dataset first = open();
        QVERIFY(equal(first, open()));
        QCOMPARE(m_decoded, 1);
    }

    void otherContentAndOtherParametersAreDecodedAnew()
    {
        open();
        m_request.kind = "kind {\"labels\":\"coarse\"}";
        open();
        QCOMPARE(m_decoded, 2);
        writePlainFile(m_request.source, "CONTENT");
        open();
        QCOMPARE(m_decoded, 3);
        writePlainFile(m_request.source, "content");
        open();
        QCOMPARE(m_decoded, 3); // the first content is still known
    }

    void theSameContentElsewhereIsKnown()
    {
        open();
        m_request.source = m_folder / "moved.bin";
        writePlainFile(m_request.source, "content");
        open();
        QCOMPARE(m_decoded, 1);
    }

    void aFolderIsKnownByItsWantedFiles()
    {
        m_request.source = m_folder / "set";
        writePlainFile(m_request.source / "a" / "one.bin", "1");
        writePlainFile(m_request.source / "two.bin", "2");
        open();
        writePlainFile(m_request.source / "notes.txt", "not wanted");
        open();
        QCOMPARE(m_decoded, 1);
        writePlainFile(m_request.source / "two.bin", "3");
        open();
        QCOMPARE(m_decoded, 2);
        fs::rename(m_request.source / "two.bin", m_request.source / "three.bin");
        open();
        QCOMPARE(m_decoded, 3);
    }

    void aDamagedCopyIsDecodedAnew_data()
    {
        QTest::addColumn<int>("byte"); // changed, counted from the end where negative
        QTest::addRow("in the magic") << 3;
        QTest::addRow("in the hash of the header") << 20;
        QTest::addRow("in the header's length") << 76;
        QTest::addRow("in the header") << 100;
        QTest::addRow("in the training pixels") << -20;
        QTest::addRow("in the last label") << -1;
    }

    void aDamagedCopyIsDecodedAnew()
    {
        QFETCH(int, byte);
        const Dataset first = open();
        const fs::path copy = files("data-").at(0);
        const auto size = std::int64_t(fs::file_size(copy));
        std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(byte < 0 ? size + byte : byte);
        const char old = char(file.get());
        file.seekp(byte < 0 ? size + byte : byte);
        file.put(char(old ^ 0x20));
        file.close();
        QVERIFY(!readCachedDataset(copy));
        QVERIFY(equal(open(), first));
        QCOMPARE(m_decoded, 2);
        QVERIFY(readCachedDataset(copy)); // and put right
    }

    void aCopyOfAnotherLengthIsDecodedAnew_data()
    {
        QTest::addColumn<int>("more");
        QTest::addRow("a byte too few") << -1;
        QTest::addRow("a byte too many") << 1;
        QTest::addRow("nothing left") << -1'000'000;
    }

    void aCopyOfAnotherLengthIsDecodedAnew()
    {
        QFETCH(int, more);
        open();
        const fs::path copy = files("data-").at(0);
        fs::resize_file(copy, std::uintmax_t(std::max(0, int(fs::file_size(copy)) + more)));
        open();
        QCOMPARE(m_decoded, 2);
    }

    void withoutACacheFolderEveryOpeningDecodes()
    {
        m_request.cacheFolder.clear();
        open();
        open();
        QCOMPARE(m_decoded, 2);
    }

    void anUnusableCacheFolderDoesNotFailTheRun_data()
    {
        QTest::addColumn<std::string>("folder");
        QTest::addRow("below a file") << std::string("source.bin/cache");
        QTest::addRow("a file itself") << std::string("source.bin");
        QTest::addRow("in a place without permission") << std::string("/proc/cache");
    }

    void anUnusableCacheFolderDoesNotFailTheRun()
    {
        QFETCH(std::string, folder);
        m_request.cacheFolder = m_folder / folder; // an absolute path replaces the left side
        QVERIFY(equal(open(), made(4)));
        QVERIFY(equal(open(), made(4)));
        QCOMPARE(m_decoded, 2);
    }

    void anAbsentSourceIsTheDecodersToReport()
    {
        m_request.source = m_folder / "absent";
        open();
        QCOMPARE(m_decoded, 1);
    }

    void aHashIsRememberedUntilTheFileChanges()
    {
        wait();
        const std::string key = sourceKey(m_request.source, m_request.wanted, m_folder);
        fs::path note;
        for (const auto& item : fs::directory_iterator(m_folder)) {
            if (item.path().filename().string().starts_with("key-"))
                note = item.path();
        }
        QVERIFY(!note.empty());
        std::string text;
        std::getline(std::ifstream(note), text);
        QVERIFY(text.ends_with(key));

        // A note that says something else shows that the note is what is read.
        writePlainFile(note, text.substr(0, text.size() - 64) + std::string(64, 'f'));
        QCOMPARE(sourceKey(m_request.source, m_request.wanted, m_folder), std::string(64, 'f'));

        const auto time = fs::last_write_time(m_request.source);
        writePlainFile(m_request.source, "CONTENT"); // the same size
        fs::last_write_time(m_request.source, time); // and time
        QVERIFY(sourceKey(m_request.source, m_request.wanted, m_folder) != std::string(64, 'f'));
    }
};

QTEST_GUILESS_MAIN(TestDatasetCache)
#include "tst_dataset_cache.moc"
