#include "core/ops/simd/tile_kernels.h"

#include "core/base/concat.h"
#include "core/base/random.h"
#include "core/ops/reference/ref_half.h"
#include "core/ops/runtime.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <vector>

using namespace stair;

namespace {

constexpr std::size_t longest = 70; // more than four of the widest vectors, and a tail
constexpr std::size_t shifts = 4; // an address of floats is off by up to three of them
constexpr float untouched = 1234.5f;
constexpr float infinity = std::numeric_limits<float>::infinity();

/// Values at which elementwise loops go wrong, among ordinary ones.
std::vector<float> awkwardFloats(Random& random)
{
    constexpr std::array special
        = {0.0f,  -0.0f,  0.5f,    -0.5f,  1.5f,     -1.5f,     2.5f,  -2.5f,  3.5f,   7.5f,
           -8.5f, 127.5f, -128.5f, 254.5f, infinity, -infinity, 1e30f, -1e30f, 1e-40f, 0.49999997f};
    std::vector<float> values;
    for (std::size_t i = 0; i < longest + shifts; ++i)
        values.push_back(random.below(3) == 0 ? special[random.below(special.size())]
                                              : 3 * random.normal());
    return values;
}

bool sameBits(float a, float b)
{
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b)
        || (std::isnan(a) && std::isnan(b)); // an infinity times 0
}

/// Five inputs of one length, as a kernel sees them.
struct Inputs
{
    const float *a, *b, *c, *d, *e;
};

/// The value of a half's bits.
float halfOf(std::uint32_t bits)
{
    const int exponent = int(bits >> 10);
    const float fraction = float(bits & 0x3ff);
    return exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
}

using Kernel = std::function<void(const Inputs&, float* out, std::size_t n)>;
using Scalar = std::function<float(const Inputs&, std::size_t i)>;

/// Where kernel and scalar first differ, over all lengths and addresses; empty where they never do.
QString firstDifference(const Kernel& kernel, const Scalar& scalar)
{
    Random random(20261121, RandomUse::Test);
    std::array<std::vector<float>, 5> data;
    std::ranges::generate(data, [&random] { return awkwardFloats(random); });
    for (std::size_t n = 0; n <= longest; ++n) {
        for (std::size_t shift = 0; shift < shifts; ++shift) {
            const Inputs in{data[0].data() + shift, data[1].data() + shift, data[2].data() + shift,
                            data[3].data() + shift, data[4].data() + shift};
            std::vector<float> out(n + 2 * shifts + 16, untouched);
            kernel(in, out.data() + shift, n);
            for (std::size_t i = 0; i < out.size(); ++i) {
                const bool inside = i >= shift && i < shift + n;
                const float expected = inside ? scalar(in, i - shift) : untouched;
                if (!sameBits(out[i], expected))
                    return QString::fromStdString(concat("length ", n, ", shift ", shift,
                                                         ", element ", std::int64_t(i - shift),
                                                         ": ", out[i], ", not ", expected));
            }
        }
    }
    return {};
}

float clampOf(float x, float low, float high)
{
    const float raised = x > low ? x : low;
    return raised < high ? raised : high;
}

/// The order in which the kernels promise to add: eight lanes, then one fixed fold.
template<typename Term>
double laneSum(std::size_t n, const Term& term)
{
    std::array<double, 8> s{};
    for (std::size_t i = 0; i < n; ++i)
        s[i % 8] += double(term(i));
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

} // namespace

/// Every tile kernel against a scalar loop, bit for bit, on whatever instruction set this CPU (or
/// STAIR_MAX_ISA) gives. What is equal to one loop on every set is equal between the sets.
class TestTileKernels : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qInfo("oneDNN uses %s", m_runtime.isa().c_str()); }

    void equalScalarLoops_data()
    {
        QTest::addColumn<Kernel>("kernel");
        QTest::addColumn<Scalar>("scalar");
        const auto row = [](const char* name, const Kernel& kernel, const Scalar& scalar) {
            QTest::addRow("%s", name) << kernel << scalar;
        };
        row(
            "affine",
            [](const Inputs& in, float* out, std::size_t n) {
                tile::affine(in.a, in.b, in.c, out, n);
            },
            [](const Inputs& in, std::size_t i) {
                const float product = in.a[i] * in.b[i];
                return product + in.c[i];
            });
        row(
            "affine in place",
            [](const Inputs& in, float* out, std::size_t n) {
                std::copy_n(in.a, n, out);
                tile::affine(out, in.b, in.c, out, n);
            },
            [](const Inputs& in, std::size_t i) {
                const float product = in.a[i] * in.b[i];
                return product + in.c[i];
            });
        row(
            "affinePair",
            [](const Inputs& in, float* out, std::size_t n) {
                tile::affinePair(in.a, in.b, in.c, in.d, in.e, out, n);
            },
            [](const Inputs& in, std::size_t i) {
                const float first = in.c[i] * in.a[i];
                const float second = in.d[i] * in.b[i];
                const float rest = second + in.e[i];
                return first + rest;
            });
        row(
            "scale",
            [](const Inputs& in, float* out, std::size_t n) { tile::scale(in.a, 0.3f, out, n); },
            [](const Inputs& in, std::size_t i) { return in.a[i] * 0.3f; });
        row(
            "add",
            [](const Inputs& in, float* out, std::size_t n) { tile::add(in.a, in.b, out, n); },
            [](const Inputs& in, std::size_t i) { return in.a[i] + in.b[i]; });
        row(
            "multiply",
            [](const Inputs& in, float* out, std::size_t n) { tile::multiply(in.a, in.b, out, n); },
            [](const Inputs& in, std::size_t i) { return in.a[i] * in.b[i]; });
        row(
            "add in place",
            [](const Inputs& in, float* out, std::size_t n) {
                std::copy_n(in.a, n, out);
                tile::add(out, out, out, n);
            },
            [](const Inputs& in, std::size_t i) { return in.a[i] + in.a[i]; });
        row(
            "maskOpen",
            [](const Inputs& in, float* out, std::size_t n) {
                tile::maskOpen(in.a, -0.5f, 2.5f, in.b, out, n);
            },
            [](const Inputs& in, std::size_t i) {
                return -0.5f < in.a[i] && in.a[i] < 2.5f ? in.b[i] : 0.0f;
            });
        for (const bool isSigned : {false, true}) {
            row(
                isSigned ? "unpack s8" : "unpack u8",
                [isSigned](const Inputs& in, float* out, std::size_t n) {
                    tile::unpack(reinterpret_cast<const std::uint8_t*>(in.a) + 1, isSigned, 0.37f,
                                 out, n);
                },
                [isSigned](const Inputs& in, std::size_t i) {
                    const auto byte = reinterpret_cast<const std::uint8_t*>(in.a)[1 + i];
                    return (isSigned ? float(std::int8_t(byte)) : float(byte)) * 0.37f;
                });
        }
    }

    void equalScalarLoops()
    {
        QFETCH(Kernel, kernel);
        QFETCH(Scalar, scalar);
        QCOMPARE(firstDifference(kernel, scalar), QString());
    }

    void clampsAndRoundsWithin_data()
    {
        QTest::addColumn<float>("low");
        QTest::addColumn<float>("high");
        QTest::addRow("ReLU") << 0.0f << infinity;
        QTest::addRow("ReLU6") << 0.0f << 6.0f;
        QTest::addRow("HardTanh") << -1.0f << 1.0f;
        QTest::addRow("no bounds") << -infinity << infinity;
        QTest::addRow("u2") << 0.0f << 3.0f;
        QTest::addRow("s2") << -2.0f << 1.0f;
        QTest::addRow("s8") << -128.0f << 127.0f;
        QTest::addRow("u8") << 0.0f << 255.0f;
        QTest::addRow("one code") << 2.0f << 2.0f;
    }

    void clampsAndRoundsWithin()
    {
        QFETCH(float, low);
        QFETCH(float, high);
        const auto clamped = [=](const Inputs& in, float* out, std::size_t n) {
            tile::clamp(in.a, low, high, out, n);
        };
        const auto clampedScalar = [=](const Inputs& in, std::size_t i) {
            return clampOf(in.a[i], low, high);
        };
        QCOMPARE(firstDifference(clamped, clampedScalar), QString());
        const auto rounded = [=](const Inputs& in, float* out, std::size_t n) {
            tile::roundClamp(in.a, low, high, out, n);
        };
        const auto roundedScalar = [=](const Inputs& in, std::size_t i) {
            return std::nearbyint(clampOf(in.a[i], low, high));
        };
        QCOMPARE(firstDifference(rounded, roundedScalar), QString());
        // Rounding first, as the definition has it, gives the same numbers.
        const auto zeroless = [&](const Inputs& in, float* out, std::size_t n) {
            rounded(in, out, n);
            std::transform(out, out + n, out, [](float q) { return q == 0 ? 0 : q; });
        };
        const auto defined = [=](const Inputs& in, std::size_t i) {
            const float q = clampOf(std::nearbyint(in.a[i]), low, high);
            return q == 0 ? 0 : q;
        };
        QCOMPARE(firstDifference(zeroless, defined), QString());
    }

    void roundsToEveryHalf()
    {
        // Every half, the middle between it and the next, and what lies just beside the middle.
        std::vector<float> values{infinity,
                                  -infinity,
                                  65519.0f,
                                  65520.0f,
                                  1e-40f,
                                  0x1p-25f,
                                  std::numeric_limits<float>::quiet_NaN()};
        for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
            const float half = halfOf(bits);
            const float middle = (half + (bits == 0x7bff ? 65536 : halfOf(bits + 1))) / 2;
            for (const float x :
                 {half, middle, std::nextafter(middle, 0.0f), std::nextafter(middle, infinity)})
                values.insert(values.end(), {x, -x});
        }
        std::vector<float> rounded(values.size());
        tile::roundToHalf(values.data(), rounded.data(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            QVERIFY2(sameBits(rounded[i], refRoundToHalf(values[i])) || values[i] == 0,
                     qPrintable(QString::number(values[i])));
    }

    void packsEveryCode_data()
    {
        QTest::addColumn<bool>("isSigned");
        QTest::addRow("u8") << false;
        QTest::addRow("s8") << true;
    }

    void packsEveryCode()
    {
        QFETCH(bool, isSigned);
        std::vector<float> q;
        for (int code = 0; code < 256; ++code)
            q.push_back(code == 0 ? -0.0f : float(isSigned ? int(std::int8_t(code)) : code));
        for (std::size_t n = 0; n <= longest; ++n) {
            for (std::size_t first = 0; first + n <= q.size(); first += 31) {
                std::vector<std::uint8_t> bytes(n + 20, 0xa5);
                tile::pack(q.data() + first, isSigned, bytes.data() + 1, n);
                QCOMPARE(bytes.front(), 0xa5);
                for (std::size_t i = 0; i < n; ++i)
                    QCOMPARE(int(bytes[1 + i]), int(first + i));
                for (std::size_t i = n + 1; i < bytes.size(); ++i)
                    QCOMPARE(bytes[i], 0xa5);
            }
        }
    }

    // (1 + 2^-12)^2 is 1 + 2^-11 once rounded; a fused multiply-add keeps 2^-24 more.
    void productsAreRoundedBeforeTheyAreAdded()
    {
        const float near = 1 + 0x1p-12f;
        const float square = 1 + 0x1p-11f;
        QCOMPARE(std::fma(near, near, -square), 0x1p-24f);
        const std::vector<float> nears(longest, near), minus(longest, -square);
        const std::vector<float> zeros(longest, 0), tiny(longest, 0x1p-15f);
        for (std::size_t n = 0; n <= longest; ++n) {
            std::vector<float> out(longest, untouched);
            tile::affine(nears.data(), nears.data(), minus.data(), out.data(), n);
            verifyAll(out, n, 0);
            tile::affinePair(nears.data(), zeros.data(), nears.data(), zeros.data(), minus.data(),
                             out.data(), n);
            verifyAll(out, n, 0);
            tile::affinePair(tiny.data(), nears.data(), tiny.data(), nears.data(), minus.data(),
                             out.data(), n);
            verifyAll(out, n, 0x1p-30f);
        }
    }

    void columnSumsAreTakenInDouble()
    {
        Random random(3, RandomUse::Test);
        std::vector<float> x(longest + shifts), y(longest + shifts);
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = random.normal() * (i % 3 == 0 ? 1e18f : 1e-3f);
            y[i] = random.normal();
        }
        for (std::size_t n = 0; n <= longest; ++n) {
            const float* a = x.data() + n % shifts;
            const float* b = y.data() + n % shifts;
            std::vector<double> sum(n + 8, 0.1), product(n + 8, 0.3), square(n + 8, -0.7);
            std::vector<double> twice = sum;
            tile::addProducts(a, b, sum.data(), product.data(), n);
            tile::addMoments(a, twice.data(), square.data(), n);
            for (std::size_t i = 0; i < sum.size(); ++i) {
                const double va = i < n ? a[i] : 0;
                const double vb = i < n ? b[i] : 0;
                QCOMPARE(sum[i], 0.1 + va);
                QCOMPARE(twice[i], 0.1 + va);
                QVERIFY(product[i] == 0.3 + va * vb);
                QVERIFY(square[i] == -0.7 + va * va);
            }
        }
    }

    void reductionsAddInOneOrder()
    {
        Random random(4, RandomUse::Test);
        std::vector<float> g, u, q;
        for (std::size_t i = 0; i < 4096 + shifts; ++i) {
            g.push_back(random.normal() * std::ldexp(1.0f, int(random.below(40)) - 20));
            u.push_back(i % 9 == 0 ? 3.0f : i % 11 == 0 ? -4.0f : 3 * random.normal());
            q.push_back(std::nearbyint(clampOf(u.back(), -4, 3)));
        }
        const auto check = [&](std::size_t n, std::size_t shift) {
            const float* pg = g.data() + shift;
            const float* pu = u.data() + shift;
            const float* pq = q.data() + shift;
            const double sum = laneSum(n, [=](std::size_t i) { return std::abs(pg[i]); });
            QVERIFY(tile::absSum(pg, n) == sum);
            float peak = 0;
            for (std::size_t i = 0; i < n; ++i)
                peak = std::max(peak, std::abs(pg[i]));
            QCOMPARE(tile::absMax(pg, n), peak);
            const double slopes = laneSum(n, [=](std::size_t i) {
                const bool inside = -4 < pu[i] && pu[i] < 3;
                const float slope = pq[i] - (inside ? pu[i] : 0);
                return pg[i] * slope;
            });
            QVERIFY(tile::stepGradient(pg, pu, pq, -4, 3, 0, n) == slopes);
            const double shifted = laneSum(n, [=](std::size_t i) {
                const bool inside = -4 < pu[i] && pu[i] < 3;
                const float slope = pq[i] - (inside ? pu[i] : -4);
                return pg[i] * slope;
            });
            QVERIFY(tile::stepGradient(pg, pu, pq, -4, 3, -4, n) == shifted);
            const double outside
                = laneSum(n, [=](std::size_t i) { return -4 < pu[i] && pu[i] < 3 ? 0.0f : pg[i]; });
            QVERIFY(tile::sumOutside(pg, pu, -4, 3, n) == outside);
        };
        for (std::size_t n = 0; n <= longest; ++n)
            check(n, n % shifts);
        check(2048, 0);
        check(4093, 3);
    }

private:
    static void verifyAll(const std::vector<float>& out, std::size_t n, float value)
    {
        QVERIFY(std::all_of(out.begin(), out.begin() + std::ptrdiff_t(n),
                            [value](float v) { return v == value; }));
    }

    Runtime m_runtime{1}; // applies STAIR_MAX_ISA
};

QTEST_GUILESS_MAIN(TestTileKernels)
#include "tst_tile_kernels.moc"
