#pragma once

#include "core/base/json.h"

#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QTimer>

#include <optional>

namespace stair {

/// A `stair` process that stays and answers one JSON request a line (`stair inspect --serve`), at a low
/// priority. It is started by the first request and ended when nothing has been asked for a while.
class StairTalk : public QObject
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary.
    explicit StairTalk(QString program, QObject* parent = nullptr);
    ~StairTalk() override; // ends the process

    /// Whom the next requests go to. Another than before ends the process and what it was asked.
    void setArguments(const QStringList& arguments);

    /// A request that waits behind one in work is replaced by a later one.
    void ask(const Json& request);

    /// From ask() to answered() or failed().
    bool isBusy() const { return m_isAsked || m_waiting; }

    /// Ends the process and forgets what it was asked; the next request starts another.
    void cancel();

signals:
    void answered(const stair::Json& answer); // the newest request's
    void failed(const QString& why); // one line

private:
    void start();
    void send();
    void readAnswers();
    void readNotes();
    void onEnd();
    void end();

    QString m_program;
    QStringList m_arguments;
    QPointer<QProcess> m_process;
    QByteArray m_answer; // the line that is being read
    QByteArray m_notes;
    std::optional<Json> m_waiting;
    bool m_isAsked = false; // the process has a request in work
    QTimer m_idle;
};

} // namespace stair
