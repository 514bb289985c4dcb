#include "core/ops/reference/ref_eltwise.h"

namespace stair {

void refCodesToFloats(const Codes& codes, float step, Tensor& dst)
{
    for (std::int64_t i = 0; i < codes.size(); ++i)
        dst.data()[i] = float(codes.at(i)) * step;
}

void refAddInto(const Codes& codes, Tensor& dst)
{
    for (std::int64_t i = 0; i < codes.size(); ++i)
        dst.data()[i] += float(codes.at(i));
}

void refAddInto(const Tensor& src, Tensor& dst)
{
    for (std::int64_t i = 0; i < src.size(); ++i)
        dst.data()[i] += src.data()[i];
}

} // namespace stair
