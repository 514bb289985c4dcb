#include "core/session/line_reader.h"
#include "core/session/resume.h"
#include "core/session/run_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_run.h"

#include <QTest>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sys/mount.h>

using namespace stair;

namespace fs = std::filesystem;

namespace {

/// A file system of its own with little room; only where this user may mount one.
class SmallDisk
{
public:
    SmallDisk()
        : m_mounted(::mount("tmpfs", m_folder.path().c_str(), "tmpfs", 0, "size=256k") == 0)
        , m_why(m_mounted ? "" : std::strerror(errno))
    {
    }

    ~SmallDisk()
    {
        if (m_mounted)
            ::umount2(m_folder.path().c_str(), MNT_DETACH);
    }

    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool isMounted() const { return m_mounted; }
    const std::string& why() const { return m_why; }
    fs::path path() const { return m_folder.path(); }

    /// Leaves `left` bytes, a multiple of the page size.
    void fill(std::size_t left)
    {
        std::ofstream file(path() / "filler", std::ios::binary);
        const std::string piece(4096, 'x');
        while (fs::space(path()).available > left && file.write(piece.data(), 4096).flush()) { }
    }

private:
    TempFolder m_folder;
    bool m_mounted;
    std::string m_why;
};

StepReport stepReport(std::int64_t step)
{
    StepReport report;
    report.step = step;
    return report;
}

Checkpoint checkpointOf(std::int64_t step, int values)
{
    Checkpoint checkpoint;
    checkpoint.step = step;
    checkpoint.add("w", Tensor(Shape{1, 1, 1, values}));
    return checkpoint;
}

} // namespace

class TestFullDisk : public QObject
{
    Q_OBJECT

    std::optional<SmallDisk> m_disk;

private slots:
    void init()
    {
        m_disk.emplace();
        if (!m_disk->isMounted())
            QSKIP(("needs to mount a small file system: " + m_disk->why()).c_str());
    }

    void cleanup() { m_disk.reset(); }

    void noRunBeginsThere()
    {
        m_disk->fill(4096);
        const QString text = errorText([&] { makeRun(m_disk->path() / "runs/a"); });
        VERIFY_CONTAINS(text, "No space left");
        QVERIFY(!fs::exists(m_disk->path() / "runs"));
    }

    void theLogEndsWithAWholeLine()
    {
        const RunFolder run = makeRun(m_disk->path() / "run");
        m_disk->fill(16384);
        const QString text = errorText([&] {
            RunWriter writer(run);
            for (int step = 1; step < 100000; ++step)
                writer.onStep(stepReport(step));
            writer.finished(100000);
        });
        VERIFY_CONTAINS(text, "events.jsonl");
        VERIFY_CONTAINS(text, "No space left");
        const std::string log = readFile(run.eventsFile());
        QVERIFY(log.ends_with("}\n"));
        const std::vector<Json> lines = readLines(run.eventsFile());
        for (std::size_t i = 0; i < lines.size(); ++i)
            QCOMPARE(lines[i].at("step").get<std::size_t>(), i + 1);
        QVERIFY(lines.size() > 10);
    }

    void theCheckpointBeforeIsStillWhole()
    {
        const RunFolder run = makeRun(m_disk->path() / "run");
        RunWriter writer(run);
        writer.started(0, 10, false);
        writer.onCheckpoint(checkpointOf(1, 5000), false); // 20 kB
        m_disk->fill(16384);
        const QString text = errorText([&] { writer.onCheckpoint(checkpointOf(2, 5000), false); });
        VERIFY_CONTAINS(text, "step-00000002.safetensors");
        VERIFY_CONTAINS(text, "No space left");
        QCOMPARE(Checkpoint::read(run.checkpointFile("last")).step, 1);
        QCOMPARE(std::distance(fs::directory_iterator(run.checkpointFolder()), {}), 1);
        writer.failed(2, text.toStdString()); // there is room for that much
        fs::remove(m_disk->path() / "filler");
        QCOMPARE(findResumePoint(run).step(), 1);
    }
};

QTEST_GUILESS_MAIN(TestFullDisk)
#include "tst_full_disk.moc"
