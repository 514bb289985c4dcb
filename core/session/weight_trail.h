#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stair {

/// Where two runs' integer weights first differ.
struct WeightParting
{
    std::int64_t step = 0; // began with other integers; 1: they differ from the start
    std::string layer; // the first of those that differ, in the network's order
    int layers = 0; // how many differ there

    bool operator==(const WeightParting&) const = default;
};

/// The hashes of a run's integer weights, step by step, from its step events ("weights", written
/// where the spec's statistics.weight_hashes asks for them).
class WeightTrail
{
public:
    /// Takes over a step event, in order; one without hashes is left out.
    void add(const Json& event);
    void clear();

    std::size_t size() const { return m_records.size(); } // events with hashes
    std::int64_t lastStep() const { return m_records.empty() ? 0 : m_records.back().step; }

    /// The first step from `from` on that both have and at whose begin any layer's integers differ;
    /// a layer that only one of them has as integers counts as different.
    friend std::optional<WeightParting> firstParting(const WeightTrail& a, const WeightTrail& b,
                                                     std::int64_t from);

private:
    struct Record
    {
        std::int64_t step = 0;
        std::size_t layers = 0; // into m_layers
        std::vector<std::uint64_t> hashes;
    };

    static std::optional<WeightParting> parting(const WeightTrail& a, const Record& x,
                                                const WeightTrail& b, const Record& y);

    std::vector<std::vector<std::string>> m_layers; // changes seldom: with the quantization alone
    std::vector<Record> m_records;
};

std::optional<WeightParting> firstParting(const WeightTrail& a, const WeightTrail& b,
                                          std::int64_t from = 1);

} // namespace stair
