#include "core/session/event_log.h"
#include "core/session/line_reader.h"
#include "core/session/log_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_run.h"

#include <QTest>

using namespace stair;

class TestEventLog : public QObject
{
    Q_OBJECT

private slots:
    void knowsItsLength()
    {
        const TempFolder folder;
        EventLog log(folder / "a");
        QCOMPARE(log.offset(), 0);
        log.append("{\"a\":1}\n{\"a\":2}\n");
        QCOMPARE(log.offset(), 16);
        log.append("{\"a\":3}\n");
        log.truncateTo(8);
        log.append("{\"a\":4}\n");
        log.truncateTo(1000); // nothing to cut
        log.sync();
        QCOMPARE(log.offset(), 16);
        QCOMPARE(readFile(folder / "a"), std::string("{\"a\":1}\n{\"a\":4}\n"));
    }

    void cutsOffWhatAKilledWriterLeft_data()
    {
        QTest::addColumn<QByteArray>("left");
        QTest::addColumn<QByteArray>("kept");
        QTest::newRow("nothing") << QByteArray() << QByteArray();
        QTest::newRow("half a first line") << QByteArray("{\"a\":") << QByteArray();
        QTest::newRow("whole lines") << QByteArray("{}\n{}\n") << QByteArray("{}\n{}\n");
        QTest::newRow("half a line") << QByteArray("{}\n{\"b") << QByteArray("{}\n");
        QTest::newRow("a long half line") << "{}\n" + QByteArray(10000, 'x') << QByteArray("{}\n");
        QTest::newRow("zeros, as after a crash")
            << "{}\n" + QByteArray(64, '\0') << QByteArray("{}\n");
    }

    void cutsOffWhatAKilledWriterLeft()
    {
        QFETCH(QByteArray, left);
        QFETCH(QByteArray, kept);
        const TempFolder folder;
        writeFileAtomically(folder / "a", left.toStdString());
        EventLog log(folder / "a");
        QCOMPARE(log.offset(), kept.size());
        QCOMPARE(readFile(folder / "a"), kept.toStdString());
    }

    void aReaderSeesWholeLinesAlone()
    {
        const TempFolder folder;
        LineReader reader(folder / "a");
        QVERIFY(reader.read().empty()); // no file yet
        writeFileAtomically(folder / "a", "{\"a\":1}\n{\"a\":");
        QCOMPARE(reader.read().size(), std::size_t(1));
        QCOMPARE(reader.offset(), 8);
        QVERIFY(reader.read().empty());
    }

    void aReaderFollows()
    {
        const TempFolder folder;
        EventLog log(folder / "a");
        LineReader reader(folder / "a");
        for (int i = 0; i < 100; ++i) {
            log.append("{\"i\":" + std::to_string(i) + "}\n");
            const std::vector<Json> lines = reader.read();
            QCOMPARE(lines.size(), std::size_t(1));
            QCOMPARE(lines.front().at("i").get<int>(), i);
            QVERIFY(reader.read().empty());
        }
        log.truncateTo(8);
        QCOMPARE(reader.read().size(), std::size_t(1));
        QVERIFY(reader.restarted());
        QVERIFY(reader.read().empty());
        QVERIFY(!reader.restarted());
    }

    void aReaderSkipsWhatIsNoObject()
    {
        const TempFolder folder;
        writeFileAtomically(folder / "a", "garbage\n[1]\n\n{\"a\":1}\n\"text\"\n{\"a\":2}\n");
        QCOMPARE(readLines(folder / "a").size(), std::size_t(2));
    }

    // More than the buffer holds, so that the writer has to wait for the thread.
    void theWriterKeepsEveryLineInOrder()
    {
        const TempFolder folder;
        const std::string padding(200, 'x');
        constexpr int count = 50000;
        {
            LogWriter writer(folder / "events", folder / "layers");
            for (int i = 0; i < count; ++i) {
                writer.append(LogWriter::Log::Events,
                              "{\"i\":" + std::to_string(i) + ",\"p\":\"" + padding + "\"}");
                if (i % 100 == 0)
                    writer.append(LogWriter::Log::Layers, "{\"i\":" + std::to_string(i) + "}");
            }
            const LogWriter::Offsets offsets = writer.flush();
            QCOMPARE(offsets.events, std::int64_t(std::filesystem::file_size(folder / "events")));
            QCOMPARE(offsets.layers, std::int64_t(std::filesystem::file_size(folder / "layers")));
            writer.append(LogWriter::Log::Events, "{\"i\":50000}"); // left to the destructor
        }
        const std::vector<Json> lines = readLines(folder / "events");
        QCOMPARE(lines.size(), std::size_t(count + 1));
        for (int i = 0; i <= count; ++i)
            QCOMPARE(lines[std::size_t(i)].at("i").get<int>(), i);
        QCOMPARE(readLines(folder / "layers").size(), std::size_t(count / 100));
    }

    void aFolderThatIsNotThereIsNamed()
    {
        const QString text = errorText([] { EventLog("/nowhere/at/all/events.jsonl"); });
        VERIFY_CONTAINS(text, "/nowhere/at/all/events.jsonl");
        VERIFY_CONTAINS(text, "No such file");
    }
};

QTEST_GUILESS_MAIN(TestEventLog)
#include "tst_event_log.moc"
