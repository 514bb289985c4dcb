#pragma once

#include "core/analysis/seed_statistics.h"
#include "widgets/models/race.h"

#include <QAbstractTableModel>

#include <map>

namespace stair {

/// How far the seeds' mean is given.
enum class RaceSpread
{
    Interval95, // Student's, of the mean
    Deviation // of one seed
};

/// What a lane has reached, over its seeds.
struct RaceStanding
{
    int rank = 0; // from 1; 0: no accuracy yet. Equal means share a rank
    SeedStatistics hard; // accuracy by the shipped program, a share
    std::optional<SeedStatistics> blended; // with training's soft values
    bool isProved = false; // every layer ran on integers, in all its runs
    double seconds = -1; // of training, the mean of its runs; negative: none has begun
    QString state; // "running (2 of 3)"
    QString parting; // since when its integers differ from the first lane's
    QString partingHelp;
    double partingStep = -1; // sorts; negative: not known
};

/// The scoreboard of a race: a lane a row, in the lanes' order, whatever the ranks.
class RaceModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Rank,
        Method,
        Accuracy,
        Spread,
        Blended,
        Time,
        Parting,
        State,
        Columns
    };
    static constexpr int SortRole = Qt::UserRole + 1;

    using QAbstractTableModel::QAbstractTableModel;

    /// The race to show; its runs stay until another is set.
    void setRace(const Race& race);
    const Race& race() const { return m_race; }

    /// Takes over what is new in its runs; cheap when nothing is.
    void refresh();
    void setSpread(RaceSpread spread);

    const std::vector<RaceStanding>& standings() const { return m_standings; }

    /// Who wins, or leads so far, by how much, and whether the seeds tell that from chance.
    QString verdict() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    /// What is known of where one run parts from the first lane's of the same seed.
    struct Compared
    {
        int generations[2] = {-1, -1};
        std::int64_t next = 1; // steps before it have been compared
        std::optional<WeightParting> found;
    };

    RaceStanding standingOf(std::size_t lane);
    void findParting(std::size_t lane, RaceStanding& standing);
    std::optional<WeightParting> partingOf(std::size_t lane, std::size_t seed);
    QString text(const RaceStanding& standing, std::size_t lane, int column) const;
    QVariant sortValue(const RaceStanding& standing, std::size_t lane, int column) const;

    Race m_race;
    std::vector<RaceStanding> m_standings;
    std::map<std::pair<std::size_t, std::size_t>, Compared> m_compared; // by lane and seed
    RaceSpread m_spread = RaceSpread::Interval95;
};

} // namespace stair
