#include "core/session/event_tail.h"

#include <QStringList>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace stair;
using namespace std::chrono_literals;

class TestEventTail : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_home;
    std::filesystem::path m_file;

    void append(const char* text) const { std::ofstream(m_file, std::ios::app) << text; }

    /// What a poll says: the lines joined by blanks, "<" for a restart.
    static QString polled(EventTail& tail, std::chrono::milliseconds budget = 1s)
    {
        QStringList said;
        tail.poll({.restart = [&] { said += QStringLiteral("<"); },
                   .line =
                       [&](std::string_view line) {
                           said += QString::fromUtf8(line.data(), qsizetype(line.size()));
                       }},
                  budget);
        return said.join(QLatin1Char(' '));
    }

private slots:
    void init()
    {
        m_file = m_home.filePath(QStringLiteral("events")).toStdString();
        std::filesystem::remove(m_file);
    }

    void linesComeOnceAndWhole()
    {
        EventTail tail(m_file);
        QCOMPARE(polled(tail), QString());
        append("a\nb\nc");
        QCOMPARE(polled(tail), QStringLiteral("a b"));
        QCOMPARE(polled(tail), QString());
        append("d\ne\n");
        QCOMPARE(polled(tail), QStringLiteral("cd e"));
    }

    void aCutFileIsReadAgain()
    {
        EventTail tail(m_file);
        append("first\nsecond\nthird\n");
        polled(tail);
        std::filesystem::resize_file(m_file, 6);
        QCOMPARE(polled(tail), QStringLiteral("< first"));
        append("other\n");
        QCOMPARE(polled(tail), QStringLiteral("other"));
    }

    void aCutFileThatGrewAgainIsReadAgain()
    {
        EventTail tail(m_file);
        append("first\nsecond\n");
        polled(tail);
        std::filesystem::resize_file(m_file, 6);
        append("another that is longer\n");
        QCOMPARE(polled(tail), QStringLiteral("< first another that is longer"));
    }

    void rewindBeginsAgain()
    {
        EventTail tail(m_file);
        append("a\n");
        polled(tail);
        tail.rewind();
        QCOMPARE(polled(tail), QStringLiteral("a"));
    }

    void aLongFileComesInPieces()
    {
        const std::string line(999, 'x');
        for (int i = 0; i < 1000; ++i)
            append((line + "\n").c_str());
        EventTail tail(m_file);
        int lines = 0;
        int polls = 1;
        const EventTail::Sink sink = {.restart = [] {},
                                      .line =
                                          [&](std::string_view) {
                                              ++lines;
                                          }};
        while (tail.poll(sink, 0ms))
            ++polls;
        QCOMPARE(lines, 1000);
        QVERIFY(polls > 5);
        QCOMPARE(tail.position(), std::uint64_t(1000 * 1000));
    }
};

QTEST_GUILESS_MAIN(TestEventTail)
#include "tst_event_tail.moc"
