#include "widgets/models/bits_map_model.h"

#include "core/analysis/rank_correlation.h"
#include "core/base/error.h"
#include "widgets/models/layer_table_model.h"
#include "widgets/models/run_text.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr double leastScale = 1; // point of accuracy: smaller maps are not blown up

std::optional<double> number(const Json& json, const char* pointer)
{
    const Json::json_pointer place(pointer);
    return json.contains(place) && json.at(place).is_number()
        ? std::optional(json.at(place).get<double>())
        : std::nullopt;
}

bool holds(const Json& object, const char* key, bool (Json::*isKind)() const noexcept)
{
    const auto entry = object.find(key);
    return entry != object.end() && ((*entry).*isKind)();
}

/// Whether all is there that the table shows of it.
bool isHeader(const Json& json)
{
    if (!holds(json, "split", &Json::is_string) || !holds(json, "images", &Json::is_number_integer)
        || !holds(json, "widths", &Json::is_array) || !holds(json, "layers", &Json::is_array))
        return false;
    bool isWhole = true;
    for (const Json& bits : json.at("widths"))
        isWhole = isWhole && bits.is_number_integer();
    for (const Json& layer : json.at("layers"))
        isWhole = isWhole && holds(layer, "name", &Json::is_string)
            && holds(layer, "weights", &Json::is_number_integer)
            && holds(layer, "activations", &Json::is_number_integer);
    return isWhole;
}

/// Whether it says which cell it is.
bool isCell(const Json& json)
{
    return holds(json, "mode", &Json::is_string) && holds(json, "layer", &Json::is_string)
        && holds(json, "bits", &Json::is_number_integer);
}

} // namespace

BitsMapModel::BitsMapModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void BitsMapModel::setRun(const std::filesystem::path& folder)
{
    if (folder == m_folder)
        return;
    m_folder = folder;
    forget();
    m_tail.reset();
    if (!folder.empty())
        m_tail.emplace(folder / "sensitivity.jsonl");
}

void BitsMapModel::forget()
{
    beginResetModel();
    m_header = Json();
    m_base.reset();
    m_cells.clear();
    m_proposed.clear();
    endResetModel();
    emit changed();
}

bool BitsMapModel::poll(std::chrono::milliseconds budget)
{
    if (!m_tail)
        return false;
    bool isNew = false;
    const EventTail::Sink sink{.restart = [this] { forget(); },
                               .line =
                                   [&](std::string_view line) {
                                       take(line);
                                       isNew = true;
                                   }};
    m_tail->poll(sink, budget);
    if (isNew) {
        allChanged();
        emit changed();
    }
    return isNew;
}

void BitsMapModel::take(std::string_view line)
{
    const Json json = Json::parse(line, nullptr, false);
    if (!holds(json, "event", &Json::is_string)) // a damaged line costs itself alone
        return;
    const std::string event = json.at("event").get<std::string>();
    if (event == "sensitivity" && isHeader(json)) {
        beginResetModel();
        m_header = json;
        endResetModel();
    } else if (event == "base") {
        m_base = number(json, "/top1");
    } else if (event == "cell" && isCell(json)) {
        m_cells.push_back(json);
    }
}

void BitsMapModel::setMode(const std::string& mode)
{
    m_mode = mode;
    allChanged();
    emit changed();
}

void BitsMapModel::show(Shown shown)
{
    m_shown = shown;
    allChanged();
    emit changed();
}

void BitsMapModel::allChanged()
{
    if (rowCount() > 0)
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

std::string BitsMapModel::split() const
{
    return m_header.is_null() ? std::string() : m_header.at("split").get<std::string>();
}

int BitsMapModel::cells() const
{
    return rowCount() * (columnCount() - firstWidth);
}

int BitsMapModel::measured() const
{
    return int(std::ranges::count_if(
        m_cells, [this](const Json& cell) { return cell.value("mode", "") == m_mode; }));
}

std::optional<double> BitsMapModel::correlation() const
{
    std::vector<double> drops, proxies;
    for (const Json& cell : m_cells) {
        const auto drop = value(cell, Shown::Drop), proxy = value(cell, m_shown);
        if (cell.value("mode", "") != m_mode || !drop || !proxy)
            continue;
        drops.push_back(*drop);
        proxies.push_back(*proxy);
    }
    const double rho = rankCorrelation(drops, proxies);
    return m_shown == Shown::Drop || !std::isfinite(rho) ? std::nullopt : std::optional(rho);
}

std::optional<MeasuredMap> BitsMapModel::wholeMap() const
{
    const int whole = cells();
    if (whole == 0 || int(m_cells.size()) < whole)
        return std::nullopt;
    std::vector<Json> lines = {m_header};
    lines.insert(lines.end(), m_cells.begin(), m_cells.end());
    try {
        const MeasuredMap map = measuredMap(lines);
        return map.missing == 0 ? std::optional(map) : std::nullopt;
    } catch (const Error&) { // of another mode, or another version of the program
        return std::nullopt;
    }
}

void BitsMapModel::setProposed(const std::map<std::string, int>& widths)
{
    m_proposed = widths;
    allChanged();
}

bool BitsMapModel::isProposed(const QModelIndex& index) const
{
    const Json& layer = m_header.at("layers").at(std::size_t(index.row()));
    const auto found = m_proposed.find(layer.at("name").get<std::string>());
    if (found == m_proposed.end() || index.column() == layerColumn)
        return false;
    if (index.column() == widthsColumn)
        return found->second == 0;
    return m_header.at("widths").at(std::size_t(index.column() - firstWidth)) == found->second;
}

int BitsMapModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || m_header.is_null() ? 0 : int(m_header.at("layers").size());
}

int BitsMapModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() || m_header.is_null() ? 0
                                                  : firstWidth + int(m_header.at("widths").size());
}

const Json* BitsMapModel::cell(const QModelIndex& index) const
{
    if (index.column() < firstWidth)
        return nullptr;
    const std::string layer
        = m_header.at("layers").at(std::size_t(index.row())).at("name").get<std::string>();
    const int bits = m_header.at("widths").at(std::size_t(index.column() - firstWidth)).get<int>();
    const auto found = std::ranges::find_if(m_cells, [&](const Json& cell) {
        return cell.value("mode", "") == m_mode && cell.value("bits", 0) == bits
            && cell.value("layer", "") == layer;
    });
    return found == m_cells.end() ? nullptr : &*found;
}

std::optional<double> BitsMapModel::value(const Json& cell, Shown shown) const
{
    switch (shown) {
    case Shown::WeightSqnr:
        return number(cell, "/weights/sqnr_db");
    case Shown::ActivationSqnr:
        return number(cell, "/activations/sqnr_db");
    case Shown::Fit:
        return number(cell, "/fit");
    case Shown::Drop:
        break;
    }
    const auto drop = number(cell, "/drop");
    return drop ? std::optional(100 * *drop) : std::nullopt;
}

QString BitsMapModel::text(const QModelIndex& index) const
{
    const Json& layer = m_header.at("layers").at(std::size_t(index.row()));
    if (index.column() == layerColumn)
        return QString::fromStdString(layer.at("name").get<std::string>());
    if (index.column() == widthsColumn)
        return QStringLiteral("W%1 A%2").arg(widthText(layer.at("weights").get<int>()),
                                             widthText(layer.at("activations").get<int>()));
    const Json* found = cell(index);
    const auto shown = found ? value(*found, m_shown) : std::nullopt;
    if (!shown)
        return found ? QStringLiteral("–") : QString();
    if (m_shown == Shown::Fit)
        return QString::number(*shown, 'g', 3);
    // What is lost is told as a change: −2.1 points.
    const double told = m_shown == Shown::Drop ? -*shown : *shown;
    return QString::number(told, 'f', 1).replace(QLatin1Char('-'), QChar(0x2212));
}

QString BitsMapModel::toolTip(const QModelIndex& index) const
{
    const Json* found = cell(index);
    const QString mark = isProposed(index) ? tr("Proposed for the size budget") : QString();
    if (!found)
        return mark.isEmpty() ? text(index) : text(index) + QLatin1Char('\n') + mark;
    QStringList lines;
    lines += tr("%1 at %2 bits: top-1 %3, computed by %4")
                 .arg(this->index(index.row(), layerColumn).data().toString())
                 .arg(found->value("bits", 0))
                 .arg(percentText(number(*found, "/top1").value_or(0)),
                      holds(*found, "proved", &Json::is_boolean) && found->at("proved").get<bool>()
                          ? tr("integers")
                          : tr("integers and floats"));
    for (const auto& [shown, name] :
         {std::pair(Shown::WeightSqnr, tr("SQNR of the weights, dB")),
          std::pair(Shown::ActivationSqnr, tr("SQNR of the input, dB")),
          std::pair(Shown::Fit, tr("FIT: Fisher trace × mean squared error"))})
        if (const auto proxy = value(*found, shown))
            lines += QStringLiteral("%1: %2").arg(name).arg(*proxy, 0, 'g', 4);
    if (!mark.isEmpty())
        lines += mark;
    return lines.join(QLatin1Char('\n'));
}

/// From the accuracy lost, whatever is shown: the worst cell of the mode is 1.
QVariant BitsMapModel::heat(const QModelIndex& index) const
{
    const Json* found = cell(index);
    if (!found)
        return {};
    double worst = leastScale;
    for (const Json& cell : m_cells)
        if (cell.value("mode", "") == m_mode)
            worst = std::max(worst, value(cell, Shown::Drop).value_or(0));
    return std::clamp(value(*found, Shown::Drop).value_or(0) / worst, 0.0, 1.0);
}

QVariant BitsMapModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(index);
    case Qt::ToolTipRole:
        return toolTip(index);
    case Qt::TextAlignmentRole:
        return index.column() >= firstWidth ? int(Qt::AlignRight | Qt::AlignVCenter)
                                            : int(Qt::AlignLeft | Qt::AlignVCenter);
    case HeatRole:
        return index.column() >= firstWidth ? heat(index) : QVariant();
    case BitsRole:
        return index.column() >= firstWidth ? QVariant(
                   m_header.at("widths").at(std::size_t(index.column() - firstWidth)).get<int>())
                                            : QVariant();
    case LayerRole:
        return this->index(index.row(), layerColumn).data();
    case ProposedRole:
        return isProposed(index);
    case Qt::AccessibleTextRole:
        return isProposed(index) ? tr("%1, proposed").arg(text(index)) : text(index);
    default:
        return {};
    }
}

QVariant BitsMapModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || m_header.is_null())
        return {};
    if (role == Qt::ToolTipRole && section == widthsColumn)
        return tr("Widths of weights and input in the run itself");
    if (role != Qt::DisplayRole)
        return {};
    if (section == layerColumn)
        return tr("Layer");
    if (section == widthsColumn)
        return tr("Now");
    const int bits = m_header.at("widths").at(std::size_t(section - firstWidth)).get<int>();
    return tr("%1 bits").arg(bits);
}

} // namespace stair
