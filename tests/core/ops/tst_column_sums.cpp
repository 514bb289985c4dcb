#include "core/ops/column_sums.h"

#include "core/ops/blocking.h"
#include "tests/support/gradient_check.h"

#include <QTest>

#include <omp.h>

using namespace stair;

/// Sums per channel: right to the last bits of double, and the same for any number of threads.
class TestColumnSums : public QObject
{
    Q_OBJECT

private slots:
    void cleanup() { omp_set_num_threads(2); }

    void equalSumsInDouble_data()
    {
        QTest::addColumn<Shape>("shape");
        QTest::addRow("one value") << Shape{1, 1, 1, 1};
        QTest::addRow("one channel") << Shape{3, 41, 37, 1};
        QTest::addRow("odd channels") << Shape{2, 33, 31, 7};
        QTest::addRow("many blocks") << Shape{9, 32, 32, 64};
        QTest::addRow("a tile is one row") << Shape{70, 1, 1, 3000};
        QTest::addRow("fewer rows than a tile") << Shape{1, 3, 2, 5};
    }

    void equalSumsInDouble()
    {
        QFETCH(Shape, shape);
        const Tensor x = makeTensor(shape);
        const std::size_t channels = std::size_t(shape.c);
        std::vector<double> sums(channels), squares(channels), sizes(channels);
        for (std::int64_t i = 0; i < x.size(); ++i) {
            const double v = x.data()[i];
            const std::size_t c = std::size_t(i) % channels;
            sums[c] += v;
            squares[c] += v * v;
            sizes[c] += std::abs(v);
        }
        const ColumnSums got = columnMoments(x);
        for (std::size_t c = 0; c < channels; ++c) {
            QCOMPARE_LE(std::abs(got.first[c] - sums[c]), 1e-12 * sizes[c]);
            QCOMPARE_LE(std::abs(got.second[c] - squares[c]), 1e-12 * squares[c]);
        }
    }

    // Whole numbers: every order of additions gives the same sum.
    void areExactOnWholeNumbers()
    {
        Tensor x({5, 19, 23, 6});
        Random random(2, RandomUse::Test);
        std::vector<std::int64_t> sums(6), squares(6);
        for (std::int64_t i = 0; i < x.size(); ++i) {
            const int v = int(random.below(2001)) - 1000;
            x.data()[i] = float(v);
            sums[std::size_t(i % 6)] += v;
            squares[std::size_t(i % 6)] += std::int64_t(v) * v;
        }
        const ColumnSums got = columnMoments(x);
        for (std::size_t c = 0; c < 6; ++c) {
            QCOMPARE(got.first[c], double(sums[c]));
            QCOMPARE(got.second[c], double(squares[c]));
        }
    }

    void doNotDependOnThreads()
    {
        const Tensor x = makeTensor({9, 32, 32, 24});
        QVERIFY(Blocking(x.shape()).blocks > 3);
        omp_set_num_threads(1);
        const ColumnSums one = columnMoments(x);
        for (const int threads : {2, 3}) {
            omp_set_num_threads(threads);
            const ColumnSums many = columnMoments(x);
            QVERIFY(many.first == one.first);
            QVERIFY(many.second == one.second);
        }
    }

private:
    /// Large and small values in every channel, so that the order of additions would show.
    static Tensor makeTensor(const Shape& shape)
    {
        Random random(1, RandomUse::Test);
        Tensor x = randomTensor(shape, random);
        for (float& v : x.values())
            v *= std::ldexp(1.0f, int(random.below(24)) - 12);
        return x;
    }
};

QTEST_GUILESS_MAIN(TestColumnSums)
#include "tst_column_sums.moc"
