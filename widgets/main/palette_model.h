#pragma once

#include <QAbstractListModel>

#include <functional>
#include <vector>

namespace stair {

/// One line of the command palette.
struct PaletteEntry
{
    QString text;
    QString place; // "View, Layout": where a menu has it
    QString keys;
    bool enabled = true;
    std::function<void()> run;
};

/// The entries that answer what was typed, the best first; those of equal rank, and all when nothing
/// was typed, in the order given.
class PaletteModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role
    {
        PlaceRole = Qt::UserRole + 1,
        KeysRole
    };

    using QAbstractListModel::QAbstractListModel;

    void setEntries(std::vector<PaletteEntry> entries);
    void setTyped(const QString& typed);
    const PaletteEntry* entry(const QModelIndex& index) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    std::vector<PaletteEntry> m_entries;
    std::vector<std::size_t> m_shown;
};

} // namespace stair
