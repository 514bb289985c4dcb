#include "core/data/batch_loader.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace stair {

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::uint32_t> epochOrder(std::size_t count, std::uint64_t seed, std::int64_t epoch)
{
    Random random(seed, RandomUse::Shuffle, std::uint64_t(epoch));
    return random.permutation(std::uint32_t(count));
}

/// Fills `batch` with the images at `position` of an epoch in the given order. Each image's chance
/// depends on (seed, epoch, its number in the set) alone.
void fill(const ImageSet& set, const std::vector<std::uint32_t>& indices,
          const std::vector<std::uint32_t>& order, const BatchLoader::Options& options,
          DataPosition position, Batch& batch)
{
    const ImageSize size = outputSize(options.augmentation, set.height, set.width);
    batch.count = options.batch;
    batch.height = size.height;
    batch.width = size.width;
    batch.channels = set.channels;
    const std::size_t bytes = std::size_t(size.height) * size.width * set.channels;
    batch.pixels.resize(std::size_t(options.batch) * bytes);
    batch.labels.resize(std::size_t(options.batch));
    const std::size_t first = std::size_t(position.step) * options.batch;
    for (std::size_t i = 0; i < std::size_t(options.batch); ++i) {
        const std::uint32_t image = indices[order[first + i]];
        Random random(options.seed, RandomUse::Augmentation,
                      std::uint64_t(position.epoch) << 32 | image);
        augment(options.augmentation, set.image(int(image)), set.height, set.width, set.channels,
                random, std::span(batch.pixels).subspan(i * bytes, bytes));
        batch.labels[i] = set.labels[image];
    }
}

DataPosition after(DataPosition position, std::int64_t stepsPerEpoch)
{
    if (++position.step == stepsPerEpoch)
        position = {.epoch = position.epoch + 1, .step = 0};
    return position;
}

/// Throws Error or InternalError when these cannot be served.
void check(const ImageSet& set, const std::vector<std::uint32_t>& indices,
           const BatchLoader::Options& options, DataPosition position)
{
    if (options.batch < 1)
        throw Error(concat("data.batch is ", options.batch, "; it must be 1 or more"));
    if (indices.size() < std::size_t(options.batch))
        throw Error(concat("there are ", indices.size(),
                           " training images, fewer than one batch of ", options.batch,
                           "; make the batch smaller or hold fewer back"));
    outputSize(options.augmentation, set.height, set.width);
    for (const std::uint32_t image : indices)
        require(image < std::uint32_t(set.count()), "loader indices lie within the set");
    require(options.ahead >= 1, "the loader prepares at least one batch ahead");
    require(position.epoch >= 0 && position.step >= 0
                && position.step < std::int64_t(indices.size()) / options.batch,
            "the loader starts within an epoch");
}

} // namespace

struct BatchLoader::State
{
    State(const ImageSet& images, std::vector<std::uint32_t> chosen, const Options& wishes,
          DataPosition start)
        : set(images)
        , indices(std::move(chosen))
        , options(wishes)
        , stepsPerEpoch(std::int64_t(indices.size()) / wishes.batch)
        , position(start)
    {
    }

    const ImageSet& set;
    const std::vector<std::uint32_t> indices;
    const Options options;
    const std::int64_t stepsPerEpoch;
    DataPosition position; // of the batch next() will return
    Batch current;
    double waited = 0;

    // Shared with the thread, under the mutex.
    std::mutex mutex;
    std::condition_variable_any changed;
    std::deque<Batch> ready;
    std::vector<Batch> spare;
    std::exception_ptr failure;

    std::jthread thread; // last: it is joined before the rest goes

    /// The thread's work: batches in order from `next` on, at most `ahead` of them unread.
    void prepare(std::stop_token stop, DataPosition next);
    bool takeSpare(std::stop_token stop, Batch& batch);
};

/// Waits until one more batch may be prepared; false when the loader is being destroyed.
bool BatchLoader::State::takeSpare(std::stop_token stop, Batch& batch)
{
    std::unique_lock lock(mutex);
    const auto room = [this] {
        return ready.size() < std::size_t(options.ahead);
    };
    if (!changed.wait(lock, stop, room))
        return false;
    if (!spare.empty()) {
        batch = std::move(spare.back());
        spare.pop_back();
    }
    return true;
}

void BatchLoader::State::prepare(std::stop_token stop, DataPosition next)
{
    try {
        std::vector<std::uint32_t> order = epochOrder(indices.size(), options.seed, next.epoch);
        for (Batch batch; takeSpare(stop, batch); batch = {}) {
            fill(set, indices, order, options, next, batch);
            const DataPosition following = after(next, stepsPerEpoch);
            {
                const std::lock_guard lock(mutex);
                ready.push_back(std::move(batch));
            }
            changed.notify_all();
            if (following.epoch != next.epoch)
                order = epochOrder(indices.size(), options.seed, following.epoch);
            next = following;
        }
    } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        changed.notify_all();
    }
}

BatchLoader::BatchLoader(const ImageSet& set, std::vector<std::uint32_t> indices,
                         const Options& options, DataPosition start)
{
    check(set, indices, options, start);
    m_state = std::make_unique<State>(set, std::move(indices), options, start);
    m_state->thread = std::jthread(
        [state = m_state.get(), start](std::stop_token stop) { state->prepare(stop, start); });
}

BatchLoader::~BatchLoader() = default;

std::int64_t BatchLoader::stepsPerEpoch() const
{
    return m_state->stepsPerEpoch;
}

const Batch& BatchLoader::next()
{
    State& state = *m_state;
    {
        std::unique_lock lock(state.mutex);
        const auto served = [&state] {
            return !state.ready.empty() || state.failure;
        };
        if (!served()) {
            const Clock::time_point start = Clock::now();
            state.changed.wait(lock, served);
            state.waited += std::chrono::duration<double>(Clock::now() - start).count();
        }
        if (state.ready.empty())
            std::rethrow_exception(state.failure);
        if (!state.current.pixels.empty())
            state.spare.push_back(std::move(state.current));
        state.current = std::move(state.ready.front());
        state.ready.pop_front();
    }
    state.changed.notify_all();
    state.position = after(state.position, state.stepsPerEpoch);
    return state.current;
}

DataPosition BatchLoader::position() const
{
    return m_state->position;
}

double BatchLoader::waited() const
{
    return m_state->waited;
}

Batch makeBatch(const ImageSet& set, const std::vector<std::uint32_t>& indices,
                const BatchLoader::Options& options, DataPosition position)
{
    check(set, indices, options, position);
    Batch batch;
    fill(set, indices, epochOrder(indices.size(), options.seed, position.epoch), options, position,
         batch);
    return batch;
}

} // namespace stair
