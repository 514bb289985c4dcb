#include "core/base/params.h"

#include "core/base/assert.h"
#include "tests/support/error_text.h"

#include <QTest>

using namespace stair;

namespace {

std::vector<ParamSpec> someSpecs()
{
    return {ParamSpec::integer("depth", "Depth", 3, 1, 10, "Layers."),
            ParamSpec::real("rate", "Rate", 0.1, 0, 1, "Share."),
            ParamSpec::flag("bias", "Bias", true, "Adds one."),
            ParamSpec::choice("kind", "Kind", "fine", {"fine", "coarse"}, "Which.")};
}

ParamValues read(const char* text)
{
    const Json json = Json::parse(text);
    ObjectReader reader(json, "spec.json", "network.params");
    ParamValues values = ParamValues::read(someSpecs(), reader);
    reader.finish();
    return values;
}

} // namespace

class TestParams : public QObject
{
    Q_OBJECT

private slots:
    void defaultsComeFromTheSpecs()
    {
        const ParamValues values(someSpecs());
        QCOMPARE(values.integer("depth"), 3);
        QCOMPARE(values.real("rate"), 0.1);
        QCOMPARE(values.flag("bias"), true);
        QCOMPARE(values.text("kind"), std::string("fine"));
    }

    void givenValuesReplaceDefaults()
    {
        const ParamValues values = read(R"({"kind": "coarse", "depth": 10})");
        QCOMPARE(values.integer("depth"), 10);
        QCOMPARE(values.real("rate"), 0.1);
        QCOMPARE(values.text("kind"), std::string("coarse"));
    }

    void valuesAreWrittenCompleteAndInOrder()
    {
        QCOMPARE(read(R"({"bias": false, "depth": 4})").toJson().dump(),
                 std::string(R"({"depth":4,"rate":0.1,"bias":false,"kind":"fine"})"));
    }

    void whatIsWrittenReadsBackTheSame()
    {
        const std::string text = read(R"({"rate": 0.30000000000000004})").toJson().dump();
        QCOMPARE(read(text.c_str()).toJson().dump(), text);
    }

    void mistakesNameTheirPlace_data()
    {
        QTest::addColumn<std::string>("json");
        QTest::addColumn<QString>("text");
        QTest::addRow("range") << std::string(R"({"depth": 11})")
                               << "spec.json: network.params.depth is 11; it must be from 1 to 10";
        QTest::addRow("kind") << std::string(R"({"rate": "much"})")
                              << "spec.json: network.params.rate must be a number, not \"much\"";
        QTest::addRow("unknown") << std::string(R"({"dept": 2})")
                                 << "spec.json: unknown key 'dept'; did you mean 'depth'? Known: "
                                    "depth, rate, bias, kind (in network.params)";
    }

    void mistakesNameTheirPlace()
    {
        QFETCH(std::string, json);
        QTEST(errorText([&] { read(json.c_str()); }), "text");
    }

    void askingForWhatWasNeverDescribedIsABrokenPromise()
    {
        QVERIFY_THROWS_EXCEPTION(InternalError, ParamValues(someSpecs()).integer("width"));
    }

    void theDescriptionHoldsWhatAFormNeeds()
    {
        const Json rows = describe(someSpecs());
        QCOMPARE(rows.size(), std::size_t(4));
        QCOMPARE(rows[0].dump(),
                 std::string(R"({"name":"depth","title":"Depth","default":3,"type":"integer",)"
                             R"("least":1.0,"most":10.0,"help":"Layers."})"));
        QCOMPARE(rows[3]["choices"].dump(), std::string(R"(["fine","coarse"])"));
        QCOMPARE(rows[2]["default"].dump(), std::string("true"));
    }
};

QTEST_GUILESS_MAIN(TestParams)
#include "tst_params.moc"
