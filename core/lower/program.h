#pragma once

#include "core/nn/stage_plan.h"
#include "core/ops/epilogue.h"
#include "core/tensor/codes.h"
#include "core/tensor/tensor.h"

#include <optional>
#include <string>
#include <vector>

namespace stair {

/// A tensor between instructions.
struct ProgramValue
{
    std::string name; // "stage1.block0.relu1"
    Shape shape; // one image
    bool isFloat = false;
    Grid grid; // of codes
    float step = 1; // real = step * code
};

/// One layer with its epilogue (NUMERICS 3). Everything that the integers depend on is stored here
/// as it will be used; nobody recomputes it.
struct Instruction
{
    std::string name;
    Compute compute = Compute::Conv;
    std::vector<int> sources; // value ids: one; of a concat or sum its parts; of a move one a view
    ConvGeometry conv;
    Codes weightCodes; // Conv on codes
    std::vector<float> weightSteps; // real weight = step * code: one, or one an output channel
    Tensor realWeight; // Conv in float
    SumWindow sum;
    Move move;
    std::optional<PoolGeometry> poolBefore;
    Shape computed; // one image
    int skip = -1; // value id of the join's other side
    Epilogue epilogue; // its codes and floats pointers are null here
    std::vector<int> outputs; // value ids, one an epilogue output or moved view
};

/// The shipped program: bytes in, logits out.
struct Program
{
    Shape image;
    std::vector<float> imageTable; // channels x 256; empty when no layer reads floats
    std::vector<std::uint8_t> imageCodes; // channels x 256; empty when no layer reads codes
    std::vector<ProgramValue> values;
    std::vector<int> imageValues; // value ids
    std::vector<Instruction> instructions;
    int logits = -1; // value id

    /// Names of the layers that compute in float: outside the proof.
    std::vector<std::string> floatLayers() const;
};

} // namespace stair
