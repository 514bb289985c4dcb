#pragma once

#include <QObject>

class QDBusVariant;

namespace stair {

/// What the desktop says of light and dark, through the freedesktop portal's setting
/// org.freedesktop.appearance color-scheme. Without a session bus, or a portal, it says nothing.
class SystemColors : public QObject
{
    Q_OBJECT

public:
    enum class Preference
    {
        None,
        Dark,
        Light
    };

    explicit SystemColors(QObject* parent = nullptr);

    Preference preference() const { return m_preference; }

    /// From the portal's number: 1 is dark, 2 light, all else none.
    static Preference fromPortal(uint value);

signals:
    void changed();

private slots:
    void onSettingChanged(const QString& space, const QString& key, const QDBusVariant& value);

private:
    void take(const QVariant& value);

    Preference m_preference = Preference::None;
};

} // namespace stair
