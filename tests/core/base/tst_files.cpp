#include "core/base/files.h"
#include "tests/support/error_text.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <unistd.h>

using namespace stair;
namespace fs = std::filesystem;

class TestFiles : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_temporary;
    fs::path m_folder;

    std::size_t fileCount() const
    {
        const fs::directory_iterator files(m_folder);
        return std::size_t(std::distance(begin(files), end(files)));
    }

private slots:
    void init()
    {
        m_folder = m_temporary.path().toStdString();
        m_folder /= QTest::currentTestFunction();
        fs::create_directories(m_folder);
    }

    void whatIsWrittenIsRead_data()
    {
        QTest::addColumn<std::string>("content");
        QTest::addRow("text") << std::string("one\ntwo\r\n");
        QTest::addRow("zero bytes") << std::string("a\0b\0", 4);
        QTest::addRow("nothing") << std::string();
        QTest::addRow("a megabyte") << std::string(1 << 20, 'x');
    }

    void whatIsWrittenIsRead()
    {
        QFETCH(std::string, content);
        writeFileAtomically(m_folder / "file", content);
        QCOMPARE(readFile(m_folder / "file"), content);
    }

    void aSecondWriteReplacesAndLeavesNothingBeside()
    {
        writeFileAtomically(m_folder / "file", "a longer first content");
        writeFileAtomically(m_folder / "file", "second");
        QCOMPARE(readFile(m_folder / "file"), std::string("second"));
        QCOMPARE(fileCount(), std::size_t(1));
    }

    void piecesAreWrittenInOrder()
    {
        writeFileAtomically(m_folder / "file", [](const AppendBytes& append) {
            for (const std::string piece : {"a", "", "bc"})
                append(std::as_bytes(std::span(piece)));
        });
        QCOMPARE(readFile(m_folder / "file"), std::string("abc"));
    }

    void aFailureWhileWritingKeepsTheOldFile()
    {
        writeFileAtomically(m_folder / "file", "old");
        const auto fail = [](const AppendBytes& append) {
            append(std::as_bytes(std::span("new", 3)));
            throw std::runtime_error("stopped");
        };
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, writeFileAtomically(m_folder / "file", fail));
        QCOMPARE(readFile(m_folder / "file"), std::string("old"));
        QCOMPARE(fileCount(), std::size_t(1));
    }

    void unusablePlacesAreNamed()
    {
        const fs::path absent = m_folder / "absent" / "file";
        VERIFY_CONTAINS(errorText([&] { writeFileAtomically(absent, "x"); }),
                        QString::fromStdString(absent.string()));
        VERIFY_CONTAINS(errorText([&] { readFile(absent); }), "No such file");
        VERIFY_CONTAINS(errorText([&] { readFile(m_folder); }), "it is a folder");
    }

    void aFolderIsMadeWithItsParents()
    {
        makeWritableFolder(m_folder / "a" / "b");
        QVERIFY(fs::is_directory(m_folder / "a" / "b"));
        QVERIFY(fs::is_empty(m_folder / "a" / "b"));
        makeWritableFolder(m_folder / "a" / "b"); // once more does no harm
    }

    void aFolderBelowAFileIsRefused()
    {
        writeFileAtomically(m_folder / "file", "x");
        VERIFY_CONTAINS(errorText([&] { makeWritableFolder(m_folder / "file" / "sub"); }),
                        "cannot create the folder");
    }

    void aReadOnlyFolderIsRefused()
    {
        if (::geteuid() == 0)
            QSKIP("root may write everywhere");
        fs::permissions(m_folder, fs::perms::owner_read | fs::perms::owner_exec);
        const QString text = errorText([&] { makeWritableFolder(m_folder); });
        fs::permissions(m_folder, fs::perms::owner_all);
        VERIFY_CONTAINS(text, "Permission denied");
    }
};

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"
