#include "core/base/files.h"
#include "core/base/json.h"
#include "tests/support/stair_process.h"

#include <set>

using namespace stair;

namespace {

constexpr const char* variable = "STAIR_BREAK_KERNEL";
constexpr const char* taken = ": "; // before the implementation in a line of environment.json
constexpr const char* rejected = " gave wrong integers";

/// STAIR_BREAK_KERNEL for the programs that are started while it lives.
struct Broken
{
    explicit Broken(const std::string& kernel) { qputenv(variable, kernel.c_str()); }
    ~Broken() { qunsetenv(variable); }
};

Json implementations(const std::filesystem::path& run)
{
    return readJsonFile(run / "environment.json").at("implementations");
}

} // namespace

/// A kernel that computes wrong sums on this CPU is caught before its first use and named; one that
/// gets past that is caught by verify, with the layer it spoils. No file or accuracy passes unseen.
class TestBrokenKernel : public QObject
{
    Q_OBJECT

    StairProgram m_stair;
    std::set<std::string> m_used; // the fast kernels of the small run

    QString path(const char* name) const { return QString::fromStdString(m_stair.path(name)); }

private slots:
    void initTestCase()
    {
        const auto trained = m_stair.run(smallRun() << "--out" << path("run"));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        QVERIFY2(!trained.err.contains(variable), qPrintable(trained.err));
        for (const Json& line : implementations(m_stair.path("run"))) {
            const auto text = line.get<std::string>();
            QVERIFY2(!text.ends_with(rejected), text.c_str());
            const std::string name = text.substr(text.rfind(taken) + 2);
            m_used.insert(name.substr(0, name.find(' ')));
        }
        m_used.erase("reference");
        QVERIFY(!m_used.empty());
        const auto exported = m_stair.run({"export", path("run"), "--out", path("model.stair")});
        QVERIFY2(exported.code == 0, qPrintable(exported.err));
    }

    void conformanceNamesIt()
    {
        for (const std::string& kernel : m_used) {
            for (const char* how : {"", ":unchecked"}) {
                const Broken broken(kernel + how);
                const auto result = m_stair.run({"conformance", "--json"});
                QCOMPARE(result.code, 1);
                QVERIFY2(result.err.contains(variable), qPrintable(result.err));
                const Json document = Json::parse(result.out.toStdString());
                QCOMPARE(document.at("wrong_kernels").dump(), Json::array({kernel}).dump());
                QVERIFY(document.at("wrong").get<int>() > 0);
                for (const Json& row : document.at("rows")) {
                    const bool isTaken
                        = row.at("taken").get<std::string>().starts_with(kernel + " ")
                        || row.at("taken") == kernel;
                    QVERIFY(*how || !isTaken);
                }
            }
        }
    }

    void aRunTakesTheNextOneAndSaysSo()
    {
        for (const std::string& kernel : m_used) {
            const Broken broken(kernel);
            const QString folder = path(kernel.c_str());
            const auto trained = m_stair.run(smallRun() << "--out" << folder);
            QVERIFY2(trained.code == 0, qPrintable(trained.err));
            QVERIFY2(trained.err.contains(variable), qPrintable(trained.err));
            int named = 0;
            for (const Json& line : implementations(m_stair.path(kernel.c_str()))) {
                const auto text = line.get<std::string>();
                QVERIFY2(text.find(taken + kernel) == std::string::npos, text.c_str());
                named += text.ends_with("; " + kernel + rejected);
            }
            QVERIFY(named > 0);
            // The integers are the same whoever computes them; the float sums of gradients too.
            QCOMPARE(readFile(m_stair.path(kernel.c_str()) / "layers.jsonl"),
                     readFile(m_stair.path("run") / "layers.jsonl"));
        }
    }

    void verifyHoldsWhereTheCheckCatchesIt()
    {
        for (const std::string& kernel : m_used) {
            const Broken broken(kernel);
            const auto result = m_stair.run({"verify", path("model.stair")});
            QVERIFY2(result.code == 0, qPrintable(result.out));
            QVERIFY2(result.out.contains(QString::fromStdString(kernel + rejected)),
                     qPrintable(result.out));
        }
    }

    void verifyNamesLayerAndKernelWhereTheCheckDoesNot()
    {
        for (const std::string& kernel : m_used) {
            const Broken broken(kernel + ":unchecked");
            const auto result = m_stair.run({"verify", path("model.stair"), "--json"});
            QCOMPARE(result.code, 1);
            const Json findings = Json::parse(result.out.toStdString()).at("findings");
            QCOMPARE(findings.size(), std::size_t(1));
            const auto text = findings.at(0).get<std::string>();
            QVERIFY2(text.starts_with("layer ") && text.find("(" + kernel) != std::string::npos,
                     text.c_str());
        }
    }

    void aFileMadeByABrokenKernelDoesNotHold()
    {
        {
            const Broken broken(*m_used.begin() + ":unchecked");
            const auto made = m_stair.run({"export", path("run"), "--out", path("bad.stair")});
            QVERIFY2(made.code == 0, qPrintable(made.err));
        }
        const auto result = m_stair.run({"verify", path("bad.stair")});
        QCOMPARE(result.code, 1);
        QVERIFY2(result.out.contains("its integers on the reference samples"),
                 qPrintable(result.out));
    }

    void anUnknownKernelIsOneLine()
    {
        for (const char* value : {"xnr", "reference", "xnor:"}) {
            const Broken broken(value);
            const auto result = m_stair.run({"conformance"});
            QCOMPARE(result.code, 2);
            QCOMPARE(result.err.count('\n'), 1);
            QVERIFY2(result.err.contains(variable), qPrintable(result.err));
        }
    }
};

QTEST_GUILESS_MAIN(TestBrokenKernel)
#include "tst_broken_kernel.moc"
