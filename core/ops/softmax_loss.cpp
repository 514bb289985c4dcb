#include "core/ops/softmax_loss.h"

#include <algorithm>
#include <cmath>

namespace stair {

double softmaxLoss(const Tensor& logits, std::span<const std::uint16_t> labels, Tensor& dLogits)
{
    const int classes = logits.shape().c;
    const int images = logits.shape().n;
    double loss = 0;
    for (int n = 0; n < images; ++n) {
        const float* row = logits.data() + std::int64_t(n) * classes;
        float* gradient = dLogits.data() + std::int64_t(n) * classes;
        const double peak = *std::max_element(row, row + classes);
        double sum = 0;
        for (int c = 0; c < classes; ++c)
            sum += std::exp(row[c] - peak);
        for (int c = 0; c < classes; ++c)
            gradient[c] = float(std::exp(row[c] - peak) / sum / images);
        loss -= row[labels[std::size_t(n)]] - peak - std::log(sum);
        gradient[labels[std::size_t(n)]] -= 1.0f / float(images);
    }
    return loss / images;
}

} // namespace stair
