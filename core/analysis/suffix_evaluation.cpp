#include "core/analysis/suffix_evaluation.h"

#include <algorithm>
#include <set>

namespace stair {

namespace {

bool same(const Codes& a, const Codes& b)
{
    return a.shape() == b.shape() && a.grid() == b.grid()
        && std::ranges::equal(a.bytes(), b.bytes());
}

bool same(const ProgramValue& a, const ProgramValue& b)
{
    return a.isFloat == b.isFloat && a.shape == b.shape
        && (a.isFloat || (a.grid == b.grid && a.step == b.step));
}

bool same(const EpilogueOutput& a, const EpilogueOutput& b)
{
    return a.m == b.m && a.b == b.b && a.inverseStep == b.inverseStep && a.rule == b.rule
        && a.low == b.low && a.high == b.high && a.isHalf == b.isHalf;
}

/// Apart from the values that they read and write.
bool sameLayer(const Instruction& a, const Instruction& b)
{
    return a.compute == b.compute && a.conv == b.conv && a.sum == b.sum && a.move == b.move
        && a.poolBefore == b.poolBefore && a.computed == b.computed
        && same(a.weightCodes, b.weightCodes) && a.weightSteps == b.weightSteps
        && std::ranges::equal(a.realWeight.values(), b.realWeight.values())
        && a.epilogue.activation == b.epilogue.activation && a.epilogue.m == b.epilogue.m
        && a.epilogue.b == b.epilogue.b && a.epilogue.skipStep == b.epilogue.skipStep;
}

class Comparison
{
public:
    Comparison(const Program& base, const Program& other)
        : m_base(base)
        , m_other(other)
        , m_partner(other.values.size(), -1)
    {
    }

    SharedPrefix run()
    {
        SharedPrefix prefix;
        // The last one, which gives the logits, is always left to be run.
        const std::size_t most
            = std::min(m_base.instructions.size(), m_other.instructions.size()) - 1;
        if (m_base.imageCodes == m_other.imageCodes && m_base.imageTable == m_other.imageTable
            && pairImages()) {
            while (prefix.instructions < most && pair(prefix.instructions))
                ++prefix.instructions;
        }
        prefix.partner = std::move(m_partner);
        return prefix;
    }

private:
    /// Gives each value of `other` one of `base` that fits; false where there is none.
    template<typename Fits>
    bool pairValues(const std::vector<int>& base, const std::vector<int>& other, const Fits& fits)
    {
        std::vector<bool> taken(base.size(), false);
        std::vector<int> found;
        for (std::size_t i = 0; i < other.size(); ++i) {
            std::size_t j = 0;
            while (j < base.size() && (taken[j] || !fits(j, i)))
                ++j;
            if (j == base.size())
                return false;
            taken[j] = true;
            found.push_back(base[j]);
        }
        for (std::size_t i = 0; i < other.size(); ++i)
            m_partner[std::size_t(other[i])] = found[i];
        return true;
    }

    const ProgramValue& baseValue(int id) const { return m_base.values[std::size_t(id)]; }
    const ProgramValue& otherValue(int id) const { return m_other.values[std::size_t(id)]; }
    int partner(int id) const { return id < 0 ? -1 : m_partner[std::size_t(id)]; }

    bool pairImages()
    {
        const auto& a = m_base.imageValues;
        const auto& b = m_other.imageValues;
        return pairValues(a, b, [&](std::size_t i, std::size_t j) {
            return same(baseValue(a[i]), otherValue(b[j]));
        });
    }

    bool pair(std::size_t index)
    {
        const Instruction& a = m_base.instructions[index];
        const Instruction& b = m_other.instructions[index];
        if (!sameLayer(a, b) || (a.skip < 0) != (b.skip < 0) || partner(b.skip) != a.skip)
            return false;
        const bool moves = a.compute == Compute::Move;
        const auto reads = [&](std::size_t i, std::size_t j) {
            return partner(b.sources[j]) == a.sources[i];
        };
        if (!moves) {
            if (a.sources.size() != b.sources.size())
                return false;
            for (std::size_t i = 0; i < a.sources.size(); ++i) {
                if (!reads(i, i))
                    return false;
            }
        }
        return pairValues(a.outputs, b.outputs, [&](std::size_t i, std::size_t j) {
            return same(baseValue(a.outputs[i]), otherValue(b.outputs[j]))
                && (moves ? reads(i, j) : same(a.epilogue.outputs[i], b.epilogue.outputs[j]));
        });
    }

    const Program& m_base;
    const Program& m_other;
    std::vector<int> m_partner; // by value of `other`: the base's equal one, or -1
};

std::size_t bytesOf(const std::vector<Engine::Value>& values)
{
    std::size_t bytes = 0;
    for (const Engine::Value& value : values)
        bytes += std::size_t(value.codes.size()) + std::size_t(value.floats.size()) * sizeof(float);
    return bytes;
}

} // namespace

std::vector<int> SharedPrefix::readFrom(const Program& other, std::size_t first) const
{
    std::vector<bool> isOwn(other.values.size(), false); // written by `first` or later
    std::set<int> found;
    const auto read = [&](int id) {
        if (id >= 0 && !isOwn[std::size_t(id)])
            found.insert(partner[std::size_t(id)]);
    };
    for (std::size_t i = first; i < other.instructions.size(); ++i) {
        const Instruction& in = other.instructions[i];
        std::ranges::for_each(in.sources, read);
        read(in.skip);
        for (const int id : in.outputs)
            isOwn[std::size_t(id)] = true;
    }
    return {found.begin(), found.end()};
}

SharedPrefix sharedPrefix(const Program& base, const Program& other)
{
    return Comparison(base, other).run();
}

SuffixEvaluation::SuffixEvaluation(const Program& base, Runtime& runtime, EvaluationImages images,
                                   std::size_t budget)
    : m_base(base)
    , m_runtime(runtime)
    , m_images(std::move(images))
    , m_budget(budget)
{
}

/// Whole batches from the first on, as many as the budget holds.
void SuffixEvaluation::keep(std::size_t end, const std::vector<int>& ids)
{
    m_kept.clear();
    m_end = end;
    m_ids = ids;
    if (m_end == 0)
        return;
    Engine engine(m_base, m_runtime);
    std::size_t bytes = 0;
    forEachBatch(
        *m_images.set, &m_images.indices, m_images.augmentation, evaluationBatch,
        [&](const ImageBytes& images, std::span<const std::uint16_t> labels) {
            if (bytes > m_budget)
                return;
            KeptBatch batch{engine.runUntil(images, m_end, m_ids), {labels.begin(), labels.end()}};
            bytes += bytesOf(batch.values);
            if (bytes <= m_budget)
                m_kept.push_back(std::move(batch));
        });
}

/// Whether what is kept is enough: going on from an earlier place is less than beginning again.
bool SuffixEvaluation::serves(const SharedPrefix& prefix, const Program& program) const
{
    return m_end > 0 && m_end <= prefix.instructions
        && std::ranges::includes(m_ids, prefix.readFrom(program, m_end));
}

Metrics SuffixEvaluation::evaluate(const Program& program)
{
    const SharedPrefix prefix = sharedPrefix(m_base, program);
    if (!serves(prefix, program))
        keep(prefix.instructions, prefix.readFrom(program, prefix.instructions));
    std::vector<std::pair<int, std::size_t>> places; // of the program's values among the kept
    for (const int id : prefix.readFrom(program, m_end))
        places.emplace_back(int(std::ranges::find(prefix.partner, id) - prefix.partner.begin()),
                            std::size_t(std::ranges::find(m_ids, id) - m_ids.begin()));
    Engine engine(program, m_runtime);
    MetricsMeter meter(m_images.classes);
    for (KeptBatch& batch : m_kept) {
        std::vector<std::pair<int, Engine::Value*>> given;
        for (const auto& [id, place] : places)
            given.emplace_back(id, &batch.values[place]);
        meter.add(engine.runFrom(m_end, int(batch.labels.size()), given), batch.labels);
    }
    const std::size_t done = m_kept.size() * std::size_t(evaluationBatch);
    if (done >= m_images.indices.size())
        return meter.value();
    const std::vector<std::uint32_t> rest(m_images.indices.begin() + std::ptrdiff_t(done),
                                          m_images.indices.end());
    forEachBatch(*m_images.set, &rest, m_images.augmentation, evaluationBatch,
                 [&](const ImageBytes& images, std::span<const std::uint16_t> labels) {
                     meter.add(engine.run(images), labels);
                 });
    return meter.value();
}

} // namespace stair
