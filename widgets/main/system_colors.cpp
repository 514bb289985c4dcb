#include "widgets/main/system_colors.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

namespace stair {

namespace {

const QString service = QStringLiteral("org.freedesktop.portal.Desktop");
const QString path = QStringLiteral("/org/freedesktop/portal/desktop");
const QString interface = QStringLiteral("org.freedesktop.portal.Settings");
const QString space = QStringLiteral("org.freedesktop.appearance");
const QString key = QStringLiteral("color-scheme");

} // namespace

SystemColors::SystemColors(QObject* parent)
    : QObject(parent)
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    bus.connect(service, path, interface, QStringLiteral("SettingChanged"), this,
                SLOT(onSettingChanged(QString, QString, QDBusVariant)));
    QDBusMessage read
        = QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
    read << space << key;
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(read), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (!reply.isError())
            take(reply.value().variant());
        watcher->deleteLater();
    });
}

SystemColors::Preference SystemColors::fromPortal(uint value)
{
    return value == 1 ? Preference::Dark : value == 2 ? Preference::Light : Preference::None;
}

void SystemColors::onSettingChanged(const QString& changedSpace, const QString& changedKey,
                                    const QDBusVariant& value)
{
    if (changedSpace == space && changedKey == key)
        take(value.variant());
}

/// Read wraps the number twice, the signal once.
void SystemColors::take(const QVariant& value)
{
    if (value.userType() == qMetaTypeId<QDBusVariant>()) {
        take(value.value<QDBusVariant>().variant());
        return;
    }
    const Preference preference = fromPortal(value.toUInt());
    if (preference == m_preference)
        return;
    m_preference = preference;
    emit changed();
}

} // namespace stair
