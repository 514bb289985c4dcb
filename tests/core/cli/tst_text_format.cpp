#include "core/cli/text_format.h"
#include "core/quant/methods.h"

#include <QTest>

using namespace stair;

class TestTextFormat : public QObject
{
    Q_OBJECT

private slots:
    void evaluationsAreWords_data()
    {
        QTest::addColumn<std::string>("line");
        QTest::addColumn<std::string>("words");
        const auto row = [](const char* name, const char* line, const char* words) {
            QTest::newRow(name) << std::string(line) << std::string(words);
        };
        row("none yet", "null", "not evaluated yet");
        row("float", R"({"test": {"top1": 0.8731}, "proved": false})",
            "test top-1 87.31 %, computed in float");
        row("by integers", R"({"test": {"top1": 0.8731}, "test_running": 0.5, "proved": true})",
            "test top-1 87.31 %, computed by integers");
        row("blended",
            R"({"validation": {"top1": 0.5}, "test": {"top1": 0.8731},)"
            R"( "test_running": 0.5, "blended": 0.902, "proved": true})",
            "validation 50.00 %, test top-1 87.31 % (blended 90.20 %), computed by integers");
    }

    void evaluationsAreWords()
    {
        QFETCH(std::string, line);
        QFETCH(std::string, words);
        QCOMPARE(evaluationText(Json::parse(line)), words);
    }

    void whatIsReconstructedIsNamed()
    {
        QCOMPARE(reconstructionText("lg_lsq"),
                 std::string(" [lg_lsq: reconstructed from the abstract]"));
        QCOMPARE(reconstructionText("lsq"), std::string());
        QCOMPARE(reconstructionText("none"), std::string());
        for (const MethodInfo& info : methods())
            QCOMPARE(info.title.find("reconstructed") != std::string::npos,
                     !info.reconstructed.empty());
    }
};

QTEST_GUILESS_MAIN(TestTextFormat)
#include "tst_text_format.moc"
