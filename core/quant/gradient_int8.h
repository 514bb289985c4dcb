#pragma once

#include "core/quant/gradient_quantizer.h"
#include "core/quant/gradient_spread.h"

namespace stair {

/// 8-bit gradients, q = round(127 clamp(g, s) / s), value = q s / 127. DAI8 (Zhao et al.,
/// arXiv:2102.04782) has a threshold s for each output channel in the weights' gradient and one for
/// the whole tensor in the data gradient. Where more than lambda of the values lie beyond one
/// standard deviation the distribution counts as Gaussian and s = max|g|; else it is an inverted T
/// and s_t = (1 - k A) s_(t-1) + A max|g|, which clips sudden spikes. Reconstructed: the first s is
/// max|g|; a change of class goes on from the s before it; a tensor of zeros gives zeros and leaves
/// s; the data gradient follows the same two rules. Plain min-max int8: s = max|g| of the tensor.
class Int8Gradient : public GradientQuantizer
{
public:
    struct Options
    {
        bool perChannel = true; // in the weights' gradient
        bool adapts = true; // by class; else s = max|g|
        bool adaptsData = true; // the same for the data gradient
        bool stochastic = false; // floor(v + U[0, 1)) instead of nearest
        double lambda = 0.3;
        double k = 1;
        double a = 0.8;
        int every = 1; // steps between changes of s
    };

    Int8Gradient(const Options& options, int channels);

    void observe(const Tensor& gradient) override;
    void recall() override;
    QuantizedGradient quantize(const Tensor& gradient, GradientUse use,
                               BufferPool& pool) const override;
    void forEachTensor(const std::string& layer,
                       const std::function<void(const std::string&, Tensor&)>& visit) override;
    std::optional<GradientClip> lastClip() const override;

    /// State of output channel c; c = number of channels: the whole tensor.
    float threshold(int c) const { return m_thresholds.data()[c]; }
    bool isGaussian(int c) const { return m_gaussian.data()[c] != 0; }

private:
    bool adapts(int c) const;
    void update(int c, const GradientSpread& spread);

    Options m_options;
    int m_channels;
    Tensor m_thresholds; // one a channel, then the whole tensor's; 0: not set yet
    Tensor m_gaussian; // 1 or 0, likewise
    Tensor m_thresholdsBefore; // the last observe()
    Tensor m_gaussianBefore;
    std::vector<GradientSpread> m_spreads; // of the gradient seen last
};

} // namespace stair
