#include "core/data/augmentation.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"

#include <algorithm>
#include <cstring>

namespace stair {

namespace {

/// Where the crop begins in the image's own coordinates; negative within the padding.
struct Corner
{
    int y = 0;
    int x = 0;
};

/// One image as rows of pixels.
struct View
{
    const std::uint8_t* pixels = nullptr;
    int height = 0;
    int width = 0;
    int channels = 0;
};

template<int Channels>
void reverseRow(const std::uint8_t* src, int width, std::uint8_t* dst)
{
    for (int x = 0; x < width; ++x) {
        for (int c = 0; c < Channels; ++c)
            dst[x * Channels + c] = src[(width - 1 - x) * Channels + c];
    }
}

/// `width` pixels from right to left; src and dst do not overlap.
void reverseRow(const std::uint8_t* src, int width, int channels, std::uint8_t* dst)
{
    if (channels == 1)
        return reverseRow<1>(src, width, dst);
    if (channels == 3)
        return reverseRow<3>(src, width, dst);
    for (int x = 0; x < width; ++x)
        std::memcpy(dst + x * channels, src + (width - 1 - x) * channels, std::size_t(channels));
}

/// Copies the crop at `corner`, black outside the image, mirrored where `flip` says so.
void copyCrop(const View& src, Corner corner, ImageSize size, bool flip, std::uint8_t* dst)
{
    const int left = std::clamp(-corner.x, 0, size.width);
    const int right = std::clamp(src.width - corner.x, left, size.width); // end of image pixels
    const int leftOut = flip ? size.width - right : left;
    const int channels = src.channels;
    const std::size_t rowBytes = std::size_t(size.width) * channels;
    const std::size_t leftBytes = std::size_t(leftOut) * channels;
    const std::size_t imageBytes = std::size_t(right - left) * channels;
    for (int y = 0; y < size.height; ++y, dst += rowBytes) {
        const int row = corner.y + y;
        if (row < 0 || row >= src.height || imageBytes == 0) {
            std::memset(dst, 0, rowBytes);
            continue;
        }
        const std::uint8_t* from
            = src.pixels + (std::ptrdiff_t(row) * src.width + corner.x + left) * channels;
        std::memset(dst, 0, leftBytes);
        std::memset(dst + leftBytes + imageBytes, 0, rowBytes - leftBytes - imageBytes);
        if (flip)
            reverseRow(from, right - left, channels, dst + leftBytes);
        else
            std::memcpy(dst + leftBytes, from, imageBytes);
    }
}

/// Checks what the caller promises about the two buffers.
ImageSize checkedSize(const Augmentation& augmentation, const View& src,
                      std::span<const std::uint8_t> pixels, std::span<const std::uint8_t> dst)
{
    const ImageSize size = outputSize(augmentation, src.height, src.width);
    require(pixels.size() == std::size_t(src.height) * src.width * src.channels,
            "augmentation reads one whole image");
    require(dst.size() == std::size_t(size.height) * size.width * src.channels,
            "augmentation writes an image of outputSize()");
    return size;
}

} // namespace

ImageSize outputSize(const Augmentation& augmentation, int height, int width)
{
    const ImageSize size{augmentation.cropHeight == 0 ? height : augmentation.cropHeight,
                         augmentation.cropWidth == 0 ? width : augmentation.cropWidth};
    if (augmentation.pad < 0 || size.height < 0 || size.width < 0)
        throw Error(concat("augmentation: padding ", augmentation.pad, " and crop ", size.height,
                           " x ", size.width, " must not be negative; use 0 to switch one off"));
    const int padding = 2 * augmentation.pad;
    if (size.height > height + padding || size.width > width + padding)
        throw Error(concat("augmentation: a crop of ", size.height, " x ", size.width,
                           " does not fit into images of ", height, " x ", width, " with padding ",
                           augmentation.pad, "; make the crop smaller or the padding larger"));
    return size;
}

void augment(const Augmentation& augmentation, std::span<const std::uint8_t> src, int height,
             int width, int channels, Random& random, std::span<std::uint8_t> dst)
{
    const View view{src.data(), height, width, channels};
    const ImageSize size = checkedSize(augmentation, view, src, dst);
    const int pad = augmentation.pad;
    const int y = int(random.below(std::uint32_t(height + 2 * pad - size.height + 1)));
    const int x = int(random.below(std::uint32_t(width + 2 * pad - size.width + 1)));
    const bool flip = augmentation.flip && random.below(2) == 1;
    copyCrop(view, {y - pad, x - pad}, size, flip, dst.data());
}

void centreCrop(const Augmentation& augmentation, std::span<const std::uint8_t> src, int height,
                int width, int channels, std::span<std::uint8_t> dst)
{
    const View view{src.data(), height, width, channels};
    const ImageSize size = checkedSize(augmentation, view, src, dst);
    const int pad = augmentation.pad;
    const Corner corner{(height + 2 * pad - size.height) / 2 - pad,
                        (width + 2 * pad - size.width) / 2 - pad};
    copyCrop(view, corner, size, false, dst.data());
}

} // namespace stair
