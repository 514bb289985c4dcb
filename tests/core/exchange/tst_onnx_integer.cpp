#include "core/base/files.h"
#include "core/base/random.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/verify.h"
#include "tests/support/error_text.h"
#include "tests/support/shipped.h"

#include <onnx/onnx_pb.h>

#include <QTemporaryDir>

using namespace stair;

namespace fs = std::filesystem;

/// The integer ONNX file is read back as the program that it was made of, and nothing can be changed
/// in it unnoticed. What a runtime computes from it: tests/onnxruntime.
class TestOnnxInteger : public QObject
{
    Q_OBJECT

    fs::path file(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

    onnx::ModelProto written(const ShippedModel& model) const
    {
        onnx::ModelProto proto;
        proto.ParseFromString(encodeOnnxInteger(model, OnnxOutputs::Logits));
        return proto;
    }

    void write(const onnx::ModelProto& proto) const
    {
        writeFileAtomically(file("damaged.onnx"), proto.SerializeAsString());
    }

    /// The first finding of a file that is to be refused.
    std::string finding()
    {
        if (!errorText([&] {
                 readOnnxInteger(file("damaged.onnx"), Damage::Refused);
             }).contains("has been changed since it was written"))
            return "not refused";
        const Verdict verdict = verifyFile(file("damaged.onnx"), m_runtime);
        return verdict.holds() ? "holds" : verdict.findings.front();
    }

private slots:
    void comesBackWithEveryInteger_data() { addLoweredRows(false); }

    void comesBackWithEveryInteger()
    {
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel before = shippedRow(network, tiny, widths, m_runtime);
        const std::string content = encodeOnnxInteger(before, OnnxOutputs::Logits);
        QVERIFY(content == encodeOnnxInteger(before, OnnxOutputs::Logits));
        writeFileAtomically(file("a.onnx"), content);

        const ShippedModel after = readOnnxInteger(file("a.onnx"), Damage::Refused);
        QCOMPARE(after.origin.toJson().dump(), before.origin.toJson().dump());
        const Verdict verdict = verifyFile(file("a.onnx"), m_runtime);
        QCOMPARE(verdict.findings, std::vector<std::string>());
        QVERIFY(verdict.integers > 0);
        QCOMPARE(verdict.program, programHash(before.proof));
    }

    void aFlippedBitIsLocatedToItsLayer()
    {
        const ShippedModel model = shippedRow("", 3, 0, m_runtime); // joins
        int located = 0;
        for (int i = 0; i < written(model).graph().initializer_size(); ++i) {
            onnx::ModelProto proto = written(model);
            auto& tensor = *proto.mutable_graph()->mutable_initializer(i);
            const std::string layer = tensor.name().substr(0, tensor.name().find('.'));
            if (tensor.raw_data().empty() || tensor.name().find('.') == std::string::npos
                || tensor.name().starts_with("float"))
                continue;
            (*tensor.mutable_raw_data())[0] ^= 1;
            write(proto);
            const std::string text = finding();
            QVERIFY2(text.starts_with("layer " + layer + ":"), text.c_str());
            ++located;
        }
        QVERIFY(located >= int(model.program.instructions.size()));
    }

    void aChangedNodeIsLocatedToItsLayer()
    {
        const ShippedModel model = shippedRow("", 3, 0, m_runtime);
        for (int i = 0; i < written(model).graph().node_size(); ++i) {
            onnx::ModelProto proto = written(model);
            auto& node = *proto.mutable_graph()->mutable_node(i);
            const std::string layer = node.name().substr(0, node.name().find('/'));
            node.set_op_type("Abs");
            write(proto);
            const std::string text = finding();
            QVERIFY2(text.starts_with("layer " + layer + ":"), text.c_str());
        }
    }

    void damageIsAnErrorInWords()
    {
        const ShippedModel model = shippedRow("", 0, 0, m_runtime);
        const std::string whole = encodeOnnxInteger(model, OnnxOutputs::Logits);
        Random random(6, RandomUse::Test);
        int refused = 0;
        for (int i = 0; i < 1000; ++i) {
            std::string damaged = whole;
            const auto place = [&] {
                return std::size_t(random.bits()) % damaged.size();
            };
            if (i % 4 == 0)
                damaged[place()] ^= char(1 << (i / 4 % 8));
            else if (i % 4 == 1)
                damaged.resize(place());
            else if (i % 4 == 2)
                damaged.insert(place(), std::string(1 + std::size_t(i) % 9, char(i)));
            else
                damaged.erase(place(), 1 + std::size_t(i) % 16);
            writeFileAtomically(file("damaged.onnx"), damaged);
            // Tolerated, it may be read and run or not, but nothing else happens.
            errorText([&] { verifyFile(file("damaged.onnx"), m_runtime); });
            const QString text
                = errorText([&] { readOnnxInteger(file("damaged.onnx"), Damage::Refused); });
            if (!text.isEmpty()) {
                VERIFY_CONTAINS(text, "damaged.onnx");
                ++refused;
                continue;
            }
            // Other bytes for the same message say the same.
            QVERIFY(verifyFile(file("damaged.onnx"), m_runtime).holds());
        }
        QVERIFY(refused >= 990);
    }

private:
    QTemporaryDir m_folder;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestOnnxInteger)
#include "tst_onnx_integer.moc"
