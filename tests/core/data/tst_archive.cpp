#include "core/data/archive.h"
#include "tests/support/error_text.h"
#include "tests/support/make_archive.h"
#include "tests/support/test_folder.h"

#include <QTest>

#include <map>

using namespace stair;
namespace fs = std::filesystem;

namespace {

using Contents = std::map<std::string, std::string>;

Contents readAll(const fs::path& path)
{
    Contents contents;
    const auto archive = Archive::open(path);
    while (archive->next()) {
        const auto bytes = archive->read();
        contents[archive->name()] = std::string(bytes.begin(), bytes.end());
    }
    return contents;
}

std::string slurp(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Bytes without pattern, so that a compressor keeps most of them.
std::string noise(std::size_t count, std::uint32_t seed = 1)
{
    std::string text(count, '\0');
    std::uint32_t state = seed;
    for (char& c : text) {
        state = state * 1664525 + 1013904223;
        c = char(state >> 24);
    }
    return text;
}

} // namespace

class TestArchive : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_temporary;
    fs::path m_folder;

    static void rowPerKind()
    {
        QTest::addColumn<std::string>("name");
        for (const char* name : {"set.tar", "set.tar.gz", "set.tar.xz", "set.zip"})
            QTest::addRow("%s", name) << std::string(name);
    }

private slots:
    void init() { m_folder = testFolder(m_temporary); }

    void everyKindGivesItsFiles_data() { rowPerKind(); }

    void everyKindGivesItsFiles()
    {
        QFETCH(std::string, name);
        const Contents files = {{"a/one.bin", noise(3'000'000)}, {"a/b/two", "2"}, {"empty", ""}};
        std::vector<PackedFile> packed;
        for (const auto& [file, content] : files)
            packed.push_back({file, content});
        makeArchive(m_folder / name, packed);
        QVERIFY(readAll(m_folder / name) == files);
    }

    void aFolderGivesItsFilesInOrder()
    {
        writePlainFile(m_folder / "b" / "two", "2");
        writePlainFile(m_folder / "a", "1");
        writePlainFile(m_folder / "b" / "c" / "three", "3");
        const auto archive = Archive::open(m_folder);
        std::vector<std::string> names;
        while (archive->next())
            names.push_back(archive->name());
        QVERIFY((names == std::vector<std::string>{"a", "b/c/three", "b/two"}));
        QCOMPARE(readAll(m_folder)["b/c/three"], std::string("3"));
    }

    void aSingleGzipFileIsAnArchiveOfOne()
    {
        makeArchive(m_folder / "labels-idx1-ubyte.gz", {{"x", "content"}});
        QVERIFY((readAll(m_folder / "labels-idx1-ubyte.gz")
                 == Contents{{"labels-idx1-ubyte", "content"}}));
    }

    void gzipFilesInsideAreUnpacked()
    {
        fs::create_directories(m_folder / "data");
        makeArchive(m_folder / "data" / "one.gz", {{"x", "1"}});
        const std::string packed = slurp(m_folder / "data" / "one.gz");
        makeArchive(m_folder / "set.zip", {{"in/one.gz", packed}, {"in/two", "2"}});
        QVERIFY((readAll(m_folder / "data") == Contents{{"one", "1"}}));
        QVERIFY((readAll(m_folder / "set.zip") == Contents{{"in/one", "1"}, {"in/two", "2"}}));
    }

    void gzipMembersAreJoined()
    {
        makeArchive(m_folder / "a.gz", {{"x", "first "}});
        makeArchive(m_folder / "b.gz", {{"x", "second"}});
        const std::string both = slurp(m_folder / "a.gz") + slurp(m_folder / "b.gz");
        const fs::path folder = m_folder / "folder";
        writePlainFile(folder / "c.gz", both);
        QVERIFY((readAll(folder / "c.gz") == Contents{{"c", "first second"}}));
        QVERIFY((readAll(folder) == Contents{{"c", "first second"}}));
    }

    void filesThatNobodyReadsAreSkipped_data() { rowPerKind(); }

    void filesThatNobodyReadsAreSkipped()
    {
        QFETCH(std::string, name);
        makeArchive(m_folder / name,
                    {{"d/a", noise(100'000)}, {"d/b", "wanted"}, {"e/b", "later"}});
        const FoundFiles found
            = readFiles(m_folder / name, [](std::string_view file) { return file == "b"; });
        QCOMPARE(found.content.size(), std::size_t(1));
        const auto& content = found.content.at("b");
        QCOMPARE(std::string(content.begin(), content.end()), std::string("wanted"));
        QVERIFY((found.others == std::vector<std::string>{"a", "b"}));
    }

    void aTruncatedArchiveSaysSo_data() { rowPerKind(); }

    void aTruncatedArchiveSaysSo()
    {
        QFETCH(std::string, name);
        const fs::path path = m_folder / name;
        makeArchive(path, {{"first.bin", noise(200'000)}, {"second.bin", noise(200'000, 2)}});
        fs::resize_file(path, fs::file_size(path) * 3 / 4);
        const QString text = errorText([&] { readAll(path); });
        VERIFY_CONTAINS(text, QString::fromStdString(path.string()) + " is damaged or incomplete");
        VERIFY_CONTAINS(text, "second.bin");
        VERIFY_CONTAINS(text, "download it again");
        QVERIFY(!text.contains('\n'));
    }

    void aChangedByteIsNoticed_data()
    {
        QTest::addColumn<std::string>("name");
        for (const char* name : {"set.tar.gz", "set.tar.xz", "set.zip", "one.gz"})
            QTest::addRow("%s", name) << std::string(name);
    }

    void aChangedByteIsNoticed()
    {
        QFETCH(std::string, name);
        const fs::path path = m_folder / name;
        std::vector<PackedFile> files{{"first.bin", noise(200'000)}};
        if (name != "one.gz")
            files.push_back({"second.bin", noise(50'000)});
        makeArchive(path, files);
        std::string bytes = slurp(path);
        bytes[bytes.size() / 3] ^= 1;
        writePlainFile(path, bytes);
        VERIFY_CONTAINS(errorText([&] { readAll(path); }), "is damaged or incomplete");
    }

    void aDamagedGzipFileInAFolderIsNamed()
    {
        makeArchive(m_folder / "one.gz", {{"x", noise(10'000)}});
        fs::resize_file(m_folder / "one.gz", 5'000);
        const QString text = errorText([&] { readAll(m_folder); });
        VERIFY_CONTAINS(text, "one.gz: the gzip stream ends too early; download it again");
    }

    void whatIsNoArchiveIsRefused_data()
    {
        QTest::addColumn<std::string>("content");
        QTest::addColumn<QString>("text");
        QTest::addRow("text") << std::string("<html>404 not found</html>") << "is no archive";
        QTest::addRow("noise") << noise(10'000) << "is no archive";
        QTest::addRow("nothing") << std::string() << "is an empty file; download it again";
    }

    void whatIsNoArchiveIsRefused()
    {
        QFETCH(std::string, content);
        QFETCH(QString, text);
        const fs::path path = m_folder / "set.tar.gz";
        writePlainFile(path, content);
        VERIFY_CONTAINS(errorText([&] { readAll(path); }), text);
    }

    void anAbsentPathIsRefused()
    {
        VERIFY_CONTAINS(errorText([&] { Archive::open(m_folder / "absent.zip"); }),
                        "there is no file or folder");
        VERIFY_CONTAINS(errorText([] { Archive::open({}); }), "no data path is given");
    }
};

QTEST_GUILESS_MAIN(TestArchive)
#include "tst_archive.moc"
