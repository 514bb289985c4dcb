#include "core/data/batch_loader.h"

#include "core/base/assert.h"
#include "tests/support/error_text.h"

#include <QTest>

#include <chrono>
#include <numeric>
#include <set>
#include <thread>

using namespace stair;

namespace {

/// `count` images of random bytes; the label is the image's number.
ImageSet numberedSet(int count, int height = 6, int width = 5, int channels = 3)
{
    ImageSet set{
        .height = height, .width = width, .channels = channels, .pixels = {}, .labels = {}};
    Random random(11, RandomUse::Test);
    for (int i = 0; i < count; ++i) {
        set.labels.push_back(std::uint16_t(i));
        for (std::size_t k = 0; k < set.imageBytes(); ++k)
            set.pixels.push_back(std::uint8_t(random.bits()));
    }
    return set;
}

std::vector<std::uint32_t> all(const ImageSet& set)
{
    std::vector<std::uint32_t> indices(std::size_t(set.count()));
    std::iota(indices.begin(), indices.end(), 0u);
    return indices;
}

bool equal(const Batch& a, const Batch& b)
{
    return a.count == b.count && a.height == b.height && a.width == b.width
        && a.channels == b.channels && a.pixels == b.pixels && a.labels == b.labels;
}

constexpr Augmentation padAndFlip{.pad = 2, .flip = true};

} // namespace

class TestBatchLoader : public QObject
{
    Q_OBJECT

private:
    const ImageSet m_set = numberedSet(23);

private slots:
    void servesWhatTheDefinitionGives_data()
    {
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("ahead");
        QTest::addColumn<Augmentation>("augmentation");
        QTest::addRow("plain") << 4 << 3 << Augmentation{};
        QTest::addRow("augmented") << 4 << 3 << padAndFlip;
        QTest::addRow("one ahead") << 5 << 1 << padAndFlip;
        QTest::addRow("an epoch of one step") << 23 << 2 << padAndFlip;
        QTest::addRow("single images") << 1 << 8 << Augmentation{.cropHeight = 3, .cropWidth = 2};
    }

    void servesWhatTheDefinitionGives()
    {
        QFETCH(int, batch);
        QFETCH(int, ahead);
        QFETCH(Augmentation, augmentation);
        const BatchLoader::Options options{batch, augmentation, 5, ahead};
        BatchLoader loader(m_set, all(m_set), options);
        QCOMPARE(loader.stepsPerEpoch(), 23 / batch);
        for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
            for (std::int64_t step = 0; step < loader.stepsPerEpoch(); ++step) {
                const DataPosition position{epoch, step};
                QVERIFY(loader.position() == position);
                const Batch expected = makeBatch(m_set, all(m_set), options, position);
                QVERIFY(equal(loader.next(), expected));
            }
        }
    }

    void startingAnywhereContinuesTheStream()
    {
        const BatchLoader::Options options{.batch = 4, .augmentation = padAndFlip};
        for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
            for (std::int64_t step = 0; step < 5; ++step) {
                BatchLoader loader(m_set, all(m_set), options, {epoch, step});
                BatchLoader whole(m_set, all(m_set), options);
                while (!(whole.position() == DataPosition{epoch, step}))
                    whole.next();
                for (int i = 0; i < 7; ++i) {
                    QVERIFY(loader.position() == whole.position());
                    QVERIFY(equal(loader.next(), whole.next()));
                }
            }
        }
    }

    void timingChangesNothing()
    {
        const BatchLoader::Options options{.batch = 3, .augmentation = padAndFlip, .ahead = 2};
        BatchLoader quick(m_set, all(m_set), options);
        BatchLoader slow(m_set, all(m_set), options);
        for (int i = 0; i < 30; ++i) {
            if (i % 4 == 0) // its queue is full by now
                std::this_thread::sleep_for(std::chrono::milliseconds(3));
            QVERIFY(equal(quick.next(), slow.next()));
        }
        QVERIFY(quick.waited() >= 0);
    }

    void anEpochHoldsEveryImageOnce()
    {
        const BatchLoader::Options options{.batch = 23};
        std::vector<std::vector<std::uint16_t>> orders;
        for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
            orders.push_back(makeBatch(m_set, all(m_set), options, {epoch, 0}).labels);
            const std::set<std::uint16_t> seen(orders.back().begin(), orders.back().end());
            QCOMPARE(seen.size(), std::size_t(23));
        }
        QVERIFY(orders[0] != orders[1] && orders[1] != orders[2] && orders[0] != orders[2]);
    }

    void imagesFollowTheirLabels()
    {
        const Batch batch = makeBatch(m_set, all(m_set), {.batch = 23}, {});
        for (std::size_t i = 0; i < 23; ++i) {
            const auto image = m_set.image(batch.labels[i]);
            const auto served = std::span(batch.pixels).subspan(i * image.size(), image.size());
            QVERIFY(std::ranges::equal(image, served));
        }
    }

    void theIncompleteBatchIsLeftOut()
    {
        BatchLoader loader(m_set, all(m_set), {.batch = 7});
        QCOMPARE(loader.stepsPerEpoch(), 3);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(loader.next().count, 7);
        QVERIFY(loader.position() == (DataPosition{1, 0}));
    }

    void onlyTheSplitIsServed()
    {
        const std::vector<std::uint32_t> some = {3, 5, 8, 13, 21};
        const Batch batch = makeBatch(m_set, some, {.batch = 5}, {});
        QCOMPARE((std::set<std::uint32_t>(batch.labels.begin(), batch.labels.end())),
                 (std::set<std::uint32_t>(some.begin(), some.end())));
    }

    void theSeedDecidesOrderAndAugmentation()
    {
        const Batch one = makeBatch(m_set, all(m_set), {.batch = 8, .seed = 1}, {});
        const Batch two = makeBatch(m_set, all(m_set), {.batch = 8, .seed = 2}, {});
        QVERIFY(one.labels != two.labels);
        QVERIFY(equal(one, makeBatch(m_set, all(m_set), {.batch = 8, .seed = 1}, {})));
    }

    void anImageIsAugmentedAnewEachEpoch()
    {
        const ImageSet one = numberedSet(1, 32, 32);
        std::set<std::vector<std::uint8_t>> versions;
        for (std::int64_t epoch = 0; epoch < 20; ++epoch) {
            const BatchLoader::Options options{.batch = 1,
                                               .augmentation = {.pad = 4, .flip = true}};
            versions.insert(makeBatch(one, {0}, options, {epoch, 0}).pixels);
        }
        QVERIFY(versions.size() > 15);
    }

    // The order of images does not depend on the batch size, so neither does their augmentation.
    void batchSizeOnlyCutsTheStream()
    {
        const Batch large = makeBatch(m_set, all(m_set), {8, padAndFlip, 1, 1}, {2, 0});
        const Batch small = makeBatch(m_set, all(m_set), {4, padAndFlip, 1, 1}, {2, 1});
        const std::size_t half = large.pixels.size() / 2;
        QVERIFY(std::equal(small.pixels.begin(), small.pixels.end(),
                           large.pixels.begin() + std::ptrdiff_t(half)));
    }

    void aLoaderMayGoAwayAtAnyMoment()
    {
        for (int i = 0; i < 50; ++i) {
            BatchLoader loader(m_set, all(m_set), {.batch = 4});
            for (int k = 0; k < i % 4; ++k)
                loader.next();
        }
    }

    void mistakesAreNamed()
    {
        const auto make = [this](const BatchLoader::Options& options) {
            return errorText([&] { BatchLoader(m_set, all(m_set), options); });
        };
        VERIFY_CONTAINS(make({.batch = 24}),
                        "there are 23 training images, fewer than one batch of 24; make the batch");
        VERIFY_CONTAINS(make({.batch = 0}), "data.batch is 0; it must be 1 or more");
        VERIFY_CONTAINS(make({.batch = 2, .augmentation = {.cropHeight = 9}}), "does not fit");
        const auto promise = [this](std::vector<std::uint32_t> indices, DataPosition start) {
            BatchLoader(m_set, std::move(indices), {.batch = 1}, start);
        };
        QVERIFY_THROWS_EXCEPTION(InternalError, promise({23}, {}));
        QVERIFY_THROWS_EXCEPTION(InternalError, promise({1, 2}, {0, 2}));
    }
};

QTEST_GUILESS_MAIN(TestBatchLoader)
#include "tst_batch_loader.moc"
