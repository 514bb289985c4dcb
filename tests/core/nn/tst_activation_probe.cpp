#include "core/nn/epilogue_backward.h"
#include "core/ops/epilogue.h"
#include "core/quant/probe.h"
#include "tests/support/quantizers.h"

#include <QTest>

using namespace stair;

namespace {

constexpr float step = 0.37f;
constexpr float incoming = -0.83f;

/// x as the accumulators of one channel that are real values as they are.
const Affine identity{{1}, {0}};

Tensor accumulators(const std::vector<float>& x)
{
    Tensor acc({int(x.size()), 1, 1, 1});
    std::ranges::copy(x, acc.data());
    return acc;
}

} // namespace

/// What probe() samples of an activation quantizer is what a layer's epilogue computes, forward and
/// backward, bit for bit, for every method.
class TestActivationProbe : public QObject
{
    Q_OBJECT

private slots:
    void equalsTraining_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<int>("bits");
        QTest::addColumn<bool>("isSigned");
        for (const MethodInfo& info : methods()) {
            const auto [least, most] = info.activationBits;
            for (int bits = least; info.quantizes() && bits <= most; ++bits) {
                for (const bool isSigned : {false, true})
                    QTest::addRow("%s, %d bits, %s", info.id.c_str(), bits,
                                  isSigned ? "signed" : "unsigned")
                        << info.id << bits << isSigned;
            }
        }
    }

    void equalsTraining()
    {
        QFETCH(std::string, id);
        QFETCH(int, bits);
        QFETCH(bool, isSigned);
        const auto quantizer = make(id, bits, isSigned);
        const Grid& grid = quantizer->grid();
        std::vector<float> x
            = evenly(double(step) * 1.5 * (grid.qn - 1), double(step) * 1.5 * (grid.qp + 1), 4999);
        for (int half = 2 * grid.qn - 2; half <= 2 * grid.qp + 2; ++half)
            x.push_back(step * float(half) / 2); // levels, and ties between them
        const std::vector<ProbePoint> points = probe(*quantizer, x, incoming);

        const Tensor acc = accumulators(x);
        if (!quantizer->isSoft()) {
            const Codes codes = forward(*quantizer, acc);
            for (std::size_t i = 0; i < x.size(); ++i)
                QVERIFY(points[i].y == step * float(codes.at(std::int64_t(i))));
        }
        const Tensor gradient = backward(*quantizer, acc);
        double partials = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            QVERIFY(points[i].dydx == gradient.data()[i]);
            partials += double(points[i].dyds);
        }
        if (!quantizer->isLearned())
            return;
        const double trained = double(quantizer->parameter().gradient.data()[0]);
        quantizer->finishStep(0, partials, acc.size());
        const double probed = double(quantizer->parameter().gradient.data()[0]);
        QVERIFY(std::abs(probed - trained) <= 1e-5 * std::max(1.0, std::abs(trained)));
        QVERIFY(trained != 0 || partials == 0);
    }

private:
    static std::unique_ptr<Quantizer> make(const std::string& id, int bits, bool isSigned)
    {
        const MethodInfo& info = method(id);
        const ParamValues params(info.params);
        const auto kind = QuantizerKind::Activation;
        auto quantizer = makeQuantizer(info, params, "test.step", kind,
                                       methodGrid(info, params, kind, bits, isSigned), 1);
        quantizer->fixStep(step);
        if (quantizer->offset()) { // a zero point of one level
            quantizer->offset()->value.fill(-step);
            quantizer->stepsChanged();
        }
        return quantizer;
    }

    static Codes forward(const Quantizer& quantizer, const Tensor& acc)
    {
        Codes codes(acc.shape(), quantizer.grid());
        EpilogueOutput output;
        output.m = identity.floatM(step);
        output.b = identity.floatB(step);
        output.rule = quantizer.rule();
        output.low = quantizer.grid().qn;
        output.high = quantizer.grid().qp;
        output.codes = &codes;
        Epilogue epilogue;
        epilogue.activation = Activation::none();
        epilogue.outputs.push_back(std::move(output));
        runEpilogue(acc, epilogue);
        return codes;
    }

    static Tensor backward(Quantizer& quantizer, const Tensor& acc)
    {
        const auto above = std::make_shared<Tensor>(acc.shape());
        above->fill(incoming);
        const EpilogueBackward::Gradients gradients{above};
        Tensor gradient(acc.shape());
        EpilogueBackward epilogue(acc, identity, Activation::none(), nullptr);
        epilogue.addView(&quantizer, gradients);
        epilogue.run(gradient);
        return gradient;
    }
};

QTEST_GUILESS_MAIN(TestActivationProbe)
#include "tst_activation_probe.moc"
