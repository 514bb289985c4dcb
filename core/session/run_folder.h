#pragma once

#include "core/base/json.h"
#include "core/train/experiment_spec.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace stair {

/// One run's folder: its truth on disk. Files as in the README's "A run's folder".
class RunFolder
{
public:
    /// Creates the folder with spec.json and meta.json. Throws Error when it already holds a run or
    /// cannot be written; nothing is left behind then. `meta`: keys of meta.json.
    static RunFolder create(const std::filesystem::path& path, const Json& spec,
                            bool unattended = false, const Json& meta = Json::object());

    /// Throws Error when `path` holds no run.
    static RunFolder open(const std::filesystem::path& path);

    /// Throws Error when a run could not be created at `path` because something is there.
    static void checkFree(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path specFile() const { return m_path / "spec.json"; }
    std::filesystem::path metaFile() const { return m_path / "meta.json"; }
    std::filesystem::path workerFile() const { return m_path / "worker.json"; }
    std::filesystem::path environmentFile() const { return m_path / "environment.json"; }
    std::filesystem::path eventsFile() const { return m_path / "events.jsonl"; }
    std::filesystem::path layersFile() const { return m_path / "layers.jsonl"; }
    std::filesystem::path controlFile() const { return m_path / "control.jsonl"; }
    std::filesystem::path scriptFile() const { return m_path / "script.jsonl"; }
    std::filesystem::path sensitivityFile() const { return m_path / "sensitivity.jsonl"; }
    std::filesystem::path checkpointFolder() const { return m_path / "checkpoints"; }
    std::filesystem::path bestCheckpoint() const { return checkpointFolder() / "best.safetensors"; }

    ExperimentSpec spec() const;

    /// Whether the run was started to go on by itself where a guard pauses.
    bool isUnattended() const;

    /// Checkpoint files by step, oldest first; "best.safetensors" is not among them.
    std::vector<std::filesystem::path> checkpoints() const;

    /// "last", "best", or a file (as it stands, or by its name in the run's checkpoints folder).
    /// Throws Error naming what there is.
    std::filesystem::path checkpointFile(const std::string& which) const;

    /// Appends one command line to control.jsonl; any process may. What is sent while no worker
    /// holds the folder is not acted on later.
    void command(const Json& command) const;

    /// Whether a live worker holds this folder (worker.json names a process that still runs here,
    /// or another host with a recent heartbeat).
    bool hasWorker() const;

    /// Deletes the folder with all it holds, as far as that is possible.
    void remove() const;

private:
    explicit RunFolder(std::filesystem::path path);

    std::filesystem::path m_path;
};

/// "step-00000390.safetensors"
std::string checkpointName(std::int64_t step);

/// A new folder name below `runs`: "0007-resnet20-lsq-w4a4" from the number of runs and the spec.
std::filesystem::path proposeRunFolder(const std::filesystem::path& runs, const ExperimentSpec&);

} // namespace stair
