#include "core/base/error.h"
#include "core/exchange/code_packing.h"

#include <QTest>

using namespace stair;

/// Codes in as many bits as their levels need.
class TestCodePacking : public QObject
{
    Q_OBJECT

private slots:
    void everyGridComesBack_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("bits");
        QTest::addColumn<int>("stored");
        for (int bits = 1; bits <= 8; ++bits)
            QTest::addRow("unsigned, %d", bits) << 0 << bits << bits;
        for (int bits = 2; bits <= 8; ++bits)
            QTest::addRow("signed, %d", bits) << 1 << bits << bits;
        for (int bits = 1; bits <= 7; ++bits)
            QTest::addRow("odd, %d", bits) << 2 << bits << bits;
        QTest::newRow("ternary") << 3 << 2 << 2;
        for (int bits = 2; bits <= 4; ++bits)
            QTest::addRow("power of two, %d", bits) << 4 << bits << bits;
    }

    void everyGridComesBack()
    {
        QFETCH(int, kind);
        QFETCH(int, bits);
        QFETCH(int, stored);
        const Grid grids[]
            = {Grid::uniform(bits, false), Grid::uniform(bits, true), Grid::odd(bits),
               Grid::ternary(), Grid::powerOfTwo(std::clamp(bits, 2, 4))};
        const Grid grid = grids[kind];
        QCOMPARE(storedBits(grid), stored);
        const std::vector<int> levels = levelsOf(grid);
        QCOMPARE(int(levels.size()), grid.levels());
        for (const int size : {1, 2, 7, 8, 9, 64, 501}) {
            Codes codes({1, 1, 1, size}, grid);
            for (int i = 0; i < size; ++i)
                codes.data()[i] = std::uint8_t(levels[std::size_t(i * 7) % levels.size()]);
            const std::vector<std::uint8_t> packed = packCodes(codes);
            QCOMPARE(std::int64_t(packed.size()), std::int64_t(size * stored + 7) / 8);
            QCOMPARE(packedBytes(grid, size), std::int64_t(packed.size()));
            Codes back({1, 1, 1, size}, grid);
            unpackCodes(packed, back);
            QVERIFY(std::ranges::equal(codes.bytes(), back.bytes()));
        }
    }

    // By hand: -2 is level 0, -1 1, 0 2, 1 3; the first code in the lowest bits.
    void theFirstCodeLiesLowest()
    {
        Codes codes({1, 1, 1, 5}, Grid::uniform(2, true));
        const int values[] = {1, -2, 0, -1, 0};
        for (int i = 0; i < 5; ++i)
            codes.data()[i] = std::uint8_t(values[i]);
        const std::vector<std::uint8_t> expected{0b01'10'00'11, 0b10};
        QCOMPARE(packCodes(codes), expected);
    }

    void whatFitsNoGridIsRefused()
    {
        Codes codes({1, 1, 1, 4}, Grid::ternary());
        const std::vector<std::uint8_t> noLevel{0b11}, tooLong{0, 0};
        QVERIFY_THROWS_EXCEPTION(Error, unpackCodes(noLevel, codes));
        QVERIFY_THROWS_EXCEPTION(Error, unpackCodes(tooLong, codes));
    }
};

QTEST_GUILESS_MAIN(TestCodePacking)
#include "tst_code_packing.moc"
