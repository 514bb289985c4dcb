#include "core/base/hash.h"
#include "tests/support/error_text.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace stair;

namespace {

std::span<const std::byte> bytes(const std::string& text)
{
    return std::as_bytes(std::span(text));
}

// FIPS 180-4 example: SHA-256 of "abc".
constexpr auto ofAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

} // namespace

class TestHash : public QObject
{
    Q_OBJECT

private slots:
    void givesThePublishedAnswers()
    {
        QCOMPARE(sha256(bytes("abc")), std::string(ofAbc));
        QCOMPARE(sha256({}),
                 std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }

    void piecesAddUp()
    {
        Sha256 hash;
        hash.add(bytes("a"));
        hash.add({});
        hash.add(bytes("bc"));
        QCOMPARE(hash.hex(), std::string(ofAbc));
    }

    void aFileHasTheHashOfItsContent()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("file").toStdString();
        std::ofstream(path) << "abc";
        QCOMPARE(sha256OfFile(path), std::string(ofAbc));
    }

    void anAbsentFileIsNamed()
    {
        const QString text = errorText([] { sha256OfFile("/nowhere/file"); });
        VERIFY_CONTAINS(text, "/nowhere/file");
    }
};

QTEST_GUILESS_MAIN(TestHash)
#include "tst_hash.moc"
