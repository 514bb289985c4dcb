#pragma once

#include "core/infer/engine.h"

#include <string>
#include <vector>

namespace stair {

/// Checksums that let anyone show that a program still is what was shipped, and that its integers
/// come out the same elsewhere: 16 hexadecimal digits each, of SHA-256.
struct Proof
{
    struct Layer
    {
        std::string name;
        std::string content; // weights, geometry, multipliers, rules
        std::vector<std::string> values; // what it writes; empty for one outside the proof

        bool operator==(const Layer&) const = default;
    };

    int samples = 0; // images of sampleImages()
    std::vector<Layer> layers; // the image, then one an instruction
};

/// Reference images for a program: bytes drawn from a fixed seed, each image of half the last one's
/// contrast, from full contrast again after four. (count, h, w, c).
std::vector<std::uint8_t> sampleImages(const Shape& image, int count);

/// Runs the program over the samples. A value computed by a float layer, or from one, has no
/// checksum (NUMERICS 3). Fixed-point logits are summed as integers, before their shift.
Proof prove(const Program& program, Runtime& runtime, EngineKernels kernels, int samples,
            EngineEpilogue epilogue = EngineEpilogue::Float);

/// What differs, layer by layer in the program's order, a line each; empty when nothing does.
/// Values behind the first that differ are not listed.
std::vector<std::string> differences(const Proof& shipped, const Proof& now);

/// Over all layers' contents: identifies the program.
std::string programHash(const Proof& proof);

} // namespace stair
