#pragma once

#include "core/data/augmentation.h"
#include "core/data/dataset.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace stair {

/// Images of one training step after augmentation, still bytes: normalising is a table of 256
/// entries per channel, applied where the first layer reads.
struct Batch
{
    int count = 0;
    int height = 0;
    int width = 0;
    int channels = 0;
    std::vector<std::uint8_t> pixels; // count x height x width x channels
    std::vector<std::uint16_t> labels;
};

/// Position in the stream of batches: all that must be saved to go on where it stopped.
struct DataPosition
{
    std::int64_t epoch = 0;
    std::int64_t step = 0; // within the epoch

    bool operator==(const DataPosition&) const = default;
};

/// Serves shuffled, augmented batches prepared ahead by one thread of its own. What is served
/// depends on (set, indices, batch size, augmentation, seed, position) alone, never on timing.
/// The last, incomplete batch of an epoch is left out. The set must outlive the loader.
class BatchLoader
{
public:
    struct Options
    {
        int batch = 128;
        Augmentation augmentation{};
        std::uint64_t seed = 1;
        int ahead = 3; // batches prepared in advance
    };

    /// `indices`: the images of `set` to use (a split). Throws Error when fewer than one batch.
    BatchLoader(const ImageSet& set, std::vector<std::uint32_t> indices, const Options& options,
                DataPosition start = {});
    ~BatchLoader();
    BatchLoader(const BatchLoader&) = delete;
    BatchLoader& operator=(const BatchLoader&) = delete;

    std::int64_t stepsPerEpoch() const;

    /// The next batch; waits only when the thread has not kept up. The batch handed out before is
    /// recycled. Rethrows what the thread threw.
    const Batch& next();

    /// Position of the batch that next() will return.
    DataPosition position() const;

    /// Seconds that next() has waited so far.
    double waited() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// The batch at a position, computed in the calling thread: the loader's definition, and its test.
Batch makeBatch(const ImageSet& set, const std::vector<std::uint32_t>& indices,
                const BatchLoader::Options& options, DataPosition position);

/// Splits 0 .. count-1 into training and `held` validation indices, by the seed alone; with equal
/// shares of each class as far as possible.
struct Split
{
    std::vector<std::uint32_t> train;
    std::vector<std::uint32_t> validation;
};
Split splitValidation(const ImageSet& set, int held, std::uint64_t seed);

} // namespace stair
