#pragma once

#include "core/lower/program.h"

#include <cstdint>
#include <vector>

namespace stair {

/// Where each value of a program lies in one array, planned ahead: values that are never alive at the
/// same time share places. Counted in elements, for one image; the logits have none.
class CArena
{
public:
    explicit CArena(const Program& program);

    std::int64_t offset(int value) const { return m_offsets[std::size_t(value)]; }
    std::int64_t size() const { return m_size; }

private:
    std::vector<std::int64_t> m_offsets;
    std::int64_t m_size = 1;
};

} // namespace stair
