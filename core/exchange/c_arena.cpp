#include "core/exchange/c_arena.h"

#include <algorithm>

namespace stair {

namespace {

/// When a value is alive, in numbers of instructions; -1: the image.
struct Life
{
    int value = 0;
    std::int64_t size = 0;
    int first = -1;
    int last = -1;
    std::int64_t offset = 0;
};

bool meet(const Life& a, const Life& b)
{
    return a.first <= b.last && b.first <= a.last;
}

/// The lowest place beside those already given to values alive at the same time.
std::int64_t lowestPlace(const Life& wanted, const std::vector<Life>& placed)
{
    std::vector<const Life*> others;
    for (const Life& other : placed) {
        if (meet(wanted, other))
            others.push_back(&other);
    }
    std::ranges::sort(others, {}, &Life::offset);
    std::int64_t place = 0;
    for (const Life* other : others) {
        if (place + wanted.size <= other->offset)
            break;
        place = std::max(place, other->offset + other->size);
    }
    return place;
}

} // namespace

CArena::CArena(const Program& program)
    : m_offsets(program.values.size(), 0)
{
    std::vector<Life> lives;
    for (std::size_t id = 0; id < program.values.size(); ++id) {
        const auto size = program.values[id].shape.withImages(1).size();
        lives.push_back({.value = int(id), .size = int(id) == program.logits ? 0 : size});
    }
    for (int i = 0; i < int(program.instructions.size()); ++i) {
        const Instruction& in = program.instructions[std::size_t(i)];
        for (const int id : in.outputs)
            lives[std::size_t(id)].first = lives[std::size_t(id)].last = i;
        for (const int id : in.sources)
            lives[std::size_t(id)].last = i;
        if (in.skip >= 0)
            lives[std::size_t(in.skip)].last = i;
    }
    std::vector<Life> placed;
    for (Life& life : lives) {
        life.offset = lowestPlace(life, placed);
        m_offsets[std::size_t(life.value)] = life.offset;
        m_size = std::max(m_size, life.offset + life.size);
        placed.push_back(life);
    }
}

} // namespace stair
