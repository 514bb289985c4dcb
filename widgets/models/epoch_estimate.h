#pragma once

#include "core/session/stair_job.h"
#include "core/train/experiment_spec.h"

#include <QTemporaryDir>
#include <QTimer>

#include <map>
#include <optional>
#include <string>

namespace stair {

/// How long an epoch of an experiment takes on this machine: some of its steps, timed by `stair
/// bench --spec` in the background at a low priority, once for all specs that compute the same.
class EpochEstimate : public QObject
{
    Q_OBJECT

public:
    /// `program`: the `stair` binary.
    explicit EpochEstimate(const QString& program, QObject* parent = nullptr);

    /// From now on this spec's is wanted. What is being timed for another one is given up.
    void request(const ExperimentSpec& spec);
    void forget(); // no spec's is wanted

    /// While something trains here nothing is timed: each would slow the other down.
    void setBusy(bool busy);

    /// "About 42 s per epoch here (measured, 30 steps)."; or that it is being measured, or why not;
    /// empty when no spec's is wanted.
    QString text() const;

    /// Seconds, once they are known.
    std::optional<double> seconds() const;

signals:
    void changed();

private:
    struct Known
    {
        double seconds = 0;
        int steps = 0;
        QString problem; // why it could not be timed
    };

    void begin();
    void take(const StairJob::Outcome& outcome);

    StairJob m_job;
    QTimer m_pause; // until the user has come to rest
    QTemporaryDir m_folder;
    std::map<std::string, Known> m_known; // by signature
    std::optional<ExperimentSpec> m_spec;
    std::string m_wanted; // signature
    std::string m_timed; // of the job that runs
    bool m_isBusy = false;
};

/// What a step's time depends on, as text: names, seeds, lengths and limits left out.
std::string stepSignature(const ExperimentSpec& spec);

/// "0.42 s", "42 s", "3 min 20 s", "2 h 5 min": two figures are what a measurement of a second holds.
QString roughDurationText(double seconds);

} // namespace stair
