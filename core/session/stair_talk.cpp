#include "core/session/stair_talk.h"

#include <unistd.h>

#include <chrono>

namespace stair {

using namespace std::chrono_literals;

namespace {

constexpr int niceness = 5; // below the window's own and a training's
constexpr int patience = 2000; // ms that the process may take to end when its owner goes
constexpr auto idleTime = 120s; // it holds a data set and two networks in memory

} // namespace

StairTalk::StairTalk(QString program, QObject* parent)
    : QObject(parent)
    , m_program(std::move(program))
{
    m_idle.setSingleShot(true);
    m_idle.setInterval(idleTime);
    connect(&m_idle, &QTimer::timeout, this, &StairTalk::end);
}

StairTalk::~StairTalk()
{
    if (!m_process)
        return;
    m_process->disconnect(this);
    m_process->terminate();
    if (!m_process->waitForFinished(patience)) {
        m_process->kill();
        m_process->waitForFinished(patience);
    }
}

void StairTalk::setArguments(const QStringList& arguments)
{
    if (arguments == m_arguments)
        return;
    cancel();
    m_arguments = arguments;
}

void StairTalk::ask(const Json& request)
{
    m_waiting = request;
    if (m_isAsked)
        return;
    if (!m_process)
        start();
    if (m_process && m_waiting) // else it could not be started, and failed() has told
        send();
}

void StairTalk::cancel()
{
    m_waiting.reset();
    end();
}

void StairTalk::start()
{
    m_answer.clear();
    m_notes.clear();
    auto* process = new QProcess(this);
    m_process = process;
    process->setChildProcessModifier([] { [[maybe_unused]] const int now = ::nice(niceness); });
    connect(process, &QProcess::readyReadStandardOutput, this, &StairTalk::readAnswers);
    connect(process, &QProcess::readyReadStandardError, this, &StairTalk::readNotes);
    connect(process, &QProcess::finished, this, &StairTalk::onEnd);
    connect(process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            onEnd();
    });
    process->start(m_program, m_arguments);
}

void StairTalk::send()
{
    m_idle.stop();
    m_isAsked = true;
    m_process->write(QByteArray::fromStdString(m_waiting->dump()) + '\n');
    m_waiting.reset();
}

void StairTalk::readAnswers()
{
    m_answer += m_process->readAllStandardOutput();
    const qsizetype last = m_answer.indexOf('\n');
    if (last < 0)
        return;
    const Json answer = Json::parse(m_answer.first(last).toStdString(), nullptr, false);
    m_answer.remove(0, last + 1);
    m_isAsked = false;
    if (m_waiting) { // the answer is no longer wanted
        send();
        return;
    }
    m_idle.start();
    if (answer.is_discarded() || !answer.is_object())
        emit failed(tr("The answer of %1 cannot be read").arg(m_program));
    else if (answer.contains("error"))
        emit failed(QString::fromStdString(answer.at("error").get<std::string>()));
    else
        emit answered(answer);
}

void StairTalk::readNotes()
{
    m_notes += m_process->readAllStandardError();
}

/// It ended by itself: what it was asked fails with its last words.
void StairTalk::onEnd()
{
    readNotes();
    QString why = QString::fromUtf8(m_notes).trimmed().section(QLatin1Char('\n'), -1);
    if (why.startsWith(QStringLiteral("stair: ")))
        why.remove(0, 7);
    if (why.isEmpty())
        why = tr("%1 ended: %2").arg(m_program, m_process->errorString());
    const bool wasAsked = isBusy();
    m_waiting.reset();
    end();
    if (wasAsked)
        emit failed(why);
}

void StairTalk::end()
{
    m_isAsked = false;
    m_idle.stop();
    QProcess* process = m_process;
    m_process = nullptr;
    if (!process)
        return;
    process->disconnect(this);
    if (process->state() == QProcess::NotRunning) {
        process->deleteLater();
        return;
    }
    connect(process, &QProcess::finished, process, &QObject::deleteLater);
    process->terminate();
}

} // namespace stair
