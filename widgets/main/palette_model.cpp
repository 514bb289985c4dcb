#include "widgets/main/palette_model.h"

#include "widgets/main/fuzzy.h"

#include <algorithm>

namespace stair {

void PaletteModel::setEntries(std::vector<PaletteEntry> entries)
{
    beginResetModel();
    m_entries = std::move(entries);
    m_shown.resize(m_entries.size());
    for (std::size_t i = 0; i < m_shown.size(); ++i)
        m_shown[i] = i;
    endResetModel();
}

/// The text alone counts most; the menu's name helps to find the rest.
void PaletteModel::setTyped(const QString& typed)
{
    std::vector<std::pair<int, std::size_t>> found;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const PaletteEntry& entry = m_entries[i];
        const int own = fuzzyScore(typed, entry.text);
        const int placed = fuzzyScore(typed, entry.place + QLatin1Char(' ') + entry.text);
        const int score = std::max(own, placed < 0 ? placed : placed / 2);
        if (score >= 0 || typed.trimmed().isEmpty())
            found.emplace_back(score, i);
    }
    std::ranges::stable_sort(found, std::ranges::greater(),
                             [](const auto& pair) { return pair.first; });
    beginResetModel();
    m_shown.clear();
    for (const auto& [score, i] : found)
        m_shown.push_back(i);
    endResetModel();
}

const PaletteEntry* PaletteModel::entry(const QModelIndex& index) const
{
    const auto row = std::size_t(index.row());
    return index.isValid() && row < m_shown.size() ? &m_entries[m_shown[row]] : nullptr;
}

int PaletteModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_shown.size());
}

QVariant PaletteModel::data(const QModelIndex& index, int role) const
{
    const PaletteEntry* row = entry(index);
    if (!row)
        return {};
    if (role == Qt::DisplayRole)
        return row->text;
    if (role == PlaceRole)
        return row->place;
    if (role == KeysRole)
        return row->keys;
    return {};
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex& index) const
{
    const PaletteEntry* row = entry(index);
    if (row && !row->enabled)
        return Qt::NoItemFlags;
    return QAbstractListModel::flags(index);
}

} // namespace stair
