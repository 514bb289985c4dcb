#pragma once

#include "core/base/json.h"
#include "core/session/event_tail.h"
#include "core/session/measured_map.h"

#include <QAbstractTableModel>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// The layers x bits map of a run as `stair sensitivity` writes it, filling in while it is measured:
/// a row a layer, a column a width.
class BitsMapModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    /// What the cells show. All but Drop are proxies that cost next to nothing.
    enum class Shown
    {
        Drop, // points of top-1 accuracy lost
        WeightSqnr, // dB
        ActivationSqnr, // dB
        Fit, // sum of Fisher trace * mean squared error
    };
    enum Role
    {
        HeatRole = Qt::UserRole + 1, // 0 (harmless) to 1 (worst of the map); invalid: not measured
        BitsRole, // of the cell's column
        LayerRole, // name of the cell's row
        ProposedRole, // whether the proposal has this width for this layer
    };
    static constexpr int layerColumn = 0;
    static constexpr int widthsColumn = 1; // what the run has
    static constexpr int firstWidth = 2;

    explicit BitsMapModel(QObject* parent = nullptr);

    /// Follows the map of the run in this folder from now on; an empty path: none.
    void setRun(const std::filesystem::path& folder);

    /// Reads what is new for at most about `budget`; true when anything changed.
    bool poll(std::chrono::milliseconds budget);

    /// "only", "weights", "activations" or "all-but".
    void setMode(const std::string& mode);
    void show(Shown shown);

    bool hasMap() const { return !m_header.is_null(); }
    int cells() const; // of the mode, in all
    int measured() const; // of them
    std::optional<double> baseTop1() const { return m_base; }
    int images() const { return m_header.is_null() ? 0 : m_header.at("images").get<int>(); }
    std::string split() const;

    /// Spearman's rank correlation between the accuracy lost and what is shown, over the mode's
    /// measured cells; absent with Drop, or when there are too few.
    std::optional<double> correlation() const;

    /// All of the mode "only", once every cell is there.
    std::optional<MeasuredMap> wholeMap() const;

    /// Marks a proposal: bits by layer, 0 for the width that it has now; empty: none.
    void setProposed(const std::map<std::string, int>& widths);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

signals:
    void changed(); // measured(), correlation() ...

private:
    void forget();
    void take(std::string_view line);
    const Json* cell(const QModelIndex& index) const; // null: not measured
    std::optional<double> value(const Json& cell, Shown shown) const;
    QString text(const QModelIndex& index) const;
    QString toolTip(const QModelIndex& index) const;
    QVariant heat(const QModelIndex& index) const;
    bool isProposed(const QModelIndex& index) const;
    void allChanged();

    std::filesystem::path m_folder;
    std::optional<EventTail> m_tail;
    Json m_header; // whole, or null: no map yet
    std::optional<double> m_base;
    std::vector<Json> m_cells; // of every mode
    std::string m_mode = "only";
    Shown m_shown = Shown::Drop;
    std::map<std::string, int> m_proposed;
};

} // namespace stair
