#include "core/cli/conformance_report.h"
#include "core/ops/integer/conformance.h"
#include "core/ops/integer/conv_bits.h"
#include "core/ops/integer/kernels.h"
#include "core/ops/simd/bit_kernels.h"

#include <QTest>

#include <map>
#include <set>

using namespace stair;

namespace {

std::string nameOf(const Json& kernel)
{
    return kernel.at("kernel").get<std::string>();
}

/// How many epilogues a kernel has in all rows, those that the library lacks left out.
std::map<std::string, int> epiloguesOf(const Json& report)
{
    std::map<std::string, int> counts;
    for (const Json& row : report.at("rows"))
        for (const Json& kernel : row.at("kernels"))
            for (const Json& epilogue : kernel.at("epilogues"))
                counts[nameOf(kernel)] += epilogue.at("missing").get<bool>() ? 0 : 1;
    return counts;
}

} // namespace

/// `stair conformance` tries what the engine may choose on this CPU, and says what it never does.
class TestConformance : public QObject
{
    Q_OBJECT

    Runtime m_runtime{2};
    Json m_report;
    std::set<std::string> m_applied;

private slots:
    void initTestCase()
    {
        m_report = checkConformance(m_runtime);
        for (const Json& row : m_report.at("rows"))
            for (const Json& kernel : row.at("kernels"))
                m_applied.insert(nameOf(kernel));
    }

    void everythingIsExact()
    {
        QCOMPARE(m_report.at("wrong").get<int>(), 0);
        QVERIFY(m_report.at("wrong_kernels").empty());
    }

    void everyKernelIsTriedOrSaidToBeAbsent()
    {
        std::set<std::string> absent;
        for (const Json& kernel : m_report.at("absent_kernels")) {
            absent.insert(nameOf(kernel));
            QVERIFY(!kernel.at("why").get<std::string>().empty());
        }
        for (const IntegerConvKernel& kernel : integerConvKernels())
            QVERIFY2(m_applied.contains(kernel.name) != absent.contains(kernel.name), kernel.name);
        QCOMPARE(m_applied.size() + absent.size(), integerConvKernels().size());
        // What the measured table of counting says of this CPU.
        const bits::Counting counting = bits::counting();
        const bool vnni = m_runtime.hasVnni();
        const bool counts = counting == (vnni ? bits::Counting::Words : bits::Counting::Bytes);
        for (const char* kernel : {"xnor", "ternary"})
            QCOMPARE(m_applied.contains(kernel), counts);
        QCOMPARE(m_applied.contains("bit_serial"), counts && !vnni);
        for (const char* kernel : {"short_winograd", "short"})
            QCOMPARE(m_applied.contains(kernel), !vnni);
        for (const char* kernel : {"dnnl_int8", "dnnl_int8_shifted", "f32_exact", "reference"})
            QVERIFY(m_applied.contains(kernel));
    }

    void epiloguesAreTriedToo()
    {
        const std::map<std::string, int> counts = epiloguesOf(m_report);
        QVERIFY(counts.at("dnnl_int8") >= 40);
        for (const char* kernel : {"xnor", "ternary", "bit_serial"})
            QCOMPARE(counts.contains(kernel), m_applied.contains(kernel));
    }

    // oneDNN has each of the four epilogues wherever its int8 kernel is taken.
    void noFusedEpilogueIsMissing()
    {
        for (const Json& row : m_report.at("rows")) {
            for (const Json& kernel : row.at("kernels")) {
                std::set<std::string> codes;
                for (const Json& epilogue : kernel.at("epilogues")) {
                    QVERIFY2(!epilogue.at("missing").get<bool>(), row.dump().c_str());
                    codes.insert(epilogue.at("codes").get<std::string>());
                }
                if (nameOf(kernel) == "dnnl_int8" && !codes.empty())
                    QCOMPARE(codes, (std::set<std::string>{"u8", "s8", "u4", "s4"}));
            }
        }
    }

    // Each way of counting, where this CPU counts at all.
    void everyModeOfCountingIsTried()
    {
        std::set<bits::Mode> modes;
        std::set<std::string> packed, tried;
        for (const Json& row : m_report.at("rows")) {
            tried.insert(row.at("codes").get<std::string>());
            for (const Json& kernel : row.at("kernels")) {
                if (!std::set<std::string>{"xnor", "ternary", "bit_serial"}.contains(
                        nameOf(kernel)))
                    continue;
                for (const Json& epilogue : kernel.at("epilogues"))
                    packed.insert(epilogue.at("codes").get<std::string>());
                for (const GridPair& pair : pairsOfFewBits())
                    if (row.at("codes") == pair.name)
                        modes.insert(BitPlan::of(pair.src, pair.weight)->mode);
            }
        }
        const bool counts = m_applied.contains("xnor");
        QCOMPARE(modes.size(), std::size_t(counts ? 3 : 0));
        QCOMPARE(packed.size(), std::size_t(counts ? 12 : 0));
        for (const GridPair& pair : pairsOfFewBits())
            QVERIFY2(tried.contains(pair.name), pair.name);
        for (const char* codes : {"odd 5 * odd 5", "odd 6 * odd 6", "odd 7 * odd 7"})
            QVERIFY2(tried.contains(codes), codes);
    }

    void maximaOfPackedCodesAreTried()
    {
        QCOMPARE(m_report.at("maxima").size(), std::size_t(6));
        for (const Json& maximum : m_report.at("maxima"))
            QCOMPARE(maximum.at("wrong").get<int>(), 0);
    }

    void layersOfAllKindsAreThere()
    {
        for (const char* kind : {"depthwise", "groups", "dilation", "padded", "linear", "1x1"}) {
            int rows = 0;
            for (const Json& row : m_report.at("rows"))
                rows += row.at("convolution").get<std::string>().find(kind) != std::string::npos;
            QVERIFY2(rows > 0, kind);
        }
    }

    // The hook spoils sums and, where they are written at once, codes.
    void aBrokenKernelIsFoundInBoth()
    {
        qputenv("STAIR_BREAK_KERNEL", "dnnl_int8:unchecked");
        Runtime runtime(2);
        qunsetenv("STAIR_BREAK_KERNEL");
        const Json report = checkConformance(runtime);
        QCOMPARE(report.at("wrong_kernels").dump(), std::string("[\"dnnl_int8\"]"));
        int sums = 0, codes = 0;
        for (const Json& row : report.at("rows"))
            for (const Json& kernel : row.at("kernels")) {
                sums += kernel.at("wrong").get<int>();
                for (const Json& epilogue : kernel.at("epilogues"))
                    codes += epilogue.at("wrong").get<int>();
            }
        QVERIFY(sums > 0 && codes > 0);
    }
};

QTEST_GUILESS_MAIN(TestConformance)
#include "tst_conformance.moc"
