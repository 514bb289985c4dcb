#pragma once

#include "core/exchange/shipped_model.h"
#include "core/session/run_folder.h"

namespace stair {

enum class FixedProof
{
    Left, // nobody reads it
    Taken, // for a format whose ExportFormat asks for it
};

/// The program that a run's checkpoint ("last", "best" or a file) is judged by, with its origin and
/// its proof over `samples` images. Opens the run's data set: batch norm is re-estimated on it.
/// threads 0: as many as the machine has.
ShippedModel shipRun(const RunFolder& folder, const std::string& checkpoint, int threads,
                     int samples, FixedProof fixed = FixedProof::Left);

} // namespace stair
