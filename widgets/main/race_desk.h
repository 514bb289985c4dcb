#pragma once

#include "widgets/models/race.h"
#include "widgets/panels/race_setup.h"

#include <QObject>

#include <map>
#include <set>

namespace stair {

class RunDesk;

/// Starts the runs of races: all lanes of a seed together, the seeds one after the other. What it
/// knows of a race it reads from the runs; the queue goes on while the window is open.
class RaceDesk : public QObject
{
    Q_OBJECT

public:
    /// Both must outlive this.
    RaceDesk(RunDesk& runs, RunListModel& model, QObject* parent = nullptr);

    /// Starts the first seed of every lane. Returns the race's id.
    std::string start(const RaceStart& race);

    /// Stops what trains after a checkpoint, and starts nothing more.
    void stop(const Race& race);

    /// Goes on with what was stopped, failed or interrupted, and with the runs that are missing. A
    /// lane without any run is left out, and problem() says so.
    void goOn(const Race& race);

    /// Whether runs of this race are still to be started by this window.
    bool drives(const std::string& id) const { return m_driven.contains(id); }

    /// Once a second: starts the next seed of a race when the one before has ended.
    void watch();

signals:
    void problem(const QString& text);

private:
    using Place = std::pair<std::string, std::uint64_t>; // method and seed
    struct Driven
    {
        RaceRecord record;
        std::map<std::string, ExperimentSpec> specs; // by method
        std::set<Place> begun; // once each, whatever comes of it
        std::vector<std::filesystem::path> launched; // of the present seed
    };

    bool isOn(const std::string& id, const Driven& race, const std::vector<Race>& races) const;
    bool startNext(const std::string& id, Driven& race); // false: nothing is left to start

    RunDesk& m_runs;
    RunListModel& m_model;
    std::map<std::string, Driven> m_driven; // by id
};

} // namespace stair
