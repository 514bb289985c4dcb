#include "core/ops/reference/ref_batch_norm.h"

#include "core/base/assert.h"

#include <cmath>

namespace stair {

namespace {

struct Statistics
{
    double mean = 0;
    double inverseDeviation = 0;
};

Statistics statisticsOf(const Tensor& src, int channel, double eps)
{
    const std::int64_t rows = src.shape().rows();
    const int channels = src.shape().c;
    double sum = 0;
    for (std::int64_t row = 0; row < rows; ++row)
        sum += src.data()[row * channels + channel];
    const double mean = sum / double(rows);
    double squares = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
        const double distance = src.data()[row * channels + channel] - mean;
        squares += distance * distance;
    }
    return {mean, 1 / std::sqrt(squares / double(rows) + eps)};
}

void requireShapes(const Tensor& src, const Tensor& dst, const Tensor& gamma, const Tensor& beta)
{
    const Shape perChannel{1, 1, 1, src.shape().c};
    require(src.shape() == dst.shape(), "batch norm keeps its input's shape");
    require(gamma.shape() == perChannel && beta.shape() == perChannel,
            "batch norm has one scale and one shift per channel");
}

} // namespace

void refBatchNormForward(const Tensor& src, const Tensor& gamma, const Tensor& beta, double eps,
                         Tensor& dst)
{
    requireShapes(src, dst, gamma, beta);
    const int channels = src.shape().c;
    for (int c = 0; c < channels; ++c) {
        const Statistics s = statisticsOf(src, c, eps);
        for (std::int64_t i = c; i < src.size(); i += channels) {
            const double normal = (src.data()[i] - s.mean) * s.inverseDeviation;
            dst.data()[i] = float(gamma.data()[c] * normal + beta.data()[c]);
        }
    }
}

void refBatchNormBackward(const Tensor& src, const Tensor& gamma, double eps, const Tensor& dDst,
                          Tensor& dSrc, Tensor& dGamma, Tensor& dBeta)
{
    requireShapes(src, dDst, gamma, dGamma);
    requireShapes(src, dSrc, gamma, dBeta);
    const int channels = src.shape().c;
    const double rows = double(src.shape().rows());
    for (int c = 0; c < channels; ++c) {
        const Statistics s = statisticsOf(src, c, eps);
        double sum = 0; // of dy
        double product = 0; // of dy times the normalised x
        for (std::int64_t i = c; i < src.size(); i += channels) {
            sum += dDst.data()[i];
            product += dDst.data()[i] * (src.data()[i] - s.mean) * s.inverseDeviation;
        }
        dBeta.data()[c] = float(sum);
        dGamma.data()[c] = float(product);
        for (std::int64_t i = c; i < src.size(); i += channels) {
            const double normal = (src.data()[i] - s.mean) * s.inverseDeviation;
            dSrc.data()[i] = float(gamma.data()[c] * s.inverseDeviation
                                   * (dDst.data()[i] - sum / rows - normal * product / rows));
        }
    }
}

} // namespace stair
