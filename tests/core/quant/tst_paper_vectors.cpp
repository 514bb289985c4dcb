#include "core/quant/corrections.h"
#include "core/quant/probe.h"
#include "core/quant/projections.h"
#include "core/quant/steps.h"
#include "core/quant/updates.h"
#include "tests/support/quantizers.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

/// A method with some parameters set, at a step.
std::unique_ptr<Quantizer> at(const std::string& id, const Json& values, QuantizerKind kind,
                              int bits, bool isSigned, float step)
{
    const MethodInfo& info = method(id);
    ObjectReader reader(values, id);
    const ParamValues params = ParamValues::read(info.params, reader);
    reader.finish();
    auto quantizer = makeQuantizer(info, params, "test.step", kind,
                                   methodGrid(info, params, kind, bits, isSigned), 1);
    quantizer->fixStep(step);
    return quantizer;
}

void near(double value, double expected, double within = 2e-6)
{
    QVERIFY2(std::abs(value - expected) <= within,
             qPrintable(QString("%1 instead of %2").arg(value, 0, 'g', 9).arg(expected)));
}

const std::vector<float> sixValues = {-1.3f, -0.2f, 0.05f, 0.37f, 0.9f, 2.0f};
const std::vector<float> sixWeights = {0.9f, -0.5f, 0.1f, -0.05f, 0.3f, -1.2f};

} // namespace

/// The published test vectors, and those worked out for what is reconstructed.
class TestPaperVectors : public QObject
{
    Q_OBJECT

private slots:
    void softRounds_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<std::string>("params");
        QTest::addColumn<float>("u");
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("slope"); // 0: not given
        const auto row = [](const char* id, const char* params, float u, double v, double d) {
            QTest::addRow("%s %s at %g", id, params, double(u))
                << std::string(id) << std::string(params) << u << v << d;
        };
        const char* a2 = R"({"form":"A","sharpness":2,"forward":true})";
        const char* a4 = R"({"form":"A","sharpness":4,"forward":true})";
        const char* b = R"({"form":"B","sharpness":2,"forward":true})";
        row("asr", a2, 0.1f, 0.070447, 0.776366);
        row("asr", a2, 0.25f, 0.204833, 1.018592);
        row("asr", a2, 0.5f, 0.5, 1.273240);
        row("asr", a2, -0.3f, -0.257762, 1.097620);
        row("asr", a2, 1, 1, 0.636620);
        row("asr", a4, 0.1f, 0.042881, 0.507428);
        row("asr", a4, 0.25f, 0.145306, 0.903221);
        row("asr", a4, 0.75f, 0.854694, 0);
        row("asr", a4, 1, 1, 0.361288);
        row("asr", b, 0.1f, 0.051265, 0.538572);
        row("asr", b, 0.25f, 0.147584, 0.8);
        row("asr", b, 0.49f, 0.480020, 1.994098);
        const char* tanh = R"({"sharpness":4,"forward":true})";
        row("soft_round", tanh, 0.1f, 0.02197, 0);
        row("soft_round", tanh, 0.25f, 0.10499, 0);
        row("soft_round", tanh, 0.5f, 0.5, 0);
        row("soft_round", tanh, 0.75f, 0.89501, 0);
    }

    void softRounds()
    {
        QFETCH(std::string, id);
        QFETCH(std::string, params);
        QFETCH(float, u);
        QFETCH(double, value);
        QFETCH(double, slope);
        const auto q = at(id, Json::parse(params), QuantizerKind::Weight, 4, true, 1);
        const ProbePoint point = probe(*q, {&u, 1}, 1).front();
        near(point.y, value, id == "asr" ? 2e-6 : 6e-6);
        if (slope != 0)
            near(point.dydx, slope);
        // A soft forward pass is for training alone: the code is the nearest level.
        float code = 0;
        q->code({&u, 1}, {&code, 1});
        QCOMPARE(code, std::nearbyint(u));
    }

    void mde_data()
    {
        QTest::addColumn<float>("u");
        QTest::addColumn<float>("g");
        QTest::addColumn<double>("expected");
        QTest::addRow("1") << 0.3f << 1.0f << 1.163478;
        QTest::addRow("2") << 0.3f << -1.0f << -1.031763;
        QTest::addRow("3") << 0.8f << 1.0f << 0.898757;
        QTest::addRow("4") << 0.8f << -1.0f << -0.973654;
    }

    void mde()
    {
        QFETCH(float, u);
        QFETCH(float, g);
        QFETCH(double, expected);
        const auto q
            = at("asr", {{"sharpness", 2}, {"mde", 0.2}}, QuantizerKind::Weight, 4, true, 1);
        near(probe(*q, {&u, 1}, g).front().dydx, expected);
    }

    void additiveMde()
    {
        const auto q = at("asr", {{"sharpness", 0.01}, {"mde_additive", 0.5}},
                          QuantizerKind::Weight, 4, true, 0.5f);
        const float x = 0.7f; // nearest level 0.5
        near(probe(*q, {&x, 1}, 1).front().dydx, 1 + 0.5 * 0.2, 1e-4);
        const auto activation = at("asr", {{"sharpness", 0.01}, {"mde_additive", 0.5}},
                                   QuantizerKind::Activation, 4, false, 0.5f);
        near(probe(*activation, {&x, 1}, 1).front().dydx, 1, 1e-4);
    }

    void simulatedGradients_data()
    {
        QTest::addColumn<double>("step");
        QTest::addColumn<double>("below");
        QTest::addColumn<double>("here");
        QTest::addColumn<double>("above");
        QTest::addColumn<double>("llsq");
        QTest::addColumn<double>("ssg");
        QTest::addRow("0.1") << 0.1 << 0.87390 << 0.67790 << 0.38390 << -0.0100 << -0.00434;
        QTest::addRow("0.25") << 0.25 << 0.59355 << 0.28240 << 0.05990 << -0.0625 << -0.04924;
        QTest::addRow("0.5") << 0.5 << 0.28240 << 0.05990 << 0.04657 << -0.25 << -0.05565;
        QTest::addRow("1") << 1.0 << 0.05990 << 0.04657 << 0.24657 << 0.0 << 0.0;
    }

    void simulatedGradients()
    {
        QFETCH(double, step);
        const Grid grid = Grid::uniform(3, true);
        QFETCH(double, below);
        QFETCH(double, here);
        QFETCH(double, above);
        near(meanSquaredError(sixValues, step / 2, grid), below, 6e-6);
        near(meanSquaredError(sixValues, step, grid), here, 6e-6);
        near(meanSquaredError(sixValues, step * 2, grid), above, 6e-6);
        QFETCH(double, llsq);
        QFETCH(double, ssg);
        const ProbedStep parent({.rule = ProbedStep::Rule::Llsq});
        const ProbedStep scaled({.rule = ProbedStep::Rule::SsgGradient});
        near(parent.simulatedGradient(sixValues, grid, step), llsq, 1e-9);
        near(scaled.simulatedGradient(sixValues, grid, step), ssg, 6e-6);
    }

    /// LLSQ's truth table over rising and falling errors: the tensor decides.
    void llsqFollowsItsTruthTable_data()
    {
        QTest::addColumn<std::vector<float>>("x");
        QTest::addColumn<double>("step");
        QTest::addColumn<double>("gradient");
        const auto row = [](const char* name, std::vector<float> x, double step, double gradient) {
            QTest::addRow("%s", name) << x << step << gradient;
        };
        row("falls and falls: grow", {16}, 2, -4); // codes -4 to 3
        row("rises and rises: shrink", {0.75f}, 1, 1);
        row("falls, then rises: keep", {3}, 1, 0);
        // Halves gain at half the step and lose nothing at twice; the 4 loses 5.25 and gains 1.
        std::vector<float> x(23, 0.5f);
        x.back() = 4;
        row("rises, then falls further: grow", x, 1, -1);
        x.insert(x.begin(), 4, 0.5f);
        row("rises, then falls less: shrink", x, 1, 1);
    }

    void llsqFollowsItsTruthTable()
    {
        QFETCH(std::vector<float>, x);
        QFETCH(double, step);
        const ProbedStep llsq({.rule = ProbedStep::Rule::Llsq});
        QTEST(llsq.simulatedGradient(x, Grid::uniform(3, true), step), "gradient");
    }

    void llsqStartsAsInItsCode()
    {
        const ProbedStep llsq({.rule = ProbedStep::Rule::Llsq});
        const auto weights = QuantizerKind::Weight, activations = QuantizerKind::Activation;
        const Grid s3 = Grid::uniform(3, true), u3 = Grid::uniform(3, false);
        QCOMPARE(llsq.initial(sixValues, s3, weights).step, 2.0 / 4);
        QCOMPARE(llsq.initialOfChannel(sixValues, s3).step, 2.0 / 3);
        QCOMPARE(llsq.initial(sixValues, u3, activations).step, 2.0 / 14);
        QCOMPARE(llsq.initial(sixValues, Grid::uniform(4, false), activations).step, 2.0 / 16);
    }

    void aqe_data()
    {
        QTest::addColumn<int>("bits");
        QTest::addColumn<float>("a"); // after HardTanh
        QTest::addColumn<double>("value");
        const auto row = [](int bits, float a, double value) {
            QTest::addRow("%d bits at %g", bits, double(a)) << bits << a << value;
        };
        row(1, -1, -1);
        row(1, -0.6f, -0.9);
        row(3, -0.6f, -0.525);
        row(1, -0.2f, -0.8);
        row(2, -0.2f, -0.05);
        row(3, -0.2f, -0.2375);
        row(1, 0.3f, 0.825);
        row(2, 0.3f, 0.075);
        row(3, 0.3f, 0.2625);
        row(1, 0.8f, 0.95);
        row(2, 0.8f, 0.95);
        row(3, 0.8f, 0.95);
        // On the thresholds the smaller magnitude wins.
        row(3, 0.125f, 0.25 * 0.125);
        row(3, -0.125f, -0.25 * 0.125);
        row(3, -0.75f, -0.75 * 0.5 - 0.25 * 0.75);
        row(2, 0.5f, 0.125);
    }

    void aqe()
    {
        QFETCH(int, bits);
        QFETCH(float, a);
        QFETCH(double, value);
        const Json params = {{"alpha", 0.75}, {"end_alpha", 0.75}};
        const auto q
            = at("aqe", params, QuantizerKind::Activation, bits, true, bits == 3 ? 0.25f : 1.0f);
        const ProbePoint point = probe(*q, {&a, 1}, 1).front();
        near(point.y, value);
        near(point.dydx, 1.5);
        const float far = -1.4f;
        QCOMPARE(probe(*q, {&far, 1}, 1).front().dydx, 0.0f);
        const auto ste = at("aqe", {{"alpha", 0.75}, {"end_alpha", 0.75}, {"backward", "1"}},
                            QuantizerKind::Activation, bits, true, bits == 3 ? 0.25f : 1.0f);
        QCOMPARE(probe(*ste, {&a, 1}, 1).front().dydx, 1.0f);
    }

    void aqeTernaryWeightsTurnAtTheirThreshold()
    {
        const auto q = at("aqe", {{"alpha", 1}}, QuantizerKind::Weight, 2, true, 1);
        const Tensor weight = weightsOf(sixWeights); // 0.7 mean|w| = 0.355833
        observeWeights(*q, weight);
        Codes codes(weight.shape(), q->grid());
        Tensor real(weight.shape());
        quantizeWeights(*q, weight, codes, &real);
        QVERIFY(std::ranges::equal(real.values(), std::vector<float>{1, -1, 0, 0, 0, -1}));
    }

    void bcgdActivations_data()
    {
        QTest::addColumn<float>("x");
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("dx");
        QTest::addColumn<double>("ae");
        QTest::addColumn<double>("mean");
        QTest::addColumn<double>("pact");
        QTest::addColumn<double>("min");
        QTest::addRow("0.2") << 0.2f << 0.65 << 1.0 << 1.0 << 2.0 << 0.0 << 1.0;
        QTest::addRow("0.66") << 0.66f << 1.3 << 1.0 << 2.0 << 2.0 << 0.0 << 1.0;
        QTest::addRow("1.5") << 1.5f << 1.95 << 1.0 << 3.0 << 2.0 << 0.0 << 1.0;
        QTest::addRow("1.96") << 1.96f << 1.95 << 0.0 << 3.0 << 3.0 << 3.0 << 3.0;
        QTest::addRow("below") << -0.1f << 0.0 << 0.0 << 0.0 << 0.0 << 0.0 << 0.0;
    }

    void bcgdActivations()
    {
        QFETCH(float, x);
        QFETCH(double, value);
        QFETCH(double, dx);
        QFETCH(double, ae);
        QFETCH(double, mean);
        QFETCH(double, pact);
        QFETCH(double, min);
        const std::pair<const char*, double> gradients[]
            = {{"ae", ae}, {"mean", mean}, {"pact", pact}, {"min", min}};
        for (const auto& [name, slope] : gradients) {
            const auto q = at("bcgd", {{"alpha_gradient", name}}, QuantizerKind::Activation, 2,
                              false, 0.65f);
            const ProbePoint point = probe(*q, {&x, 1}, 1).front();
            near(point.y, value);
            near(point.dydx, dx);
            near(point.dyds, slope);
        }
    }

    void bcgdStartsAtThePublishedSteps()
    {
        const std::vector<float> x = {0, 1};
        for (const auto& [bits, step] : {std::pair(1, 1.2221), {2, 0.6511}, {4, 0.1946}}) {
            const auto q = methodQuantizer(method("bcgd"), QuantizerKind::Activation, bits);
            q->observe(x);
            near(q->step(), step, 1e-6);
            QCOMPARE(q->parameter().least, 1e-3);
            QCOMPARE(q->parameter().most, 5.0);
        }
    }

    void projections_data()
    {
        QTest::addColumn<std::string>("id");
        QTest::addColumn<std::string>("params");
        QTest::addColumn<int>("bits");
        QTest::addColumn<std::vector<double>>("expected");
        const auto row = [](const char* name, const char* id, const char* params, int bits,
                            std::vector<double> expected) {
            QTest::addRow("%s", name) << std::string(id) << std::string(params) << bits << expected;
        };
        constexpr double m = 0.508333, l = 0.866667, r = 0.433333;
        row("bcgd, 1 bit", "bcgd", "{}", 1, {m, -m, m, -m, m, -m});
        row("bcgd, 2 bits", "bcgd", "{}", 2, {l, -l, 0, 0, 0, -l});
        row("bcgd, 2 bits as the authors' code", "bcgd", R"({"repo_compatible":true})", 2,
            {r, -r, 0, 0, 0, -r});
        row("bcgd, 4 bits", "bcgd", "{}", 4,
            {0.969697, -0.484848, 0.161616, 0, 0.323232, -1.131313});
        row("bcgd, median", "bcgd", R"({"median":true})", 1, {0.3, -0.3, 0.3, -0.3, 0.3, -0.3});
        row("twn", "twn", "{}", 2, {l, -l, 0, 0, 0, -l});
        row("dorefa, 1 bit", "dorefa", "{}", 1, {m, -m, m, -m, m, -m});
        row("dorefa, 2 bits", "dorefa", "{}", 2, {1, -1.0 / 3, 1.0 / 3, -1.0 / 3, 1.0 / 3, -1});
        row("pact, 2 bits", "pact", "{}", 2, {1, -1.0 / 3, 1.0 / 3, -1.0 / 3, 1.0 / 3, -1});
        row("bnn", "bnn", "{}", 1, {1, -1, 1, -1, 1, -1});
    }

    void projections()
    {
        QFETCH(std::string, id);
        QFETCH(std::string, params);
        QFETCH(int, bits);
        QFETCH(std::vector<double>, expected);
        const MethodInfo& info = method(id);
        const Json values = Json::parse(params);
        ObjectReader reader(values, id);
        const ParamValues read = ParamValues::read(info.params, reader);
        const auto q = makeQuantizer(info, read, "test.step", QuantizerKind::Weight,
                                     methodGrid(info, read, QuantizerKind::Weight, bits, true), 1);
        const Tensor weight = weightsOf(sixWeights);
        if (q->wantsToObserve())
            observeWeights(*q, weight);
        Codes codes(weight.shape(), q->grid());
        Tensor real(weight.shape());
        quantizeWeights(*q, weight, codes, &real);
        for (int i = 0; i < 6; ++i)
            near(real.data()[i], expected[std::size_t(i)]);
    }

    void doReFaGradientsGoThroughTheMaximum()
    {
        const auto q = methodQuantizer(method("dorefa"), QuantizerKind::Weight, 4);
        Tensor weight = weightsOf(sixWeights), gradient(weight.shape());
        const std::vector<float> g = {0.3f, -1, 0.5f, 2, -0.7f, 1.1f};
        std::ranges::copy(g, gradient.data());
        weightsBackward(*q, weight, gradient);
        // The straight-through loss: sum of g times the transformed weight.
        const auto loss = [&] {
            Tensor seen(weight.shape());
            q->transform()->apply(weight, seen);
            double sum = 0;
            for (int i = 0; i < 6; ++i)
                sum += double(g[std::size_t(i)]) * seen.data()[i];
            return sum;
        };
        for (int i = 0; i < 6; ++i) {
            const float value = weight.data()[i];
            weight.data()[i] = value + 1e-2f;
            const double above = loss();
            weight.data()[i] = value - 1e-2f;
            const double below = loss();
            weight.data()[i] = value;
            near(gradient.data()[i], (above - below) / 2e-2, 2e-3);
        }
    }

    void pactLearnsItsClip()
    {
        const auto q = at("pact", Json::object(), QuantizerKind::Activation, 2, false, 2);
        // alpha = 6: one value inside, two beyond.
        const std::vector<float> u = {1.2f, 3, 4}, code = {1, 3, 3}, g = {1, 0.5f, 2};
        const double sum = q->stepPartial(g, u, code);
        near(sum, 2.5);
        q->finishStep(0, sum, 3);
        near(q->parameter().gradient.data()[0], 2.5 / 3); // alpha is 3 steps
        QVERIFY(q->parameter().decays);
    }

    void ewgsScalesByTheError()
    {
        // delta 0.2, g 1, x_n 0.4 of [0, 1], x_q 1/3: 2 bits unsigned at a range of 1.
        const auto q = at("ewgs", {{"delta", 0.2}}, QuantizerKind::Activation, 2, false, 1.0f / 3);
        const float x = 0.4f;
        near(probe(*q, {&x, 1}, 1).front().dydx, 1.013333);
        // Weights: the range [-1, 1] is [0, 1] of x_n, so x_n 0.4 is -0.2.
        const auto w = at("ewgs", {{"delta", 0.2}}, QuantizerKind::Weight, 2, true, 1.0f / 3);
        const float weight = -0.2f;
        near(probe(*w, {&weight, 1}, 1).front().y, -1.0 / 3);
        near(probe(*w, {&weight, 1}, 1).front().dydx, 1.013333);
    }

    void ewgsTakesTheLambdaItIsGiven()
    {
        // x 0.4 is 0.2 levels above its own, of either grid; lambda 0.3 by the Hessian.
        for (const auto kind : {QuantizerKind::Activation, QuantizerKind::Weight}) {
            const bool isWeight = kind == QuantizerKind::Weight;
            const auto q = at("ewgs", {{"hessian", true}}, kind, 2, isWeight, 1.0f / 3);
            QCOMPARE(q->levelStep(), isWeight ? 2.0f / 3 : 1.0f / 3);
            const float x = isWeight ? -0.2f : 0.4f;
            near(probe(*q, {&x, 1}, 1).front().dydx, 1); // not estimated yet
            q->lambda()->fill(0.3f);
            near(probe(*q, {&x, 1}, 1).front().dydx, 1.06);
            near(probe(*q, {&x, 1}, -1).front().dydx, -0.94);
        }
        QVERIFY(!at("ewgs", {{"delta", 0.2}}, QuantizerKind::Weight, 2, true, 1)->lambda());
    }

    void ewgsIsMdeInGridUnits()
    {
        const double delta = 0.15;
        const auto ewgs = at("ewgs", {{"delta", delta}}, QuantizerKind::Activation, 3, false, 0.3f);
        QuantizerAxes axes; // STE with MDE
        axes.rounding = std::make_unique<Rounding>();
        axes.stepRule = std::make_unique<LsqStep>();
        axes.correction = std::make_unique<DiscretizationCorrection>(delta / 7);
        Quantizer mde("mde", QuantizerKind::Activation, ewgs->grid(), 1, std::move(axes));
        mde.fixStep(0.3f);
        for (const float g : {0.7f, -1.3f}) {
            const auto one = probe(*ewgs, evenly(-0.5, 2.5, 333), g);
            const auto two = probe(mde, evenly(-0.5, 2.5, 333), g);
            for (std::size_t i = 0; i < one.size(); ++i)
                QCOMPARE(one[i].dydx, two[i].dydx);
        }
    }

    void dsqIsTanhSteps()
    {
        // a = 0.2: k = 2.19722, S = 1.25; the slope at a level's edge and centre.
        const auto q = at("dsq", {{"a", 0.2}}, QuantizerKind::Activation, 3, false, 1);
        const double k = 2.19722, s = 1.25;
        for (const float u : {0.1f, 0.3f, 0.5f, 0.9f}) {
            const double t = std::tanh(k * (double(u) - 0.5));
            near(probe(*q, {&u, 1}, 1).front().dydx, s * k / 2 * (1 - t * t), 1e-5);
        }
        const auto soft = at("soft_round", {{"sharpness", 2.19722}, {"forward", true}},
                             QuantizerKind::Activation, 3, false, 1);
        const float low = 0.1f, high = 0.9f;
        near(probe(*soft, {&low, 1}, 1).front().y, 0.05884, 6e-6);
        near(probe(*soft, {&high, 1}, 1).front().y, 0.94116, 6e-6);
    }

    void blendingPullsTowardsTheLevels()
    {
        Tensor weight = weightsOf(sixWeights), quantized = weightsOf(sixWeights);
        for (float& w : quantized.values())
            w = w < 0 ? -1.0f : 1.0f;
        BlendingUpdate(0.25, 1).beforeUpdate(weight, quantized, {});
        near(weight.data()[0], 0.75 * 0.9 + 0.25);
        near(weight.data()[5], -0.75 * 1.2 - 0.25);
        // rho grows with the epochs, to a hundredth.
        Tensor grown = weightsOf(sixWeights);
        BlendingUpdate(1e-3, 2).beforeUpdate(grown, quantized,
                                             {.step = 0, .progress = 0, .epoch = 9});
        near(grown.data()[0], 0.99 * 0.9 + 0.01);
        // rho 0 is BinaryConnect: nothing is blended.
        Tensor still = weightsOf(sixWeights);
        BlendingUpdate(0, 1).beforeUpdate(still, quantized, {});
        QVERIFY(std::ranges::equal(still.values(), sixWeights));
    }
};

QTEST_GUILESS_MAIN(TestPaperVectors)
#include "tst_paper_vectors.moc"
