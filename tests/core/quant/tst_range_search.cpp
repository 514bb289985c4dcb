#include "core/base/random.h"
#include "core/quant/range_search.h"
#include "tests/support/quantizers.h"

#include <QTest>

#include <cmath>

using namespace stair;

using Values = std::vector<float>;

namespace {

RangeOptions by(RangeCriterion criterion, double percentile = 99.99)
{
    return {criterion, percentile};
}

/// 1, 2 .. n.
Values upTo(int n)
{
    Values x;
    for (int i = 1; i <= n; ++i)
        x.push_back(float(i));
    return x;
}

struct Sample
{
    const char* name;
    Values values;
    bool isSigned = true;
};

std::vector<Sample> samples()
{
    Random random(20261121, RandomUse::Test);
    std::vector<Sample> all = {{"normal", {}},
                               {"normal with an outlier of 40", {}},
                               {"rectified normal", {}, false},
                               {"two-sided exponential", {}},
                               {"uniform", {}},
                               {"27 weights", {}},
                               {"one value", {0.7f}},
                               {"a heavy tail from 0", {}, false}};
    for (int i = 0; i < 2500; ++i) {
        const float z = random.normal(), u = random.uniform();
        const float sign = random.uniform() < 0.5f ? -1.0f : 1.0f;
        all[0].values.push_back(z);
        all[1].values.push_back(i == 17 ? 40 : z);
        all[2].values.push_back(std::max(0.0f, z));
        all[3].values.push_back(-sign * std::log(1 - u));
        all[4].values.push_back(2 * u - 1);
        if (i < 27)
            all[5].values.push_back(z);
        all[7].values.push_back(std::pow(1 - u, -0.5f) - 1);
    }
    return all;
}

/// Mean of (x - step * code)^2, in plain words.
double errorAt(const Values& x, double step, const Grid& grid)
{
    double sum = 0;
    for (const float v : x) {
        const double code = std::nearbyint(double(v) / step);
        const double error = double(v) - step * std::clamp(code, double(grid.qn), double(grid.qp));
        sum += error * error;
    }
    return sum / double(x.size());
}

ValueHistogram histogramOf(const Values& x)
{
    float peak = 0;
    for (const float v : x)
        peak = std::max(peak, std::abs(v));
    ValueHistogram histogram(peak);
    histogram.add(x);
    return histogram;
}

} // namespace

/// Post-training ranges: what each criterion chooses, by hand and against brute force.
class TestRangeSearch : public QObject
{
    Q_OBJECT

private slots:
    void clipsByHand_data()
    {
        QTest::addColumn<RangeOptions>("options");
        QTest::addColumn<Values>("x");
        QTest::addColumn<Grid>("grid");
        QTest::addColumn<float>("step");
        const Grid s2 = Grid::uniform(2, true), s3 = Grid::uniform(3, true);
        const Grid u2 = Grid::uniform(2, false), u3 = Grid::uniform(3, false);
        const auto row = [](const char* name, RangeOptions o, Values x, Grid g, float step) {
            QTest::addRow("%s", name) << o << x << g << step;
        };
        row("min-max, s3: seven gaps from -3.5 to 3.5", by(RangeCriterion::MinMax), {-3.5f, 1, 2},
            s3, 1);
        row("min-max, u2: three gaps from 0 to 3", by(RangeCriterion::MinMax), {3, 1, 0}, u2, 1);
        row("99 % of 1..100 is 99", by(RangeCriterion::Percentile, 99), upTo(100), u2, 33);
        row("98.5 % of 1..100 is 99 as well", by(RangeCriterion::Percentile, 98.5), upTo(100), u2,
            33);
        row("50 % of four: the second", by(RangeCriterion::Percentile, 50), {9, 3, 6, 30}, u2, 2);
        row("signs do not count", by(RangeCriterion::Percentile, 75), {-7, 1, -2, 50}, s3, 2);
        row("100 % is min-max", by(RangeCriterion::Percentile, 100), {-7, 1, -2, 3.5f}, s3, 2);
        row("half zeros leave no range at 50 %: min-max", by(RangeCriterion::Percentile, 50),
            {0, 0, 3, 1}, u2, 1);
        row("least squares, s2: 1, -2 and 0 are levels", by(RangeCriterion::MeanSquare),
            {1, -2, 0, 1}, s2, 1);
        row("least squares, u3: all on the grid", by(RangeCriterion::MeanSquare),
            {0.5f, 1, 1.5f, 3.5f}, u3, 0.5f);
        // Codes 2, 3, 1: (2 * 3 + 3 * 4 + 1 * 1) / (4 + 9 + 1).
        row("least squares, u2: none on the grid", by(RangeCriterion::MeanSquare), {3, 4, 1}, u2,
            19.0f / 14);
        // Code 1 alone: the mean; -2 s is free.
        row("least squares, s2: one level, the mean", by(RangeCriterion::MeanSquare), {1, 2, 1.5f},
            s2, 1.5f);
    }

    void clipsByHand()
    {
        QFETCH(RangeOptions, options);
        QFETCH(Values, x);
        QFETCH(Grid, grid);
        QFETCH(float, step);
        const double exact = searchStep(options, x, grid);
        QVERIFY2(std::abs(exact - step) <= 1e-5 * step, qPrintable(QString::number(exact)));
        // The histogram knows the clip to a bin, and least squares' optimum to its flat bottom.
        const double binned = searchStep(options, histogramOf(x), grid);
        const double within = options.criterion == RangeCriterion::MinMax ? 1e-6 : 3e-3;
        QVERIFY2(std::abs(binned - step) <= within * step, qPrintable(QString::number(binned)));
    }

    // Grid u2 has the codes 0 to 3; with n bins kept the step is n / 3 of a bin.
    void divergenceByHand_data()
    {
        QTest::addColumn<std::vector<double>>("counts");
        QTest::addColumn<int>("bins");
        const auto row = [](const char* name, std::vector<double> counts, int bins) {
            QTest::addRow("%s", name) << counts << bins;
        };
        // n = 4: centres .5, 1.5, 2.5, 3.5 at step 4/3 are codes 0, 1, 2, 3: Q = P.
        row("four bins, four levels: nothing is lost", {4, 3, 2, 1}, 4);
        // n = 8, step 8/3: the codes are 0, 1, 1, 1, 2, 2, 2, 3.
        row("equal within each level: nothing is lost", {5, 4, 4, 4, 3, 3, 3, 1}, 8);
        // n = 8 makes 200 of 300, 200 and 100; n = 4 adds 1 to 100; between them 1 has no place.
        row("an outlier is clipped", {400, 300, 200, 100, 0, 0, 0, 1}, 4);
        row("the last bin alone: all is kept", {0, 0, 0, 0, 0, 0, 0, 9}, 8);
        row("nothing at all: all is kept", {0, 0, 0, 0, 0, 0}, 6);
    }

    void divergenceByHand()
    {
        QFETCH(std::vector<double>, counts);
        QFETCH(int, bins);
        QCOMPARE(leastDivergenceBins(counts, Grid::uniform(2, false)), bins);
    }

    void divergenceClipsAnOutlier_data()
    {
        QTest::addColumn<int>("bits");
        for (const int bits : {4, 6, 8})
            QTest::addRow("%d bits", bits) << bits;
    }

    void divergenceClipsAnOutlier()
    {
        QFETCH(int, bits);
        const Grid grid = Grid::uniform(bits, true);
        const Values x = samples()[1].values; // normal, and 40
        const double clip
            = searchStep(by(RangeCriterion::Divergence), x, grid) / stepForClip(1, grid);
        QVERIFY2(clip > 1.5 && clip < 10, qPrintable(QString::number(clip)));
    }

    void fewValuesAreNoDistribution()
    {
        const Values x = samples()[5].values; // 27 weights
        const Grid grid = Grid::uniform(4, true);
        QCOMPARE(searchStep(by(RangeCriterion::Divergence), x, grid),
                 searchStep(by(RangeCriterion::MeanSquare), x, grid));
        QCOMPARE(searchStep(by(RangeCriterion::Divergence), histogramOf(x), grid),
                 searchStep(by(RangeCriterion::MeanSquare), histogramOf(x), grid));
    }

    void leastSquaresIsAsGoodAsBruteForce_data()
    {
        QTest::addColumn<Values>("x");
        QTest::addColumn<Grid>("grid");
        for (const Sample& sample : samples()) {
            for (int bits = 2; bits <= 8; ++bits)
                QTest::addRow("%s, %d bits", sample.name, bits)
                    << sample.values << Grid::uniform(bits, sample.isSigned);
        }
    }

    void leastSquaresIsAsGoodAsBruteForce()
    {
        QFETCH(Values, x);
        QFETCH(Grid, grid);
        const double widest = 1.5 * searchStep(by(RangeCriterion::MinMax), x, grid);
        double best = std::numeric_limits<double>::infinity();
        constexpr int points = 2000;
        for (int i = 1; i <= points; ++i)
            best = std::min(best, errorAt(x, widest * i / points, grid));
        const double found = errorAt(x, searchStep(by(RangeCriterion::MeanSquare), x, grid), grid);
        QVERIFY2(found <= 1.001 * best + 1e-12,
                 qPrintable(QString("%1, brute force %2").arg(found).arg(best)));
        const double binned
            = errorAt(x, searchStep(by(RangeCriterion::MeanSquare), histogramOf(x), grid), grid);
        const double resolution = double(histogramOf(x).peak()) / 32768;
        QVERIFY2(std::sqrt(binned) <= std::sqrt(best) * 1.001 + 2 * resolution,
                 qPrintable(QString("%1, brute force %2").arg(binned).arg(best)));
    }

    void batchesAddUp()
    {
        const Values x = samples()[0].values;
        ValueHistogram whole(5), parts(5);
        whole.add(x);
        parts.add(std::span(x).subspan(1000));
        parts.add(std::span(x).first(1000));
        QCOMPARE(parts.count(), whole.count());
        QVERIFY(parts.points().values == whole.points().values);
        QVERIFY(parts.points().weights == whole.points().weights);
        QCOMPARE(parts.percentile(90), whole.percentile(90));
    }

    void theHistogramKnowsValuesToHalfABin()
    {
        const Values x = samples()[3].values;
        const ValueHistogram histogram = histogramOf(x);
        const float bin = histogram.peak() / ValueHistogram::bins;
        for (const double percent : {50.0, 90.0, 99.0, 99.9}) {
            const float exact = percentileMagnitude(x, percent);
            const float binned = histogram.percentile(percent);
            QVERIFY(binned >= exact * 0.99999f && binned <= exact + bin * 1.001f);
        }
        QCOMPARE(histogram.percentile(100), histogram.peak());
        double error = 0;
        std::int64_t counted = histogram.zeros();
        const ValueHistogram::Points points = histogram.points();
        for (const float weight : points.weights)
            counted += std::int64_t(weight);
        Values sorted = x;
        std::ranges::sort(sorted);
        std::size_t at = 0;
        for (std::size_t i = 0; i < points.values.size(); ++i) {
            for (int k = 0; k < int(points.weights[i]); ++k)
                error = std::max(error, double(std::abs(sorted[at++] - points.values[i])));
        }
        QCOMPARE(counted, std::int64_t(x.size()));
        QVERIFY(error <= 0.5001 * double(bin));
    }

    void zerosGiveAStepAboveZero()
    {
        const Values zeros(9, 0.0f);
        for (const auto criterion : {RangeCriterion::MinMax, RangeCriterion::Percentile,
                                     RangeCriterion::MeanSquare, RangeCriterion::Divergence}) {
            QVERIFY(searchStep(by(criterion), zeros, Grid::uniform(4, true)) > 0);
            QVERIFY(searchStep(by(criterion), histogramOf(zeros), Grid::uniform(4, false)) > 0);
        }
    }

    void stepsStayWhereTheyWereFound()
    {
        const auto q = defaultQuantizer("ptq", QuantizerKind::Weight, Grid::uniform(3, true), 2);
        q->observe(Values{1, -2, 3, 0.5f, -1, 1.5f}); // a step for each half
        QVERIFY(!q->isLearned() && !q->wantsToObserve() && !q->wantsToProject());
        QCOMPARE(q->step(0), 1.0f);
        QCOMPARE(q->step(1), 0.5f);
    }
};

QTEST_GUILESS_MAIN(TestRangeSearch)
#include "tst_range_search.moc"
