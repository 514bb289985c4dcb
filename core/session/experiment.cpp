#include "core/session/experiment.h"

#include "core/data/datasets.h"
#include "core/exchange/model_file.h"
#include "core/session/places.h"
#include "core/session/spec_source.h"

namespace stair {

Dataset openData(const DataSpec& spec, const std::filesystem::path& folder)
{
    DataRequest request{.path = {}, .cacheFolder = cacheFolder(), .params = spec.params};
    if (!spec.path.empty())
        request.path = resolveDataPath(spec.path, folder);
    return dataset(spec.id).open(request);
}

Experiment::Experiment(const ExperimentSpec& wanted, const std::filesystem::path& folder)
    : spec(wanted)
    , data(openData(spec.data, folder))
    , runtime(spec.threads)
    , trainer(spec, data, runtime)
{
}

void Experiment::loadStart()
{
    if (spec.training.from.empty())
        return;
    const std::filesystem::path start = startingCheckpoint(spec.training.from);
    if (isModelFile(start))
        trainer.startFrom(readModel(start).program);
    else
        trainer.startFrom(Checkpoint::read(start));
}

} // namespace stair
