#pragma once

#include "core/train/observer.h"

namespace stair {

// The lines of events.jsonl and layers.jsonl. Wall-clock values stand under "t" alone, so that two
// runs can be compared without it. A number that is not finite is written as null.

Json startedLine(std::int64_t step, std::int64_t steps, bool resumed);
Json stepLine(const StepReport& report);
Json evaluationLine(const EvaluationReport& report);
Json noticeLine(std::int64_t step, const std::string& text);
Json commandLine(std::int64_t step, const Json& command);
Json pausedLine(std::int64_t step, const std::string& reason);
Json resumedLine(std::int64_t step);
Json checkpointLine(std::int64_t step, const std::string& file, bool best);

/// `event` is "finished" or "stopped"; elapsed as in the last step line.
Json endLine(const std::string& event, std::int64_t step, double elapsedSeconds);
Json failedLine(std::int64_t step, const std::string& error);

/// A line of layers.jsonl.
Json layersLine(const LayersReport& report);

/// What layersLine() wrote; whatever is missing or damaged in it reads as nothing.
LayersReport layersOf(const Json& line);

/// The line as text on one line; bytes that are not UTF-8 are replaced.
std::string toLine(const Json& json);

} // namespace stair
