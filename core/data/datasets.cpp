#include "core/data/datasets.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/data/cifar.h"
#include "core/data/mnist_idx.h"
#include "core/data/procedural.h"

namespace stair {

// To add a kind of data: include its header above, add its line here, list its files in CMake.
const std::vector<DatasetInfo>& datasets()
{
    static const std::vector<DatasetInfo> table = {
        proceduralInfo(),
        cifar10Info(),
        cifar100Info(),
        idxInfo(),
    };
    return table;
}

const DatasetInfo& dataset(const std::string& id)
{
    std::vector<std::string> known;
    for (const DatasetInfo& info : datasets()) {
        if (info.id == id)
            return info;
        known.push_back(info.id);
    }
    throw Error(unknownName("data set", id, known));
}

} // namespace stair
