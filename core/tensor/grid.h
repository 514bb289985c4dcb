#pragma once

#include <compare>

namespace stair {

/// The integers a quantizer may produce. Real value = step * code; the step is kept apart because
/// it may differ by output channel.
struct Grid
{
    enum class Kind
    {
        Uniform, // qn, qn + 1 .. qp
        Odd, // qn, qn + 2 .. qp: mid-rise, without zero
        PowerOfTwo, // 0 and +-1, +-2, +-4 .. qp
    };

    int bits = 8;
    bool isSigned = true;
    int qn = -128; // least code
    int qp = 127; // greatest code
    Kind kind = Kind::Uniform;

    /// Two's complement: -2^(b-1) .. 2^(b-1)-1, or 0 .. 2^b-1.
    static Grid uniform(int bits, bool isSigned)
    {
        return isSigned ? Grid{bits, true, -(1 << (bits - 1)), (1 << (bits - 1)) - 1}
                        : Grid{bits, false, 0, (1 << bits) - 1};
    }

    /// 2^b levels without zero, the codes 2i - (2^b - 1); b from 1 (-1 and +1) to 7.
    static Grid odd(int bits)
    {
        const int n = (1 << bits) - 1;
        return {bits, true, -n, n, Kind::Odd};
    }

    /// -1, 0, +1.
    static Grid ternary() { return {2, true, -1, 1}; }

    bool isTernary() const { return kind != Kind::Odd && qn == -1 && qp == 1; }

    /// Zero and 2^(b-1) - 1 magnitudes of each sign; b from 2 to 4.
    static Grid powerOfTwo(int bits)
    {
        const int most = 1 << ((1 << (bits - 1)) - 2);
        return {bits, true, -most, most, Kind::PowerOfTwo};
    }

    /// 2^b levels around an integer zero point: -zero .. 2^b - 1 - zero; b up to 7.
    static Grid shifted(int bits, int zero) { return {bits, true, -zero, (1 << bits) - 1 - zero}; }

    /// The largest magnitude: what bounds an accumulator.
    int maxMagnitude() const { return -qn > qp ? -qn : qp; }

    int levels() const
    {
        switch (kind) {
        case Kind::Uniform:
            break;
        case Kind::Odd:
            return (qp - qn) / 2 + 1;
        case Kind::PowerOfTwo:
            return (1 << bits) - 1;
        }
        return qp - qn + 1;
    }

    /// Whether `code`, from qn to qp, is one of the levels.
    bool has(int code) const
    {
        const int magnitude = code < 0 ? -code : code;
        switch (kind) {
        case Kind::Uniform:
            break;
        case Kind::Odd:
            return magnitude % 2 == 1;
        case Kind::PowerOfTwo:
            return (magnitude & (magnitude - 1)) == 0;
        }
        return true;
    }

    auto operator<=>(const Grid&) const = default;
};

} // namespace stair
