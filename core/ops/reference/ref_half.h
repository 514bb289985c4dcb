#pragma once

namespace stair {

/// The IEEE half (binary16) nearest to x, by the compiler's own type; beyond +-65504 it stays
/// there. NaN stays NaN.
float refRoundToHalf(float x);

} // namespace stair
