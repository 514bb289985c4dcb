#include "core/infer/engine.h"

#include "core/ops/integer/kernels.h"
#include "core/ops/reference/ref_channels.h"
#include "core/ops/reference/ref_conv2d.h"
#include "core/ops/reference/ref_eltwise.h"
#include "core/ops/reference/ref_pool2d.h"

#include <algorithm>

namespace stair {

// What EngineKernels::Reference computes: each operation one value at a time.

Tensor Engine::plainSums(const Instruction& in, int images)
{
    Value& from = value(in.sources.front());
    Tensor acc(in.computed.withImages(images), m_runtime.pool());
    switch (in.compute) {
    case Compute::Conv:
        plainConvolve(in, acc);
        break;
    case Compute::Concat: {
        int first = 0;
        for (const int source : in.sources) {
            const Value& part = value(source);
            if (part.codes)
                refPutChannels(part.codes, first, acc);
            else
                refPutChannels(part.floats, first, acc);
            first += described(source).shape.c;
        }
        break;
    }
    case Compute::Add:
        acc.fill(0);
        for (const int source : in.sources) {
            const Value& part = value(source);
            if (part.codes)
                refAddInto(part.codes, acc);
            else
                refAddInto(part.floats, acc);
        }
        break;
    case Compute::SumPool:
        if (from.codes)
            refSumPoolForward(in.sum, from.codes, acc);
        else
            refSumPoolForward(in.sum, from.floats, acc);
        break;
    default:
        if (from.codes)
            refCodesToFloats(from.codes, 1, acc);
        else
            std::ranges::copy(from.floats.values(), acc.data());
    }
    return acc;
}

void Engine::plainConvolve(const Instruction& in, Tensor& acc)
{
    Value& from = value(in.sources.front());
    const Shape original = from.codes ? from.codes.shape() : from.floats.shape();
    const Shape seen = seenShape(in, original.n);
    if (in.weightCodes) {
        KeptWeights none;
        from.codes.reshape(seen);
        integerConvKernels().back().run(m_runtime, in.conv, from.codes, in.weightCodes, none, acc);
        from.codes.reshape(original);
        return;
    }
    Tensor real;
    if (from.codes) {
        real = Tensor(original, m_runtime.pool());
        refCodesToFloats(from.codes, described(in.sources.front()).step, real);
    }
    Tensor& source = from.codes ? real : from.floats;
    source.reshape(seen);
    refConv2dForward(in.conv, source, in.realWeight, acc);
    source.reshape(original);
}

} // namespace stair
