#pragma once

#include "core/session/line_reader.h"
#include "core/session/run_folder.h"
#include "core/session/script.h"
#include "core/train/observer.h"

namespace stair {

/// A run's commands: those of a script at their steps, then those that arrive in control.jsonl.
class FileControls : public TrainControls
{
public:
    /// Acts on what stands in control.jsonl beyond `offset` bytes. `script` in order of steps.
    FileControls(const RunFolder& folder, std::int64_t offset,
                 std::vector<ScriptedCommand> script = {});

    std::vector<Json> poll(std::int64_t step) override;
    std::vector<Json> wait(std::int64_t step) override;

private:
    LineReader m_reader;
    std::vector<ScriptedCommand> m_script;
    std::size_t m_next = 0; // in the script
};

} // namespace stair
