#include "core/nn/epilogue_backward.h"

#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <numeric>

namespace stair {

/// One thread's tiles: z before the activation, u and q in grid units, g the gradient.
struct EpilogueBackward::Scratch
{
    std::vector<float> z, u, q, g;

    void fit(std::size_t size)
    {
        for (std::vector<float>* tile : {&z, &u, &q, &g})
            tile->resize(std::max(size, tile->size()));
    }
};

EpilogueBackward::EpilogueBackward(const Tensor& acc, const Affine& affine,
                                   const Activation& activation, const Value* skip,
                                   Perturbation* perturbation)
    : m_acc(acc)
    , m_affine(affine)
    , m_activation(activation)
    , m_skip(skip)
    , m_perturbation(perturbation)
    , m_blocking(acc.shape())
{
    if (skip) {
        m_mainM = m_blocking.overTile(affine.floatM(1));
        m_mainB = m_blocking.overTile(affine.floatB(1));
    }
}

void EpilogueBackward::addView(Quantizer* quantizer, const Gradients& gradients,
                               std::int64_t firstElement)
{
    View view;
    view.quantizer = quantizer;
    view.step = quantizer ? quantizer->step() : 1;
    view.inverseStep = float(1 / double(view.step));
    view.gradients = &gradients;
    view.firstElement = firstElement;
    view.partials.assign(std::size_t(m_blocking.blocks), 0);
    view.offsetPartials.assign(std::size_t(m_blocking.blocks), 0);
    view.found.resize(std::size_t(m_blocking.blocks));
    if (!m_skip) {
        view.m = m_blocking.overTile(m_affine.floatM(view.step));
        view.b = m_blocking.overTile(m_affine.floatB(view.step));
    }
    m_views.push_back(std::move(view));
}

ColumnSums EpilogueBackward::run(Tensor& gradient)
{
    BlockSums sums(m_blocking.blocks, m_blocking.tileSize(), m_blocking.channels);
    forEachTile(m_blocking, [&](std::int64_t block, std::int64_t offset, std::size_t size) {
        thread_local Scratch s;
        s.fit(m_blocking.tileSize());
        float* out = gradient.data() + offset;
        if (m_skip)
            join(offset, size, s);
        bool first = true;
        for (View& view : m_views) {
            passView(view, block, offset, size, s);
            if (first)
                std::copy_n(s.g.data(), size, out);
            else
                tile::add(out, s.g.data(), out, size);
            first = false;
        }
        tile::addProducts(out, m_acc.data() + offset, sums.first(block), sums.second(block), size);
    });
    finishSteps();
    return sums.fold();
}

/// z = main + skip
void EpilogueBackward::join(std::int64_t offset, std::size_t size, Scratch& s) const
{
    tile::affine(m_acc.data() + offset, m_mainM.data(), m_mainB.data(), s.z.data(), size);
    const float* skip = s.u.data();
    if (m_skip->codes)
        tile::unpack(m_skip->codes.data() + offset, m_skip->codes.grid().isSigned, m_skip->step,
                     s.u.data(), size);
    else
        skip = m_skip->floats.data() + offset;
    tile::add(s.z.data(), skip, s.z.data(), size);
}

/// g = the view's gradient before the activation. z before the activation decides its mask, u after
/// it the quantizer's; without a join both are in the view's grid units.
void EpilogueBackward::passView(View& view, std::int64_t block, std::int64_t offset,
                                std::size_t size, Scratch& s) const
{
    std::copy_n(view.gradients->front()->data() + offset, size, s.g.data());
    for (std::size_t i = 1; i < view.gradients->size(); ++i)
        tile::add(s.g.data(), (*view.gradients)[i]->data() + offset, s.g.data(), size);
    const float unit = m_skip ? 1 : 1 / view.step;
    const float low = m_activation.low * unit, high = m_activation.high * unit;
    if (!m_skip)
        tile::affine(m_acc.data() + offset, view.m.data(), view.b.data(), s.z.data(), size);
    tile::clamp(s.z.data(), low, high, s.u.data(), size);
    if (m_skip)
        tile::scale(s.u.data(), view.inverseStep, s.u.data(), size);
    if (view.quantizer)
        throughQuantizer(view, block, offset, size, s);
    if (m_activation != Activation::none())
        tile::maskOpen(s.z.data(), low, high, s.g.data(), s.g.data(), size);
}

void EpilogueBackward::throughQuantizer(View& view, std::int64_t block, std::int64_t offset,
                                        std::size_t size, Scratch& s) const
{
    const std::span u(s.u.data(), size), q(s.q.data(), size), g(s.g.data(), size);
    const Quantizer& quantizer = *view.quantizer;
    if (m_perturbation) {
        view.found[std::size_t(block)]
            += m_perturbation->measure(quantizer, view.firstElement + offset, g);
        const Grid& grid = quantizer.grid();
        tile::maskOpen(u.data(), float(grid.qn), float(grid.qp), g.data(), g.data(), size);
        return;
    }
    quantizer.code(u, q);
    if (quantizer.isLearned())
        view.partials[std::size_t(block)] += quantizer.stepPartial(g, u, q);
    if (quantizer.offset())
        view.offsetPartials[std::size_t(block)] += quantizer.offsetPartial(g, u);
    quantizer.backward(u, q, g);
}

void EpilogueBackward::finishSteps()
{
    const auto total = [](const std::vector<double>& partials) {
        return std::accumulate(partials.begin(), partials.end(), 0.0);
    };
    for (const View& view : m_views) {
        if (view.quantizer && m_perturbation) {
            for (const GradientSums& sums : view.found)
                m_perturbation->add(*view.quantizer, sums);
            continue;
        }
        if (view.quantizer && view.quantizer->isLearned())
            view.quantizer->finishStep(0, total(view.partials), m_acc.size());
        if (view.quantizer && view.quantizer->offset())
            view.quantizer->finishOffset(total(view.offsetPartials), m_acc.size());
    }
}

} // namespace stair
