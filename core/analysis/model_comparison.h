#pragma once

#include "core/data/augmentation.h"
#include "core/data/dataset.h"
#include "core/lower/program.h"
#include "core/ops/runtime.h"
#include "core/train/metrics.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

/// How far a tensor between the layers of one program is from the same tensor of another, in real
/// units, over all images.
struct ValueDifference
{
    std::string name; // of the value, in both programs
    double sqnr = 0; // dB: energy of the first's over that of the difference; infinite when equal
    double cosine = 0;
    double codesUnlike = -1; // share of codes that differ, where both have codes; else -1
};

/// An image whose class the two programs tell differently.
struct FlippedSample
{
    int image = 0; // its number in the set
    int label = 0;
    int first = 0; // the classes that the programs say
    int second = 0;
    std::string
        partsAt; // first value whose difference exceeds `partingShare`; empty: none before the logits
};

struct ModelComparison
{
    Metrics first;
    Metrics second;
    std::vector<ValueDifference> values; // those that both have, in the first's order
    std::vector<FlippedSample> flipped; // in the set's order
};

/// Where two programs are said to part on an image: the first value whose difference has more than
/// this share of the value's own norm.
inline constexpr double partingShare = 0.5;

/// Runs two programs of one network over the images named by `indices`. Throws Error when the
/// images or the classes are not the same ones.
ModelComparison compareModels(const Program& first, const Program& second, Runtime& runtime,
                              const ImageSet& set, const std::vector<std::uint32_t>& indices,
                              const Augmentation& augmentation, int classes);

} // namespace stair
