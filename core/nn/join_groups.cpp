#include "core/nn/join_groups.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <algorithm>
#include <numeric>

namespace stair {

namespace {

/// Sets of stages that grow together; a set is named by its first stage.
class Sets
{
public:
    explicit Sets(std::size_t count)
        : m_parents(count)
    {
        std::iota(m_parents.begin(), m_parents.end(), 0);
    }

    int find(int id) const
    {
        while (m_parents[std::size_t(id)] != id)
            id = m_parents[std::size_t(id)];
        return id;
    }

    void unite(int a, int b)
    {
        const auto [first, last] = std::minmax({find(a), find(b)});
        m_parents[std::size_t(last)] = first;
    }

private:
    std::vector<int> m_parents;
};

} // namespace

std::vector<int> joinGroups(const std::vector<Stage>& stages)
{
    Sets sets(stages.size());
    for (int id = 0; id < int(stages.size()); ++id) {
        const Stage& stage = stages[std::size_t(id)];
        if (stage.compute == Compute::Move)
            sets.unite(id, stage.source.stage);
        for (const Reading& part : stage.parts) {
            if (stage.compute == Compute::Add)
                sets.unite(id, part.stage);
        }
    }
    std::vector<bool> joins(stages.size(), false);
    for (int id = 0; id < int(stages.size()); ++id) {
        if (stages[std::size_t(id)].compute != Compute::Add)
            continue;
        joins[std::size_t(sets.find(id))] = true;
        if (stages[std::size_t(sets.find(id))].compute == Compute::Image)
            throw Error(concat("quant.residual: the join ", stages[std::size_t(id)].name,
                               " adds the image itself, whose codes are fixed; write codes8"));
    }
    std::vector<int> groups;
    for (int id = 0; id < int(stages.size()); ++id)
        groups.push_back(joins[std::size_t(sets.find(id))] ? sets.find(id) : -1);
    return groups;
}

} // namespace stair
