#include "core/infer/engine.h"
#include "core/ops/reference/ref_integer.h"
#include "tests/support/lowered_models.h"

#include <QTest>

#include <cmath>

using namespace stair;

namespace {

/// One channel of an output in real numbers of its own grid: value = acc * m + code * skipM + b.
struct Channel
{
    double m = 0;
    double skipM = 0;
    double b = 0;
    double accBound = 0; // no magnitude is larger
    double skipBound = 0;
};

/// What NUMERICS 4 makes of it, written down from there: M = rne(m 2^S), S the largest at which the
/// multipliers stay below 2^31 and all terms below 2^61.
struct FixedChannel
{
    explicit FixedChannel(const Channel& c)
    {
        const auto times = [](double x, int s) {
            return std::nearbyint(std::ldexp(x, s));
        };
        const auto isTooLarge = [&](int s) {
            const double M = std::abs(times(c.m, s)), skipM = std::abs(times(c.skipM, s));
            return M >= 0x1p31 || skipM >= 0x1p31 || M * c.accBound >= 0x1p61
                || skipM * c.skipBound >= 0x1p61 || std::abs(times(c.b, s)) >= 0x1p61;
        };
        shift = 60;
        while (shift > 0 && isTooLarge(shift))
            --shift;
        m = std::int64_t(times(c.m, shift));
        skipM = std::int64_t(times(c.skipM, shift));
        b = std::int64_t(times(c.b, shift));
    }

    /// v / 2^S to the nearest, ties to even: a long double holds v whole.
    int code(std::int64_t acc, int skip, int low, int high) const
    {
        const std::int64_t v = acc * m + skip * skipM + b;
        const long double q = std::nearbyint(std::ldexp((long double)(v), -shift));
        return int(std::clamp<long double>(q, low, high));
    }

    std::int64_t m = 0, skipM = 0, b = 0;
    int shift = 0;
};

/// A layer's sums out of the codes that it reads.
std::vector<std::int32_t> sumsOf(const Engine& engine, const Instruction& in, int images)
{
    if (in.compute == Compute::Conv) {
        const Codes& from = engine.values()[std::size_t(in.sources.front())].codes;
        Codes seen(in.conv.seenShape(from.shape()), from.grid());
        std::ranges::copy(from.bytes(), seen.bytes().begin());
        return refConvInt(in.conv, seen, in.weightCodes);
    }
    // A concat: each part's codes at its place.
    const Shape all = in.computed.withImages(images);
    std::vector<std::int32_t> sums(std::size_t(all.size()));
    int first = 0;
    for (const int source : in.sources) {
        const Codes& part = engine.values()[std::size_t(source)].codes;
        for (std::int64_t i = 0; i < part.size(); ++i) {
            const std::int64_t row = i / part.shape().c, channel = i % part.shape().c;
            sums[std::size_t(row * all.c + first + channel)] = part.at(i);
        }
        first += part.shape().c;
    }
    return sums;
}

double accBoundOf(const Program& program, const Instruction& in)
{
    int largest = 0;
    for (const int source : in.sources)
        largest = std::max(largest, program.values[std::size_t(source)].grid.maxMagnitude());
    if (in.compute != Compute::Conv)
        return largest;
    return double(in.conv.terms()) * largest * in.weightCodes.grid().maxMagnitude();
}

} // namespace

/// Residual joins and concats of the fixed-point epilogue against the formula itself.
class TestFixedJoins : public QObject
{
    Q_OBJECT

    Runtime m_runtime{2};

private slots:
    void codesAreThoseOfTheFormula_data()
    {
        QTest::addColumn<int>("tiny");
        QTest::addColumn<int>("widths");
        QTest::addColumn<Compute>("joined");
        for (const int widths : {0, 3}) { // LSQ W4A4 and W8A8
            const char* name = allWidths[widths].name;
            QTest::addRow("residual joins, %s", name) << 3 << widths << Compute::Conv;
            QTest::addRow("a padded shortcut, %s", name) << 7 << widths << Compute::Conv;
            QTest::addRow("concats, %s", name) << 5 << widths << Compute::Concat;
            QTest::addRow("a dense block, %s", name) << 6 << widths << Compute::Concat;
        }
    }

    void codesAreThoseOfTheFormula()
    {
        QFETCH(int, tiny);
        QFETCH(int, widths);
        QFETCH(Compute, joined);
        constexpr int images = 6;
        Model model = loweredModel("", tiny, widths);
        trainBriefly(model, m_runtime, trainedSteps, trainedImages);
        turnNorms(model);
        const Program program = lower(model);
        const TinyBatch batch(model.graph(), images, 300);
        Engine engine(program, m_runtime, EngineKernels::Fast, EngineEpilogue::FixedPoint);
        engine.keepValues(true);
        engine.run(batch.bytes());
        int compared = 0;
        for (const Instruction& in : program.instructions) {
            const bool isResidual = joined == Compute::Conv && in.skip >= 0;
            if (!isResidual && !(joined == Compute::Concat && in.compute == joined))
                continue;
            QVERIFY(!in.poolBefore);
            compared += compare(program, in, engine, images);
        }
        QVERIFY(compared > 500);
    }

private:
    /// All codes that the instruction writes; how many they are.
    static int compare(const Program& program, const Instruction& in, const Engine& engine,
                       int images)
    {
        const std::vector<std::int32_t> sums = sumsOf(engine, in, images);
        const Codes* skips = in.skip >= 0 ? &engine.values()[std::size_t(in.skip)].codes : nullptr;
        int compared = 0;
        for (std::size_t o = 0; o < in.outputs.size(); ++o) {
            const EpilogueOutput& output = in.epilogue.outputs[o];
            const ProgramValue& to = program.values[std::size_t(in.outputs[o])];
            const Codes& codes = engine.values()[std::size_t(in.outputs[o])].codes;
            if (to.isFloat || output.rule.kind != HardRule::Kind::NearestEven)
                continue;
            const std::size_t channels = std::size_t(codes.shape().c);
            std::vector<Channel> reals;
            std::vector<FixedChannel> fixed;
            for (std::size_t c = 0; c < channels; ++c) {
                reals.push_back(channelOf(program, in, output, c));
                fixed.emplace_back(reals.back());
            }
            for (std::size_t i = 0; i < sums.size(); ++i) {
                const std::size_t c = i % channels;
                const int skip = skips ? skips->at(std::int64_t(i)) : 0;
                const int code = codes.at(std::int64_t(i));
                const int expected = fixed[c].code(sums[i], skip, output.low, output.high);
                // Never more than one from the float epilogue.
                const double real = sums[i] * reals[c].m + skip * reals[c].skipM + reals[c].b;
                const double nearest
                    = std::nearbyint(std::clamp(real, double(output.low), double(output.high)));
                if (code != expected || std::abs(code - nearest) > 1) {
                    QTest::qFail(qPrintable(QString("%1: code %2 of %3 is %4, not %5 (in reals %6)")
                                                .arg(QString::fromStdString(in.name))
                                                .arg(i)
                                                .arg(QString::fromStdString(to.name))
                                                .arg(code)
                                                .arg(expected)
                                                .arg(real)),
                                 __FILE__, __LINE__);
                    return compared;
                }
                ++compared;
            }
        }
        return compared;
    }

    /// A join's r = relu(acc * m + b + code * step) is divided by the output's step; without one m and
    /// b are in the output's units already.
    static Channel channelOf(const Program& program, const Instruction& in,
                             const EpilogueOutput& output, std::size_t c)
    {
        Channel real;
        real.accBound = accBoundOf(program, in);
        if (in.skip < 0) {
            real.m = double(output.m[c]);
            real.b = double(output.b[c]);
            return real;
        }
        const double inverse = double(output.inverseStep);
        real.m = double(in.epilogue.m[c]) * inverse;
        real.b = double(in.epilogue.b[c]) * inverse;
        real.skipM = double(in.epilogue.skipStep) * inverse;
        real.skipBound = program.values[std::size_t(in.skip)].grid.maxMagnitude();
        return real;
    }
};

QTEST_GUILESS_MAIN(TestFixedJoins)
#include "tst_fixed_joins.moc"
