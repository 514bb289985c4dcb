#include "widgets/models/race_model.h"

#include "widgets/models/race_text.h"
#include "widgets/models/run_text.h"
#include "widgets/plot/line_sample.h"
#include "widgets/plot/plot_theme.h"

#include <QGuiApplication>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

bool hasBegun(const RunLog* run)
{
    return run && run->progress().elapsed > 0;
}

/// Ranks by accuracy as shown, in tenths of a percent: equal ones share a rank.
void rank(std::vector<RaceStanding>& standings)
{
    const auto shown = [](const RaceStanding& s) {
        return s.hard.count > 0 ? std::llround(1000 * s.hard.mean) : -1;
    };
    for (RaceStanding& own : standings) {
        own.rank = 0;
        if (own.hard.count > 0)
            own.rank = 1 + int(std::ranges::count_if(standings, [&](const RaceStanding& other) {
                           return shown(other) > shown(own);
                       }));
    }
}

} // namespace

void RaceModel::setRace(const Race& race)
{
    beginResetModel();
    if (race.id != m_race.id || race.record != m_race.record)
        m_compared.clear();
    m_race = race;
    m_standings.assign(m_race.lanes.size(), {});
    endResetModel();
    refresh();
}

void RaceModel::setSpread(RaceSpread spread)
{
    m_spread = spread;
    if (rowCount() > 0)
        emit dataChanged(index(0, Spread), index(rowCount() - 1, Spread));
    emit headerDataChanged(Qt::Horizontal, Spread, Spread);
}

RaceStanding RaceModel::standingOf(std::size_t number)
{
    const RaceLane& lane = m_race.lanes[number];
    RaceStanding standing;
    std::vector<double> hard, blended;
    double seconds = 0;
    int begun = 0;
    standing.isProved = true;
    for (const RunLog* run : lane.runs) {
        if (hasBegun(run)) {
            seconds += run->progress().elapsed;
            ++begun;
        }
    }
    for (const std::optional<EvaluationPoint>& best : lane.reached()) {
        if (!best)
            continue;
        hard.push_back(best->test);
        if (best->blended)
            blended.push_back(*best->blended);
        standing.isProved = standing.isProved && best->proved;
    }
    standing.hard = seedStatistics(hard);
    standing.isProved = standing.isProved && !hard.empty();
    if (!blended.empty())
        standing.blended = seedStatistics(blended);
    if (begun > 0)
        standing.seconds = seconds / begun;
    standing.state = raceStateText(lane);
    findParting(number, standing);
    return standing;
}

std::optional<WeightParting> RaceModel::partingOf(std::size_t lane, std::size_t seed)
{
    const RunLog* first = m_race.lanes.front().runs[seed];
    const RunLog* own = m_race.lanes[lane].runs[seed];
    Compared& compared = m_compared[{lane, seed}];
    if (!first || !own)
        return std::nullopt;
    // A run that is not followed closely has no trail now; what was found of it still holds.
    const int now[2] = {first->generation(), own->generation()};
    const bool empty = first->weights().size() == 0 || own->weights().size() == 0;
    if (!empty && !std::ranges::equal(now, compared.generations)) {
        compared = {};
        std::ranges::copy(now, compared.generations);
    }
    if (compared.found || empty)
        return compared.found;
    const std::int64_t last = std::min(first->weights().lastStep(), own->weights().lastStep());
    if (last >= compared.next)
        compared.found = firstParting(first->weights(), own->weights(), compared.next);
    compared.next = last + 1;
    return compared.found;
}

void RaceModel::findParting(std::size_t number, RaceStanding& standing)
{
    std::optional<WeightParting> earliest;
    std::int64_t compared = 0;
    for (std::size_t seed = 0; seed < m_race.record.seeds.size(); ++seed) {
        const auto found = number == 0 ? std::nullopt : partingOf(number, seed);
        if (found && (!earliest || found->step < earliest->step))
            earliest = found;
        if (number > 0)
            compared = std::max(compared, m_compared[{number, seed}].next - 1);
    }
    const RacePartingText words = racePartingText(m_race, number, earliest, compared);
    standing.parting = words.text;
    standing.partingHelp = words.help;
    standing.partingStep = earliest ? double(earliest->step) : -1;
}

void RaceModel::refresh()
{
    if (m_race.lanes.empty())
        return;
    for (std::size_t lane = 0; lane < m_race.lanes.size(); ++lane)
        m_standings[lane] = standingOf(lane);
    rank(m_standings);
    emit dataChanged(index(0, 0), index(rowCount() - 1, Columns - 1));
}

QString RaceModel::verdict() const
{
    return raceVerdict(m_race, m_standings);
}

int RaceModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_race.lanes.size());
}

int RaceModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QString RaceModel::text(const RaceStanding& standing, std::size_t lane, int column) const
{
    switch (column) {
    case Rank:
        return standing.rank > 0 ? QString::number(standing.rank) : QStringLiteral("–");
    case Method:
        return m_race.lanes[lane].title;
    case Accuracy:
        return standing.hard.count > 0 ? percentText(standing.hard.mean) : QStringLiteral("–");
    case Spread:
        return raceSpreadText(standing.hard, m_spread);
    case Blended:
        return standing.blended ? percentText(standing.blended->mean) : QStringLiteral("–");
    case Time:
        return durationText(standing.seconds);
    case Parting:
        return standing.parting;
    case State:
        return standing.state;
    default:
        return {};
    }
}

/// What has no value comes last, whatever is first.
QVariant RaceModel::sortValue(const RaceStanding& standing, std::size_t lane, int column) const
{
    constexpr double last = 1e18;
    const double spread
        = m_spread == RaceSpread::Interval95 ? standing.hard.interval95 : standing.hard.deviation;
    switch (column) {
    case Rank:
        return standing.rank > 0 ? double(standing.rank) : last;
    case Accuracy:
        return standing.hard.count > 0 ? standing.hard.mean : -1.0;
    case Spread:
        return std::isfinite(spread) ? spread : last;
    case Blended:
        return standing.blended ? standing.blended->mean : -1.0;
    case Time:
        return standing.seconds;
    case Parting:
        return standing.partingStep;
    default:
        return text(standing, lane, column);
    }
}

QVariant RaceModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto lane = std::size_t(index.row());
    const RaceStanding& standing = m_standings[lane];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(standing, lane, column);
    case SortRole:
        return sortValue(standing, lane, column);
    case Qt::ToolTipRole:
        return column == Parting ? standing.partingHelp
            : column == Accuracy ? raceAccuracyHelp(standing)
                                 : text(standing, lane, column);
    case Qt::TextAlignmentRole: {
        const bool isNumber = column != Method && column != Parting && column != State;
        return int((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case Qt::DecorationRole: {
        if (column != Method)
            return {};
        const RunStyle& style = m_race.lanes[lane].style;
        return lineSample(PlotTheme::of(QGuiApplication::palette()).curve(style.hue),
                          PlotTheme::dash(style.dash), {48, 12}, qGuiApp->devicePixelRatio());
    }
    default:
        return {};
    }
}

QVariant RaceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns)
        return {};
    if (role == Qt::DisplayRole)
        return raceHeader(section, m_spread);
    if (role == Qt::ToolTipRole)
        return raceHeaderHelp(section, m_spread);
    return {};
}

} // namespace stair
