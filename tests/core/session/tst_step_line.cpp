#include "core/session/event_lines.h"
#include "core/session/step_line.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace stair;

class TestStepLine : public QObject
{
    Q_OBJECT

private:
    static StepReport report()
    {
        StepReport report;
        report.step = 391'000;
        report.epoch = 1000;
        report.loss = 0.012345678901234567;
        report.accuracy = 1;
        report.learningRate = 1e-7;
        report.gradientNorm = std::numeric_limits<double>::infinity();
        report.elapsedSeconds = 86400.25;
        report.imagesPerSecond = 12;
        report.remainingSeconds = 0;
        return report;
    }

    static void compare(const StepReport& read, const StepReport& written)
    {
        QCOMPARE(read.step, written.step);
        QCOMPARE(read.epoch, written.epoch);
        QVERIFY(read.loss == written.loss); // to the last bit
        QVERIFY(read.accuracy == written.accuracy);
        QVERIFY(read.learningRate == written.learningRate);
        QVERIFY(std::isnan(read.gradientNorm)); // null
        QVERIFY(read.elapsedSeconds == written.elapsedSeconds);
        QVERIFY(read.imagesPerSecond == written.imagesPerSecond);
        QVERIFY(read.remainingSeconds == written.remainingSeconds);
    }

private slots:
    void isReadAsItWasWritten()
    {
        const std::string line = toLine(stepLine(report()));
        const auto read = readStepLine(line);
        QVERIFY(read);
        compare(*read, report());
        compare(stepOf(Json::parse(line)), report());
    }

    void otherLinesAreLeftToTheParser_data()
    {
        QTest::addColumn<QString>("line");
        const QString whole = QString::fromStdString(toLine(stepLine(report())));
        QTest::addRow("an evaluation") << R"({"event":"evaluation","step":1})";
        QTest::addRow("cut") << whole.chopped(1);
        QTest::addRow("with more behind") << whole + "}";
        QTest::addRow("another key within") << QString(whole).replace("loss", "lost");
        QTest::addRow("a text for a number") << QString(whole).replace("391000", "\"x\"");
        QTest::addRow("nothing") << QString();
    }

    void otherLinesAreLeftToTheParser()
    {
        QFETCH(QString, line);
        QVERIFY(!readStepLine(line.toStdString()));
    }

    void whatIsMissingReadsAsNothing()
    {
        const StepReport read = stepOf(Json::parse(R"({"event":"step","step":null,"loss":"x"})"));
        QCOMPARE(read.step, 0);
        QVERIFY(std::isnan(read.loss));
        QCOMPARE(read.accuracy, 0.0);
        QCOMPARE(read.remainingSeconds, -1.0);
    }
};

QTEST_APPLESS_MAIN(TestStepLine)
#include "tst_step_line.moc"
