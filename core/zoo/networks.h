#pragma once

#include "core/base/params.h"
#include "core/nn/graph.h"

#include <functional>
#include <string>
#include <vector>

namespace stair {

/// What the setup form, the command line and the spec need to know about one network.
struct NetworkInfo
{
    std::string id; // saved in runs: never rename
    std::string title;
    std::string help; // one or two sentences: structure, where it comes from
    std::string source; // paper
    std::vector<ParamSpec> params;
    std::function<Graph(const Shape& image, int classes, const ParamValues&)> build;
};

/// All built-in networks, in menu order.
const std::vector<NetworkInfo>& networks();

/// Throws Error naming the nearest known id when `id` is not one of them.
const NetworkInfo& network(const std::string& id);

} // namespace stair
