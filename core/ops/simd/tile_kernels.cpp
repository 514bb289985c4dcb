#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/simd/tile_kernels.cpp"
#include <hwy/foreach_target.h>

#include "core/ops/simd/sweep-inl.h"
#include "core/ops/simd/tile_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace stair::tile::HWY_NAMESPACE {

void affine(const float* y, const float* m, const float* b, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto product = hn::Mul(hn::LoadU(d, y + i), hn::LoadU(d, m + i));
        hn::StoreU(hn::Add(product, hn::LoadU(d, b + i)), d, out + i);
    });
}

void affinePair(const float* g, const float* y, const float* a, const float* b, const float* c,
                float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto first = hn::Mul(hn::LoadU(d, g + i), hn::LoadU(d, a + i));
        const auto second = hn::Mul(hn::LoadU(d, y + i), hn::LoadU(d, b + i));
        hn::StoreU(hn::Add(first, hn::Add(second, hn::LoadU(d, c + i))), d, out + i);
    });
}

void scale(const float* x, float factor, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::Set(d, factor)), d, out + i);
    });
}

void add(const float* x, const float* y, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(hn::Add(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, out + i);
    });
}

void multiply(const float* x, const float* y, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, out + i);
    });
}

void clamp(const float* x, float low, float high, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto raised = hn::Max(hn::LoadU(d, x + i), hn::Set(d, low));
        hn::StoreU(hn::Min(raised, hn::Set(d, high)), d, out + i);
    });
}

template<typename T>
HWY_INLINE void takeGreater(const T* x, const T* y, T* out, std::size_t n)
{
    const auto one = [=](auto d, std::size_t i) HWY_ATTR {
        const auto a = hn::LoadU(d, x + i), b = hn::LoadU(d, y + i);
        hn::StoreU(hn::IfThenElse(hn::Gt(b, a), b, a), d, out + i);
    };
    const hn::ScalableTag<T> wide;
    const hn::CappedTag<T, 1> narrow;
    std::size_t i = 0;
    for (; i + hn::Lanes(wide) <= n; i += hn::Lanes(wide))
        one(wide, i);
    for (; i < n; ++i)
        one(narrow, i);
}

void greaterFloats(const float* x, const float* y, float* out, std::size_t n)
{
    takeGreater(x, y, out, n);
}

void greaterSigned(const std::int8_t* x, const std::int8_t* y, std::int8_t* out, std::size_t n)
{
    takeGreater(x, y, out, n);
}

void greaterUnsigned(const std::uint8_t* x, const std::uint8_t* y, std::uint8_t* out, std::size_t n)
{
    takeGreater(x, y, out, n);
}

void maskOpen(const float* x, float low, float high, const float* g, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto v = hn::LoadU(d, x + i);
        const auto inside = hn::And(hn::Lt(hn::Set(d, low), v), hn::Lt(v, hn::Set(d, high)));
        hn::StoreU(hn::IfThenElseZero(inside, hn::LoadU(d, g + i)), d, out + i);
    });
}

void roundClamp(const float* u, float qn, float qp, float* q, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        // Clamping first keeps the rounding within the integers; the result is the same.
        const auto raised = hn::Max(hn::LoadU(d, u + i), hn::Set(d, qn));
        hn::StoreU(hn::Round(hn::Min(raised, hn::Set(d, qp))), d, q + i);
    });
}

void roundToHalf(const float* x, float* out, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto most = hn::Set(d, 65504.0f);
        const auto given = hn::LoadU(d, x + i);
        const auto v = hn::Min(hn::Max(given, hn::Neg(most)), most);
        // The distance of two halves: 2^(exponent - 10), below 2^-14 that of the subnormals.
        const hn::RebindToUnsigned<decltype(d)> bits;
        const auto power
            = hn::BitCast(d, hn::And(hn::BitCast(bits, v), hn::Set(bits, 0x7f800000u)));
        const auto quantum = hn::Mul(hn::Max(power, hn::Set(d, 0x1p-14f)), hn::Set(d, 0x1p-10f));
        const auto half = hn::Mul(hn::Round(hn::Div(v, quantum)), quantum);
        hn::StoreU(hn::IfThenElse(hn::Eq(given, given), half, given), d, out + i);
    });
}

void pack(const float* q, bool isSigned, std::uint8_t* dst, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto whole = hn::ConvertTo(hn::RebindToSigned<decltype(d)>(), hn::LoadU(d, q + i));
        if (isSigned) {
            const hn::Rebind<std::int8_t, decltype(d)> bytes;
            hn::StoreU(hn::DemoteTo(bytes, whole), bytes, reinterpret_cast<std::int8_t*>(dst) + i);
        } else {
            const hn::Rebind<std::uint8_t, decltype(d)> bytes;
            hn::StoreU(hn::DemoteTo(bytes, whole), bytes, dst + i);
        }
    });
}

void unpack(const std::uint8_t* codes, bool isSigned, float factor, float* dst, std::size_t n)
{
    sweep(n, [=](auto d, std::size_t i) HWY_ATTR {
        const hn::RebindToSigned<decltype(d)> whole;
        const hn::Rebind<std::int8_t, decltype(d)> sbytes;
        const hn::Rebind<std::uint8_t, decltype(d)> ubytes;
        const auto code = isSigned
            ? hn::PromoteTo(whole,
                            hn::LoadU(sbytes, reinterpret_cast<const std::int8_t*>(codes) + i))
            : hn::PromoteTo(whole, hn::LoadU(ubytes, codes + i));
        hn::StoreU(hn::Mul(hn::ConvertTo(d, code), hn::Set(d, factor)), d, dst + i);
    });
}

/// sum[i] += x[i], total[i] += x[i] * y[i], in double.
template<typename Tag>
HWY_INLINE void accumulate(Tag d, const float* x, const float* y, double* sum, double* total)
{
    const hn::Rebind<double, decltype(d)> dd;
    const auto vx = hn::PromoteTo(dd, hn::LoadU(d, x));
    const auto vy = hn::PromoteTo(dd, hn::LoadU(d, y));
    hn::StoreU(hn::Add(hn::LoadU(dd, sum), vx), dd, sum);
    hn::StoreU(hn::Add(hn::LoadU(dd, total), hn::Mul(vx, vy)), dd, total);
}

void addProducts(const float* g, const float* y, double* sum, double* product, std::size_t n)
{
    const hn::Half<Wide> half; // as many floats as a vector holds doubles
    const std::size_t lanes = hn::Lanes(half);
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        accumulate(half, g + i, y + i, sum + i, product + i);
    for (; i < n; ++i)
        accumulate(One(), g + i, y + i, sum + i, product + i);
}

void addMoments(const float* x, double* sum, double* square, std::size_t n)
{
    addProducts(x, x, sum, square, n);
}

} // namespace stair::tile::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stair::tile {

HWY_EXPORT(affine);
HWY_EXPORT(affinePair);
HWY_EXPORT(scale);
HWY_EXPORT(add);
HWY_EXPORT(multiply);
HWY_EXPORT(clamp);
HWY_EXPORT(greaterFloats);
HWY_EXPORT(greaterSigned);
HWY_EXPORT(greaterUnsigned);
HWY_EXPORT(maskOpen);
HWY_EXPORT(roundClamp);
HWY_EXPORT(roundToHalf);
HWY_EXPORT(pack);
HWY_EXPORT(unpack);
HWY_EXPORT(addMoments);
HWY_EXPORT(addProducts);

void affine(const float* y, const float* m, const float* b, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(affine)(y, m, b, out, n);
}

void affinePair(const float* g, const float* y, const float* a, const float* b, const float* c,
                float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(affinePair)(g, y, a, b, c, out, n);
}

void scale(const float* x, float factor, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(scale)(x, factor, out, n);
}

void add(const float* x, const float* y, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(add)(x, y, out, n);
}

void multiply(const float* x, const float* y, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(multiply)(x, y, out, n);
}

void clamp(const float* x, float low, float high, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(clamp)(x, low, high, out, n);
}

void greater(const float* x, const float* y, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(greaterFloats)(x, y, out, n);
}

void greater(const std::int8_t* x, const std::int8_t* y, std::int8_t* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(greaterSigned)(x, y, out, n);
}

void greater(const std::uint8_t* x, const std::uint8_t* y, std::uint8_t* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(greaterUnsigned)(x, y, out, n);
}

void maskOpen(const float* x, float low, float high, const float* g, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(maskOpen)(x, low, high, g, out, n);
}

void roundClamp(const float* u, float qn, float qp, float* q, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(roundClamp)(u, qn, qp, q, n);
}

void roundToHalf(const float* x, float* out, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(roundToHalf)(x, out, n);
}

void pack(const float* q, bool isSigned, std::uint8_t* dst, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(pack)(q, isSigned, dst, n);
}

void unpack(const std::uint8_t* codes, bool isSigned, float factor, float* dst, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(unpack)(codes, isSigned, factor, dst, n);
}

void addMoments(const float* x, double* sum, double* square, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(addMoments)(x, sum, square, n);
}

void addProducts(const float* g, const float* y, double* sum, double* product, std::size_t n)
{
    HWY_DYNAMIC_DISPATCH(addProducts)(g, y, sum, product, n);
}

} // namespace stair::tile
#endif
