#include "widgets/models/estimator.h"

#include "core/base/error.h"
#include "core/quant/methods.h"
#include "core/quant/probe.h"
#include "core/quant/quant_spec.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace stair {

namespace {

constexpr int mostSamples = 24'000;

ParamValues readParams(const MethodInfo& info, const Json& params)
{
    ObjectReader reader(params, info.title);
    ParamValues values = ParamValues::read(info.params, reader);
    reader.finish();
    return values;
}

std::unique_ptr<Quantizer> makeLabQuantizer(const LabMethod& lab, const LabScene& scene)
{
    const MethodInfo& info = method(lab.id);
    const ParamValues params = readParams(info, lab.params);
    const int bits = labBits(lab.id, scene.kind, scene.bits);
    const bool isSigned = scene.isSigned || scene.kind == QuantizerKind::Weight;
    const Grid grid = methodGrid(info, params, scene.kind, bits, isSigned);
    if (const auto fault = info.check ? info.check(params, grid) : std::nullopt)
        throw Error(fault->name + ": " + fault->text);
    auto quantizer = makeQuantizer(info, params, "lab.step", scene.kind, grid, 1);
    if (scene.sharesStep || !quantizer->isInitialised())
        quantizer->fixStep(float(scene.step));
    quantizer->advance({.progress = scene.progress});
    if (quantizer->hasOwnCodeStep())
        quantizer->codeSteps().fill(
            float(scene.codeStepRatio.value_or(1) * double(quantizer->step())));
    return quantizer;
}

/// Where the curves are sampled: the range that is shown, on to 0, where the surrogate begins; and not
/// beyond the tensor's largest value where a transform looks at it.
std::vector<float> samplesOf(const LabScene& scene, bool hasTransform)
{
    double from = std::min(scene.from, 0.0), to = std::max(scene.to, 0.0);
    double each = (scene.to - scene.from) / std::max(1, scene.points - 1);
    if (hasTransform) {
        from = -scene.reach;
        to = scene.reach;
        each = std::min(each, 2 * scene.reach / std::max(1, scene.points - 1));
    }
    const double count = std::clamp((to - from) / each, 1.0, double(mostSamples));
    return evenly(from, to, int(std::ceil(count)) + 1);
}

/// The slope's integral by trapezoids, moved so that it is 0 at 0.
std::vector<double> integrate(const std::vector<double>& x, const std::vector<double>& slope)
{
    std::vector<double> sum(x.size(), 0);
    for (std::size_t i = 1; i < x.size(); ++i)
        sum[i] = sum[i - 1] + (x[i] - x[i - 1]) * (slope[i] + slope[i - 1]) / 2;
    const auto next = std::ranges::upper_bound(x, 0.0);
    const std::size_t at = std::clamp<std::size_t>(std::size_t(next - x.begin()), 1, x.size() - 1);
    const double zero
        = sum[at - 1] + (0 - x[at - 1]) * (sum[at] - sum[at - 1]) / (x[at] - x[at - 1]);
    for (double& value : sum)
        value -= zero;
    return sum;
}

} // namespace

int labBits(const std::string& id, QuantizerKind kind, int bits)
{
    const BitRange range = method(id).bits(kind);
    return std::clamp(bits, range.least, range.most);
}

LabCurves sampleMethod(const LabMethod& lab, const LabScene& scene)
{
    LabCurves curves;
    try {
        const auto quantizer = makeLabQuantizer(lab, scene);
        curves.bits = quantizer->grid().bits;
        curves.isSoft = quantizer->isSoft();
        curves.hasTransform = quantizer->transform() != nullptr;
        curves.hasOwnCodeStep = quantizer->hasOwnCodeStep();
        const Grid& grid = quantizer->grid();
        for (int code = grid.qn; code <= grid.qp; ++code) {
            if (grid.has(code))
                curves.levels.push_back(code * double(quantizer->step()));
        }
        curves.step = double(quantizer->step());
        curves.clip = grid.qp * double(quantizer->step());
        const std::vector<float> x = samplesOf(scene, curves.hasTransform);
        for (const ProbePoint& point : probe(*quantizer, x, float(scene.gradient))) {
            curves.x.push_back(double(point.x));
            curves.forward.push_back(double(point.y));
            curves.slope.push_back(double(point.dydx) / scene.gradient);
            curves.error.push_back(double(point.y) - double(point.x));
        }
        curves.surrogate = integrate(curves.x, curves.slope);
    } catch (const std::exception& error) {
        curves = {};
        curves.problem = QString::fromUtf8(error.what());
    }
    return curves;
}

LabEffect effectOn(const LabMethod& lab, const LabScene& scene, const ValueBins& values)
{
    LabEffect effect;
    std::vector<float> x;
    std::vector<double> counts;
    for (std::size_t i = 0; i < values.counts.size(); ++i) {
        if (values.counts[i] == 0)
            continue;
        x.push_back(float(values.from + (double(i) + 0.5) * values.width));
        counts.push_back(double(values.counts[i]));
    }
    if (x.empty())
        return effect;
    const auto quantizer = makeLabQuantizer(lab, scene);
    const std::vector<ProbePoint> points = probe(*quantizer, x, float(scene.gradient));
    double energy = 0, error = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double difference = double(points[i].y) - double(points[i].x);
        effect.values += counts[i];
        energy += counts[i] * double(points[i].x) * double(points[i].x);
        error += counts[i] * difference * difference;
        if (std::abs(double(points[i].dydx) / scene.gradient) < flatSlope)
            effect.flat += counts[i];
    }
    effect.flat /= effect.values;
    effect.meanSquaredError = error / effect.values;
    constexpr double tiny = 1e-300;
    effect.sqnr = 10 * std::log10((energy + tiny) / (error + tiny));
    return effect;
}

double clipOverStep(const LabMethod& lab, const LabScene& scene)
{
    const MethodInfo& info = method(lab.id);
    const bool isSigned = scene.isSigned || scene.kind == QuantizerKind::Weight;
    const Grid grid = methodGrid(info, ParamValues(info.params), scene.kind,
                                 labBits(lab.id, scene.kind, scene.bits), isSigned);
    return grid.qp;
}

Json quantSpecOf(const LabMethod& lab, int bits)
{
    const Json json
        = {{"method", lab.id},
           {"params", lab.params},
           {"weights", {{"bits", labBits(lab.id, QuantizerKind::Weight, bits)}}},
           {"activations", {{"bits", labBits(lab.id, QuantizerKind::Activation, bits)}}}};
    return QuantSpec::read(ObjectReader(json, "quant")).toJson();
}

} // namespace stair
