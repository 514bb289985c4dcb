#pragma once

#include "core/infer/engine.h"
#include "core/train/evaluator.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace stair {

/// Images to judge by, with their labels; the set must outlive it.
struct EvaluationImages
{
    const ImageSet* set = nullptr;
    std::vector<std::uint32_t> indices;
    Augmentation augmentation;
    int classes = 0;
};

/// What two programs compute alike before they part.
struct SharedPrefix
{
    std::size_t instructions = 0; // these are equal, and so are their values
    std::vector<int> partner; // by value of the other program: the base's equal one, or -1

    /// The base's values that the other program's instructions from `first` on (up to where they
    /// part) read of those before it.
    std::vector<int> readFrom(const Program& other, std::size_t first) const;
};

/// Found by comparing what the integers depend on, not names. Needs programs of one graph.
SharedPrefix sharedPrefix(const Program& base, const Program& other);

/// Evaluates programs that part from a base: what comes before is computed once and kept (up to
/// `budget` bytes; the images beyond it are run from the start). The same metrics as
/// evaluateProgram(), to the last bit. The base and the runtime must outlive it. One thread.
class SuffixEvaluation
{
public:
    static constexpr std::size_t defaultBudget = std::size_t(1) << 30;

    SuffixEvaluation(const Program& base, Runtime& runtime, EvaluationImages images,
                     std::size_t budget = defaultBudget);

    Metrics evaluate(const Program& program);

private:
    struct KeptBatch
    {
        std::vector<Engine::Value> values; // as m_ids
        std::vector<std::uint16_t> labels;
    };

    void keep(std::size_t end, const std::vector<int>& ids);
    bool serves(const SharedPrefix& prefix, const Program& program) const;

    const Program& m_base;
    Runtime& m_runtime;
    EvaluationImages m_images;
    std::size_t m_budget;
    std::size_t m_end = 0; // what is kept stands before this instruction; 0: nothing is
    std::vector<int> m_ids; // ascending
    std::vector<KeptBatch> m_kept;
};

} // namespace stair
