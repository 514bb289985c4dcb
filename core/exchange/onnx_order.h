#pragma once

#include "core/ops/geometry.h"
#include "core/tensor/grid.h"

#include <cstdint>

namespace stair {

/// Signed codes are carried as uint8 = code + 128: ONNX Runtime's ConvInteger takes no int8 image.
inline int carriedZero(const Grid& grid)
{
    return grid.isSigned ? 128 : 0;
}

/// The same for weights, where they are carried as uint8.
inline constexpr int carriedWeightZero = 128;

/// Calls put(ours, theirs) for every weight: its index in (o, y, x, i) and in ONNX's (o, i, y, x). A
/// linear layer over a map reads its source's columns in NHWC order here, in NCHW order there.
template<typename Put>
void forEachWeight(const ConvGeometry& conv, const Shape& source, const Put& put)
{
    const Shape w = conv.weightShape();
    const bool flattens = source.c != conv.inC;
    const Shape s = flattens ? Shape{w.n, source.h, source.w, source.c} : w;
    std::int64_t theirs = 0;
    for (int o = 0; o < s.n; ++o)
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < s.h; ++y)
                for (int x = 0; x < s.w; ++x)
                    put(((std::int64_t(o) * s.h + y) * s.w + x) * s.c + c, theirs++);
}

} // namespace stair
