#include "core/ops/epilogue.h"

#include "core/ops/blocking.h"
#include "core/ops/reference/ref_half.h"
#include "core/ops/reference/ref_hard_rule.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

/// Per-channel vectors repeated over a tile, made once per pass.
struct Patterns
{
    Patterns(const Blocking& blocking, const Epilogue& epilogue)
    {
        if (epilogue.hasJoin()) {
            m.push_back(blocking.overTile(epilogue.m));
            b.push_back(blocking.overTile(epilogue.b));
            return;
        }
        for (const EpilogueOutput& output : epilogue.outputs) {
            m.push_back(blocking.overTile(output.m));
            b.push_back(blocking.overTile(output.b));
        }
    }

    std::vector<std::vector<float>> m, b;
};

/// Scratch of one thread; three tiles.
struct Scratch
{
    explicit Scratch(std::size_t size)
        : t(size)
        , u(size)
        , q(size)
    {
    }

    std::vector<float> t, u, q;
};

void storeCodes(const EpilogueOutput& output, const float* u, Scratch& s, std::int64_t offset,
                std::size_t size)
{
    applyHardRule(output.rule, {u, size}, float(output.low), float(output.high),
                  {s.q.data(), size});
    tile::pack(s.q.data(), output.codes->grid().isSigned, output.codes->data() + offset, size);
}

/// t has the real values.
void storeFloats(const EpilogueOutput& output, const float* t, std::int64_t offset,
                 std::size_t size)
{
    float* floats = output.floats->data() + offset;
    if (output.isHalf)
        tile::roundToHalf(t, floats, size);
    else if (t != floats)
        std::copy_n(t, size, floats);
    if (output.soften)
        output.soften({floats, size}, offset);
}

void joinTile(const Tensor& acc, const Epilogue& e, const Patterns& patterns, Scratch& s,
              std::int64_t offset, std::size_t size)
{
    tile::affine(acc.data() + offset, patterns.m[0].data(), patterns.b[0].data(), s.t.data(), size);
    const float* skip = s.u.data();
    if (e.skipCodes)
        tile::unpack(e.skipCodes->data() + offset, e.skipCodes->grid().isSigned, e.skipStep,
                     s.u.data(), size);
    else
        skip = e.skipFloats->data() + offset;
    tile::add(s.t.data(), skip, s.t.data(), size);
    tile::clamp(s.t.data(), e.activation.low, e.activation.high, s.t.data(), size);
    for (const EpilogueOutput& output : e.outputs) {
        if (output.floats) {
            storeFloats(output, s.t.data(), offset, size);
            continue;
        }
        tile::scale(s.t.data(), output.inverseStep, s.u.data(), size);
        storeCodes(output, s.u.data(), s, offset, size);
    }
}

void plainTile(const Tensor& acc, const Epilogue& e, const Patterns& patterns, Scratch& s,
               std::int64_t offset, std::size_t size)
{
    for (std::size_t i = 0; i < e.outputs.size(); ++i) {
        const EpilogueOutput& output = e.outputs[i];
        float* t = output.floats ? output.floats->data() + offset : s.t.data();
        tile::affine(acc.data() + offset, patterns.m[i].data(), patterns.b[i].data(), t, size);
        if (output.floats) {
            tile::clamp(t, e.activation.low, e.activation.high, t, size);
            storeFloats(output, t, offset, size);
        } else {
            storeCodes(output, t, s, offset, size);
        }
    }
}

int refCode(const EpilogueOutput& output, float t)
{
    return int(refHardRule(output.rule, t, float(output.low), float(output.high)));
}

} // namespace

void runEpilogue(const Tensor& acc, const Epilogue& epilogue)
{
    const Blocking blocking(acc.shape());
    const Patterns patterns(blocking, epilogue);
    forEachTile(blocking, [&](std::int64_t, std::int64_t offset, std::size_t size) {
        thread_local Scratch scratch(0);
        if (scratch.t.size() < size)
            scratch = Scratch(blocking.tileSize());
        if (epilogue.hasJoin())
            joinTile(acc, epilogue, patterns, scratch, offset, size);
        else
            plainTile(acc, epilogue, patterns, scratch, offset, size);
    });
}

void refRunEpilogue(const Tensor& acc, const Epilogue& e)
{
    const int channels = acc.shape().c;
    for (std::int64_t i = 0; i < acc.size(); ++i) {
        const std::size_t c = std::size_t(i % channels);
        float joined = 0;
        if (e.hasJoin()) {
            const float product = acc.data()[i] * e.m[c];
            const float main = product + e.b[c];
            const float skip
                = e.skipCodes ? float(e.skipCodes->at(i)) * e.skipStep : e.skipFloats->data()[i];
            joined = std::clamp(main + skip, e.activation.low, e.activation.high);
        }
        for (const EpilogueOutput& output : e.outputs) {
            float t = joined;
            if (!e.hasJoin()) {
                const float product = acc.data()[i] * output.m[c];
                t = product + output.b[c];
            }
            if (output.floats) {
                const float real = std::clamp(t, e.activation.low, e.activation.high);
                output.floats->data()[i] = output.isHalf ? refRoundToHalf(real) : real;
                if (output.soften)
                    output.soften({output.floats->data() + i, 1}, i);
            } else {
                output.codes->data()[i]
                    = std::uint8_t(refCode(output, e.hasJoin() ? t * output.inverseStep : t));
            }
        }
    }
}

} // namespace stair
