#pragma once

#include "core/data/dataset.h"
#include "core/infer/engine.h"
#include "core/lower/program.h"
#include "core/train/trainer.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stair {

/// A tensor as it stands in a program: codes with their step, or floats.
struct InspectedTensor
{
    std::string name;
    Shape shape; // (1, height, width, channels) of a result; (outputs, height, width, inputs)
    std::optional<Grid> grid; // of codes
    std::vector<float> steps; // real = step * code: one, or one an output of weights
    std::vector<std::uint8_t> codes; // int8_t where the grid is signed
    std::vector<float> floats; // without a grid

    double real(std::int64_t i) const;
};

/// 10 log10(sum a^2 / sum (a - b)^2) in dB, infinite when equal. Throws Error for unlike shapes.
double signalToNoise(const InspectedTensor& a, const InspectedTensor& b);

/// Runs a program on one image at a time and shows what stands in it. The runtime must outlive it.
class Inspection
{
public:
    Inspection(Program program, Runtime& runtime);

    const Program& program() const { return m_program; }

    /// Those with weights first, each once, in the program's order.
    std::vector<std::string> layers() const;

    bool has(const std::string& layer) const;

    /// Of a layer with weights; else 0.
    int outputs(const std::string& layer) const;

    /// The logits. `image`: height x width x channels bytes of the program's image.
    std::vector<float> classify(std::span<const std::uint8_t> image);

    /// What a layer gave for the last image; of several forms, the one with fewest bits. The layer is
    /// named by its own or its result's name. Throws Error naming the nearest when there is none.
    InspectedTensor result(const std::string& layer) const;

    /// `count` outputs' weights from `first` on, fewer where there are no more; nothing for a layer
    /// without weights.
    std::optional<InspectedTensor> weights(const std::string& layer, int first, int count) const;

private:
    const Instruction* lookUp(const std::string& layer) const;
    const Instruction& find(const std::string& layer) const;
    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }

    Program m_program;
    Engine m_engine;
};

/// The network with the trainer's weights and nothing quantized; batch norm's statistics are estimated
/// anew on the run's training images, as a quantized run's are.
Program unquantizedProgram(Trainer& trainer, const ExperimentSpec& spec, const Dataset& data,
                           Runtime& runtime);

} // namespace stair
