#pragma once

#include "core/base/json.h"
#include "core/lower/program.h"
#include "core/quant/quant_spec.h"

#include <string>
#include <vector>

namespace stair {

class Runtime;

/// A network's program without a training: fresh weights, with the ranges and statistics of a few
/// random images. For timing; images are square.
Program untrainedProgram(const std::string& network, const QuantSpec& quant, int imageSize,
                         Runtime& runtime);

/// Times a program against its float twin for each of the batches, in turn: medians over `rounds`,
/// after two others. {"isa", "threads", "runs": [{"batch", "integer": {"ms", "images_per_s"},
/// "float": ..., "ratio", "layers": [{"name", "way", "mop", "integer_ms", "float_ms",
/// "integer_gops", "float_gops", "integer_kb", "float_kb"}]}]}; the layers' times are means.
Json runInferenceBench(const Program& program, Runtime& runtime, const std::vector<int>& batches,
                       int rounds);

} // namespace stair
