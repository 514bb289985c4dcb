#include "core/session/line_reader.h"
#include "tests/support/stair_process.h"

#include <QElapsedTimer>

using namespace stair;

namespace fs = std::filesystem;

/// Runs at their real size, and their time: nothing else may run beside this test.
class TestWholeRuns : public QObject
{
    Q_OBJECT

    StairProgram m_stair;

    /// Test accuracy of a preset's last evaluation.
    double accuracyOf(const char* preset)
    {
        const fs::path run = m_stair.path(preset);
        const StairProgram::Result result
            = m_stair.run({"run", preset, "--out", QString::fromStdString(run.string())});
        if (result.code != 0)
            qFatal("%s", qPrintable(result.err));
        double accuracy = 0;
        for (const Json& line : readLines(run / "events.jsonl")) {
            if (line.value("event", "") == "evaluation")
                accuracy = line.at("test").at("top1").get<double>();
        }
        return accuracy;
    }

private slots:
    void theDefaultPairShowsItsGapInAMinute()
    {
        QElapsedTimer timer;
        timer.start();
        const double real = accuracyOf("default-float");
        const double quantized = accuracyOf("default-2bit");
        const double seconds = double(timer.elapsed()) / 1000;
        qInfo("float %.4f, 2-bit min-max %.4f, %.1f s", real, quantized, seconds);
        QVERIFY(real >= 0.90);
        QVERIFY(real - quantized >= 0.05);
        QVERIFY(seconds <= 60);
    }

    void loadingCostsLittleOfAResNet20Step()
    {
        const StairProgram::Result result = m_stair.run(
            {"bench", "--network", "resnet20", "--steps", "20", "--loader", "--json"});
        QVERIFY2(result.code == 0, qPrintable(result.err));
        const Json loader = Json::parse(result.out.toStdString()).at("loader");
        qInfo("%s", loader.dump().c_str());
        QVERIFY(loader.at("work_ms").get<double>() > 0);
        QVERIFY(loader.at("share").get<double>() <= 0.03);
    }
};

QTEST_GUILESS_MAIN(TestWholeRuns)
#include "tst_whole_runs.moc"
