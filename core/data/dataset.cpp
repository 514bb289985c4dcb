#include "core/data/dataset.h"

#include "core/base/hash.h"

#include <array>
#include <bit>
#include <cmath>

namespace stair {

static_assert(std::endian::native == std::endian::little,
              "hashes and cache files are little-endian");

std::string contentHash(const Dataset& data)
{
    Sha256 hash;
    for (const ImageSet* set : {&data.train, &data.test}) {
        const std::array<std::uint32_t, 4> sizes{
            std::uint32_t(set->count()), std::uint32_t(set->height), std::uint32_t(set->width),
            std::uint32_t(set->channels)};
        hash.add(std::as_bytes(std::span(sizes)));
        hash.add(std::as_bytes(std::span(set->pixels)));
        hash.add(std::as_bytes(std::span(set->labels)));
    }
    return hash.hex();
}

void measureColours(Dataset& data)
{
    const ImageSet& set = data.train;
    const auto channels = std::size_t(set.channels);
    std::vector<std::array<std::uint64_t, 256>> counts(channels);
    for (std::size_t i = 0; i < set.pixels.size(); i += channels) {
        for (std::size_t c = 0; c < channels; ++c)
            ++counts[c][set.pixels[i + c]];
    }
    const double pixels = double(set.pixels.size() / channels);
    data.mean.clear();
    data.deviation.clear();
    for (const auto& count : counts) {
        double sum = 0;
        double squares = 0;
        for (std::size_t value = 0; value < 256; ++value) {
            sum += double(count[value]) * double(value);
            squares += double(count[value]) * double(value * value);
        }
        const double mean = sum / pixels;
        const double deviation = std::sqrt(std::max(0.0, squares / pixels - mean * mean));
        data.mean.push_back(float(mean / 255));
        // A channel of one colour would divide by zero; one grey level keeps it at zero instead.
        data.deviation.push_back(float(std::max(deviation, 1.0) / 255));
    }
}

} // namespace stair
