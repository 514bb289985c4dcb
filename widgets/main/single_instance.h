#pragma once

#include <QLocalServer>
#include <QLockFile>
#include <QStringList>

#include <filesystem>
#include <optional>

namespace stair {

/// One window to a workspace: the first program to come holds it, a later one hands its arguments
/// over. Known under a name made from the workspace's path, in the user's runtime folder: a socket
/// in the workspace itself could have too long a path, or lie on a file system that takes none.
class SingleInstance : public QObject
{
    Q_OBJECT

public:
    explicit SingleInstance(const std::filesystem::path& workspace, QObject* parent = nullptr);

    /// Whether this program holds the workspace; tried once, in the constructor.
    bool isFirst() const { return m_isFirst; }

    /// Hands the paths to the program that holds the workspace; false when it does not answer
    /// within `patience` milliseconds.
    bool handOver(const QStringList& paths, int patience = 3000) const;

signals:
    /// Another program was started for this workspace, with these paths.
    void handedOver(const QStringList& paths);

private:
    void receive();

    QString m_name;
    QLockFile m_lock;
    QLocalServer m_server;
    bool m_isFirst = false;
};

} // namespace stair
