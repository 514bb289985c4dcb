#pragma once

#include "core/base/json.h"

#include <ostream>
#include <string>

namespace stair {

/// Where a command writes: its result to `out`, everything else to `notes`.
struct Console
{
    std::ostream& out;
    std::ostream& err;
    bool json = false; // one JSON document on `out`, nothing else there
    bool terminal = false; // somebody watches `notes`: lines may be rewritten

    std::ostream& notes() const { return json ? err : out; }

    /// The result, as the document or as text.
    void result(const Json& document, const std::string& text) const
    {
        out << (json ? document.dump(-1, ' ', false, Json::error_handler_t::replace) : text)
            << '\n';
        out.flush();
    }
};

} // namespace stair
