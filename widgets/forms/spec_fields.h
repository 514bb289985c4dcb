#pragma once

#include "core/quant/methods.h"
#include "core/train/experiment_spec.h"

#include <string>
#include <vector>

namespace stair {

/// The fields of a spec that no table describes, as rows for a ParamForm, and their way into a spec
/// and back. ExperimentSpec::read has the last word on what is valid.

/// batch, validation and the augmentation.
const std::vector<ParamSpec>& dataFields();
void storeData(const Json& values, DataSpec& data);
Json dataValues(const DataSpec& data);

/// Whether the method is one that quantizes.
bool quantizes(const MethodInfo& method);

/// The widths that `method` can have ("2" to "8", "float"), and what is done at the ends.
std::vector<ParamSpec> quantFields(const MethodInfo& method);
void storeQuant(const Json& values, QuantSpec& quant);
Json quantValues(const QuantSpec& quant);

/// What most users set about training.
const std::vector<ParamSpec>& trainingFields();
/// What few do: limits, guards, records, seed and threads.
const std::vector<ParamSpec>& advancedFields();
/// `values` holds the keys of both.
void storeTraining(const Json& values, ExperimentSpec& spec);
Json trainingValues(const ExperimentSpec& spec);

/// `values` checked against `params`; errors name `place`.
ParamValues readParams(const std::vector<ParamSpec>& params, const Json& values,
                       const std::string& place);

} // namespace stair
