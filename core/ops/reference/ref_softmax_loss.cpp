#include "core/ops/reference/ref_softmax_loss.h"

#include "core/base/assert.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// log(sum(exp(logits))), shifted by the greatest logit, which keeps exp() finite.
double logSumExp(std::span<const float> logits)
{
    const double greatest = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(logit - greatest);
    return greatest + std::log(sum);
}

} // namespace

double refSoftmaxLoss(const Tensor& logits, std::span<const std::uint16_t> labels, Tensor& dLogits)
{
    const int images = logits.shape().n;
    const int classes = logits.shape().c;
    require(logits.size() == std::int64_t(images) * classes && dLogits.shape() == logits.shape(),
            "logits are one row of classes per image");
    require(int(labels.size()) == images, "a batch has one label per image");
    double loss = 0;
    for (int n = 0; n < images; ++n) {
        const std::size_t first = std::size_t(n) * std::size_t(classes);
        const auto row = logits.values().subspan(first, std::size_t(classes));
        const std::size_t label = labels[std::size_t(n)];
        require(label < row.size(), "a label is one of the classes");
        const double normaliser = logSumExp(row);
        loss += normaliser - row[label];
        for (std::size_t c = 0; c < row.size(); ++c) {
            const double share = std::exp(row[c] - normaliser);
            dLogits.data()[first + c] = float((share - (c == label ? 1 : 0)) / images);
        }
    }
    return loss / images;
}

} // namespace stair
