#pragma once

#include "core/analysis/width_proposal.h"
#include "core/base/json.h"

#include <filesystem>
#include <string>
#include <vector>

namespace stair {

/// A layer of a sensitivity map, and the widths that were measured for it alone.
struct MeasuredLayer
{
    std::string name;
    int weightBits = 0; // as the run has them
    int activationBits = 0;
    std::vector<WidthOption> options; // the first: as it is
};

/// What a run's sensitivity.jsonl says of each layer by itself (mode "only").
struct MeasuredMap
{
    std::string checkpoint; // SHA-256 of its file
    std::int64_t step = 0;
    std::string split; // of the images that it was measured on
    int images = 0;
    int calibrationImages = 0;
    std::vector<int> widths;
    std::vector<MeasuredLayer> layers;
    int missing = 0; // cells that have not been measured yet

    std::vector<std::vector<WidthOption>> options() const;
};

/// `lines`: the whole file. Throws Error saying what to do where it is no such map.
MeasuredMap measuredMap(const std::vector<Json>& lines);

/// The same of a file. Throws Error also when there is none, or cells are missing.
MeasuredMap readMeasuredMap(const std::filesystem::path& file);

} // namespace stair
