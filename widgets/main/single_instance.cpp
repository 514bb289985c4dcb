#include "widgets/main/single_instance.h"

#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QStandardPaths>
#include <QThread>

#include <algorithm>

namespace stair {

namespace {

constexpr const char* answer = "taken\n";

QString nameFor(const std::filesystem::path& workspace)
{
    std::error_code failure;
    const std::filesystem::path real = std::filesystem::weakly_canonical(workspace, failure);
    const std::string path = (failure ? workspace : real).string();
    const QByteArray hash
        = QCryptographicHash::hash(QByteArray::fromStdString(path), QCryptographicHash::Sha1)
              .toHex()
              .left(16);
    QString folder = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    if (folder.isEmpty())
        folder = QDir::tempPath();
    return folder + QStringLiteral("/staircase-") + QString::fromLatin1(hash);
}

} // namespace

SingleInstance::SingleInstance(const std::filesystem::path& workspace, QObject* parent)
    : QObject(parent)
    , m_name(nameFor(workspace))
    , m_lock(m_name + QStringLiteral(".lock"))
{
    m_lock.setStaleLockTime(0); // a lock is stale when its process is gone, not by age
    m_isFirst = m_lock.tryLock(0);
    if (!m_isFirst)
        return;
    QLocalServer::removeServer(m_name); // of a program that crashed
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &SingleInstance::receive);
    m_server.listen(m_name);
}

bool SingleInstance::handOver(const QStringList& paths, int patience) const
{
    QElapsedTimer since;
    since.start();
    QLocalSocket socket;
    do { // the first may hold the lock and not listen yet
        socket.connectToServer(m_name);
        if (socket.waitForConnected(100))
            break;
        QThread::msleep(20);
    } while (since.elapsed() < patience);
    if (socket.state() != QLocalSocket::ConnectedState)
        return false;
    socket.write(QJsonDocument(QJsonArray::fromStringList(paths)).toJson(QJsonDocument::Compact)
                 + '\n');
    const auto left = [&] {
        return std::max(1, patience - int(since.elapsed()));
    };
    while (!socket.canReadLine()) {
        if (!socket.waitForReadyRead(left()))
            return false;
    }
    return socket.readLine() == answer;
}

void SingleInstance::receive()
{
    while (QLocalSocket* socket = m_server.nextPendingConnection()) {
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
        const auto read = [this, socket] {
            if (!socket->canReadLine())
                return;
            QStringList paths;
            for (const QJsonValue& path : QJsonDocument::fromJson(socket->readLine()).array())
                paths += path.toString();
            socket->write(answer);
            socket->flush();
            emit handedOver(paths);
        };
        connect(socket, &QLocalSocket::readyRead, this, read);
        read();
    }
}

} // namespace stair
