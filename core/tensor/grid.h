#pragma once

namespace stair {

/// The integers a quantizer may produce. Real value = step * code; the step is kept apart because
/// it may differ by output channel.
struct Grid
{
    int bits = 8;
    bool isSigned = true;
    int qn = -128; // least code
    int qp = 127; // greatest code

    /// Two's complement: -2^(b-1) .. 2^(b-1)-1, or 0 .. 2^b-1.
    static Grid uniform(int bits, bool isSigned)
    {
        return isSigned ? Grid{bits, true, -(1 << (bits - 1)), (1 << (bits - 1)) - 1}
                        : Grid{bits, false, 0, (1 << bits) - 1};
    }

    /// The largest magnitude: what bounds an accumulator.
    int maxMagnitude() const { return -qn > qp ? -qn : qp; }
    int levels() const { return qp - qn + 1; }

    bool operator==(const Grid&) const = default;
};

} // namespace stair
