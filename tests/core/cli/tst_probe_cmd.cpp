#include "core/quant/probe.h"
#include "tests/support/quantizers.h"
#include "tests/support/stair_process.h"

#include <QTest>

using namespace stair;

namespace {

QStringList words(const char* text)
{
    return QString(text).split(' ');
}

} // namespace

/// `stair probe` prints what training computes of weights at that step: the weights' own functions.
class TestProbeCommand : public QObject
{
    Q_OBJECT

    StairProgram m_stair;

private slots:
    void printsWhatTrainingComputes_data()
    {
        QTest::addColumn<std::string>("id");
        for (const MethodInfo& info : methods()) {
            if (info.quantizes())
                QTest::addRow("%s", info.id.c_str()) << info.id;
        }
    }

    void printsWhatTrainingComputes()
    {
        QFETCH(std::string, id);
        const MethodInfo& info = method(id);
        const int bits = std::clamp(3, info.weightBits.least, info.weightBits.most);
        QStringList arguments = words("probe --step 0.37 --from -2 --to 2 --points 161 --gradient "
                                      "-0.83 --json --method");
        arguments << QString::fromStdString(id) << "--bits" << QString::number(bits);
        const StairProgram::Result result = m_stair.run(arguments);
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const Json rows = Json::parse(result.out.toStdString());

        const auto quantizer = methodQuantizer(info, QuantizerKind::Weight, bits);
        const bool isFixed = quantizer->isInitialised();
        if (!isFixed)
            quantizer->fixStep(0.37f);
        QCOMPARE(result.err.contains("--step is left aside"), isFixed);
        const std::vector<float> x = evenly(-2, 2, 161);
        const Tensor weight = weightsOf(x);
        Codes codes(weight.shape(), quantizer->grid());
        Tensor real(weight.shape()), gradient(weight.shape());
        quantizeWeights(*quantizer, weight, codes, &real);
        if (quantizer->isSoft())
            softenWeights(*quantizer, weight, real);
        gradient.fill(-0.83f);
        weightsBackward(*quantizer, weight, gradient);
        QCOMPARE(rows.size(), x.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            QCOMPARE(rows[i].at("x").get<float>(), x[i]);
            QVERIFY(rows[i].at("y").get<float>() == real.data()[i]);
            QVERIFY(rows[i].at("dydx").get<float>() == gradient.data()[i]);
        }
    }

    /// PAPERS 4.5: BCGD's activations at alpha 0.65, 2 bits.
    void printsActivationsAsCsv()
    {
        const StairProgram::Result result = m_stair.run(words(
            "probe --method bcgd --unsigned --bits 2 --step 0.65 --from 0.2 --to 1.5 --points 2"));
        QCOMPARE(result.out,
                 QString("x,y,dydx,dyds\n0.200000003,0.649999976,1,2\n"
                         "1.5,1.94999993,1,2\n"));
    }

    void parametersAreOptions()
    {
        const StairProgram::Result result = m_stair.run(
            words("probe --method asr --bits 4 --from 0.1 --to 0.1 --points 1 --sharpness 4"));
        QVERIFY2(result.out.contains(",0,0.5074"), qPrintable(result.out)); // 1.3's slope
    }

    void badInputIsOneLine_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* arguments, const char* part) {
            QTest::addRow("%s", arguments) << words(arguments) << QString(part);
        };
        row("probe --method lsq --bits 9", "--bits is 9; lsq takes 2 to 8 for weights");
        row("probe --method aqe --alpha 0", "alpha is 0; it must be from 0.01 to 1");
        row("probe --method lsq --step 0", "--step is 0; it must be above 0");
        row("probe --method lsq --to nan", "--from and --to are numbers");
        row("probe --method lsq --step -1", "--step is -1; it must be above 0");
        row("probe --method float", "does not quantize");
        row("probe --method formula --slope 1/u", "'1/u' is inf at u = 0");
        row("probe --method lqs", "did you mean 'lsq'");
    }

    void badInputIsOneLine()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, part);
        const StairProgram::Result result = m_stair.run(arguments);
        QCOMPARE(result.code, 2);
        QCOMPARE(result.err.count('\n'), 1);
        QVERIFY2(result.err.contains(part), qPrintable(result.err));
        QVERIFY(result.out.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestProbeCommand)
#include "tst_probe_cmd.moc"
