#pragma once

#include "core/quant/method_info.h"

namespace stair {

// float, minmax
MethodInfo floatMethod();
MethodInfo minMaxMethod();

// Gradients too.
MethodInfo dai8Method();

// Learned steps.
MethodInfo lsqMethod();
MethodInfo lsqPlusMethod();
MethodInfo pactMethod();
MethodInfo doReFaMethod();
MethodInfo dsqMethod();
MethodInfo ewgsMethod();

// LG-LSQ, its parts and its parent.
MethodInfo llsqMethod();
MethodInfo asrMethod();
MethodInfo lgLsqMethod();
MethodInfo softRoundMethod();
MethodInfo stochasticMethod();

// One to four bits.
MethodInfo bnnMethod();
MethodInfo twnMethod();
MethodInfo aqeMethod();
MethodInfo bcgdMethod();

// Without training.
MethodInfo ptqMethod();

// A formula typed by the user.
MethodInfo formulaMethod();

/// Steps that follow the range, gradients straight through: what a method gives tensors that it
/// says nothing about.
QuantizerAxes minMaxAxes(double momentum = 0.1);

/// What methods for tensors without negative values give the others: min-max, and at 1 bit the sign
/// as BNN has it (on Grid::odd(1): two's complement has no two levels about zero).
QuantizerAxes signedAxes(const Grid& grid);

} // namespace stair
