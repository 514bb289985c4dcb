#include "core/session/shipping.h"

#include "core/lower/fixed_point.h"
#include "core/session/environment.h"
#include "core/session/experiment.h"

namespace stair {

ShippedModel shipRun(const RunFolder& folder, const std::string& which, int threads, int samples,
                     FixedProof fixed)
{
    const Checkpoint checkpoint = Checkpoint::read(folder.checkpointFile(which));
    const ExperimentSpec spec = folder.spec();
    ExperimentSpec mine = spec;
    mine.threads = threads;
    Experiment experiment(mine, folder.path());
    experiment.trainer.restore(checkpoint);

    ShippedModel shipped;
    shipped.program = experiment.trainer.program();
    const Json environment = describeEnvironment(experiment.runtime);
    shipped.origin = {.spec = spec.toJson(),
                      .step = checkpoint.step,
                      .dataHash = experiment.data.hash,
                      .classNames = experiment.data.classNames,
                      .versions = {{"program", environment.at("program")},
                                   {"libraries", environment.at("libraries")},
                                   {"compiler", environment.at("compiler")},
                                   {"isa", environment.at("isa")}}};
    shipped.proof = prove(shipped.program, experiment.runtime, EngineKernels::Fast, samples);
    if (fixed == FixedProof::Taken && fixedPointRefusal(shipped.program).empty())
        shipped.fixedProof = prove(shipped.program, experiment.runtime, EngineKernels::Fast,
                                   samples, EngineEpilogue::FixedPoint);
    return shipped;
}

} // namespace stair
