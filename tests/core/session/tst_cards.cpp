#include "core/session/card_run.h"
#include "core/session/presets.h"
#include "tests/support/error_text.h"
#include "tests/support/small_experiment.h"

#include <QTest>

#include <algorithm>

using namespace stair;

namespace {

/// What makes any card small: drawn images, few of them, narrow layers.
CardOptions smallOptions(const PaperCard& card)
{
    CardOptions options;
    for (const char* assignment :
         {"data.id=procedural", "data.path=", "data.params.train=64", "data.params.test=16",
          "data.batch=16", "data.validation=0", "threads=1"})
        options.assignments.push_back(assignment);
    options.assignments.push_back(
        R"(network.params={"width":0.125)"
        + std::string(card.id.starts_with("bcgd-resnet20") ? R"(,"shortcut":"A"})" : "}"));
    return options;
}

/// What every evaluation of a quantized run does.
const std::string normsAgain
    = "Batch-norm statistics are measured again with hard codes before each evaluation.";

bool hasPapersEnds(const PaperCard& card)
{
    return card.id.ends_with("-paper-ends");
}

/// A card that is complete, to be spoiled.
Json goodCard()
{
    return parseJson(R"({
        "title": "A card", "source": "Somebody, somewhere",
        "figure": {"metric": "test top-1", "reported": 0.9, "table": "Table 1",
                   "confidence": "EXACT"},
        "method": {"text": "It.", "confidence": "KNOWN"},
        "recipe": {"text": "This.", "confidence": "PARTIAL"},
        "departures": ["That."],
        "spec": {"schema": 1}
    })",
                     "good card");
}

} // namespace

class TestCards : public QObject
{
    Q_OBJECT

private slots:
    // Copied from the papers' tables, not from the cards. Empty: none was found.
    void figuresAreThePapers_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<double>("reported"); // percent; 0: none
        QTest::addColumn<double>("baseline");
        QTest::addColumn<double>("yardstick");
        QTest::addColumn<QString>("confidence");
        struct Row
        {
            const char* bits;
            double a, b, c, d;
        };
        // arXiv:2003.04296, Table I: input bits = weight bits; models A to D.
        constexpr Row aqe[] = {{"w1a1", 88.4, 85.1, 84.7, 84.4},
                               {"w2a2", 89.8, 87.9, 87.3, 87.1},
                               {"w3a3", 90.6, 89.8, 89.1, 89.3},
                               {"float", 91.8, 91.0, 91.2, 91.0}};
        const auto row = [](const QString& id, double reported, double baseline, double yardstick,
                            const char* confidence) {
            QTest::newRow(qPrintable(id)) << id << reported << baseline << yardstick << confidence;
        };
        for (const Row& r : aqe) {
            const double values[] = {r.a, r.b, r.c, r.d};
            const double floats[] = {91.8, 91.0, 91.2, 91.0};
            for (int model = 0; model < 4; ++model) {
                const QString id = QString("aqe-convnet-%1-%2").arg(QChar('a' + model)).arg(r.bits);
                const bool isFloat = id.endsWith("float");
                row(id, values[model], isFloat ? 0 : floats[model], 0, "EXACT");
                if (!isFloat)
                    row(id + "-paper-ends", values[model], floats[model], 0, "EXACT");
            }
        }
        // The LLSQ authors' repository, CIFAR-10 VGG-small.
        row("llsq-vgg_small-w4a4", 94.28, 93.34, 0, "EXACT");
        row("llsq-vgg_small-w3a3", 93.98, 93.34, 0, "EXACT");
        row("llsq-vgg_small-w2a2", 93.44, 93.34, 0, "EXACT");
        row("lsq-vgg_small-w4a4", 94.26, 93.34, 0, "EXACT(2nd)");
        row("lsq-vgg_small-w3a3", 93.89, 93.34, 0, "EXACT(2nd)");
        row("lsq-vgg_small-w2a2", 93.42, 93.34, 0, "EXACT(2nd)");
        row("lg_lsq-vgg_small-w4a4", 0, 0, 94.28, "PARTIAL");
        row("lg_lsq-vgg_small-w3a3", 0, 0, 93.98, "PARTIAL");
        row("lg_lsq-vgg_small-w2a2", 0, 0, 93.44, "PARTIAL");
        row("bcgd-vgg11-w1a4", 0, 0, 0, "UNVERIFIED");
        row("bcgd-vgg11-w1a4-paper-ends", 0, 0, 0, "UNVERIFIED");
        row("bcgd-resnet20-w1a4", 0, 0, 0, "UNVERIFIED");
        row("bcgd-resnet20-w1a4-paper-ends", 0, 0, 0, "UNVERIFIED");
        row("dai8-resnet20", 0, 0, 0, "PARTIAL");
        m_rows = 28 + 6 + 3 + 4 + 1;
    }

    void figuresAreThePapers()
    {
        QFETCH(QString, id);
        QFETCH(double, reported);
        QFETCH(double, baseline);
        QFETCH(double, yardstick);
        QFETCH(QString, confidence);
        QCOMPARE(int(cards().size()), m_rows); // no card without a row
        const CardFigure& figure = card(id.toStdString()).figure;
        const auto percent = [](const std::optional<double>& share) {
            return QString::number(100 * share.value_or(0), 'f', 2);
        };
        QCOMPARE(percent(figure.reported), percent(reported / 100));
        QCOMPARE(percent(figure.baseline), percent(baseline / 100));
        QCOMPARE(percent(figure.yardstick ? std::optional(figure.yardstick->value) : std::nullopt),
                 percent(yardstick / 100));
        QCOMPARE(figure.reported.has_value(), reported > 0);
        QCOMPARE(QString::fromStdString(figure.confidence), confidence);
    }

    void everyCard_data()
    {
        QTest::addColumn<std::string>("id");
        for (const PaperCard& each : cards())
            QTest::newRow(each.id.c_str()) << each.id;
    }

    /// The spec passes what `stair run` checks, the network is built and trained a step, and its
    /// program is integer unless the card says otherwise.
    void everyCard()
    {
        QFETCH(std::string, id);
        const PaperCard& chosen = card(id);
        QVERIFY(!chosen.departures.empty());
        const ExperimentSpec whole = ExperimentSpec::read(chosen.spec, id);
        QCOMPARE(whole.name, chosen.title);
        QCOMPARE(whole.data.id, std::string("cifar10"));
        QCOMPARE(whole.training.from, std::string());

        const CardSpecs specs = cardSpecs(chosen, smallOptions(chosen));
        QCOMPARE(specs.floatStart.has_value(), !chosen.floatStart.is_null());
        if (specs.floatStart) {
            QVERIFY(specs.floatStart->quant.isFloat());
            QCOMPARE(specs.floatStart->network.params.toJson().dump(),
                     specs.own.network.params.toJson().dump());
        }
        const Dataset data = openSmall(specs.own);
        Runtime runtime(1);
        Trainer trainer(specs.own, data, runtime);
        RecordingObserver observer;
        ScriptedControls controls;
        controls.at[2] = {{{"command", "stop"}}};
        trainer.run(observer, controls, {});
        const EvaluationReport report = trainer.evaluate();
        QCOMPARE(report.proved, !hasPapersEnds(chosen) && !specs.own.quant.isFloat());
        const bool saysSo = std::ranges::any_of(chosen.departures, [](const std::string& text) {
            return text.find("not proved") != std::string::npos;
        });
        QCOMPARE(saysSo, hasPapersEnds(chosen));
        const bool saysNorms = std::ranges::count(chosen.departures, normsAgain) == 1;
        QCOMPARE(saysNorms, !specs.own.quant.isFloat());
    }

    void anExactRecipeHasNothingMissing()
    {
        for (const PaperCard& each : cards()) {
            if (each.recipe.confidence != "EXACT")
                continue;
            for (const std::string& text : each.departures)
                QVERIFY2(text.find("not printed") == std::string::npos, each.id.c_str());
        }
    }

    void reconstructionsSaySo()
    {
        for (const PaperCard& each : cards()) {
            const std::string method = ExperimentSpec::read(each.spec, each.id).quant.method;
            if (method != "lg_lsq" && method != "asr")
                continue;
            QVERIFY(each.title.find("reconstructed from the abstract") != std::string::npos);
            QVERIFY(each.method.text.find("reconstructed from the abstract") != std::string::npos);
            QCOMPARE(each.method.confidence, std::string("RECONSTRUCTED"));
        }
    }

    void cardsAreNoPresets()
    {
        for (const PresetInfo& preset : presets())
            QVERIFY(std::ranges::find(cards(), preset.id, &PaperCard::id) == cards().end());
        QVERIFY(std::ranges::is_sorted(cards(), {}, &PaperCard::id));
    }

    void aCardIsWrittenAsItWasRead()
    {
        for (const PaperCard& each : cards()) {
            Json json = toJson(each);
            json.erase("id");
            QCOMPARE(toJson(readCard(each.id, json)).dump(1), toJson(each).dump(1));
        }
    }

    void aBadCardIsRefused_data()
    {
        QTest::addColumn<QString>("place"); // JSON pointer
        QTest::addColumn<QString>("value"); // empty: the key is taken away
        QTest::addColumn<QString>("error");
        const auto row = [](const char* place, const char* value, const char* error) {
            QTest::addRow("%s %s", place, value) << place << value << error;
        };
        row("/title", "", "title is missing");
        row("/titel", "\"x\"", "did you mean 'title'");
        row("/figure/confidence", "", "figure.confidence");
        row("/figure/confidence", "\"EXAKT\"", "did you mean 'EXACT'");
        row("/figure/confidence", "\"UNVERIFIED\"", "from memory");
        row("/figure/reported", "90", "from 0 to 1");
        row("/figure/reported", "null", "figure.note is missing");
        row("/figure/table", "", "figure.table is missing");
        row("/figure/yardstick", "{}", "figure.yardstick.of is missing");
        row("/figure/yardstick", R"({"value": 0.9, "of": "x", "confidence": "UNVERIFIED"})",
            "figure.yardstick.value is a number from memory");
        row("/figure",
            R"({"metric": "x", "baseline": 0.9, "confidence": "UNVERIFIED", "note": "y"})",
            "figure.baseline is a number from memory");
        row("/method/text", "", "method.text is missing");
        row("/recipe/note", "1", "unknown key 'note'");
        row("/departures", "[]", "at least one");
        row("/departures", "[1]", "write texts");
        row("/spec", "", "spec is missing");
        row("/spec", "[]", "must be an object");
    }

    void aBadCardIsRefused()
    {
        QFETCH(QString, place);
        QFETCH(QString, value);
        QFETCH(QString, error);
        QCOMPARE(errorText([] { readCard("good", goodCard()); }), QString());
        Json json = goodCard();
        const Json::json_pointer pointer(place.toStdString());
        if (value.isEmpty())
            json[pointer.parent_pointer()].erase(pointer.back());
        else
            json[pointer] = Json::parse(value.toStdString());
        const QString said = errorText([&] { readCard("bad", json); });
        VERIFY_CONTAINS(said, error);
        QVERIFY2(said.startsWith("card bad: "), qPrintable(said));
    }

    void aWrongNameIsRefused()
    {
        VERIFY_CONTAINS(errorText([] { card("aqe-convnet-d-w2a"); }),
                        "did you mean 'aqe-convnet-d-w2a2'?");
    }

    void aFloatRunMayBeGiven()
    {
        CardOptions options = smallOptions(card("lsq-vgg_small-w4a4"));
        options.from = "some/run";
        const CardSpecs specs = cardSpecs(card("lsq-vgg_small-w4a4"), options);
        QVERIFY(!specs.floatStart);
        QVERIFY(specs.own.training.from.ends_with("some/run"));
        VERIFY_CONTAINS(errorText([&] { cardSpecs(card("aqe-convnet-d-w2a2"), options); }),
                        "leave --from out");
    }

    void aCardHasEpochs()
    {
        CardOptions options = smallOptions(card("lsq-vgg_small-w4a4"));
        options.from = "some/run";
        options.assignments.push_back("training.epochs=0");
        options.assignments.push_back("quant.method=ptq");
        VERIFY_CONTAINS(errorText([&] { cardSpecs(card("lsq-vgg_small-w4a4"), options); }),
                        "a card trains");
    }

private:
    int m_rows = 0;
};

QTEST_GUILESS_MAIN(TestCards)
#include "tst_cards.moc"
