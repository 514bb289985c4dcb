#pragma once

#include "core/session/race_record.h"
#include "tests/widgets/support/acted_run.h"
#include "tests/widgets/support/window_test.h"
#include "widgets/models/race.h"

namespace stair {

/// A race whose runs a test writes: one for each method and seed, numbered as they are started.
class ActedRace
{
public:
    ActedRace(std::filesystem::path runs, RaceRecord record, std::string id = "2026-01-02 03:04:05")
        : m_runs(std::move(runs))
        , m_record(std::move(record))
        , m_id(std::move(id))
    {
    }

    const RaceRecord& record() const { return m_record; }

    /// The run of this lane with this seed: not begun yet.
    ActedRun& begin(const std::string& method, std::uint64_t seed)
    {
        ExperimentSpec spec = raceSpec(tinySpec("base", true), method, m_bits, m_bits);
        spec.seed = seed;
        spec.name = m_record.title + ": " + method;
        char name[64];
        std::snprintf(name, sizeof name, "%04d-convnet_a-%s", ++m_count, method.c_str());
        all.push_back(std::make_unique<ActedRun>(
            m_runs / name, spec, Json{{"sweep", m_id}, {"race", m_record.toJson()}}));
        return *all.back();
    }

    void setBits(int bits) { m_bits = bits; }

    /// Every run with its whole course.
    void finishAll()
    {
        for (const std::uint64_t seed : m_record.seeds) {
            for (const std::string& method : m_record.methods) {
                ActedRun& run = begin(method, seed);
                run.start();
                run.train(0, run.steps());
                run.finish(run.steps());
            }
        }
    }

    std::vector<std::unique_ptr<ActedRun>> all;

private:
    std::filesystem::path m_runs;
    RaceRecord m_record;
    std::string m_id;
    int m_count = 0;
    int m_bits = 2;
};

} // namespace stair
