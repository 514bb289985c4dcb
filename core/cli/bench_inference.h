#pragma once

#include "core/cli/console.h"
#include "core/quant/quant_spec.h"

#include <string>

namespace stair {

/// `stair bench --inference`: a network's program, untrained, or that of a run's folder or of an
/// exported file, timed layer by layer against the same layers in float.
struct InferenceOptions
{
    std::string model; // a run's folder or a file; empty: the network
    std::string network;
    QuantSpec quant;
    int imageSize = 32;
    int batch = 128;
    int rounds = 7;
    int threads = 0;
    std::string qdq; // where the same program goes as ONNX; empty: nowhere
};

int benchInference(const InferenceOptions& options, const Console& console);

} // namespace stair
