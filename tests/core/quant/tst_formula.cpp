#include "core/quant/formula.h"

#include "core/base/concat.h"
#include "core/ops/reference/ref_formula.h"
#include "core/ops/runtime.h"
#include "core/quant/formula_compiler.h"
#include "core/quant/methods.h"
#include "tests/support/error_text.h"

#include <QTest>

#include <muParser.h>

#include <cmath>
#include <limits>
#include <numbers>

using namespace stair;

namespace {

/// muParser alone, in double.
class Interpreter
{
public:
    explicit Interpreter(const std::string& text)
    {
        m_parser.DefineVar("u", &m_u);
        m_parser.DefineVar("q", &m_q);
        m_parser.DefineVar("e", &m_e);
        m_parser.DefineFun("floor", [](double v) { return std::floor(v); });
        m_parser.DefineFun("ceil", [](double v) { return std::ceil(v); });
        m_parser.DefineConst("pi", std::numbers::pi);
        m_parser.SetExpr(text);
    }
    Interpreter(const Interpreter&) = delete;

    double at(float u, float q)
    {
        m_u = double(u);
        m_q = double(q);
        m_e = m_u - m_q;
        return m_parser.Eval();
    }

private:
    mu::Parser m_parser;
    double m_u = 0, m_q = 0, m_e = 0;
};

/// u over the range of 8-bit codes and past it, and its codes on a grid from -128 to 127.
struct Points
{
    std::vector<float> u, q;

    Points()
    {
        for (int i = -140 * 64; i <= 140 * 64; ++i)
            add(float(i) / 64); // halves and whole numbers among them
        for (int i = -8 * 1000; i <= 8 * 1000; ++i)
            add(float(i) * 0.001f + 0.00037f);
        for (const float u : {0.0f, -0.0f, 1e-6f, -1e-6f, 1e-30f, 0.49999997f, -0.49999997f})
            add(u);
    }

    void add(float value)
    {
        u.push_back(value);
        q.push_back(std::min(std::max(std::nearbyint(value), -128.0f), 127.0f));
    }
};

/// Formulas of every operator and function, each with the tolerance relative to the larger of the
/// value and 1 in units of 1e-6.
struct Row
{
    const char* text;
    double tolerance = 2;
};

constexpr Row rows[] = {
    {"1"},
    {"u"},
    {"q"},
    {"e"},
    {"1+0.5*cos(2*pi*u)"},
    {"1 + 0.2*cos(2*pi*u)"},
    {"u - 0.1*sin(2*pi*u)"},
    {"sin(pi*(u-0.5))+cos(-u*pi/2)"},
    {"sin(2*_pi*e)*exp(-4*e^2)"},
    {"sin(u)"},
    {"cos(3*u+0.7)"},
    {"cos(0.3-u/3)"},
    {"tan(0.1*e)+tan(u/100)"},
    {"sin(e*e)"},
    {"u+q*2-3*e/7"},
    {"-u^2+(-u)^2"},
    {"-e^3"},
    {"2-(e/8)^4+(e/8)^7-(e/16)^16"},
    {"(1+abs(e))^-2"},
    {"(1+abs(u))^-16"},
    {"(1+abs(e))^0.5+abs(e)^1.5"},
    {"abs(u)^1.7"},
    {"max(abs(u), 0.001)^-0.3"},
    {"(0.2*e)^21"},
    {"(0.5*e)^-17 < 0 ? 1 : 2"},
    {"2^e+3^(e/2-1)"},
    {"2^q/2^q"},
    {"0.5^abs(u)"},
    {"(1.5+sin(u))^(e/8+0.5)"},
    {"abs(e)^abs(q)"},
    {"2^3^2/512"},
    {"e^0"},
    {"+u"},
    {"-(-u)"},
    {"u-+q"},
    {"u < q"},
    {"u > q"},
    {"u <= q"},
    {"u >= q"},
    {"u == q"},
    {"u != q"},
    {"u > 0 && q < 3"},
    {"u < -2 || q > 3"},
    {"u && q"},
    {"u || q"},
    {"1 && u > 0 || 0"},
    {"u > 0 ? e : -e"},
    {"e < -0.25 ? 1 : e < 0.25 ? 2 : 3"},
    {"u > 0 ? q > 2 ? 1 : 2 : q < -2 ? 3 : 4"},
    {"(u ? 1 : 2) * (q ? e : u)"},
    {"1 > 2 ? u : q"},
    {"sin(u > 0 ? u : 0)"},
    {"floor(u)"},
    {"ceil(u)"},
    {"rint(u)"},
    {"rint(u/2)"},
    {"rint(u)-2*rint(q/2)"},
    {"sign(e)+sign(q)"},
    {"abs(u)"},
    {"sqrt(abs(u))"},
    {"exp(e)"},
    {"exp(-u^2)"},
    {"exp(-abs(u)/3+1)"},
    {"1/(1+exp(-u))"},
    {"exp(u)/(1+exp(u))"},
    {"exp(u)", 3},
    {"log(1+exp(u))"},
    {"ln(abs(u)+0.1)"},
    {"log(exp(-abs(u)/2))"},
    {"log2(1+abs(u))"},
    {"floor(log2(max(1,2^q)))"},
    {"log10(1+abs(u))"},
    {"sinh(e/4)+cosh(e/4)"},
    {"1/cosh(2*u)^2"},
    {"tanh(4*e)"},
    {"tanh(u)"},
    {"(1-tanh(3*e)^2)*1.5"},
    {"asin(sin(u)/2)+acos(e/20)"},
    {"atan(4*e)/(2*atan(2))"},
    {"atan(u*100)"},
    {"atan2(e, u*u+0.1)"},
    {"asinh(u)+acosh(2+abs(u))+atanh(e/20)"},
    {"min(u, q)"},
    {"max(u, q, 1, -e)"},
    {"min(max(u, -2), 2)"},
    {"sum(u, q, e, 1)"},
    {"avg(u, q, 3)"},
    {"min(u)"},
    {"_e^e"},
    {"u, e"},
    {"((((u+1)*2+1)*2+1)/(((abs(q)+1)*2+1)*2+1))/((e/8+2)*(e/8+3)*(abs(e)+4))"},
    {"max(1-abs(2*e), 1e-6)/max(abs(e), 0.01)"},
    {"1.5e-1*u+2E+1"},
};

} // namespace

/// Compiled formulas against muParser's interpretation of the same text.
class TestFormula : public QObject
{
    Q_OBJECT

private slots:
    void equalsTheInterpreter_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("tolerance");
        for (const Row& row : rows)
            QTest::addRow("%s", row.text) << QString(row.text) << row.tolerance * 1e-6;
    }

    void equalsTheInterpreter()
    {
        QFETCH(QString, text);
        QFETCH(double, tolerance);
        Interpreter interpreter(text.toStdString());
        const Formula formula(text.toStdString());
        const FormulaProgram program = compileFormula(text.toStdString());
        std::vector<float> values(m_points.u.size());
        formula.evaluate({.u = m_points.u, .q = m_points.q}, values);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float u = m_points.u[i], q = m_points.q[i];
            const double expected = interpreter.at(u, q);
            const double reference = refFormula(program, double(u), double(q));
            const double scale = std::max(1.0, std::abs(expected));
            const auto near = [&](double value, double most) {
                return std::abs(value - expected) <= most * scale
                    || value == double(float(expected));
            };
            const std::string where = concat("at u = ", u, ", q = ", q, ": ", values[i],
                                             ", in double ", reference, ", must be ", expected);
            QVERIFY2(near(double(values[i]), tolerance), where.c_str());
            QVERIFY2(near(reference, 1e-11), where.c_str());
        }
    }

    void anyLengthGivesTheSameValues_data() { equalsTheInterpreter_data(); }

    void anyLengthGivesTheSameValues()
    {
        QFETCH(QString, text);
        const Formula formula(text.toStdString());
        std::vector<float> whole(600), part(whole.size() + 1);
        const std::span u(m_points.u), q(m_points.q);
        formula.evaluate({.u = u.first(600), .q = q.first(600)}, whole);
        for (const std::size_t n : {0, 1, 3, 7, 15, 16, 17, 31, 33, 255, 256, 257, 511, 513, 600}) {
            for (const std::size_t shift : {0, 1}) {
                if (n + shift > whole.size())
                    continue;
                std::ranges::fill(part, 1234.5f);
                formula.evaluate({.u = u.subspan(shift, n), .q = q.subspan(shift, n)},
                                 {part.data(), n});
                QVERIFY(std::equal(part.begin(), part.begin() + std::ptrdiff_t(n),
                                   whole.begin() + std::ptrdiff_t(shift)));
                QCOMPARE(part[n], 1234.5f);
            }
        }
    }

    void leavingTheFloatsIsRepairedInDouble()
    {
        const Formula formula("exp(u)/(1+exp(u))");
        const std::vector<float> u = {200, -200, 0}, q = u;
        std::vector<float> values(3);
        formula.evaluate({.u = u, .q = q}, values);
        QVERIFY((values == std::vector<float>{1, 0, 0.5f}));
    }

    void errorsNameThePlace_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        QTest::addRow("an unknown name") << "1 + x"
                                         << "'1 + x' cannot be read at character 5: ";
        QTest::addRow("an end too early") << "sin(u"
                                          << "'sin(u' cannot be read at character 7: ";
        QTest::addRow("nothing") << ""
                                 << "cannot be read at character";
        QTest::addRow("too many arguments") << "sin(u, q)"
                                            << "cannot be read at character";
        QTest::addRow("no else") << "u > 0 ? 1"
                                 << "cannot be read at character";
        QTest::addRow("what is known") << "1 + x"
                                       << "Known are u, q, e = u - q, pi and functions";
        QTest::addRow("an assignment") << "u = 3"
                                       << "assigns with =";
        QTest::addRow("an assignment inside") << "1 + (q = u)"
                                              << "assigns with =";
    }

    void errorsNameThePlace()
    {
        QFETCH(QString, text);
        QFETCH(QString, part);
        VERIFY_CONTAINS(errorText([&text] { Formula formula(text.toStdString()); }), part);
    }

    void notFiniteIsRefused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isFinite");
        QTest::addRow("a pole") << "1/u" << false;
        QTest::addRow("a logarithm of 0") << "log(u^2)" << false;
        QTest::addRow("a root below 0") << "sqrt(u)" << false;
        QTest::addRow("a power below 0") << "u^1.5" << false;
        QTest::addRow("a bound does not hide it") << "max(sqrt(u), 1)" << false;
        QTest::addRow("too large for a float") << "exp(u)" << false;
        QTest::addRow("an arcsine beyond 1") << "asin(u)" << false;
        QTest::addRow("too large in between") << "exp(u)/(1+exp(u))" << true;
        QTest::addRow("a bounded pole") << "1/max(abs(u), 1e-3)" << true;
        QTest::addRow("a branch around it") << "u > 0 ? log(u) : 0" << true;
    }

    void notFiniteIsRefused()
    {
        QFETCH(QString, text);
        QFETCH(bool, isFinite);
        const Formula formula(text.toStdString());
        const QString found = errorText([&formula] { formula.requireFinite(widestGrid); });
        QVERIFY2(isFinite ? found.isEmpty() : found.contains("it must be finite"),
                 qPrintable(found));
    }

    void theGridIsTheRangeThatCounts()
    {
        const Formula root("sqrt(u + 4)"), power("exp(u/2)"); // the latter fits a float up to 177
        root.requireFinite(Grid::uniform(3, true));
        VERIFY_CONTAINS(errorText([&] { root.requireFinite(Grid::uniform(4, true)); }),
                        "at u = -8; it must be finite from u = -8 to 7");
        power.requireFinite(Grid::uniform(8, true));
        VERIFY_CONTAINS(errorText([&] { power.requireFinite(Grid::uniform(8, false)); }), "u = 17");
    }

    /// What is finite on the grid stays finite in training, where values lie far beyond it.
    void valuesBeyondTheGridSeeItsEnds()
    {
        const std::string root = "sqrt(0.3 - e*e)"; // e is at most 1/2 on the grid
        Formula(root).requireFinite(widestGrid);
        const FormulaRounding rounding("q + " + root, root);
        const std::vector<float> u = {-900, -2.6f, -2, 0.25f, 1, 1.4f, 3.2f, 900};
        const std::vector<float> q = {-2, -2, -2, 0, 1, 1, 1, 1};
        const Tile tile{.u = u, .q = q, .qn = -2, .qp = 1};
        std::vector<float> v(u.size()), g = {0, 0, 1, 1, 1, 0, 0, 0};
        rounding.soft(tile, v);
        rounding.applySlope(tile, g);
        const float end = std::sqrt(0.3f), inside = std::sqrt(0.3f - 0.0625f);
        const std::vector<float> values = {-2 + end, -2 + end, -2 + end, inside, 1, 1, 1, 1};
        const std::vector<float> slopes = {0, 0, end, inside, end, 0, 0, 0};
        for (std::size_t i = 0; i < u.size(); ++i) {
            QCOMPARE(v[i], values[i]);
            QCOMPARE(g[i], slopes[i]);
        }
    }

private:
    const Points m_points;
    Runtime m_runtime{1}; // applies STAIR_MAX_ISA
};

QTEST_GUILESS_MAIN(TestFormula)
#include "tst_formula.moc"
