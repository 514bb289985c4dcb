#include "core/data/procedural.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/data/figures.h"
#include "core/data/painter.h"

#include <cmath>

namespace stair {

namespace {

constexpr std::uint32_t classCount = 10;

/// Each run of ten images holds every class once, in an order of its own.
int classOf(std::uint64_t seed, int split, std::uint32_t index)
{
    constexpr std::uint64_t orderStreams = std::uint64_t(1) << 63;
    const std::uint64_t block = std::uint64_t(split) << 32 | index / classCount;
    Random random(seed, RandomUse::Procedural, orderStreams | block);
    return int(random.permutation(classCount)[index % classCount]);
}

/// What grows and shrinks with the difficulty (0 to 1).
struct Hardness
{
    float d;

    float texture() const { return 0.06f + 0.24f * d; }
    float noise() const { return 0.01f + 0.11f * d; }
    float contrast() const { return 0.8f - 0.55f * d; } // least distance of colours in the RGB cube
    float smallest() const { return 0.4f - 0.18f * d; } // radius of the figure by the image's side
    float tilt() const { return 0.05f + 0.25f * d; }
    std::uint32_t behind() const { return 2 + std::uint32_t(std::lround(8 * d)); }
    std::uint32_t inFront() const { return 1 + std::uint32_t(std::lround(4 * d)); }
};

ImageSet drawSet(const DataRequest& request, int split, int count)
{
    const int size = request.params.integer("size");
    const auto seed = std::uint64_t(request.params.integer("seed"));
    const auto difficulty = float(request.params.real("difficulty"));
    ImageSet set{.height = size, .width = size, .channels = 3, .pixels = {}, .labels = {}};
    set.pixels.resize(std::size_t(count) * set.imageBytes());
    set.labels.resize(std::size_t(count));
#pragma omp parallel for schedule(static)
    for (int i = 0; i < count; ++i) {
        const auto pixels
            = std::span(set.pixels).subspan(std::size_t(i) * set.imageBytes(), set.imageBytes());
        set.labels[std::size_t(i)] = std::uint16_t(
            drawProcedural(seed, split, std::uint32_t(i), size, difficulty, pixels));
    }
    return set;
}

Dataset open(const DataRequest& request)
{
    const int train = request.params.integer("train");
    const int test = request.params.integer("test");
    const int size = request.params.integer("size");
    constexpr std::int64_t mostBytes = std::int64_t(4) << 30;
    if ((std::int64_t(train) + test) * size * size * 3 > mostBytes)
        throw Error(concat("data.params: ", train, " + ", test, " images of ", size, " x ", size,
                           " take more than 4 GiB; ask for fewer or smaller ones"));
    Dataset data;
    data.classNames = figureNames();
    data.train = drawSet(request, 0, train);
    data.test = drawSet(request, 1, test);
    measureColours(data);
    data.hash = contentHash(data);
    return data;
}

std::vector<ParamSpec> params()
{
    return {
        ParamSpec::integer("train", "Training images", 10000, 10, 1'000'000, "How many to draw."),
        ParamSpec::integer("test", "Test images", 2000, 10, 1'000'000, "How many to draw."),
        ParamSpec::integer("size", "Image size", 32, 8, 512, "Height and width in pixels."),
        ParamSpec::integer("seed", "Seed", 1, 0, 2'000'000'000,
                           "Another seed draws other images of the same classes."),
        ParamSpec::real("difficulty", "Difficulty", 0.3, 0, 1,
                        "More noise, texture and clutter, weaker contrast, smaller figures."),
    };
}

} // namespace

int drawProcedural(std::uint64_t seed, int split, std::uint32_t index, int size, float difficulty,
                   std::span<std::uint8_t> pixels)
{
    require(pixels.size() == std::size_t(size) * size * 3, "one colour image is drawn");
    const int label = classOf(seed, split, index);
    const Hardness hard{difficulty};
    Random random(seed, RandomUse::Procedural, std::uint64_t(split) << 32 | index);
    Painter painter(size, random);

    painter.background(hard.texture());
    painter.clutter(random.below(hard.behind()));
    const float radius = hard.smallest() + (0.44f - hard.smallest()) * random.uniform();
    painter.figure(Figure::random(FigureKind(label), hard.tilt(), random), radius, hard.contrast());
    painter.clutter(random.below(hard.inFront()));
    painter.finish(hard.noise(), pixels);
    return label;
}

DatasetInfo proceduralInfo()
{
    return {.id = "procedural",
            .title = "Drawn figures",
            .help = "Ten classes of coloured figures and patterns (disc, ring, square, triangle, "
                    "cross, star, stripes, checkerboard), drawn by the program. Needs no path.",
            .needsPath = false,
            .params = params(),
            .open = open};
}

} // namespace stair
