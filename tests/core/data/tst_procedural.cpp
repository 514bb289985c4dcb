#include "core/data/procedural.h"

#include "core/data/figures.h"
#include "tests/support/error_text.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace stair;

namespace {

Dataset open(const std::string& params)
{
    const DatasetInfo info = proceduralInfo();
    const Json json = Json::parse(params);
    ObjectReader reader(json, "test");
    return info.open({{}, {}, ParamValues::read(info.params, reader)});
}

std::vector<std::uint8_t> image(const ImageSet& set, int i)
{
    return {set.image(i).begin(), set.image(i).end()};
}

/// Mean colour distance between neighbouring pixels: what noise and texture add to.
double roughness(const ImageSet& set)
{
    double sum = 0;
    for (std::size_t i = 3; i < set.pixels.size(); ++i)
        sum += std::abs(int(set.pixels[i]) - int(set.pixels[i - 3]));
    return sum / double(set.pixels.size());
}

} // namespace

class TestProcedural : public QObject
{
    Q_OBJECT

private slots:
    void theSetIsWhatWasAskedFor()
    {
        const Dataset data = open(R"({"train": 40, "test": 20, "size": 24})");
        QCOMPARE(data.train.count(), 40);
        QCOMPARE(data.test.count(), 20);
        QCOMPARE(data.train.height, 24);
        QCOMPARE(data.train.width, 24);
        QCOMPARE(data.train.channels, 3);
        QCOMPARE(data.train.pixels.size(), std::size_t(40 * 24 * 24 * 3));
        QCOMPARE(data.classes(), 10);
        QCOMPARE(data.mean.size(), std::size_t(3));
        QVERIFY(data.mean[0] > 0.2f && data.mean[0] < 0.8f);
        QVERIFY(data.deviation[0] > 0.05f && data.deviation[0] < 0.5f);
        QCOMPARE(data.hash, contentHash(data));
    }

    void classesAreBalanced()
    {
        const Dataset data = open(R"({"train": 200, "test": 50, "size": 8})");
        for (const ImageSet* set : {&data.train, &data.test}) {
            std::vector<int> counts(10);
            for (const std::uint16_t label : set->labels)
                ++counts.at(label);
            for (const int count : counts)
                QCOMPARE(count, set->count() / 10);
        }
        const auto& labels = data.train.labels;
        QVERIFY(!std::equal(labels.begin(), labels.begin() + 10, labels.begin() + 10));
    }

    // Pinned, because the drawing promises the same bits on every machine and in every build.
    // Runs name their data by this hash: to change it is to change the data set.
    void theDefaultSetNeverChanges()
    {
        const Dataset data = open(R"({"train": 100, "test": 100})");
        QCOMPARE(
            QString::fromStdString(data.hash),
            QStringLiteral("50afab38bab5c8fcc37065614d2ed57bb1f0013df76b564a6d2428f3c8860986"));
    }

    void anImageDependsOnSeedSplitAndIndexAlone()
    {
        const Dataset few = open(R"({"train": 20, "test": 20})");
        const Dataset many = open(R"({"train": 60, "test": 30})");
        for (int i = 0; i < 20; ++i) {
            QCOMPARE(image(few.train, i), image(many.train, i));
            QCOMPARE(image(few.test, i), image(many.test, i));
            QCOMPARE(few.test.labels[std::size_t(i)], many.test.labels[std::size_t(i)]);
        }
        std::vector<std::uint8_t> pixels(32 * 32 * 3);
        const int label = drawProcedural(1, 1, 13, 32, 0.3f, pixels);
        QCOMPARE(pixels, image(few.test, 13));
        QCOMPARE(label, int(few.test.labels[13]));
    }

    void noTwoImagesAreTheSame()
    {
        const Dataset one = open(R"({"train": 100, "test": 100})");
        const Dataset two = open(R"({"train": 100, "test": 100, "seed": 2})");
        std::set<std::vector<std::uint8_t>> seen;
        for (const Dataset* data : {&one, &two}) {
            for (int i = 0; i < 100; ++i) {
                seen.insert(image(data->train, i));
                seen.insert(image(data->test, i));
            }
        }
        QCOMPARE(seen.size(), std::size_t(400));
    }

    void difficultyAddsNoise()
    {
        const double easy = roughness(open(R"({"train": 100, "difficulty": 0})").train);
        const double usual = roughness(open(R"({"train": 100})").train);
        const double hard = roughness(open(R"({"train": 100, "difficulty": 1})").train);
        QVERIFY(easy < usual && usual < hard);
    }

    void anySizeCanBeDrawn_data()
    {
        QTest::addColumn<int>("size");
        for (const int size : {8, 9, 33, 100})
            QTest::addRow("%d", size) << size;
    }

    void anySizeCanBeDrawn()
    {
        QFETCH(int, size);
        std::vector<std::uint8_t> pixels(std::size_t(size) * size * 3);
        for (std::uint32_t i = 0; i < 20; ++i)
            drawProcedural(1, 0, i, size, 0.5f, pixels);
    }

    void tooLargeASetIsRefused()
    {
        VERIFY_CONTAINS(errorText([] { open(R"({"train": 1000000, "size": 512})"); }),
                        "take more than 4 GiB; ask for fewer or smaller ones");
    }

    // The share of the square from -1.2 to 1.2 that each outline covers, against its formula.
    void figuresHaveTheirArea_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<double>("area");
        constexpr double pi = 3.14159265358979;
        const double t = 0.25;
        QTest::addRow("disc") << int(FigureKind::Disc) << pi * 0.81;
        QTest::addRow("ring") << int(FigureKind::Ring) << pi * (0.95 * 0.95 - 0.45 * 0.45);
        QTest::addRow("square") << int(FigureKind::Square) << 1.6 * 1.6;
        QTest::addRow("triangle") << int(FigureKind::Triangle) << 3 * std::sqrt(3.0) * 0.55 * 0.55;
        QTest::addRow("cross") << int(FigureKind::Cross) << 2 * (2 * 2 * t) - 4 * t * t;
        // A pentagon with five triangles on its sides, of 72 degrees at the base.
        const double r = 0.36;
        const double star
            = 5 * r * r * std::tan(pi / 5) * (1 + std::tan(pi / 5) * std::tan(0.4 * pi));
        QTest::addRow("star") << int(FigureKind::Star) << star;
        QTest::addRow("stripes") << int(FigureKind::HorizontalStripes) << 1.7 * 0.85;
        QTest::addRow("checkerboard") << int(FigureKind::Checkerboard) << 1.7 * 0.85;
    }

    void figuresHaveTheirArea()
    {
        QFETCH(int, kind);
        QFETCH(double, area);
        Figure figure;
        figure.kind = FigureKind(kind);
        figure.thickness = 0.25f;
        figure.period = 0.425f; // four periods across the outline
        constexpr int steps = 480;
        constexpr float pixel = 2.4f / steps;
        double sum = 0;
        for (int j = 0; j < steps; ++j) {
            for (int i = 0; i < steps; ++i)
                sum += figure.coverage((float(i) + 0.5f) * pixel - 1.2f,
                                       (float(j) + 0.5f) * pixel - 1.2f, pixel);
        }
        const double measured = sum * pixel * pixel;
        QVERIFY2(std::abs(measured - area) < 0.01 * area,
                 qPrintable(QStringLiteral("%1 for %2").arg(measured).arg(area)));
    }

    void stripesRunAsTheyAreCalled()
    {
        Random random(1, RandomUse::Test);
        const auto changesAlong = [&random](FigureKind kind, float dx, float dy) {
            const Figure figure = Figure::random(kind, 0, random);
            int changes = 0;
            for (int k = -60; k < 60; ++k) {
                const float at = float(k) / 100;
                const float now = figure.coverage(at * dx, at * dy, 0.001f);
                const float then = figure.coverage((at + 0.01f) * dx, (at + 0.01f) * dy, 0.001f);
                changes += std::abs(now - then) > 0.5f;
            }
            return changes;
        };
        QCOMPARE(changesAlong(FigureKind::HorizontalStripes, 1, 0), 0);
        QVERIFY(changesAlong(FigureKind::HorizontalStripes, 0, 1) >= 2);
        QCOMPARE(changesAlong(FigureKind::VerticalStripes, 0, 1), 0);
        QVERIFY(changesAlong(FigureKind::VerticalStripes, 1, 0) >= 2);
        QVERIFY(changesAlong(FigureKind::DiagonalStripes, 1, 0) >= 2);
        QVERIFY(changesAlong(FigureKind::DiagonalStripes, 0, 1) >= 2);
    }
};

QTEST_GUILESS_MAIN(TestProcedural)
#include "tst_procedural.moc"
