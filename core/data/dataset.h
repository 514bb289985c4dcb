#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace stair {

/// Images of one size as bytes, (image, height, width, channel), with a class label each.
struct ImageSet
{
    int height = 0;
    int width = 0;
    int channels = 0;
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint16_t> labels;

    int count() const { return int(labels.size()); }
    std::size_t imageBytes() const { return std::size_t(height) * width * channels; }
    std::span<const std::uint8_t> image(int i) const
    {
        return std::span(pixels).subspan(std::size_t(i) * imageBytes(), imageBytes());
    }
};

/// A data set in memory. The network sees (byte / 255 - mean[channel]) / deviation[channel].
struct Dataset
{
    ImageSet train;
    ImageSet test;
    std::vector<std::string> classNames;
    std::vector<float> mean; // of byte / 255, over the training images
    std::vector<float> deviation;
    std::string hash; // SHA-256 over pixels and labels of both sets: identifies the data

    int classes() const { return int(classNames.size()); }
};

/// The value for Dataset::hash: both sets with their sizes, pixels and labels.
std::string contentHash(const Dataset& data);

/// Sets mean and deviation from the training pixels, exactly (from counts of the 256 values).
void measureColours(Dataset& data);

} // namespace stair
