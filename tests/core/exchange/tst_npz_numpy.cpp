#include "core/base/files.h"
#include "core/exchange/npz.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/program_text.h"
#include "tests/support/shipped.h"

#include <QProcess>
#include <QTemporaryDir>

#include <bit>

using namespace stair;

namespace fs = std::filesystem;

namespace {

/// A Python that has NumPy; empty when there is none. Debian's own stands behind others in PATH.
QString pythonWithNumpy()
{
    for (const char* program : {"python3", "/usr/bin/python3"}) {
        QProcess python;
        python.start(program, {"-c", "import numpy"});
        if (python.waitForStarted() && python.waitForFinished(60'000)
            && python.exitStatus() == QProcess::NormalExit && python.exitCode() == 0)
            return program;
    }
    return {};
}

Json bitsOf(std::span<const float> values)
{
    Json bits = Json::array();
    for (const float value : values)
        bits.push_back(std::bit_cast<std::uint32_t>(value));
    return bits;
}

} // namespace

/// NumPy itself reads the .npz file, and finds the program's codes, steps and multipliers in it.
class TestNpzNumpy : public QObject
{
    Q_OBJECT

    Json arrays(const ShippedModel& model, const QString& python) const
    {
        const fs::path file = fs::path(m_folder.path().toStdString()) / "a.npz";
        writeFileAtomically(file, encodeNpz(model));
        QProcess reader;
        reader.start(python,
                     {STAIR_SOURCE_DIR "/tests/core/exchange/read_npz.py",
                      QString::fromStdString(file.string())});
        if (!reader.waitForFinished(120'000) || reader.exitCode() != 0)
            return {{"error", reader.readAllStandardError().toStdString()}};
        return Json::parse(reader.readAllStandardOutput().toStdString());
    }

    static void compareLayer(const Instruction& in, const Json& found)
    {
        const Shape s = in.conv.weightShape();
        const Json shape = {s.n, s.h, s.w, s.c};
        if (in.weightCodes) {
            Json codes = Json::array(), reals = Json::array();
            const std::int64_t each = in.weightCodes.size() / s.n;
            for (std::int64_t i = 0; i < in.weightCodes.size(); ++i) {
                const std::size_t c = in.weightSteps.size() > 1 ? std::size_t(i / each) : 0;
                codes.push_back(in.weightCodes.at(i));
                reals.push_back(
                    std::bit_cast<std::uint32_t>(in.weightSteps[c] * float(in.weightCodes.at(i))));
            }
            const Json& weight = found.at(in.name + ".weight");
            QCOMPARE(weight.at("type").get<std::string>(), std::string("int8"));
            QVERIFY(weight.at("shape") == shape);
            QVERIFY(weight.at("values") == codes);
            const Json& scale = found.at(in.name + ".weight_scale");
            QCOMPARE(scale.at("type").get<std::string>(), std::string("float32"));
            QVERIFY(scale.at("values") == bitsOf(in.weightSteps));
            QVERIFY(found.at(in.name + ".weight.real").at("values") == reals);
        } else if (in.realWeight) {
            const Json& weight = found.at(in.name + ".weight");
            QVERIFY(weight.at("shape") == shape);
            QVERIFY(weight.at("values") == bitsOf(in.realWeight.values()));
        }
        const std::vector<float> multipliers = multipliersOf(in);
        if (multipliers.empty())
            return;
        const Json& m = found.at(in.name + ".m");
        const Json& b = found.at(in.name + ".b");
        const std::size_t channels = std::size_t(in.computed.c);
        const std::size_t results = multipliers.size() / (2 * channels);
        QVERIFY(m.at("shape") == Json({results, channels}));
        Json all = Json::array();
        for (std::size_t i = 0; i < results; ++i)
            for (const Json* part : {&m, &b})
                for (std::size_t c = 0; c < channels; ++c)
                    all.push_back(part->at("values").at(i * channels + c));
        QVERIFY(all == bitsOf(multipliers));
    }

private slots:
    void numpyFindsTheProgram_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<int>("tiny");
        QTest::addColumn<int>("widths");
        const int tiny = int(tinyNetworks().size());
        for (int w = 0; w < int(std::size(allWidths)); ++w)
            QTest::addRow("%s, tiny network %d", allWidths[w].name, w % tiny)
                << QString() << w % tiny << w;
        QTest::addRow("resnet20") << QString("resnet20") << -1 << 2;
    }

    void numpyFindsTheProgram()
    {
        static const QString python = pythonWithNumpy();
        if (python.isEmpty())
            QSKIP("no python3 here has NumPy (package python3-numpy, which tests/run installs)");
        QFETCH(QString, network);
        QFETCH(int, tiny);
        QFETCH(int, widths);
        const ShippedModel model = shippedRow(network, tiny, widths, m_runtime);
        const Json found = arrays(model, python);
        QVERIFY2(!found.contains("error"), found.dump().c_str());
        const Program& program = model.program;
        for (int id = 0; id < int(program.values.size()); ++id) {
            const ProgramValue& value = program.values[std::size_t(id)];
            if (!value.isFloat)
                QVERIFY(found.at(onnxValueName(program, id) + ".scale").at("values")
                        == bitsOf({&value.step, 1}));
        }
        for (const Instruction& in : program.instructions)
            compareLayer(in, found);
        std::string about;
        for (const Json& byte : found.at("about").at("values"))
            about += char(byte.get<int>());
        QVERIFY(Json::parse(about).at("program") == programText(program));
    }

private:
    QTemporaryDir m_folder;
    Runtime m_runtime{2};
};

QTEST_GUILESS_MAIN(TestNpzNumpy)
#include "tst_npz_numpy.moc"
