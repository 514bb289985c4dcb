#pragma once

#include "core/exchange/onnx_graph.h"
#include "core/lower/real_affine.h"

#include <string>
#include <vector>

namespace stair {

/// Walks a program and writes its operations on reals as ONNX nodes, values between the layers
/// quantized and real again; how a tensor is quantized is each form's affair.
class RealEncoding
{
public:
    RealEncoding(const Program& program, onnx::GraphProto& proto);
    virtual ~RealEncoding() = default;

    void run();

protected:
    using Dims = std::vector<std::int64_t>;

    /// Input "image", and the names of the image's values.
    virtual void addImage() = 0;

    /// The real result of a convolution on codes; `folds`, unless null, may be folded into it.
    virtual std::string convolved(const Instruction& in, const std::string& source,
                                  const RealAffine* folds)
        = 0;

    /// Whether convolved() folds.
    virtual bool foldsAffine() const = 0;

    /// Quantizes reals to the grid of a value and gives reals again.
    virtual std::string quantized(const std::string& real, int id, const HardRule& rule) = 0;

    const ProgramValue& value(int id) const { return m_program.values[std::size_t(id)]; }

    /// The real tensor of a value.
    std::string& nameOf(int id) { return m_names[std::size_t(id)]; }

    static Dims weightDims(const ConvGeometry& g);
    void setWindow(const ConvGeometry& g);
    std::string floatTensor(const std::string& name, const std::vector<float>& values,
                            const Dims& dims);

    const Program& m_program;
    OnnxGraph m_graph;

private:
    void addLayer(const Instruction& in);
    std::string layerResult(const Instruction& in, const RealAffine* folds);
    std::string seenBy(const Instruction& in);
    std::string floatConv(const Instruction& in);
    std::string channels(const std::string& name, const std::vector<double>& values);
    std::string applied(const RealAffine& affine, std::string real);
    std::string activated(const Activation& activation, const std::string& real);
    std::string maxPool(const PoolGeometry& g, const std::string& from);
    std::string shapeTensor(const std::string& name, const Dims& dims);
    std::string cut(const std::string& from, const std::string& suffix, const Dims& starts,
                    const Dims& ends, const Dims& axes, const Dims& steps);
    void addMove(const Instruction& in, int from, int to);

    std::vector<std::string> m_names; // by value
};

} // namespace stair
