#pragma once

#include "core/lower/real_affine.h"

#include <set>
#include <string>
#include <vector>

namespace stair {

/// Makes a program of operations on reals that are quantized here and there, as a QDQ graph has them:
/// what follows a layer and has no other reader goes into its epilogue. Shapes are of one image.
class ProgramBuilder
{
public:
    /// A tensor: a value of the program, or the real result of a layer that is still open, or the
    /// image, whose every byte has a real in each channel.
    struct Wire
    {
        int value = -1;
        int layer = -1;
        std::vector<double> table; // channels x 256
        bool isFlat = false; // read as one row an image, channel by channel
        bool isSole = true; // nobody else reads it: its layer may take in what follows
    };

    /// A layer's weights in the order (output, row, column, input): codes and their steps, or reals.
    struct Weights
    {
        std::vector<std::int64_t> codes; // from -128 to 127; empty with reals
        std::vector<double> steps; // one, or one an output; positive
        std::vector<double> reals;
    };

    explicit ProgramBuilder(const Shape& image) { m_program.image = image; }

    Shape shapeOf(const Wire& wire) const;

    /// Of codes; 0 for what is real.
    float stepOf(const Wire& wire) const;

    // Operations; `name` is the layer's where one is begun. They throw Error for shapes that do not
    // fit.
    Wire conv(const std::string& name, const Wire& from, const ConvGeometry& g, const Weights& w);
    Wire affine(const std::string& name, const Wire& from, const RealAffine& a);
    Wire add(const std::string& name, const Wire& a, const Wire& b);
    Wire clamp(const std::string& name, const Wire& from, const Activation& to);
    Wire sumPool(const std::string& name, const Wire& from, const SumWindow& window);
    Wire maxPool(const std::string& name, const Wire& from, const PoolGeometry& window);
    Wire concat(const std::string& name, const std::vector<Wire>& parts);
    Wire move(const std::string& name, const Wire& from, const Move& move);

    /// To the nearest of the grid's codes from low to high; the value `name` holds them.
    Wire quantize(const std::string& name, const Wire& from, const Grid& grid, double step);

    /// An image whose table holds codes already.
    Wire imageCodes(const Wire& codes, const Grid& grid, double step);

    /// The whole program, checked. Instructions stand after those they read.
    Program finish(const Wire& logits);

private:
    int addValue(const std::string& name, const Shape& shape);
    int valueOf(const Wire& wire);
    int floatOutput(int layer);
    int open(const std::string& name, Compute compute, const std::vector<int>& sources,
             const Shape& computed);
    Wire copyOf(const std::string& name, const Wire& from);
    bool isOpen(const Wire& wire, bool forSkip) const;
    void setEpilogue(Instruction& in, const RealAffine& affine);
    void sort();
    std::string unique(std::string name);
    Shape resultOf(const Instruction& in) const;
    Instruction& layer(int id) { return m_program.instructions[std::size_t(id)]; }
    const Instruction& layer(int id) const { return m_program.instructions[std::size_t(id)]; }
    ProgramValue& value(int id) { return m_program.values[std::size_t(id)]; }

    Program m_program;
    std::vector<RealAffine> m_affines; // by instruction
    std::set<std::string> m_names;
};

} // namespace stair
