#pragma once

#include "core/exchange/onnx_nodes.h"
#include "core/exchange/program_builder.h"
#include "core/nn/model.h"

#include <map>

namespace stair {

/// A tensor whose values stand in the file: reals, or integers with what a DequantizeLinear says.
struct OnnxConstant
{
    OnnxInts dims;
    std::vector<double> reals;
    OnnxInts codes;
    std::vector<double> scales; // empty: plain integers, or reals
    std::size_t axis = 0; // of the scales, where there are several

    bool isCoded() const { return !scales.empty(); }
    std::int64_t size() const;
    std::size_t scaleOf(std::int64_t i) const;
    double real(std::int64_t i) const;
};

/// Reads the nodes of a graph one after the other into a program: what importOnnx() does, apart from
/// the file. Errors name the node.
class OnnxImport
{
public:
    OnnxImport(const onnx::GraphProto& graph, const Normalisation& normalisation);

    Program run();

private:
    using Wire = ProgramBuilder::Wire;

    // The node at hand.
    const std::string& output() const { return m_node->output(0); }
    const std::string& input(int i) const;
    std::string name() const; // of the layer that it begins
    bool isConstant(int i) { return constant(i) != nullptr; }
    const OnnxConstant* constant(int i); // null: computed
    const OnnxConstant& needed(int i); // throws Error where it is computed
    OnnxInts neededInts(int i) { return needed(i).codes; }
    Wire wire(int i);
    void give(const Wire& result) { m_wires[output()] = result; }
    void applyAffine(int i, const RealAffine& a) { give(m_builder.affine(name(), wire(i), a)); }

    void read();
    void readSame();
    void readConstant();

    // onnx_import_layers.cpp
    void readConv();
    void readLinear();
    void readNorm();
    void readAdd();
    void readScaling();
    void readClamp();
    void readPool();
    void readConcat();
    ProgramBuilder::Weights weightsOf(const OnnxConstant& weight, const ConvGeometry& g,
                                      const Shape& source);
    std::vector<double> channelReals(const OnnxConstant& value, const Wire& wire);

    // onnx_import_shapes.cpp
    void readReshape();
    void readSlice();
    void readPad();
    void readTranspose();
    void readGather();
    void readQuantize();
    void readDequantize();
    OnnxConstant dequantized(OnnxConstant stored);
    Grid gridOf(int zeroInput, int& zero, int type);

    const onnx::GraphProto& m_graph;
    ProgramBuilder m_builder;
    const onnx::NodeProto* m_node = nullptr;
    std::map<std::string, const onnx::TensorProto*> m_stored;
    std::map<std::string, OnnxConstant> m_constants;
    std::map<std::string, int> m_readers;
    std::map<std::string, const onnx::NodeProto*> m_lastReader;
    std::map<std::string, Wire> m_wires;
    std::map<std::string, int> m_zeros; // of tensors of codes: the file holds code + zero
    std::map<std::string, int> m_shuffles; // of tensors of five dims: groups
};

} // namespace stair
