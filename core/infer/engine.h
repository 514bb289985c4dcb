#pragma once

#include "core/lower/fixed_point.h"
#include "core/lower/program.h"
#include "core/nn/model.h"
#include "core/ops/integer/bit_planes.h"
#include "core/ops/integer/kernels.h"
#include "core/ops/kept_weights.h"
#include "core/ops/runtime.h"

#include <memory>
#include <span>
#include <string>
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
/// Weights and thresholds are prepared once; what readers count bit by bit stays packed between
/// layers; large batches are computed in parts whose sums stay in the cache.
class Engine
{
public:
    /// Throws Error where the program cannot run with that epilogue.
    Engine(const Program& program, Runtime& runtime, EngineKernels kernels = EngineKernels::Fast,
           EngineEpilogue epilogue = EngineEpilogue::Float);
    ~Engine();

    /// The logits, one row an image; valid until the next run().
    const Tensor& run(const ImageBytes& images);

    /// Large batches are computed in parts of so many images; chosen by the constructor.
    void computeAtOnce(int images) { m_partImages = images; }

    /// Keeps every value of the next runs, to be looked at by values().
    void keepValues(bool keep) { m_keep = keep; }

    /// The bits of a coded value may stand in for its codes while the program runs.
    struct Value
    {
        Codes codes;
        Tensor floats;
        BitPlanes bits;
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

    /// Seconds since resetTimes(), of the image's table and then of each instruction.
    const std::vector<double>& times() const { return m_times; }
    void resetTimes() { m_times.assign(m_times.size(), 0); }

    /// How an instruction was computed in the last run: "bits, packed", "short_winograd".
    std::string describe(std::size_t instruction) const;

private:
    struct Layer; // one instruction, prepared

    const Tensor& runPart(const ImageBytes& images);
    void prepare(int images);
    void planBits(std::size_t instruction);
    void planPacking();
    void step(std::size_t instruction, int images);
    void release(std::size_t instruction);
    void allocate(int value, int images);
    void loadImage(const ImageBytes& images);
    void execute(std::size_t instruction, int images);
    void move(std::size_t instruction, int images);
    bool runBits(std::size_t instruction, int images);
    bool moveBits(std::size_t instruction, int images);
    const BitPlanes& bitsOf(int value, const Shape& seen, BitPlanes& own);
    void unpack(int value);
    bool runFused(std::size_t instruction);
    Tensor accumulate(const Instruction& in, int images, KeptWeights* kept);
    Tensor plainSums(const Instruction& in, int images);
    void plainConvolve(const Instruction& in, Tensor& acc);
    void finish(std::size_t instruction, Tensor acc);
    void join(const Instruction& in, Tensor& acc);
    void addParts(const Instruction& in, Tensor& acc);
    void convolve(const Instruction& in, KeptWeights* kept, Tensor& acc);
    void prepareFixed();
    void executeFixed(std::size_t instruction, int images);
    std::vector<std::int32_t> exactSums(const Instruction& in, int images);
    void writeFixed(const Instruction& in, std::size_t output, const FixedOutput& fixed,
                    std::span<const std::int32_t> sums);
    bool maySetBits(std::size_t instruction);
    IntegerConvKey keyOf(const Instruction& in, int images) const;
    Shape seenShape(const Instruction& in, int images) const;
    const Instruction& instruction(std::size_t i) const { return m_program.instructions[i]; }
    const ProgramValue& described(int id) const { return m_program.values[std::size_t(id)]; }
    Value& value(int id) { return m_values[std::size_t(id)]; }

    const Program& m_program;
    Runtime& m_runtime;
    EngineKernels m_kernels;
    bool m_keep = false;
    int m_partImages = 1; // computed at once
    Tensor m_logits; // of a batch computed in parts
    int m_images = 0; // that the layers are prepared for
    std::vector<Layer> m_layers; // by instruction
    std::vector<double> m_times;
    std::vector<std::vector<FixedOutput>> m_fixed; // by instruction and output; empty with floats
    std::vector<std::int64_t> m_integerLogits;
    std::vector<Value> m_values;
    std::vector<bool> m_packed; // by value: whether its producer writes bits
    std::span<const int> m_spared; // values that the caller wants back
};

} // namespace stair
