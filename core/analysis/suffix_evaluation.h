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
    std::vector<int> base; // values that the rest of `other` reads, by their ids in `base` ...
    std::vector<int> other; // ... and in `other`
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

    void keep(const SharedPrefix& prefix);

    const Program& m_base;
    Runtime& m_runtime;
    EvaluationImages m_images;
    std::size_t m_budget;
    std::size_t m_end = 0; // what is kept stands before this instruction
    std::vector<int> m_ids;
    std::vector<KeptBatch> m_kept;
};

} // namespace stair
