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

    /// Steps as in layers.jsonl give what training computes of a tensor.
    void codeStepsAreTheTensors_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<int>("bits");
        QTest::addRow("TWN") << std::string("twn") << 2;
        QTest::addRow("AQE, 2 bits") << std::string("aqe") << 2;
        QTest::addRow("BCGD, 2 bits") << std::string("bcgd") << 2;
        QTest::addRow("BCGD, 4 bits") << std::string("bcgd") << 4;
    }

    void codeStepsAreTheTensors()
    {
        QFETCH(std::string, id);
        QFETCH(int, bits);
        const auto quantizer = methodQuantizer(method(id), QuantizerKind::Weight, bits);
        const std::vector<float> x = evenly(-2, 2, 161);
        const Tensor weight = weightsOf(x);
        observeWeights(*quantizer, weight);
        QVERIFY(quantizer->codeStep() != quantizer->step());
        Codes codes(weight.shape(), quantizer->grid());
        Tensor real(weight.shape());
        quantizeWeights(*quantizer, weight, codes, &real);
        if (quantizer->isSoft())
            softenWeights(*quantizer, weight, real);
        const auto number = [](float value) {
            return QString::number(double(value), 'g', 17);
        };
        QStringList arguments = words("probe --from -2 --to 2 --points 161 --json --bits");
        arguments << QString::number(bits) << "--method" << QString::fromStdString(id) << "--step"
                  << number(quantizer->step()) << "--code-step" << number(quantizer->codeStep());
        const StairProgram::Result result = m_stair.run(arguments);
        QVERIFY2(result.code == 0 && result.err.isEmpty(), qPrintable(result.err));
        const Json rows = Json::parse(result.out.toStdString());
        for (std::size_t i = 0; i < x.size(); ++i)
            QVERIFY(rows[i].at("y").get<float>() == real.data()[i]);
    }

    /// PACT starts at alpha over the greatest code; LSQ+ at beta: z = round(-beta / step).
    void whatNoTensorDecidesIsTaken()
    {
        StairProgram::Result result = m_stair.run(
            words("probe --method pact --unsigned --bits 2 --alpha 3 --from 5 --to 5 --points 1"));
        QVERIFY2(result.out.contains("\n5,3,0,"), qPrintable(result.out));
        QVERIFY2(result.err.isEmpty(), qPrintable(result.err));
        result = m_stair.run(words("probe --method lsq_plus --activation --bits 2 --step 0.5 "
                                   "--offset -1 --from -9 --to -9 --points 1"));
        QVERIFY2(result.out.contains("\n-9,-1,0,"), qPrintable(result.out));
        QVERIFY2(result.err.isEmpty(), qPrintable(result.err));
    }

    void whatIsMadeUpIsSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("part"); // empty: nothing is said
        const auto row = [](const char* arguments, const char* part) {
            QTest::addRow("%s", arguments) << words(arguments) << QString(part);
        };
        row("probe --method lsq", "");
        row("probe --method minmax", "");
        row("probe --method twn", "the code step from the weights, here it is 1 (--code-step)");
        row("probe --method lsq_plus --unsigned", "an offset, here it is 0 (--offset)");
        row("probe --method dorefa", "the samples stand for the whole tensor");
        row("probe --method stochastic", "each y is one random draw");
        row("probe --method ewgs --hessian true", "delta from the Hessian, here there is none");
        row("probe --method pact --unsigned --bits 2 --step 1", "training starts with the step 2");
    }

    void whatIsMadeUpIsSaid()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, part);
        const StairProgram::Result result = m_stair.run(arguments);
        QCOMPARE(result.code, 0);
        QCOMPARE(result.err.count('\n'), part.isEmpty() ? 0 : 1);
        QVERIFY2(result.err.contains(part), qPrintable(result.err));
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
        row("probe --method formula --slope 1/u", "--slope: the formula '1/u' is inf at u = 0");
        row("probe --method formula --bits 3 --forward sqrt(u)", "at u = -4; it must be finite");
        row("probe --method lsq --code-step 0.5", "--code-step: here lsq");
        row("probe --method twn --code-step -1", "--code-step is -1; it must be above 0");
        row("probe --method lsq_plus --offset 1", "--offset: here lsq_plus has none");
        row("probe --method lqs", "did you mean 'lsq'");
        row("probe --method lsq --step 1e-50", "--step is 1e-50; as a 32-bit float");
        row("probe --method lsq --step 1e39", "--step is 1e+39; as a 32-bit float");
        row("probe --method lsq --step inf", "--step is inf; as a 32-bit float");
        row("probe --method twn --code-step 1e-40", "--code-step is 1e-40; as a 32-bit float");
        row("probe --method lsq_plus --activation --offset 1e39", "--offset is 1e+39;");
        row("probe --method lsq --gradient nan", "--gradient is nan;");
        row("probe --method lsq --gradient -1e40", "--gradient is -1e+40;");
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
