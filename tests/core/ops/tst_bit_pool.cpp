#include "core/ops/integer/bit_pool.h"

#include "core/base/random.h"

#include <QTest>

using namespace stair;

/// Maxima and minima of packed codes against those of bytes.
class TestBitPool : public QObject
{
    Q_OBJECT

private slots:
    void equalsTheBytes_data()
    {
        QTest::addColumn<Grid>("grid");
        QTest::newRow("signs") << Grid::odd(1);
        QTest::newRow("0/1") << Grid::uniform(1, false);
        QTest::newRow("-1/0") << Grid::uniform(1, true);
    }

    void equalsTheBytes()
    {
        QFETCH(Grid, grid);
        Random random(5, RandomUse::Test);
        for (const int channels : {1, 63, 64, 65, 130}) {
            for (const PoolGeometry& g : {PoolGeometry{2, 2, 0}, {3, 2, 1}, {3, 1, 1}, {2, 1, 0}}) {
                Codes codes({2, 5, 6, channels}, grid);
                for (std::uint8_t& byte : codes.bytes())
                    byte = std::uint8_t(random.below(4) == 0 ? grid.qp : grid.qn);
                std::vector<bool> least;
                for (int c = 0; c < channels; ++c)
                    least.push_back(random.below(2) == 0);
                compare(g, codes, {});
                compare(g, codes, least);
            }
        }
    }

private:
    void compare(const PoolGeometry& g, const Codes& codes, const std::vector<bool>& least)
    {
        const Shape pooled = g.outputShape(codes.shape());
        const BitPlanes src = packBits(codes, m_pool);
        BitPlanes dst(pooled, codes.grid(), m_pool);
        BitPool(codes.grid(), pooled.c, least).run(g, src, dst);
        Codes greatest(pooled, codes.grid()), smallest(pooled, codes.grid());
        maxPool(g, codes, greatest, nullptr);
        // The least code is the greatest of the mirrored ones.
        const int ends = codes.grid().qn + codes.grid().qp;
        Codes mirrored(codes.shape(), codes.grid());
        for (std::int64_t i = 0; i < codes.size(); ++i)
            mirrored.data()[i] = std::uint8_t(ends - codes.at(i));
        maxPool(g, mirrored, smallest, nullptr);
        for (std::int64_t i = 0; i < greatest.size(); ++i) {
            const int c = int(i % pooled.c);
            const int expected
                = least.empty() || !least[std::size_t(c)] ? greatest.at(i) : ends - smallest.at(i);
            QCOMPARE(dst.at(i / pooled.c, c), expected);
        }
        if (pooled.c % 64 != 0)
            QCOMPARE(dst.pixel(0)[dst.wordsPerPlane() - 1] >> (pooled.c % 64), 0u);
    }

    BufferPool m_pool;
};

QTEST_GUILESS_MAIN(TestBitPool)
#include "tst_bit_pool.moc"
