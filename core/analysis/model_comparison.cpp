#include "core/analysis/model_comparison.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/infer/engine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace stair {

namespace {

constexpr int batchSize = 100;

/// Energies of a tensor and of its difference from the other's.
struct Energies
{
    double first = 0;
    double second = 0;
    double product = 0;
    double difference = 0;

    void add(double a, double b)
    {
        first += a * a;
        second += b * b;
        product += a * b;
        difference += (a - b) * (a - b);
    }
    Energies& operator+=(const Energies& other)
    {
        first += other.first;
        second += other.second;
        product += other.product;
        difference += other.difference;
        return *this;
    }
    bool parts() const { return difference > partingShare * partingShare * first; }
    double sqnr() const
    {
        return difference == 0 ? std::numeric_limits<double>::infinity()
                               : 10 * std::log10(first / difference);
    }
    double cosine() const
    {
        return first == second && difference == 0 ? 1 : product / std::sqrt(first * second);
    }
};

/// A value that both programs have.
struct Pair
{
    int first = -1; // value ids
    int second = -1;
    Energies sum;
    std::int64_t unlike = 0;
    std::int64_t count = 0; // of codes that were compared
};

std::vector<Pair> pairValues(const Program& a, const Program& b)
{
    std::map<std::string, int> named;
    for (int id = 0; id < int(b.values.size()); ++id)
        named.emplace(b.values[std::size_t(id)].name, id);
    std::vector<Pair> pairs;
    for (int id = 0; id < int(a.values.size()); ++id) {
        const ProgramValue& value = a.values[std::size_t(id)];
        const auto other = named.find(value.name);
        if (other != named.end()
            && b.values[std::size_t(other->second)].shape.withImages(1)
                == value.shape.withImages(1))
            pairs.push_back({.first = id, .second = other->second, .sum = {}});
    }
    return pairs;
}

/// Real values of one image in a batch.
class Reals
{
public:
    Reals(const Engine::Value& value, const ProgramValue& described, int image)
        : m_value(value)
        , m_step(described.step)
        , m_size(described.shape.withImages(1).size())
        , m_start(m_size * image)
    {
    }
    std::int64_t size() const { return m_size; }
    double at(std::int64_t i) const
    {
        return m_value.codes ? double(m_step) * m_value.codes.at(m_start + i)
                             : double(m_value.floats.data()[m_start + i]);
    }
    std::optional<int> code(std::int64_t i) const
    {
        return m_value.codes ? std::optional(m_value.codes.at(m_start + i)) : std::nullopt;
    }

private:
    const Engine::Value& m_value;
    float m_step;
    std::int64_t m_size;
    std::int64_t m_start;
};

/// Both programs over one batch at a time.
class Comparing
{
public:
    Comparing(const Program& first, const Program& second, Runtime& runtime, int classes)
        : m_first(first)
        , m_second(second)
        , m_engineA(first, runtime)
        , m_engineB(second, runtime)
        , m_pairs(pairValues(first, second))
        , m_meterA(classes)
        , m_meterB(classes)
    {
        m_engineA.keepValues(true);
        m_engineB.keepValues(true);
    }

    void add(const ImageBytes& images, std::span<const std::uint16_t> labels,
             std::span<const std::uint32_t> numbers)
    {
        const Tensor& a = m_engineA.run(images);
        const Tensor& b = m_engineB.run(images);
        m_meterA.add(a, labels);
        m_meterB.add(b, labels);
        for (int image = 0; image < images.shape.n; ++image) {
            const std::string partsAt = compareImage(image);
            const int saysA = topClass(a, image), saysB = topClass(b, image);
            if (saysA != saysB)
                m_result.flipped.push_back({int(numbers[std::size_t(image)]),
                                            labels[std::size_t(image)], saysA, saysB, partsAt});
        }
    }

    ModelComparison result()
    {
        m_result.first = m_meterA.value();
        m_result.second = m_meterB.value();
        for (const Pair& pair : m_pairs)
            m_result.values.push_back(
                {m_first.values[std::size_t(pair.first)].name, pair.sum.sqnr(), pair.sum.cosine(),
                 pair.count == 0 ? -1 : double(pair.unlike) / double(pair.count)});
        return std::move(m_result);
    }

private:
    static int topClass(const Tensor& logits, int image)
    {
        const int classes = int(logits.size() / logits.shape().n);
        const float* row = logits.data() + std::ptrdiff_t(image) * classes;
        return int(std::max_element(row, row + classes) - row);
    }

    /// The first value in which the programs part on it.
    std::string compareImage(int image)
    {
        std::string partsAt;
        for (Pair& pair : m_pairs) {
            const ProgramValue& described = m_first.values[std::size_t(pair.first)];
            const Reals a(m_engineA.values()[std::size_t(pair.first)], described, image);
            const Reals b(m_engineB.values()[std::size_t(pair.second)],
                          m_second.values[std::size_t(pair.second)], image);
            Energies own;
            for (std::int64_t i = 0; i < a.size(); ++i) {
                own.add(a.at(i), b.at(i));
                if (const auto x = a.code(i), y = b.code(i); x && y) {
                    pair.unlike += *x != *y;
                    ++pair.count;
                }
            }
            pair.sum += own;
            if (partsAt.empty() && own.parts() && pair.first != m_first.logits)
                partsAt = described.name;
        }
        return partsAt;
    }

    const Program& m_first;
    const Program& m_second;
    Engine m_engineA, m_engineB;
    std::vector<Pair> m_pairs;
    MetricsMeter m_meterA, m_meterB;
    ModelComparison m_result;
};

} // namespace

ModelComparison compareModels(const Program& first, const Program& second, Runtime& runtime,
                              const ImageSet& set, const std::vector<std::uint32_t>& indices,
                              const Augmentation& augmentation, int classes)
{
    const auto classesOf = [](const Program& program) {
        return program.values[std::size_t(program.logits)].shape.c;
    };
    if (first.image.withImages(1) != second.image.withImages(1)
        || classesOf(first) != classesOf(second))
        throw Error(concat("[compare] one model takes images of ",
                           toString(first.image.withImages(1)), " to ", classesOf(first),
                           " classes, the other of ", toString(second.image.withImages(1)), " to ",
                           classesOf(second), ": choose two of the same data"));
    const ImageSize size = outputSize(augmentation, set.height, set.width);
    const std::size_t bytes = std::size_t(size.height) * size.width * set.channels;
    Comparing comparing(first, second, runtime, classes);
    for (std::size_t start = 0; start < indices.size(); start += batchSize) {
        const std::size_t count = std::min<std::size_t>(batchSize, indices.size() - start);
        std::vector<std::uint8_t> pixels(count * bytes);
        std::vector<std::uint16_t> labels(count);
        for (std::size_t i = 0; i < count; ++i) {
            const int image = int(indices[start + i]);
            centreCrop(augmentation, set.image(image), set.height, set.width, set.channels,
                       std::span(pixels).subspan(i * bytes, bytes));
            labels[i] = set.labels[std::size_t(image)];
        }
        comparing.add({pixels.data(), {int(count), size.height, size.width, set.channels}}, labels,
                      std::span(indices).subspan(start, count));
    }
    return comparing.result();
}

} // namespace stair
