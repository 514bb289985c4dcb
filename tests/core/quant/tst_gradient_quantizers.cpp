#include "core/base/random.h"
#include "core/quant/gradient_dorefa.h"
#include "core/quant/gradient_int8.h"
#include "core/quant/methods.h"

#include <QTest>

#include <omp.h>

#include <cmath>
#include <functional>
#include <set>

using namespace stair;

namespace {

/// `rows` values of each channel, drawn by draw(channel).
Tensor columns(int rows, int channels, const std::function<float(int)>& draw)
{
    Tensor g({rows, 1, 1, channels});
    for (std::int64_t i = 0; i < g.size(); ++i)
        g.data()[i] = draw(int(i % channels));
    return g;
}

Tensor valuesOf(const std::vector<float>& values)
{
    Tensor g({int(values.size()), 1, 1, 1});
    std::ranges::copy(values, g.data());
    return g;
}

/// A long tail: many small values and one of size `peak`.
Tensor spike(float peak)
{
    Tensor g({10'000, 1, 1, 1});
    g.fill(1e-3f * peak);
    g.data()[4'321] = -peak;
    return g;
}

std::vector<int> codesOf(const QuantizedGradient& gradient)
{
    std::vector<int> codes;
    for (std::int64_t i = 0; i < gradient.codes.size(); ++i)
        codes.push_back(gradient.codes.at(i));
    return codes;
}

QuantContext contextAt(std::int64_t step)
{
    return {.step = step, .progress = 0, .epoch = 0, .seed = 9, .stream = 3};
}

} // namespace

class TestGradientQuantizers : public QObject
{
    Q_OBJECT

private slots:
    /// PAPERS 3.3: the shares beyond one sigma and the classes, on 10,000 values each.
    void classesOfKnownDistributions()
    {
        Random random(17, RandomUse::Test);
        const auto laplace = [&random] {
            const double u = double(random.uniform()) - 0.5;
            return float((u < 0 ? 1 : -1) * std::log(1 - 2 * std::abs(u)));
        };
        const auto student3 = [&random] {
            double square = 0;
            for (int i = 0; i < 3; ++i)
                square += std::pow(double(random.normal()), 2);
            return float(random.normal() / std::sqrt(square / 3));
        };
        const Tensor g = columns(10'000, 4, [&](int channel) {
            return 1e-4f
                * (channel == 0       ? random.normal()
                       : channel == 1 ? laplace()
                       : channel == 2 ? random.uniform() - 0.5f
                                      : student3());
        });
        auto spreads = measurePeaks(g);
        measureShares(g, spreads);
        const double shares[] = {0.317, 0.243, 0.422, 0.178};
        for (std::size_t c = 0; c < 4; ++c)
            QVERIFY2(std::abs(spreads[c].beyond - shares[c]) < (c == 3 ? 0.05 : 0.015),
                     QByteArray::number(spreads[c].beyond));
        Int8Gradient dai8({}, 4);
        dai8.observe(g);
        QVERIFY(dai8.isGaussian(0) && !dai8.isGaussian(1) && dai8.isGaussian(2)
                && !dai8.isGaussian(3));
        QCOMPARE(dai8.lastClip()->gaussian, 0.5);
    }

    void measuresByHand()
    {
        // Channel 0: 3, -1, 1, 1 (mean 1, deviation sqrt 2); channel 1: zeros.
        Tensor g({1, 2, 2, 2});
        const float values[] = {3, 0, -1, 0, 1, 0, 1, 0};
        std::ranges::copy(values, g.data());
        auto spreads = measurePeaks(g);
        measureShares(g, spreads);
        QCOMPARE(spreads[0].peak, 3.0f);
        QCOMPARE(spreads[0].deviation, std::sqrt(2.0));
        QCOMPARE(spreads[0].beyond, 0.25);
        QCOMPARE(spreads[1].peak, 0.0f);
        QCOMPARE(spreads[2].peak, 3.0f);
        QCOMPARE(spreads[2].deviation, std::sqrt(1.25));
        QCOMPARE(spreads[2].beyond, 0.125);
    }

    void spikesAreClipped()
    {
        Int8Gradient dai8({}, 1);
        const float peaks[] = {1, 1, 5, 1, 1};
        const double thresholds[] = {1, 1, 4.2, 1.64, 1.128};
        for (int step = 0; step < 5; ++step) {
            dai8.advance(contextAt(step));
            dai8.observe(spike(peaks[step]));
            QVERIFY(!dai8.isGaussian(0));
            for (const int c : {0, 1}) // the channel, and the whole tensor by the same rule
                QVERIFY(std::abs(dai8.threshold(c) - thresholds[step]) < 1e-6);
            QVERIFY(std::abs(dai8.lastClip()->clip - thresholds[step] / peaks[step]) < 1e-6);
        }
    }

    void gaussianChannelsTakeTheirMaximum()
    {
        Random random(3, RandomUse::Test);
        Int8Gradient dai8({}, 1);
        for (const float size : {1.0f, 20.0f, 0.5f}) {
            const Tensor g = columns(5'000, 1, [&](int) { return size * random.normal(); });
            dai8.observe(g);
            QVERIFY(dai8.isGaussian(0));
            QCOMPARE(dai8.threshold(0), measurePeaks(g)[0].peak);
        }
        const float before = dai8.threshold(0); // a change of class goes on from it
        dai8.observe(spike(10));
        QVERIFY(std::abs(dai8.threshold(0) - (0.2f * before + 8)) < 1e-5f);
    }

    void optionsAct()
    {
        Int8Gradient slow({.every = 3}, 1), whole({.adaptsData = false}, 1);
        Int8Gradient plain({.perChannel = false, .adapts = false, .adaptsData = false}, 1);
        Int8Gradient strict({.lambda = 0.0}, 1); // everything counts as Gaussian
        const float peaks[] = {1, 5, 2, 4};
        const float slowly[] = {1, 1, 1, 3.4f};
        for (int step = 0; step < 4; ++step) {
            for (Int8Gradient* quantizer : {&slow, &whole, &plain, &strict}) {
                quantizer->advance(contextAt(step));
                quantizer->observe(spike(peaks[step]));
            }
            QCOMPARE(slow.threshold(0), slowly[step]);
            QCOMPARE(whole.threshold(1), peaks[step]);
            QCOMPARE(plain.threshold(1), peaks[step]);
            QCOMPARE(strict.threshold(0), peaks[step]);
        }
        QVERIFY(whole.threshold(0) != peaks[3]);
        QCOMPARE(plain.quantize(spike(4), GradientUse::Weights, m_pool).step(0), 4.0f / 127);
    }

    void zerosGiveZerosAndLeaveTheThreshold()
    {
        Int8Gradient dai8({}, 2);
        Tensor g({100, 1, 1, 2});
        dai8.observe(g);
        QCOMPARE(dai8.threshold(0), 0.0f);
        QVERIFY(!dai8.lastClip());
        for (std::int64_t i = 0; i < g.size(); i += 2)
            g.data()[i] = i == 50 ? 2.0f : 1e-3f; // channel 1 stays at zero
        dai8.observe(g);
        QCOMPARE(dai8.threshold(0), 2.0f);
        QCOMPARE(dai8.threshold(1), 0.0f);
        for (const GradientUse use : {GradientUse::Weights, GradientUse::Data}) {
            const QuantizedGradient q = dai8.quantize(g, use, m_pool);
            QCOMPARE(q.codes.at(50), 127);
            for (std::int64_t i = 1; i < g.size(); i += 2)
                QCOMPARE(q.codes.at(i), 0);
        }
        g.fill(0);
        dai8.observe(g);
        QCOMPARE(dai8.threshold(0), 2.0f);
        const auto codes = codesOf(dai8.quantize(g, GradientUse::Weights, m_pool));
        QVERIFY(std::ranges::all_of(codes, [](int code) { return code == 0; }));
    }

    void whatIsNotANumberShowsAndLeavesNoTrace()
    {
        Int8Gradient dai8({}, 1);
        dai8.observe(spike(2));
        for (const float bad :
             {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            Tensor g = spike(1);
            g.data()[7] = bad;
            dai8.observe(g);
            QCOMPARE(dai8.threshold(0), 2.0f);
            QVERIFY(std::isnan(dai8.quantize(g, GradientUse::Weights, m_pool).step(0)));
            DoReFaGradient dorefa(4);
            const Tensor values = dorefa.quantize(g, GradientUse::Data, m_pool).values;
            QVERIFY(!std::isfinite(values.data()[7]));
        }
    }

    void aBatchCanBeForgotten()
    {
        Int8Gradient dai8({}, 1);
        dai8.recall();
        dai8.observe(spike(2));
        dai8.observe(columns(1'000, 1, [](int) { return 1.0f; }));
        QCOMPARE(dai8.threshold(0), 1.0f); // all beyond a deviation of 0: Gaussian
        dai8.recall();
        QCOMPARE(dai8.threshold(0), 2.0f);
        QCOMPARE(dai8.threshold(1), 2.0f);
        dai8.recall();
        QCOMPARE(dai8.threshold(0), 2.0f);
    }

    /// q(x) = round(127 clamp(x, s) / s), x^ = q s / 127.
    void roundsToTheNearestCode()
    {
        Int8Gradient dai8({}, 1);
        dai8.advance(contextAt(0));
        dai8.observe(spike(1));
        dai8.advance(contextAt(1));
        dai8.observe(spike(2)); // s = 1.8
        const std::vector<float> x = {0, 1.8f, -1.8f, 2, -7, 0.91f, -0.0071f, 0.0070f, 0.1f, -1.3f};
        const QuantizedGradient q = dai8.quantize(valuesOf(x), GradientUse::Weights, m_pool);
        QVERIFY(std::abs(q.step(0) - 1.8f / 127) < 1e-8f);
        const Tensor real
            = realValues(dai8.quantize(valuesOf(x), GradientUse::Data, m_pool), m_pool);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const int code = int(std::lround(127 * std::clamp(double(x[i]), -1.8, 1.8) / 1.8));
            QCOMPARE(q.codes.at(std::int64_t(i)), code);
            QVERIFY(std::abs(real.data()[i] - float(code) * 1.8f / 127) < 1e-6f);
        }
    }

    /// For the weights a scale for each channel, for the data one.
    void usesDifferInTheirScales()
    {
        Tensor g = columns(2'000, 2, [](int c) { return c == 0 ? 1e-3f : 1e-5f; });
        g.data()[0] = 1;
        g.data()[1] = 0.01f;
        Int8Gradient dai8({}, 2);
        dai8.observe(g);
        const QuantizedGradient weights = dai8.quantize(g, GradientUse::Weights, m_pool);
        const QuantizedGradient data = dai8.quantize(g, GradientUse::Data, m_pool);
        QCOMPARE(weights.steps, (std::vector<float>{1.0f / 127, 0.01f / 127}));
        QCOMPARE(data.steps, std::vector<float>{1.0f / 127});
        QCOMPARE(weights.codes.at(1), 127);
        QCOMPARE(data.codes.at(1), 1);
    }

    void stochasticRoundingIsUnbiasedAndRepeats()
    {
        const std::vector<float> x = {1, 0.3f / 127, -0.7f / 127, 50.25f / 127, -126.9f / 127, 0};
        std::vector<double> mean(x.size());
        const Tensor g = valuesOf(x);
        const int steps = 4'000;
        Int8Gradient first({.adapts = false, .adaptsData = false, .stochastic = true}, 1);
        Int8Gradient second({.adapts = false, .adaptsData = false, .stochastic = true}, 1);
        std::set<std::vector<int>> seen;
        for (int step = 0; step < steps; ++step) {
            std::vector<int> codes[3];
            Int8Gradient* quantizers[] = {&first, &second};
            for (const int i : {0, 1}) {
                quantizers[i]->advance(contextAt(step));
                quantizers[i]->observe(g);
                codes[i] = codesOf(quantizers[i]->quantize(g, GradientUse::Weights, m_pool));
            }
            QCOMPARE(codes[0], codes[1]);
            seen.insert(codes[0]);
            for (std::size_t i = 0; i < x.size(); ++i)
                mean[i] += double(codes[0][i]) / steps;
        }
        for (std::size_t i = 0; i < x.size(); ++i)
            QVERIFY2(std::abs(mean[i] - 127 * double(x[i])) < 0.04, QByteArray::number(mean[i]));
        QVERIFY(seen.size() > 4);
    }

    void drawsDependOnTheirKeyAlone()
    {
        const auto draws = [](QuantContext context, GradientUse use) {
            GradientDraws source(context, use);
            std::vector<float> values;
            for (int i = 0; i < 64; ++i)
                values.push_back(source.at(i));
            return values;
        };
        const QuantContext context = contextAt(5);
        const auto values = draws(context, GradientUse::Weights);
        QCOMPARE(draws(context, GradientUse::Weights), values);
        GradientDraws backwards(context, GradientUse::Weights);
        for (int i = 63; i >= 0; --i)
            QCOMPARE(backwards.at(i), values[std::size_t(i)]);
        QuantContext seed = context, layer = context;
        ++seed.seed;
        ++layer.stream;
        QVERIFY(draws(context, GradientUse::Data) != values);
        QVERIFY(draws(contextAt(6), GradientUse::Weights) != values);
        QVERIFY(draws(seed, GradientUse::Weights) != values);
        QVERIFY(draws(layer, GradientUse::Weights) != values);
    }

    /// 2^k levels in each sample's own range, unbiased.
    void doReFaQuantizesSamplesApart()
    {
        Tensor g({2, 2, 1, 2});
        const float values[] = {1, -0.5f, 0.2f, 0, -8, 4, 1, 0.5f};
        std::ranges::copy(values, g.data());
        for (const int bits : {1, 2, 4, 8}) {
            DoReFaGradient quantizer(bits);
            const float top = float((1 << bits) - 1);
            std::vector<double> mean(8);
            const int steps = 4'000;
            for (int step = 0; step < steps; ++step) {
                quantizer.advance(contextAt(step));
                const Tensor q = quantizer.quantize(g, GradientUse::Weights, m_pool).values;
                const Tensor again = quantizer.quantize(g, GradientUse::Data, m_pool).values;
                for (int i = 0; i < 8; ++i) {
                    QCOMPARE(again.data()[i], q.data()[i]);
                    const float level = (q.data()[i] / (i < 4 ? 2.0f : 16.0f) + 0.5f) * top;
                    QVERIFY(std::abs(level - std::nearbyint(level)) < 1e-3f);
                    mean[std::size_t(i)] += double(q.data()[i]) / steps;
                }
            }
            for (int i = 0; i < 8; ++i) // five deviations of the widest rounding
                QVERIFY(std::abs(mean[std::size_t(i)] - double(values[i]))
                        < 5 * (i < 4 ? 2 : 16) / double(top) / 2 / std::sqrt(steps));
        }
    }

    void sameForAnyNumberOfThreads()
    {
        Random random(4, RandomUse::Test);
        const Tensor g = columns(30'000, 7, [&](int c) { return random.normal() * float(c); });
        std::vector<float> thresholds[2];
        std::vector<int> codes[2];
        for (const int i : {0, 1}) {
            omp_set_num_threads(i == 0 ? 1 : 3);
            Int8Gradient dai8({.stochastic = true}, 7);
            dai8.observe(g);
            for (int c = 0; c <= 7; ++c)
                thresholds[i].push_back(dai8.threshold(c));
            codes[i] = codesOf(dai8.quantize(g, GradientUse::Data, m_pool));
        }
        QCOMPARE(thresholds[0], thresholds[1]);
        QVERIFY(codes[0] == codes[1]);
    }

    void methodsChooseTheirs()
    {
        const auto make = [](const char* id, const Json& values, int bits, bool isEnd) {
            const MethodInfo& info = method(id);
            ObjectReader reader(values, id);
            return makeGradientQuantizer(info, ParamValues::read(info.params, reader), bits,
                                         {.channels = 3, .isEnd = isEnd});
        };
        const Json none = Json::object();
        for (const char* id : {"dai8", "lsq", "minmax"})
            QVERIFY(dynamic_cast<Int8Gradient*>(make(id, none, 8, true).get()));
        QVERIFY(dynamic_cast<DoReFaGradient*>(make("dorefa", none, 3, false).get()));
        QVERIFY(!make("dorefa", none, 3, true)); // the paper leaves the ends alone
        QVERIFY(!make("dai8", {{"ends", false}}, 8, true));
        QVERIFY(make("dai8", {{"ends", false}}, 8, false) != nullptr);
        const auto plain = make("dai8", {{"quantizer", "minmax"}}, 8, false);
        const Tensor g({4, 1, 1, 3});
        plain->observe(g);
        QCOMPARE(plain->quantize(g, GradientUse::Weights, m_pool).steps.size(), std::size_t(1));
    }

private:
    BufferPool m_pool;
};

QTEST_GUILESS_MAIN(TestGradientQuantizers)
#include "tst_gradient_quantizers.moc"
