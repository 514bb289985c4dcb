#pragma once

#include "core/base/json.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <span>
#include <vector>

namespace stair {

/// What an evaluation over a set of images found.
struct Metrics
{
    std::int64_t images = 0;
    double loss = 0; // mean cross-entropy
    double top1 = 0; // shares, 0 to 1
    double top5 = 0;
    std::vector<std::int64_t> confusion; // classes x classes; row: label, column: prediction
};

/// {"images", "loss", "top1", "top5"}, and the matrix when asked for.
Json toJson(const Metrics& metrics, bool withConfusion);

/// Gathers Metrics batch by batch.
class MetricsMeter
{
public:
    explicit MetricsMeter(int classes);

    /// logits: one row per image. A tie goes to the lower class.
    void add(const Tensor& logits, std::span<const std::uint16_t> labels);
    Metrics value() const;

private:
    int m_classes;
    Metrics m_sum; // loss, top1 and top5 as sums until value()
};

} // namespace stair
