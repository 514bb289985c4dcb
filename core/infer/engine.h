#pragma once

#include "core/lower/program.h"
#include "core/nn/model.h"
#include "core/ops/runtime.h"

#include <vector>

namespace stair {

enum class EngineKernels
{
    Fast, // chosen per layer, checked against the reference before first use
    Reference, // plain loops, one product at a time
};

/// Runs a program on batches of images. The program and the runtime must outlive it. One thread.
class Engine
{
public:
    Engine(const Program& program, Runtime& runtime, EngineKernels kernels = EngineKernels::Fast);

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

private:
    void allocate(int value, int images);
    void loadImage(const ImageBytes& images);
    void execute(const Instruction& in, int images);
    void move(const Instruction& in);
    bool runFused(const Instruction& in);
    Tensor accumulate(const Instruction& in, int images);
    void join(const Instruction& in, Tensor& acc);
    void convolve(const Instruction& in, Tensor& acc);
    void releaseAfter(std::size_t instruction);
    Value& value(int id) { return m_values[std::size_t(id)]; }

    const Program& m_program;
    Runtime& m_runtime;
    EngineKernels m_kernels;
    bool m_keep = false;
    std::vector<Value> m_values;
    std::vector<std::size_t> m_lastUse; // by value: the last instruction that reads it
};

} // namespace stair
