#pragma once

#include "widgets/models/run_log.h"

#include <QString>

#include <vector>

namespace stair {

/// "86.1 %" with one digit, whatever the value: columns of them line up.
QString percentText(double share);

/// "3:10", "1:02:03"; "–" for a negative number of seconds.
QString durationText(double seconds);

/// 12345 as "12 345" (thin spaces).
QString countText(double count);

/// "float", "LSQ, W4A4", from the method's title and the widths.
QString methodText(const RunIdentity& identity);

/// "running", "paused", ...: for lists.
QString stateText(RunState state);

/// The same, or what was asked of the run and has not happened yet: "pausing", "stopping".
QString stateText(const RunLog& run);

/// "STE, ASR and AQE (2026-11-27 22:15:30)": the race of a run that is in one.
QString raceTitle(const RunMeta& meta);

/// One or two sentences on what the finished runs among `runs` achieved: the accuracy of each, and
/// the gap where one is float and another quantized on the same data, or why no float run compares.
/// Empty when none has finished.
QString explainResults(const std::vector<const RunLog*>& runs);

} // namespace stair
