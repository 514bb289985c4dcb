#include "core/base/files.h"
#include "core/data/archive.h"
#include "core/exchange/export_formats.h"
#include "core/exchange/npz.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/onnx_qdq.h"
#include "core/exchange/qonnx.h"
#include "tests/support/error_text.h"
#include "tests/support/shipped.h"

#include <onnx/onnx_pb.h>

#include <QTemporaryDir>

#include <cstring>
#include <map>
#include <set>

using namespace stair;

namespace fs = std::filesystem;

namespace {

/// An array as NumPy stores it.
struct Npy
{
    std::string type;
    std::string shape;
    std::string values; // bytes
};

Npy parseNpy(const std::vector<std::uint8_t>& bytes)
{
    const std::string text(bytes.begin(), bytes.end());
    if (text.substr(0, 8) != std::string("\x93NUMPY\x01\x00", 8))
        return {};
    const std::size_t length = std::size_t(bytes[8]) + 256 * std::size_t(bytes[9]);
    if ((10 + length) % 64 != 0)
        return {};
    const std::string head = text.substr(10, length);
    const auto between = [&](const std::string& before, const std::string& after) {
        const std::size_t first = head.find(before) + before.size();
        return head.substr(first, head.find(after, first) - first);
    };
    return {between("'descr': '", "'"), between("'shape': (", ")"), text.substr(10 + length)};
}

std::vector<float> floatsOf(const std::string& bytes)
{
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

} // namespace

/// Files for other tools hold the program's own codes and scales.
class TestExportFormats : public QObject
{
    Q_OBJECT

private slots:
    void everyFormatEncodesOrSaysWhyNot_data() { addLoweredRows(false); }

    void everyFormatEncodesOrSaysWhyNot()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel model = shippedRow(network, tiny, widths, m_runtime);
        for (const ExportFormat& format : exportFormats()) {
            const std::string refusal = format.refusal(model.program);
            if (refusal.empty()) {
                QVERIFY(format.encode(model).size() > 1000);
                continue;
            }
            QVERIFY2(refusal.starts_with("layer "), refusal.c_str());
            VERIFY_CONTAINS(errorText([&] { format.encode(model); }), refusal.c_str());
        }
        // Exact forms refuse nothing that is proved.
        QCOMPARE(exportFormat("packed").refusal(model.program), std::string());
        QCOMPARE(exportFormat("onnx-integer").refusal(model.program), std::string());
        QCOMPARE(exportFormat("c").refusal(model.program), std::string());
    }

    void npzHoldsTheCodesAndScales_data() { addLoweredRows(false); }

    void npzHoldsTheCodesAndScales()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel model = shippedRow(network, tiny, widths, m_runtime);
        const fs::path file = fs::path(m_folder.path().toStdString()) / "model.zip";
        writeFileAtomically(file, encodeNpz(model));
        std::map<std::string, Npy> arrays;
        const auto archive = Archive::open(file);
        while (archive->next())
            arrays[archive->name()] = parseNpy(archive->read());
        for (const Instruction& in : model.program.instructions) {
            if (!in.weightCodes)
                continue;
            const Npy& weight = arrays.at(in.name + ".weight.npy");
            const Shape s = in.weightCodes.shape();
            QCOMPARE(weight.type, std::string("|i1"));
            QCOMPARE(weight.shape, concat(s.n, ",", s.h, ",", s.w, ",", s.c, ","));
            QVERIFY(
                std::ranges::equal(in.weightCodes.bytes(), weight.values,
                                   [](std::uint8_t a, char b) { return a == std::uint8_t(b); }));
            const Npy& scale = arrays.at(in.name + ".weight_scale.npy");
            QCOMPARE(scale.type, std::string("<f4"));
            QCOMPARE(floatsOf(scale.values), in.weightSteps);
            if (in.skip < 0) {
                const std::vector<float> m = floatsOf(arrays.at(in.name + ".m.npy").values);
                QVERIFY(std::ranges::equal(std::span(m).first(std::size_t(in.computed.c)),
                                           in.epilogue.outputs.front().m));
            }
        }
        for (int id = 0; id < int(model.program.values.size()); ++id) {
            const ProgramValue& value = model.program.values[std::size_t(id)];
            if (!value.isFloat)
                QCOMPARE(
                    floatsOf(arrays.at(onnxValueName(model.program, id) + ".scale.npy").values),
                    std::vector<float>{value.step});
        }
    }

    /// A layer's codes as ONNX has them: (output, input, row, column); a linear layer over a map
    /// reads its channels one after the other, each row by row.
    static std::vector<int> channelsFirst(const Instruction& in, const Shape& read)
    {
        Shape ours = in.conv.weightShape();
        if (read.c != in.conv.inC)
            ours = {ours.n, read.h, read.w, read.c};
        std::vector<int> codes;
        for (int o = 0; o < ours.n; ++o)
            for (int i = 0; i < ours.c; ++i)
                for (int y = 0; y < ours.h; ++y)
                    for (int x = 0; x < ours.w; ++x)
                        codes.push_back(in.weightCodes.at(
                            ((std::int64_t(o) * ours.h + y) * ours.w + x) * ours.c + i));
        return codes;
    }

    void qonnxHoldsTheCodes_data() { addLoweredRows(false); }

    // What Quant makes of a weight, in units of its scale, is the program's code.
    void qonnxHoldsTheCodes()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel model = shippedRow(network, tiny, widths, m_runtime);
        if (!qonnxRefusal(model.program).empty())
            return;
        onnx::ModelProto proto;
        QVERIFY(proto.ParseFromString(encodeQonnx(model)));
        std::map<std::string, std::vector<float>> tensors;
        for (const auto& tensor : proto.graph().initializer()) {
            if (tensor.data_type() == onnx::TensorProto::FLOAT)
                tensors[tensor.name()] = floatsOf(tensor.raw_data());
        }
        int layers = 0;
        for (const auto& node : proto.graph().node()) {
            const std::string& source = node.input(0);
            if ((node.op_type() != "Quant" && node.op_type() != "BipolarQuant")
                || !source.ends_with(".weight"))
                continue;
            QCOMPARE(node.domain(), std::string("qonnx.custom_op.general"));
            const std::string layer = source.substr(0, source.size() - 7);
            const auto in
                = std::ranges::find(model.program.instructions, layer, &Instruction::name);
            const std::vector<float>& weights = tensors.at(source);
            const std::vector<float>& scales = tensors.at(node.input(1));
            QCOMPARE(scales, in->weightSteps);
            std::vector<int> found;
            const std::size_t each = weights.size() / scales.size();
            for (std::size_t i = 0; i < weights.size(); ++i)
                found.push_back(int(std::nearbyint(weights[i] / scales[i / each])));
            const Shape& read = model.program.values[std::size_t(in->sources.front())].shape;
            QCOMPARE(found, channelsFirst(*in, read));
            ++layers;
        }
        QCOMPARE(layers,
                 int(std::ranges::count_if(model.program.instructions, [](const Instruction& in) {
                     return bool(in.weightCodes);
                 })));
    }

    void biasesStayWholeWhereTheyMoveLittle_data()
    {
        QTest::addColumn<float>("m");
        QTest::addColumn<float>("b");
        QTest::addColumn<bool>("isWhole");
        // In steps of the result, of which a unit of the sums is m: b is rounded to a multiple of |m|.
        // The mean over the layer's 7 channels counts, of which this one alone is rounded.
        QTest::addRow("fine sums") << 0.01f << 3.305f << true; // by 0.005
        QTest::addRow("coarse sums, between two") << 0.25f << 3.125f << false; // by 1/8
        QTest::addRow("coarse sums, on one") << 0.25f << 3.25f << true; // by 0
        QTest::addRow("coarse sums, beside one") << 0.25f << 3.28f << true; // by 0.03
        QTest::addRow("coarse sums, less near to one") << 0.25f << 3.29f << false; // by 0.04
        QTest::addRow("falling codes, between two") << -0.25f << 3.125f << false;
        QTest::addRow("falling codes, on one") << -0.25f << 3.25f << true;
        QTest::addRow("falling codes, fine sums") << -0.01f << 3.305f << true;
    }

    // One layer decides for itself, and for no other.
    void biasesStayWholeWhereTheyMoveLittle()
    {
        QFETCH(float, m);
        QFETCH(float, b);
        QFETCH(bool, isWhole);
        ShippedModel model = shippedRow("", 0, 3, m_runtime); // LSQ W8A8
        QCOMPARE(qdqBias(model.program), QdqBias::Integers);
        const auto wholeOutput = [&model](const char* name) -> EpilogueOutput& {
            const auto in = std::ranges::find(model.program.instructions, name, &Instruction::name);
            EpilogueOutput& output = in->epilogue.outputs.front();
            std::ranges::fill(output.m, 0.01f);
            std::ranges::fill(output.b, 1.0f);
            return output;
        };
        wholeOutput("c1");
        const auto in = std::ranges::find(model.program.instructions, "c2", &Instruction::name);
        QVERIFY(in != model.program.instructions.end() && in->epilogue.outputs.size() == 1);
        EpilogueOutput& output = wholeOutput("c2");
        QCOMPARE(output.m.size(), std::size_t(7));
        output.m[2] = m;
        output.b[2] = b;
        for (std::int64_t i = 0; i < in->weightCodes.size(); ++i) // none that cannot be turned
            if (in->weightCodes.at(i) == -128)
                in->weightCodes.data()[i] = std::uint8_t(-127);
        const std::int64_t first = 2 * in->weightCodes.size() / in->conv.outC; // of that channel
        in->weightCodes.data()[first] = 5;

        const fs::path file = fs::path(m_folder.path().toStdString()) / "biases.onnx";
        writeFileAtomically(file, encodeOnnxQdq(model));
        onnx::ModelProto proto;
        QVERIFY(proto.ParseFromString(readFile(file)));
        std::set<std::string> names;
        for (const auto& tensor : proto.graph().initializer())
            names.insert(tensor.name());
        QVERIFY(names.contains("c1.bias_scale")); // others keep theirs whole
        QVERIFY(names.contains("c2.bias"));
        QCOMPARE(names.contains("c2.bias_scale"), isWhole);
        // What is read back is the bias, but for its rounding, and m with its sign.
        const Program read = readOnnxQdq(file).program;
        const auto again = std::ranges::find(read.instructions, "c2", &Instruction::name);
        const EpilogueOutput& found = again->epilogue.outputs.front();
        const int turned = again->weightCodes.at(first) == 5 ? 1 : -1;
        QVERIFY(std::abs(turned * found.m[2] - m) < 1e-6f);
        QVERIFY(std::abs(found.b[2] - b) < (isWhole ? 0.035f : 1e-5f)); // 7 / 200
    }

    // FINN's layout: both branches of a join behind a Quant of one scale, and again after the sum.
    void qonnxJoinsHaveOneScale()
    {
        const auto tiny = tinyNetworks();
        const auto shared = std::ranges::find(tiny, ResidualPolicy::Shared, &TinyNetwork::residual);
        const ShippedModel model = shippedRow("", int(shared - tiny.begin()), 3, m_runtime); // W8A8
        onnx::ModelProto proto;
        QVERIFY(proto.ParseFromString(encodeQonnx(model)));
        std::map<std::string, float> scalars;
        std::map<std::string, const onnx::NodeProto*> writers;
        for (const auto& tensor : proto.graph().initializer())
            if (tensor.data_type() == onnx::TensorProto::FLOAT && tensor.dims_size() == 0)
                scalars[tensor.name()] = floatsOf(tensor.raw_data()).front();
        for (const auto& node : proto.graph().node())
            writers[node.output(0)] = &node;
        const auto quantScale = [&](const std::string& name) {
            const auto found = writers.find(name);
            const bool isQuant = found != writers.end() && found->second->op_type() == "Quant";
            return isQuant ? scalars.at(found->second->input(1)) : 0.0f;
        };
        int joins = 0;
        for (const auto& node : proto.graph().node()) {
            if (node.op_type() != "Add" || !writers.contains(node.input(1)))
                continue; // of a constant
            const float scale = quantScale(node.input(0));
            QVERIFY(scale > 0);
            QCOMPARE(quantScale(node.input(1)), scale);
            for (const auto& relu : proto.graph().node())
                if (relu.op_type() == "Relu" && relu.input(0) == node.output(0))
                    for (const auto& reader : proto.graph().node())
                        if (reader.op_type() == "Quant" && reader.input(0) == relu.output(0)) {
                            QCOMPARE(quantScale(reader.output(0)), scale);
                            ++joins;
                        }
        }
        QCOMPARE(joins, 2);
    }

    void unknownFormatsAreNamed()
    {
        VERIFY_CONTAINS(errorText([] { exportFormat("onx-qdq"); }), "did you mean 'onnx-qdq'");
    }

private:
    QTemporaryDir m_folder;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestExportFormats)
#include "tst_export_formats.moc"
