#include "core/ops/reference/ref_hard_rule.h"
#include "core/quant/roundings.h"
#include "tests/support/quantizers.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

/// R' at many places of one cell.
std::vector<float> slopes(const Rounding& rounding, const std::vector<float>& u)
{
    std::vector<float> g(u.size(), 1);
    rounding.applySlope({.u = u, .q = u, .qn = -8, .qp = 7}, g);
    return g;
}

std::vector<float> cell(int points)
{
    std::vector<float> u;
    for (int i = 0; i < points; ++i)
        u.push_back((float(i) + 0.5f) / float(points));
    return u;
}

} // namespace

class TestRoundings : public QObject
{
    Q_OBJECT

private slots:
    void slopesAverageOneAndStayAboveTheirLeast_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<double>("sharpness");
        QTest::addColumn<double>("least");
        QTest::addColumn<double>("most");
        const auto row = [](const char* name, SharpRounding::Shape shape, double k, double least,
                            double most) {
            QTest::addRow("%s %g", name, k) << int(shape) << k << least << most;
        };
        for (const double k : {0.1, 1.0, 2.0, 4.0, 8.0, 16.0}) {
            const double most = k / (2 * std::atan(k / 2));
            row("form A", SharpRounding::Shape::Arctan, k, most / (1 + k * k / 4), most);
        }
        for (const double kappa : {1.0, 0.5, 0.2, 0.1})
            row("form B", SharpRounding::Shape::Periodic, kappa, kappa, 1 / kappa);
        for (const double a : {0.5, 2.0, 4.0}) {
            const double t = std::tanh(a / 2);
            row("tanh", SharpRounding::Shape::Tanh, a, a * (1 - t * t) / (2 * t), a / (2 * t));
        }
    }

    void slopesAverageOneAndStayAboveTheirLeast()
    {
        QFETCH(int, shape);
        QFETCH(double, sharpness);
        QFETCH(double, least);
        QFETCH(double, most);
        const SharpRounding rounding(SharpRounding::Shape(shape), {sharpness, sharpness, 1}, false);
        constexpr int points = 20000;
        double sum = 0;
        for (const float slope : slopes(rounding, cell(points))) {
            QVERIFY(double(slope) >= least * (1 - 1e-5) && double(slope) <= most * (1 + 1e-4));
            sum += double(slope);
        }
        QCOMPARE_LE(std::abs(sum / points - 1), 1e-6);
    }

    /// Form A's slope at levels and between them, from nearly straight through to nearly hard.
    void arctansRangeOfSlopes_data()
    {
        QTest::addColumn<double>("k");
        QTest::addColumn<double>("least");
        QTest::addColumn<double>("most");
        QTest::addRow("1") << 1.0 << 0.863 << 1.078;
        QTest::addRow("2") << 2.0 << 0.637 << 1.273;
        QTest::addRow("4") << 4.0 << 0.361 << 1.806;
        QTest::addRow("8") << 8.0 << 0.177 << 3.017;
        QTest::addRow("16") << 16.0 << 0.085 << 5.53;
        QTest::addRow("64") << 64.0 << 0.020 << 20.8;
    }

    void arctansRangeOfSlopes()
    {
        QFETCH(double, k);
        QFETCH(double, least);
        QFETCH(double, most);
        const SharpRounding rounding(SharpRounding::Shape::Arctan, {k, k, 1}, false);
        const std::vector<float> ends = slopes(rounding, {3, 3.5f});
        QVERIFY(std::abs(double(ends[0]) - least) < 6e-4);
        QVERIFY(std::abs(double(ends[1]) - most) < 4e-3 * most);
    }

    void softValuesAreTheSlopesIntegral_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<double>("sharpness");
        QTest::addRow("form A") << int(SharpRounding::Shape::Arctan) << 3.0;
        QTest::addRow("form B") << int(SharpRounding::Shape::Periodic) << 0.4;
        QTest::addRow("tanh") << int(SharpRounding::Shape::Tanh) << 3.0;
    }

    void softValuesAreTheSlopesIntegral()
    {
        QFETCH(int, shape);
        QFETCH(double, sharpness);
        const SharpRounding rounding(SharpRounding::Shape(shape), {sharpness, sharpness, 1}, true);
        constexpr int points = 1000;
        const std::vector<float> u = cell(points), slope = slopes(rounding, u);
        std::vector<float> v(u.size());
        rounding.soft({.u = u, .q = u, .qn = -8, .qp = 7}, v);
        double integral = 0;
        for (std::size_t i = 0; i < u.size(); ++i) {
            const double middle = integral + double(slope[i]) / (2 * points);
            QCOMPARE_LE(std::abs(middle - double(v[i])), 1e-4);
            integral += double(slope[i]) / points;
        }
    }

    void midRiseGridsAreSampledCellByCell()
    {
        // The slope of level 2i + 1 at 2 bits equals that of level i on a grid of integers.
        const auto odd = methodQuantizer(method("dsq"), QuantizerKind::Weight, 2);
        const SharpRounding plain(SharpRounding::Shape::Tanh,
                                  {std::log(2 / 0.2 - 1), std::log(2 / 0.2 - 1), 1}, false);
        for (const float u : {-2.6f, -1.0f, -0.3f, 0.4f, 1.9f}) {
            float q = 0, g = 1;
            odd->code({&u, 1}, {&q, 1});
            odd->backward({&u, 1}, {&q, 1}, {&g, 1});
            QCOMPARE(g, slopes(plain, {(u - 1) / 2}).front());
        }
    }

    void blendAtOneIsHard()
    {
        for (const int bits : {1, 2, 3}) {
            const MethodInfo& info = method("aqe");
            const Json values = {{"alpha", 1}, {"end_alpha", 1}};
            ObjectReader reader(values, "aqe");
            const ParamValues params = ParamValues::read(info.params, reader);
            const auto q
                = makeQuantizer(info, params, "test.step", QuantizerKind::Activation,
                                methodGrid(info, params, QuantizerKind::Activation, bits, true), 1);
            QVERIFY(!q->isSoft());
            std::vector<float> u, code(401), soft(401);
            for (int i = -200; i <= 200; ++i)
                u.push_back(float(i) / 40);
            q->code(u, code);
            q->soft(u, code, soft);
            QVERIFY(soft == code);
        }
    }

    void alphaRampsToOne()
    {
        const auto q = methodQuantizer(method("aqe"), QuantizerKind::Weight, 1);
        const float u = 0.4f, code = 1;
        const auto soft = [&] {
            float v = 0;
            q->soft({&u, 1}, {&code, 1}, {&v, 1});
            return v;
        };
        QVERIFY(q->isSoft());
        QCOMPARE(soft(), 0.5f * 1 + 0.5f * 0.4f);
        q->advance({.step = 40, .progress = 0.4});
        QCOMPARE(soft(), 0.75f * 1 + 0.25f * 0.4f);
        q->advance({.step = 80, .progress = 0.8});
        QVERIFY(!q->isSoft());
    }

    void binaryRelaxBecomesHard()
    {
        RelaxRounding relax(1.02, 0.75, {});
        const std::vector<float> u = {0.4f}, q = {0};
        std::vector<float> v(1);
        relax.soft({.u = u, .q = q}, v);
        QCOMPARE(v[0], 0.2f);
        relax.advance({.step = 0, .progress = 0.1, .epoch = 10});
        relax.soft({.u = u, .q = q}, v);
        QCOMPARE(v[0], 0.4f / (1 + float(std::pow(1.02, 20))));
        QVERIFY(relax.isSoft());
        relax.advance({.step = 0, .progress = 0.75, .epoch = 75});
        QVERIFY(!relax.isSoft());
    }

    void stochasticRoundingIsFairAndRepeatable()
    {
        StochasticRounding rounding;
        rounding.advance({.step = 7, .progress = 0, .epoch = 0, .seed = 3, .stream = 99});
        const std::vector<float> u(20000, 1.3f);
        std::vector<float> v(u.size()), again(u.size());
        const Tile tile{.u = u, .q = u, .qn = -8, .qp = 7};
        rounding.soft(tile, v);
        rounding.soft(tile, again);
        QVERIFY(v == again);
        double sum = 0;
        for (const float value : v) {
            QVERIFY(value == 1 || value == 2);
            sum += double(value);
        }
        QCOMPARE_LE(std::abs(sum / double(v.size()) - 1.3), 0.01);
        // A tile of the same tensor from elsewhere draws what the whole draws there.
        std::vector<float> part(100);
        rounding.soft({.u = std::span(u).subspan(0, 100), .q = u, .qn = -8, .qp = 7, .first = 555},
                      part);
        QVERIFY(std::ranges::equal(part, std::span(v).subspan(555, 100)));
        rounding.advance({.step = 8, .progress = 0, .epoch = 0, .seed = 3, .stream = 99});
        rounding.soft(tile, again);
        QVERIFY(v != again);
    }

    void hardRulesEqualTheirDefinitions_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addRow("nearest even") << int(HardRule::Kind::NearestEven);
        QTest::addRow("ceil") << int(HardRule::Kind::Ceil);
        QTest::addRow("sign") << int(HardRule::Kind::Sign);
        QTest::addRow("nearest odd") << int(HardRule::Kind::NearestOdd);
        QTest::addRow("thresholds") << int(HardRule::Kind::Thresholds);
    }

    void hardRulesEqualTheirDefinitions()
    {
        QFETCH(int, kind);
        HardRule rule;
        rule.kind = HardRule::Kind(kind);
        if (rule.kind == HardRule::Kind::Thresholds) {
            rule.thresholds = {-3, -1.5f, -0.5f, 0.5f, 1.5f, 3};
            rule.codes = {-4, -2, -1, 0, 1, 2, 4};
        }
        std::vector<float> u;
        for (int i = -80; i <= 80; ++i) {
            const float v = float(i) / 8;
            u.insert(u.end(), {v, std::nextafter(v, -100.0f), std::nextafter(v, 100.0f)});
        }
        u.insert(u.end(), {-1e30f, 1e30f, 1e-40f, -0.0f});
        std::vector<float> q(u.size());
        for (const auto& [low, high] : {std::pair(-7.0f, 7.0f), {-1.0f, 3.0f}, {1.0f, 7.0f}}) {
            applyHardRule(rule, u, low, high, q);
            for (std::size_t i = 0; i < u.size(); ++i)
                QCOMPARE(q[i], refHardRule(rule, u[i], low, high));
        }
    }
};

QTEST_GUILESS_MAIN(TestRoundings)
#include "tst_roundings.moc"
