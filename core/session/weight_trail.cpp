#include "core/session/weight_trail.h"

#include <algorithm>
#include <charconv>

namespace stair {

namespace {

std::uint64_t hashOf(const Json& value)
{
    std::uint64_t hash = 0;
    if (value.is_string()) {
        const std::string& digits = value.get_ref<const std::string&>();
        std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
    }
    return hash;
}

} // namespace

void WeightTrail::add(const Json& event)
{
    const auto weights = event.find("weights");
    const auto step = event.find("step");
    if (weights == event.end() || !weights->is_object() || step == event.end()
        || !step->is_number_integer())
        return;
    Record record{.step = step->get<std::int64_t>(), .layers = 0, .hashes = {}};
    std::vector<std::string> layers;
    for (const auto& [layer, hash] : weights->items()) {
        layers.push_back(layer);
        record.hashes.push_back(hashOf(hash));
    }
    if (m_layers.empty() || m_layers.back() != layers)
        m_layers.push_back(std::move(layers));
    record.layers = m_layers.size() - 1;
    m_records.push_back(std::move(record));
}

void WeightTrail::clear()
{
    m_layers.clear();
    m_records.clear();
}

std::optional<WeightParting> WeightTrail::parting(const WeightTrail& a, const Record& x,
                                                  const WeightTrail& b, const Record& y)
{
    const std::vector<std::string>& ours = a.m_layers[x.layers];
    const std::vector<std::string>& theirs = b.m_layers[y.layers];
    WeightParting found{.step = x.step, .layer = {}, .layers = 0};
    const auto count = [&found](const std::string& layer) {
        if (found.layers++ == 0)
            found.layer = layer;
    };
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const auto match = std::ranges::find(theirs, ours[i]);
        if (match == theirs.end() || x.hashes[i] != y.hashes[std::size_t(match - theirs.begin())])
            count(ours[i]);
    }
    for (const std::string& layer : theirs) {
        if (std::ranges::find(ours, layer) == ours.end())
            count(layer);
    }
    return found.layers > 0 ? std::optional(found) : std::nullopt;
}

std::optional<WeightParting> firstParting(const WeightTrail& a, const WeightTrail& b,
                                          std::int64_t from)
{
    const auto begin = [from](const WeightTrail& trail) {
        return std::ranges::lower_bound(trail.m_records, from, {}, &WeightTrail::Record::step);
    };
    auto x = begin(a), y = begin(b);
    while (x != a.m_records.end() && y != b.m_records.end()) {
        if (x->step != y->step) {
            x->step < y->step ? ++x : ++y;
            continue;
        }
        if (const auto found = WeightTrail::parting(a, *x, b, *y))
            return found;
        ++x;
        ++y;
    }
    return std::nullopt;
}

} // namespace stair
