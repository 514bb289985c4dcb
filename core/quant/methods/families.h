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

} // namespace stair
