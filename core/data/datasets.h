#pragma once

#include "core/base/params.h"
#include "core/data/dataset.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace stair {

/// Where a data set comes from and where decoded copies may be kept.
struct DataRequest
{
    std::filesystem::path path; // file or folder as the user has it; empty for `procedural`
    std::filesystem::path cacheFolder; // empty: decode every time
    ParamValues params;
};

/// What the setup form, the command line and the spec need to know about one kind of data.
struct DatasetInfo
{
    std::string id; // saved in runs: never rename
    std::string title;
    std::string help; // what it is and what `path` may name
    bool needsPath = false;
    std::vector<ParamSpec> params;
    std::function<Dataset(const DataRequest&)> open;
};

/// All built-in kinds, in menu order.
const std::vector<DatasetInfo>& datasets();

/// Throws Error naming the nearest known id when `id` is not one of them.
const DatasetInfo& dataset(const std::string& id);

} // namespace stair
