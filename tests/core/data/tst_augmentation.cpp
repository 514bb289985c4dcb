#include "core/data/augmentation.h"

#include "core/base/assert.h"
#include "tests/support/error_text.h"

#include <QTest>

#include <set>

using namespace stair;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// Byte of pixel (y, x), channel c: readable as yxc in decimal. Never 0, the padding.
std::uint8_t code(int y, int x, int c)
{
    return std::uint8_t(100 * c + 10 * y + x + 1);
}

Bytes codedImage(int height, int width, int channels)
{
    Bytes image;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < channels; ++c)
                image.push_back(code(y, x, c));
        }
    }
    return image;
}

/// The plain definition: pixel (y, x) of the result, one at a time.
Bytes refCrop(int height, int width, int channels, ImageSize size, int top, int left, bool flip)
{
    Bytes result;
    for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
            const int row = top + y;
            const int column = left + (flip ? size.width - 1 - x : x);
            const bool inside = row >= 0 && row < height && column >= 0 && column < width;
            for (int c = 0; c < channels; ++c)
                result.push_back(inside ? code(row, column, c) : 0);
        }
    }
    return result;
}

Bytes augmented(const Augmentation& augmentation, int height, int width, int channels,
                Random random)
{
    const ImageSize size = outputSize(augmentation, height, width);
    Bytes dst(std::size_t(size.height) * size.width * channels, 77);
    augment(augmentation, codedImage(height, width, channels), height, width, channels, random,
            dst);
    return dst;
}

Bytes centred(const Augmentation& augmentation, int height, int width)
{
    const ImageSize size = outputSize(augmentation, height, width);
    Bytes dst(std::size_t(size.height) * size.width, 77);
    centreCrop(augmentation, codedImage(height, width, 1), height, width, 1, dst);
    return dst;
}

} // namespace

class TestAugmentation : public QObject
{
    Q_OBJECT

private slots:
    void theSizeIsTheCropsOrTheImages()
    {
        const ImageSize same = outputSize({.pad = 4}, 32, 30);
        QCOMPARE(same.height, 32);
        QCOMPARE(same.width, 30);
        const ImageSize smaller = outputSize({.cropHeight = 28}, 32, 30);
        QCOMPARE(smaller.height, 28);
        QCOMPARE(smaller.width, 30);
    }

    void impossibleCropsAreRefused_data()
    {
        QTest::addColumn<Augmentation>("augmentation");
        QTest::addColumn<QString>("text");
        QTest::addRow("higher than image and padding")
            << Augmentation{.pad = 2, .cropHeight = 37}
            << "a crop of 37 x 30 does not fit into images of 32 x 30 with padding 2";
        QTest::addRow("wider") << Augmentation{.cropWidth = 31} << "a crop of 32 x 31";
        QTest::addRow("negative padding") << Augmentation{.pad = -1} << "must not be negative";
        QTest::addRow("negative crop") << Augmentation{.cropWidth = -3} << "must not be negative";
    }

    void impossibleCropsAreRefused()
    {
        QFETCH(Augmentation, augmentation);
        QFETCH(QString, text);
        VERIFY_CONTAINS(errorText([&] { outputSize(augmentation, 32, 30); }), text);
    }

    void nothingAskedForChangesNothing()
    {
        QCOMPARE(augmented({}, 4, 5, 3, Random(1, RandomUse::Test)), codedImage(4, 5, 3));
    }

    // Offsets and flip are drawn in the order y, x, flip.
    void equalsTheDefinition_data()
    {
        QTest::addColumn<Augmentation>("augmentation");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("channels");
        QTest::addRow("padding, colour") << Augmentation{.pad = 2} << 5 << 7 << 3;
        QTest::addRow("padding, flip, colour")
            << Augmentation{.pad = 2, .flip = true} << 5 << 7 << 3;
        QTest::addRow("padding, flip, grey") << Augmentation{.pad = 3, .flip = true} << 6 << 4 << 1;
        QTest::addRow("two channels") << Augmentation{.pad = 1, .flip = true} << 3 << 3 << 2;
        QTest::addRow("smaller crop")
            << Augmentation{.cropHeight = 3, .cropWidth = 2, .flip = true} << 5 << 6 << 3;
        QTest::addRow("padding as large as the image")
            << Augmentation{.pad = 4, .cropHeight = 2, .cropWidth = 3, .flip = true} << 4 << 4 << 3;
        QTest::addRow("larger crop")
            << Augmentation{.pad = 3, .cropHeight = 8, .cropWidth = 9, .flip = true} << 4 << 4 << 1;
    }

    void equalsTheDefinition()
    {
        QFETCH(Augmentation, augmentation);
        QFETCH(int, height);
        QFETCH(int, width);
        QFETCH(int, channels);
        const ImageSize size = outputSize(augmentation, height, width);
        for (std::uint64_t stream = 0; stream < 200; ++stream) {
            const Random random(3, RandomUse::Test, stream);
            Random copy = random;
            const int pad = augmentation.pad;
            const int top
                = int(copy.below(std::uint32_t(height + 2 * pad - size.height + 1))) - pad;
            const int left = int(copy.below(std::uint32_t(width + 2 * pad - size.width + 1))) - pad;
            const bool flip = augmentation.flip && copy.below(2) == 1;
            QCOMPARE(augmented(augmentation, height, width, channels, random),
                     refCrop(height, width, channels, size, top, left, flip));
        }
    }

    void everyPlaceAndBothSidesOccurEquallyOften()
    {
        std::map<Bytes, int> seen;
        for (std::uint64_t stream = 0; stream < 9000; ++stream)
            ++seen[augmented({.pad = 1, .flip = true}, 4, 4, 1,
                             Random(1, RandomUse::Test, stream))];
        QCOMPARE(seen.size(), std::size_t(18)); // 3 x 3 places, 2 sides
        for (const auto& [image, times] : seen)
            QVERIFY2(std::abs(times - 500) < 120, qPrintable(QString::number(times)));
    }

    void theCentreIsCutWithoutChance()
    {
        QCOMPARE(centred({.pad = 4, .flip = true}, 6, 6), codedImage(6, 6, 1));
        QCOMPARE(centred({.cropHeight = 2, .cropWidth = 2}, 6, 6),
                 (Bytes{code(2, 2, 0), code(2, 3, 0), code(3, 2, 0), code(3, 3, 0)}));
        // An odd remainder leaves the larger part at the bottom and right.
        QCOMPARE(centred({.cropHeight = 1, .cropWidth = 1}, 2, 4), (Bytes{code(0, 1, 0)}));
        QCOMPARE(centred({.pad = 1, .cropHeight = 3, .cropWidth = 3}, 1, 1),
                 (Bytes{0, 0, 0, 0, code(0, 0, 0), 0, 0, 0, 0}));
    }

    void buffersOfAnotherSizeAreABrokenPromise()
    {
        Bytes small(8);
        Random random(1, RandomUse::Test);
        QVERIFY_THROWS_EXCEPTION(InternalError,
                                 augment({}, codedImage(3, 3, 1), 3, 3, 1, random, small));
        QVERIFY_THROWS_EXCEPTION(InternalError, centreCrop({}, small, 3, 3, 1, small));
    }
};

QTEST_GUILESS_MAIN(TestAugmentation)
#include "tst_augmentation.moc"
