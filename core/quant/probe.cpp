#include "core/quant/probe.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>

namespace stair {

std::vector<ProbePoint> probe(const Quantizer& quantizer, std::span<const float> x, float g)
{
    Tensor seen({1, 1, 1, int(x.size())}), original(seen.shape()), gradient(seen.shape());
    std::ranges::copy(x, original.data());
    std::ranges::copy(x, seen.data());
    if (quantizer.transform())
        quantizer.transform()->apply(original, seen);
    gradient.fill(g);
    std::vector<float> u(x.size()), q(x.size()), v(x.size());
    tile::scale(seen.data(), 1 / quantizer.codeStep(), u.data(), x.size());
    quantizer.code(u, q);
    v = q;
    if (quantizer.isSoft())
        quantizer.soft(u, q, v);
    std::vector<ProbePoint> points;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double partial
            = quantizer.stepPartial({gradient.data() + i, 1}, {&u[i], 1}, {&q[i], 1});
        points.push_back({x[i], v[i] * quantizer.step(), 0, float(partial)});
    }
    quantizer.backward(u, q, gradient.values());
    if (quantizer.transform())
        quantizer.transform()->backward(original, gradient);
    for (std::size_t i = 0; i < x.size(); ++i)
        points[i].dydx = gradient.data()[i];
    return points;
}

std::vector<float> evenly(double from, double to, int points)
{
    std::vector<float> x;
    for (int i = 0; i < points; ++i)
        x.push_back(float(points == 1 ? from : from + (to - from) * i / (points - 1)));
    return x;
}

} // namespace stair
