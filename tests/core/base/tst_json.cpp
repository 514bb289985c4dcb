#include "core/base/json.h"
#include "tests/support/error_text.h"

#include <QTest>

#include <functional>

using namespace stair;

namespace {

/// Reads keys of an object; what the rows below do to provoke an error.
using Reading = std::function<void(ObjectReader&)>;

} // namespace

Q_DECLARE_METATYPE(Reading)

class TestJson : public QObject
{
    Q_OBJECT

private slots:
    void aMistakeInTheTextIsPlacedByLine()
    {
        const QString text
            = errorText([] { parseJson("{\n \"a\": 1,\n \"b\" 2\n}", "spec.json"); });
        QCOMPARE(text,
                 QString("spec.json: line 3: not valid JSON (which has no comments); check the "
                         "commas, quotes and braces "
                         "there"));
    }

    void keysKeepTheirOrder()
    {
        QCOMPARE(parseJson("{\"z\":1,\"a\":2}", "x").dump(), std::string("{\"z\":1,\"a\":2}"));
    }

    void anAbsentFileIsNamed()
    {
        VERIFY_CONTAINS(errorText([] { readJsonFile("/nowhere/spec.json"); }),
                        "/nowhere/spec.json");
    }

    void valuesAreReadAndDefaultsTaken()
    {
        const Json json = Json::parse(
            R"({"n": 3, "whole": 2.0, "x": 0.5, "f": true, "t": "hi", "o": {"k": 1}, "list": [1]})");
        ObjectReader reader(json, "spec.json");
        QCOMPARE(reader.integer("n", 0, 0, 9), 3);
        QCOMPARE(reader.integer("whole", 0, 0, 9), 2);
        QCOMPARE(reader.integer("absent", 7, 0, 9), 7);
        QCOMPARE(reader.real("x", 0, 0, 1), 0.5);
        QCOMPARE(reader.real("absent", 0.25, 0, 1), 0.25);
        QCOMPARE(reader.flag("f", false), true);
        QCOMPARE(reader.text("t", ""), std::string("hi"));
        QCOMPARE(reader.choice("t", "ho", {"hi", "ho"}), std::string("hi"));
        QVERIFY(reader.has("o") && !reader.has("absent"));
        QCOMPARE(reader.raw("list")->size(), std::size_t(1));
        ObjectReader inner = reader.object("o");
        QCOMPARE(inner.integer("k", 0, 0, 9), 1);
        inner.finish();
        reader.object("absent").finish();
        reader.finish();
    }

    void errorsNameThePlaceAndTheRemedy_data()
    {
        QTest::addColumn<std::string>("json");
        QTest::addColumn<Reading>("read");
        QTest::addColumn<QString>("text");
        const auto row
            = [](const char* name, const char* json, const Reading& read, const char* text) {
                  QTest::addRow("%s", name) << std::string(json) << read << QString(text);
              };
        row(
            "no object", "[1]", [](ObjectReader&) {},
            "s.json: the document must be an object in braces, not array");
        row(
            "an inner value that is no object", R"({"data": 3})",
            [](ObjectReader& r) { r.object("data"); },
            "s.json: data must be an object in braces, not number");
        row(
            "a text where a number belongs", R"({"n": "3"})",
            [](ObjectReader& r) { r.integer("n", 0, 0, 9); },
            "s.json: n must be a whole number, not \"3\"");
        row(
            "a fraction where a whole number belongs", R"({"n": 2.5})",
            [](ObjectReader& r) { r.integer("n", 0, 0, 9); },
            "s.json: n must be a whole number, not 2.5");
        row(
            "a whole number out of range", R"({"n": 12})",
            [](ObjectReader& r) { r.integer("n", 0, 1, 9); },
            "s.json: n is 12; it must be from 1 to 9");
        row(
            "a whole number beyond 64 bits", R"({"n": 18446744073709551615})",
            [](ObjectReader& r) { r.integer("n", 0, -1, 9); },
            "s.json: n is 18446744073709551615; it must be from -1 to 9");
        row(
            "a number out of range", R"({"x": 1.5})", [](ObjectReader& r) { r.real("x", 0, 0, 1); },
            "s.json: x is 1.5; it must be from 0 to 1");
        row(
            "a flag that is none", R"({"f": 1})", [](ObjectReader& r) { r.flag("f", false); },
            "s.json: f must be true or false, not 1");
        row(
            "a text that is none", R"({"t": null})", [](ObjectReader& r) { r.text("t", ""); },
            "s.json: t must be a text in quotes, not null");
        row(
            "an unknown choice", R"({"t": "fines"})",
            [](ObjectReader& r) {
                r.choice("t", "fine", {"fine", "coarse"});
            },
            "s.json: t has an unknown value 'fines'; did you mean 'fine'? Known: fine, coarse");
        row(
            "an unknown key at the top", R"({"sed": 1})",
            [](ObjectReader& r) {
                r.integer("seed", 0, 0, 9);
                r.text("name", "");
                r.finish();
            },
            "s.json: unknown key 'sed'; did you mean 'seed'? Known: seed, name (at the top level)");
        row(
            "an unknown key further in", R"({"a": {"b": {"lrr": 1}}})",
            [](ObjectReader& r) {
                ObjectReader inner = r.object("a").object("b");
                inner.real("lr", 0, 0, 1);
                inner.finish();
            },
            "s.json: unknown key 'lrr'; did you mean 'lr'? Known: lr (in a.b)");
        row(
            "a value further in", R"({"a": {"b": {"lr": -1}}})",
            [](ObjectReader& r) { r.object("a").object("b").real("lr", 0, 0, 1); },
            "s.json: a.b.lr is -1; it must be from 0 to 1");
    }

    void errorsNameThePlaceAndTheRemedy()
    {
        QFETCH(std::string, json);
        QFETCH(Reading, read);
        const Json document = Json::parse(json);
        const QString thrown = errorText([&] {
            ObjectReader reader(document, "s.json");
            read(reader);
        });
        QTEST(thrown, "text");
    }
};

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
