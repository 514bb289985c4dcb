#pragma once

#include "core/quant/quant_spec.h"

#include <vector>

namespace stair {

/// A spec's quant.schedule as rows for a ParamForm, and their way into a spec and back.
const std::vector<ParamSpec>& scheduleFields();

/// Throws Error naming the field when the other widths are not "step: weights/activations, ...".
/// What the steps and widths may be, QuantSpec::read says.
void storeSchedule(const Json& values, QuantSchedule& schedule);
Json scheduleValues(const QuantSchedule& schedule);

} // namespace stair
