#include "core/session/stair_job.h"

#include <unistd.h>

namespace stair {

namespace {

constexpr int niceness = 5; // below the window's own and a training's
constexpr int patience = 2000; // ms that a call may take to end when its owner goes

} // namespace

StairJob::StairJob(QString program, QObject* parent)
    : QObject(parent)
    , m_program(std::move(program))
{
    m_process.setChildProcessModifier([] { [[maybe_unused]] const int now = ::nice(niceness); });
    connect(&m_process, &QProcess::readyReadStandardError, this, &StairJob::readNotes);
    connect(&m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        finish(status == QProcess::NormalExit ? code : -1);
    });
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            finish(-1);
    });
}

StairJob::~StairJob()
{
    m_process.disconnect(this);
    if (!isRunning())
        return;
    m_process.terminate();
    if (!m_process.waitForFinished(patience)) {
        m_process.kill();
        m_process.waitForFinished(patience);
    }
}

void StairJob::start(const QStringList& arguments)
{
    Q_ASSERT(!isRunning());
    m_note.clear();
    m_lastLine.clear();
    m_isCancelled = false;
    m_process.start(m_program, arguments + QStringList{QStringLiteral("--json")});
}

void StairJob::cancel()
{
    m_isCancelled = true;
    m_process.terminate();
}

void StairJob::readNotes()
{
    m_note += m_process.readAllStandardError();
    for (qsizetype end = m_note.indexOf('\n'); end >= 0; end = m_note.indexOf('\n')) {
        m_lastLine = QString::fromUtf8(m_note.first(end)).trimmed();
        m_note.remove(0, end + 1);
        if (!m_lastLine.isEmpty())
            emit said(m_lastLine);
    }
}

void StairJob::finish(int code)
{
    readNotes();
    Outcome outcome{.code = code, .isCancelled = m_isCancelled, .document = {}, .complaint = {}};
    const QByteArray result = m_process.readAllStandardOutput();
    outcome.document = Json::parse(result.toStdString(), nullptr, false);
    if (outcome.document.is_discarded())
        outcome.document = Json();
    if (code != 0 && !m_isCancelled) {
        outcome.complaint = m_lastLine.isEmpty() ? m_process.errorString() : m_lastLine;
        if (outcome.complaint.startsWith(QStringLiteral("stair: ")))
            outcome.complaint.remove(0, 7);
    }
    emit finished(outcome);
}

} // namespace stair
