#include "widgets/panels/curve_quantities.h"

#include <QCoreApplication>

#include <algorithm>

namespace stair {

namespace {

using Mark = CurveStyle::Mark;

QString tr(const char* text)
{
    return QCoreApplication::translate("CurveQuantities", text);
}

std::optional<double> percent(const std::optional<double>& share)
{
    return share ? std::optional(100 * *share) : std::nullopt;
}

CurveQuantity loss()
{
    CurveQuantity quantity;
    quantity.id = QStringLiteral("loss");
    quantity.title = tr("Loss");
    quantity.yTitle = tr("Loss (nats)");
    quantity.tip = tr("Cross-entropy of each batch in training's own forward pass, and of the "
                      "evaluations");
    quantity.ofStep = [](const StepPoint& point) {
        return point.loss;
    };
    quantity.evaluations = {
        {tr("validation"), Mark::Square,
         [](const EvaluationPoint& point) {
             return point.validationLoss;
         }},
        {tr("test"), Mark::Disc,
         [](const EvaluationPoint& point) {
             return std::optional(point.loss);
         }},
    };
    return quantity;
}

CurveQuantity accuracy()
{
    CurveQuantity quantity;
    quantity.id = QStringLiteral("accuracy");
    quantity.title = tr("Accuracy");
    quantity.yTitle = tr("Top-1 accuracy (%)");
    quantity.tip = tr("Of each batch in training's own forward pass; on the test images by the "
                      "shipped program (hard: integers, where the run is quantized), with the soft "
                      "values of training (blended), and with the running batch-norm statistics");
    quantity.yEnd = 100;
    quantity.ofStep = [](const StepPoint& point) {
        return 100 * point.accuracy;
    };
    quantity.evaluations = {
        {tr("test with running statistics"), Mark::Triangle,
         [](const EvaluationPoint& point) {
             return percent(point.running);
         }},
        {tr("test, blended"), Mark::Diamond,
         [](const EvaluationPoint& point) {
             return percent(point.blended);
         }},
        {tr("validation"), Mark::Square,
         [](const EvaluationPoint& point) {
             return percent(point.validation);
         }},
        {tr("test, hard"), Mark::Disc,
         [](const EvaluationPoint& point) {
             return std::optional(100 * point.test);
         }},
    };
    return quantity;
}

CurveQuantity ofBatches(const char* id, const QString& title, const QString& yTitle,
                        const QString& tip, double (*value)(const StepPoint&))
{
    CurveQuantity quantity;
    quantity.id = QLatin1String(id);
    quantity.title = title;
    quantity.yTitle = yTitle;
    quantity.tip = tip;
    quantity.ofStep = value;
    return quantity;
}

CurveQuantity ofLayer(const char* id, TensorSide side, const QString& title, const QString& yTitle,
                      const QString& tip, double (*value)(const TracePoint&))
{
    CurveQuantity quantity;
    quantity.id = QLatin1String(id)
        + (side == TensorSide::Activations ? QStringLiteral(".activations") : QString());
    quantity.title = side == TensorSide::Weights ? tr("Weights: %1").arg(title)
        : side == TensorSide::Activations        ? tr("Activations: %1").arg(title)
                                                 : title;
    quantity.yTitle = yTitle;
    quantity.tip = tip;
    quantity.side = side;
    quantity.ofTrace = value;
    return quantity;
}

void addOfQuantizers(std::vector<CurveQuantity>& all, TensorSide side)
{
    const auto add = [&](const char* id, const QString& title, const QString& yTitle,
                         const QString& tip, double (*value)(const TracePoint&)) {
        all.push_back(ofLayer(id, side, title, yTitle, tip, value));
    };
    add("stepSize", tr("step size"), tr("Step (the tensor's unit)"),
        tr("Distance of two levels; the mean over channels where each has its own"),
        [](const TracePoint& point) { return point.stepSize; });
    add("saturated", tr("cut off"), tr("Values (%)"),
        tr("Saturation: share of values beyond the grid's ends"),
        [](const TracePoint& point) { return 100 * point.saturated; });
    add("masked", tr("gradient masked"), tr("Values (%)"),
        side == TensorSide::Activations
            ? tr(
                "Share of values whose gradient is set to zero: beyond the quantizer's mask, or at "
                "the ends of the activation, such as HardTanh")
            : tr("Share of values whose gradient is set to zero: beyond the quantizer's mask"),
        [](const TracePoint& point) { return 100 * point.masked; });
    add("zero", tr("zero codes"), tr("Codes (%)"), tr("Share of codes that are 0"),
        [](const TracePoint& point) { return 100 * point.zero; });
    add("unused", tr("unused levels"), tr("Levels (%)"),
        tr("Share of the grid's levels that no value took at that step"),
        [](const TracePoint& point) { return 100 * point.unused; });
    if (side == TensorSide::Weights)
        add("flips", tr("flips by one update"), tr("Weight codes (%)"),
            tr("Share of weight codes that the update of that step changed"),
            [](const TracePoint& point) { return 100 * point.flips; });
    add("sqnr", tr("SQNR"), tr("SQNR (dB)"),
        tr("10 log10 of the values' energy over that of their quantization error"),
        [](const TracePoint& point) { return point.sqnr; });
    add("mse", tr("squared error"), tr("Mean squared error (unit²)"),
        tr("Mean of (value - step × code)²"),
        [](const TracePoint& point) { return point.meanSquaredError; });
    add("cosine", tr("cosine"), tr("Cosine (1: the same direction)"),
        tr("Cosine between the values and step × code"),
        [](const TracePoint& point) { return point.cosine; });
}

std::vector<CurveQuantity> makeAll()
{
    std::vector<CurveQuantity> all = {loss(), accuracy()};
    all.push_back(ofBatches("learningRate", tr("Learning rate"), tr("Learning rate (per step)"),
                            tr("Of the optimizer, at each step"),
                            [](const StepPoint& point) { return point.learningRate; }));
    all.back().isNoisy = false;
    all.push_back(ofBatches("gradientNorm", tr("Gradient norm"), tr("Norm of all gradients"),
                            tr("Euclidean norm of all gradients of a batch, before any clipping"),
                            [](const StepPoint& point) { return point.gradientNorm; }));
    addOfQuantizers(all, TensorSide::Weights);
    all.push_back(ofLayer("layerGradient", TensorSide::Gradients, tr("Weights: gradient norm"),
                          tr("Norm"),
                          tr("Euclidean norm of the loss's gradient by the layer's weights"),
                          [](const TracePoint& point) { return point.norm; }));
    addOfQuantizers(all, TensorSide::Activations);
    return all;
}

} // namespace

const std::vector<CurveQuantity>& curveQuantities()
{
    static const std::vector<CurveQuantity> all = makeAll();
    return all;
}

const CurveQuantity& curveQuantity(const QString& id)
{
    const auto found = std::ranges::find(curveQuantities(), id, &CurveQuantity::id);
    return found != curveQuantities().end() ? *found : curveQuantities().front();
}

} // namespace stair
