#pragma once

#include "core/base/json.h"
#include "core/quant/quantizer.h"
#include "core/train/value_bins.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace stair {

/// What all methods in the rounding lab quantize, and where their curves are sampled.
struct LabScene
{
    QuantizerKind kind = QuantizerKind::Weight;
    bool isSigned = true; // the tensor has negative values; weights always do
    int bits = 2; // asked for; a method takes the nearest it has
    double step = 1;
    bool sharesStep
        = true; // else a method whose step no tensor decides (AQE, BNN ...) keeps its own
    std::optional<double> codeStepRatio
        = {}; // code step over step, of methods that tell them apart
    double progress = 0; // of the run, 0 to 1: ramps follow it
    double gradient = 1; // the incoming one; its sign matters to corrections
    double from = -3; // of the curves
    double to = 3;
    int points = 1201;
    double reach = 4; // of a weight tensor that a transform looks at: its largest magnitude
};

/// One method in the lab, with its parameters as a spec has them.
struct LabMethod
{
    std::string id;
    Json params = Json::object();
};

/// A method's curves over x, each point from core/quant/probe: the object that training calls.
struct LabCurves
{
    std::vector<double> x;
    std::vector<double> forward; // what training puts in x's place
    std::vector<double> slope; // dL/dx over the incoming gradient
    std::vector<double> surrogate; // the slope's integral, 0 at 0: the function training descends
    std::vector<double> error; // forward - x
    std::vector<double> levels; // values of the grid's levels, ascending
    double clip = 0; // value of the greatest level
    double step = 0; // in effect
    int bits = 0; // in effect
    bool isSoft = false; // the forward pass is in float
    bool hasTransform = false;
    bool hasOwnCodeStep = false; // training takes it from the weights
    QString problem; // why there is nothing; then everything else is empty
};

LabCurves sampleMethod(const LabMethod& method, const LabScene& scene);

/// What a method does to a layer's recorded values.
struct LabEffect
{
    double values = 0; // how many
    double flat = 0; // share where |slope| < flatSlope: their gradient is lost
    double meanSquaredError = 0;
    double sqnr = 0; // dB
};

inline constexpr double flatSlope = 0.05;

/// `values` in the scene's units of x; each bin counts at its centre.
LabEffect effectOn(const LabMethod& method, const LabScene& scene, const ValueBins& values);

/// The widths a method takes near the one asked for, and the greatest level's value over the step.
int labBits(const std::string& method, QuantizerKind kind, int bits);
double clipOverStep(const LabMethod& method, const LabScene& scene);

/// The "quant" of a spec: this method and these widths, everything else by default. Throws Error
/// naming what is wrong.
Json quantSpecOf(const LabMethod& method, int bits);

} // namespace stair
