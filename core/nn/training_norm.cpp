#include "core/base/assert.h"
#include "core/nn/training_kept.h"
#include "core/ops/blocking.h"
#include "core/ops/column_sums.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr double runningMomentum = 0.1;

} // namespace

void TrainingPass::setAffine(int id, const Tensor& acc, PassMode mode)
{
    const Model::StageParts& parts = m_model.parts(id);
    Kept& k = kept(id);
    if (!parts.norm) {
        k.affine = foldBias(k.accScale, parts.biasValues());
        return;
    }
    if (mode == PassMode::TrainFrozenNorm || mode == PassMode::Evaluate)
        k.statistics = parts.norm->running();
    else
        setBatchStatistics(id, acc);
    k.affine = foldNorm(k.accScale, parts.biasValues(), parts.norm->scale.value.values(),
                        parts.norm->shift.value.values(), k.statistics);
}

void TrainingPass::setBatchStatistics(int id, const Tensor& acc)
{
    Kept& k = kept(id);
    const ColumnSums sums = columnMoments(acc);
    const double count = double(acc.shape().rows());
    k.batchNormalised = true;
    NormStatistics& s = k.statistics;
    s = {meansOf(id, sums, count), {}};
    for (std::size_t c = 0; c < sums.first.size(); ++c) {
        const double mean = sums.first[c] / count;
        const double variance = std::max(0.0, sums.second[c] / count - mean * mean);
        s.variance.push_back(variance * k.accScale[c] * k.accScale[c]);
    }
    m_statistics[std::size_t(id)] = s;
    for (double& variance : m_statistics[std::size_t(id)].variance)
        variance *= count > 1 ? count / (count - 1) : 1;
}

/// Channel means in real units, the bias in them, from the sums over `count` accumulators.
std::vector<double> TrainingPass::meansOf(int id, const ColumnSums& sums, double count)
{
    const std::span<const float> bias = m_model.parts(id).biasValues();
    std::vector<double> means;
    for (std::size_t c = 0; c < sums.first.size(); ++c) {
        const double mean = sums.first[c] / count;
        means.push_back(mean * kept(id).accScale[c] + (bias.empty() ? 0.0 : double(bias[c])));
    }
    return means;
}

std::vector<double> TrainingPass::channelMeans(int id)
{
    require(stageAt(id).hasEpilogue(), "only layers, sums, joins and copies have means");
    Tensor acc = compute(id);
    poolBefore(id, acc, m_mode);
    return meansOf(id, columnMoments(acc), double(acc.shape().rows()));
}

NormStatistics TrainingPass::channelStatistics(int id)
{
    require(bool(m_model.parts(id).norm), "only batch norms have statistics");
    Tensor acc = compute(id);
    poolBefore(id, acc, m_mode);
    setBatchStatistics(id, acc);
    return m_statistics[std::size_t(id)];
}

void TrainingPass::updateRunningStatistics()
{
    for (std::size_t id = 0; id < m_statistics.size(); ++id) {
        const NormStatistics& s = m_statistics[id];
        for (std::size_t c = 0; c < s.mean.size(); ++c) {
            BatchNorm& norm = *m_model.parts(int(id)).norm;
            float& mean = norm.runningMean.data()[c];
            float& variance = norm.runningVariance.data()[c];
            mean = float(mean + runningMomentum * (s.mean[c] - mean));
            variance = float(variance + runningMomentum * (s.variance[c] - variance));
        }
    }
}

/// Through batch norm (or bias) to the gradient of the real value before it; dAcc may be
/// `gradient` itself.
void TrainingPass::finishNorm(int id, Tensor& gradient, Tensor& dAcc)
{
    Kept& k = kept(id);
    Model::StageParts& parts = m_model.parts(id);
    const ColumnSums& sums = k.sums;
    const std::size_t channels = sums.first.size();
    if (!parts.norm) {
        for (std::size_t c = 0; parts.bias && c < channels; ++c)
            parts.bias->gradient.data()[c] = float(sums.first[c]);
        if (&dAcc != &gradient)
            std::ranges::copy(gradient.values(), dAcc.data());
        return;
    }
    // With xhat = (acc * accScale + bias - mean) / deviation and N rows (Ioffe and Szegedy 2015):
    // d(acc * accScale) = scale / deviation * (g - sum(g) / N - xhat * sum(g * xhat) / N)
    //                   = a * g + b * acc + c
    const std::span<const float> bias = parts.biasValues();
    const double count = double(k.acc.shape().rows());
    std::vector<float> a, b, c;
    for (std::size_t i = 0; i < channels; ++i) {
        const double inverse = 1 / std::sqrt(k.statistics.variance[i] + normEpsilon);
        const double mean = k.statistics.mean[i] - (bias.empty() ? 0.0 : double(bias[i]));
        const double slope = double(parts.norm->scale.value.data()[i]) * inverse;
        const double sumGx = inverse * (k.accScale[i] * sums.second[i] - mean * sums.first[i]);
        parts.norm->scale.gradient.data()[i] = float(sumGx);
        parts.norm->shift.gradient.data()[i] = float(sums.first[i]);
        const double share = k.batchNormalised ? slope * inverse * sumGx / count : 0;
        const double offset = k.batchNormalised ? slope * sums.first[i] / count : 0;
        a.push_back(float(slope));
        b.push_back(float(-share * k.accScale[i]));
        c.push_back(float(share * mean - offset));
        // The batch's mean takes a bias away again.
        if (parts.bias)
            parts.bias->gradient.data()[i]
                = k.batchNormalised ? 0.0f : float(slope * sums.first[i]);
    }
    const Blocking blocking(gradient.shape());
    const std::vector<float> at = blocking.overTile(a), bt = blocking.overTile(b),
                             ct = blocking.overTile(c);
    forEachTile(blocking, [&](std::int64_t, std::int64_t offset, std::size_t size) {
        tile::affinePair(gradient.data() + offset, k.acc.data() + offset, at.data(), bt.data(),
                         ct.data(), dAcc.data() + offset, size);
    });
}

} // namespace stair
