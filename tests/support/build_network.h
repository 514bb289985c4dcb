#pragma once

#include "core/zoo/networks.h"

#include <string>

namespace stair {

/// A network of the table with its defaults, but for what `values` (JSON) says.
inline Graph buildWith(const std::string& id, const Shape& image, const std::string& values = "{}",
                       int classes = 10)
{
    const NetworkInfo& info = network(id);
    const Json json = parseJson(values, "values");
    ObjectReader reader(json, "values");
    const ParamValues read = ParamValues::read(info.params, reader);
    reader.finish();
    return info.build(image, classes, read);
}

} // namespace stair
