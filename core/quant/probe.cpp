#include "core/quant/probe.h"

#include "core/ops/simd/tile_kernels.h"

namespace stair {

std::vector<ProbePoint> probe(const Quantizer& quantizer, std::span<const float> x, float g)
{
    const float step = quantizer.step();
    std::vector<float> u(x.size()), q(x.size()), v(x.size()), gradient(x.size(), g);
    tile::scale(x.data(), 1 / step, u.data(), x.size());
    quantizer.code(u, q);
    if (quantizer.isSoft())
        quantizer.soft(u, q, v);
    else
        v = q;
    std::vector<ProbePoint> points;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double partial = quantizer.stepPartial({&gradient[i], 1}, {&u[i], 1}, {&q[i], 1});
        points.push_back({x[i], step * v[i], 0, float(partial)});
    }
    quantizer.backward(u, q, step, gradient);
    for (std::size_t i = 0; i < x.size(); ++i)
        points[i].dydx = gradient[i];
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
