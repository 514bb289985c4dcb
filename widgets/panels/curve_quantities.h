#pragma once

#include "widgets/models/layer_log.h"
#include "widgets/models/run_values.h"
#include "widgets/panels/layer_figures.h"
#include "widgets/plot/curve_style.h"

#include <QString>

#include <optional>
#include <vector>

namespace stair {

/// One of the curves that a quantity has of each run.
struct CurveTrack
{
    QString what; // "test"
    CurveStyle::Mark mark = CurveStyle::Mark::Line;
    std::optional<double> (*value)(const EvaluationPoint&) = nullptr;
};

/// Something that can be plotted over the steps: of the batches and evaluations, or of a layer's tensor.
struct CurveQuantity
{
    QString id; // kept between sessions
    QString title;
    QString yTitle; // with its unit
    QString tip; // what it is, and from where
    double yEnd = 0; // > 0: the axis always ends there
    double (*ofStep)(const StepPoint&) = nullptr; // null: not one of the batches
    bool isNoisy = true; // worth smoothing
    std::vector<CurveTrack> evaluations = {};
    double (*ofTrace)(const TracePoint&) = nullptr; // null: not one of a layer
    TensorSide side = TensorSide::Weights;

    bool isOfLayer() const { return ofTrace != nullptr; }
};

/// All of them, those of layers last.
const std::vector<CurveQuantity>& curveQuantities();

/// By id; the first where there is none.
const CurveQuantity& curveQuantity(const QString& id);

} // namespace stair
