#pragma once

#include "core/lower/fixed_point.h"
#include "core/lower/program.h"
#include "core/nn/model.h"
#include "core/ops/runtime.h"

#include <span>
#include <utility>
#include <vector>

namespace stair {

enum class EngineKernels
{
    Fast, // chosen per layer, checked against the reference before first use
    Reference, // plain loops, one product at a time
};

/// How accumulators become codes (NUMERICS 3 and 4).
enum class EngineEpilogue
{
    Float, // the program as it is trained, evaluated and shipped
    FixedPoint, // integers alone, as in the C export: to compare with it
};

/// Runs a program on batches of images. The program and the runtime must outlive it. One thread.
class Engine
{
public:
    /// Throws Error where the program cannot run with that epilogue.
    Engine(const Program& program, Runtime& runtime, EngineKernels kernels = EngineKernels::Fast,
           EngineEpilogue epilogue = EngineEpilogue::Float);

    /// The logits, one row an image; valid until the next run().
    const Tensor& run(const ImageBytes& images);

    /// Keeps every value of the next runs, to be looked at by values().
    void keepValues(bool keep) { m_keep = keep; }

    struct Value
    {
        Codes codes;
        Tensor floats;
    };
    const std::vector<Value>& values() const { return m_values; }

    // A run in two parts, of two programs that begin alike: the first computes what stands before
    // instruction `end` and hands out `wanted`, the second goes on from there.
    std::vector<Value> runUntil(const ImageBytes& images, std::size_t end,
                                std::span<const int> wanted);

    /// `given`: values by id, all that instruction `first` and later ones read from before it. They
    /// are lent during the call. Returns the logits, as run() does.
    const Tensor& runFrom(std::size_t first, int images,
                          std::span<const std::pair<int, Value*>> given);

    /// After a run that kept its values: an instruction's sums as exact integers, before pooling
    /// and epilogue. Only where it reads codes.
    std::vector<std::int32_t> sums(std::size_t instruction, int images)
    {
        return exactSums(m_program.instructions[instruction], images);
    }

    /// With the fixed-point epilogue: the last run's logits before their shift, one row an image.
    const std::vector<std::int64_t>& integerLogits() const { return m_integerLogits; }

private:
    void allocate(int value, int images);
    void loadImage(const ImageBytes& images);
    void runInstructions(std::size_t first, std::size_t end, int images);
    void execute(const Instruction& in, int images);
    void move(const Instruction& in);
    bool runFused(const Instruction& in);
    Tensor accumulate(const Instruction& in, int images);
    void join(const Instruction& in, Tensor& acc);
    void convolve(const Instruction& in, Tensor& acc);
    void prepareFixed();
    void executeFixed(std::size_t instruction, int images);
    std::vector<std::int32_t> exactSums(const Instruction& in, int images);
    void writeFixed(const Instruction& in, std::size_t output, const FixedOutput& fixed,
                    std::span<const std::int32_t> sums);
    void releaseAfter(std::size_t instruction);
    Value& value(int id) { return m_values[std::size_t(id)]; }

    const Program& m_program;
    Runtime& m_runtime;
    EngineKernels m_kernels;
    bool m_keep = false;
    std::vector<std::vector<FixedOutput>> m_fixed; // by instruction and output; empty with floats
    std::vector<std::int64_t> m_integerLogits;
    std::vector<Value> m_values;
    std::vector<std::size_t> m_lastUse; // by value: the last instruction that reads it
    std::span<const int> m_spared; // values that runUntil() hands out
};

} // namespace stair
