#pragma once

#include "core/base/json.h"

#include <QObject>
#include <QProcess>

namespace stair {

/// One call of the program `stair` in the background, at a low priority: for what takes longer than
/// a glance (exports, proofs, sensitivity). Signals come in the thread that owns it.
class StairJob : public QObject
{
    Q_OBJECT

public:
    struct Outcome
    {
        int code = -1; // the program's exit code; -1: it could not start, or died
        bool isCancelled = false;
        Json document; // its result; null when there is none
        QString complaint; // what it said when it failed: one line
    };

    /// `program`: the `stair` binary.
    explicit StairJob(QString program, QObject* parent = nullptr);

    /// Ends a call that still runs, without a signal.
    ~StairJob() override;

    /// Calls it with these arguments and --json. One call at a time.
    void start(const QStringList& arguments);
    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }

    /// Asks it to end; finished() comes when it has.
    void cancel();

signals:
    void said(const QString& line); // progress
    void finished(const stair::StairJob::Outcome& outcome);

private:
    void readNotes();
    void finish(int code);

    QString m_program;
    QProcess m_process;
    QByteArray m_note; // the line that is being written
    QString m_lastLine;
    bool m_isCancelled = false;
};

} // namespace stair
