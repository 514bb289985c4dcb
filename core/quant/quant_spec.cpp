#include "core/quant/quant_spec.h"

#include "core/base/concat.h"
#include "core/quant/methods.h"

#include <algorithm>

namespace stair {

namespace {

const std::vector<std::string> endNames = {"8bit", "float", "same"}; // in the order of EndPolicy
const std::vector<std::string> residualNames = {"codes8", "float", "shared"}; // of ResidualPolicy

const MethodInfo& readMethod(ObjectReader& reader, const std::string& fallback)
{
    std::vector<std::string> ids;
    for (const MethodInfo& info : methods())
        ids.push_back(info.id);
    return method(reader.choice("method", fallback, ids));
}

/// What any method takes beside its own widths.
std::string floatWidths()
{
    return concat(", ", halfBits, " for half precision or ", floatBits, " for float");
}

/// A width that the method can do, or float. Left out: 8, or as near to it as the method gets.
int readBits(ObjectReader& reader, const MethodInfo& info, QuantizerKind kind)
{
    const auto [least, most] = info.bits(kind);
    constexpr std::int64_t any = 1000000000;
    const auto bits = int(reader.integer("bits", std::clamp(8, least, most), -any, any));
    if (bits != floatBits && !info.quantizes())
        reader.fail("bits",
                    concat("is ", bits, ", but '", info.id,
                           "' quantizes nothing; leave it out or choose another quant.method"));
    if (isCoded(bits) ? !info.bits(kind).has(bits) : bits != halfBits && bits != floatBits)
        reader.fail("bits",
                    concat("is ", bits, "; '", info.id, "' takes ",
                           least == most ? concat(least) : concat(least, " to ", most),
                           floatWidths()));
    return bits;
}

/// Whether training would see the method's soft values in f32.
bool isSoft(const QuantSpec& spec, const MethodInfo& info)
{
    const auto softAt = [&](QuantizerKind kind, int bits) {
        if (!isCoded(bits))
            return false;
        const Grid grid = methodGrid(info, spec.params, kind, bits, kind == QuantizerKind::Weight);
        return info.axes(spec.params, kind, grid).rounding->isSoft();
    };
    return softAt(QuantizerKind::Weight, spec.weightBits)
        || softAt(QuantizerKind::Activation, spec.activationBits);
}

/// Needs the method's parameters and widths in `spec`.
int readGradientBits(ObjectReader reader, const QuantSpec& spec, const MethodInfo& info)
{
    const auto bits = int(reader.integer("bits", info.gradientDefault, 1, floatBits));
    reader.finish();
    if (bits == floatBits)
        return bits;
    if (!info.quantizes())
        reader.fail("bits",
                    concat("is ", bits, ", but '", info.id,
                           "' quantizes nothing; write 32 or leave it out"));
    const auto [least, most] = info.gradientBits;
    if (!info.gradientBits.has(bits))
        reader.fail("bits",
                    concat("is ", bits, "; '", info.id, "' takes ",
                           least == most ? concat(least) : concat(least, " to ", most), ", or ",
                           floatBits, " for float"));
    if (isSoft(spec, info))
        reader.fail("bits",
                    concat("is ", bits, ", but '", info.id,
                           "' trains on soft values in float here; write 32, or choose a method "
                           "with a hard forward pass"));
    return bits;
}

/// A width in an override: one of the method's, 8, half or float; 0 when it is left out.
int readOverride(ObjectReader reader, const MethodInfo& info, QuantizerKind kind)
{
    int bits = 0;
    if (reader.has("bits")) {
        bits = int(reader.integer("bits", 8, 1, floatBits));
        const auto [least, most] = info.bits(kind);
        const bool isOwn = bits == 8 || info.bits(kind).has(bits);
        if (!isOwn && bits != halfBits && bits != floatBits)
            reader.fail("bits",
                        concat("is ", bits, "; '", info.id, "' takes ", least, " to ", most,
                               most < 8 ? ", 8 here as well" : "", floatWidths()));
    }
    reader.finish();
    return bits;
}

std::vector<LayerBits> readLayers(ObjectReader& reader, const MethodInfo& info)
{
    std::vector<LayerBits> layers;
    for (ObjectReader& row : reader.objects("layers")) {
        LayerBits layer;
        layer.match = row.text("match", "");
        if (layer.match.empty())
            row.fail("match", "is missing; it names layers, as in \"stage1.*\"");
        layer.weightBits = readOverride(row.object("weights"), info, QuantizerKind::Weight);
        layer.activationBits
            = readOverride(row.object("activations"), info, QuantizerKind::Activation);
        row.finish();
        if (layer.weightBits == 0 && layer.activationBits == 0)
            row.fail("weights", "or activations must be given with their bits, or nothing changes");
        if (!info.quantizes())
            row.fail("match", concat("means nothing with the method '", info.id, "'"));
        layers.push_back(layer);
    }
    return layers;
}

std::vector<QuantSchedule::Bits> readScheduledBits(ObjectReader& reader, const MethodInfo& info)
{
    std::vector<QuantSchedule::Bits> changes;
    for (ObjectReader& row : reader.objects("bits")) {
        QuantSchedule::Bits change;
        if (!row.has("step"))
            row.fail("step", "is missing; it is the training step from which the widths hold");
        change.step = row.integer("step", 1, 1, 1'000'000'000'000);
        ObjectReader weights = row.object("weights"), activations = row.object("activations");
        if (weights.has("bits"))
            change.weightBits = readBits(weights, info, QuantizerKind::Weight);
        if (activations.has("bits"))
            change.activationBits = readBits(activations, info, QuantizerKind::Activation);
        weights.finish();
        activations.finish();
        row.finish();
        if (change.weightBits == 0 && change.activationBits == 0)
            row.fail("weights", "or activations must be given with their bits, or nothing changes");
        if (!changes.empty() && change.step <= changes.back().step)
            row.fail("step", "must be greater than the one before it");
        changes.push_back(change);
    }
    return changes;
}

QuantSchedule readSchedule(ObjectReader& parent, const MethodInfo& info)
{
    constexpr std::int64_t most = 1'000'000'000'000;
    const Json* given = parent.raw("schedule");
    if (!given || given->is_null())
        return {};
    ObjectReader reader = parent.object("schedule");
    QuantSchedule schedule;
    schedule.startStep = reader.integer("start", 0, 0, most);
    schedule.freezeRangesStep = reader.integer("freeze_ranges", 0, 0, most);
    schedule.freezeNormStep = reader.integer("freeze_norm", 0, 0, most);
    schedule.bits = readScheduledBits(reader, info);
    reader.finish();
    return schedule;
}

Json toJson(const std::vector<LayerBits>& layers)
{
    Json rows = Json::array();
    for (const LayerBits& layer : layers) {
        Json row = {{"match", layer.match}};
        if (layer.weightBits)
            row["weights"] = {{"bits", layer.weightBits}};
        if (layer.activationBits)
            row["activations"] = {{"bits", layer.activationBits}};
        rows.push_back(row);
    }
    return rows;
}

Json toJson(const QuantSchedule& schedule)
{
    Json bits = Json::array();
    for (const QuantSchedule::Bits& change : schedule.bits) {
        Json row = {{"step", change.step}};
        if (change.weightBits)
            row["weights"] = {{"bits", change.weightBits}};
        if (change.activationBits)
            row["activations"] = {{"bits", change.activationBits}};
        bits.push_back(row);
    }
    return {{"start", schedule.startStep},
            {"freeze_ranges", schedule.freezeRangesStep},
            {"freeze_norm", schedule.freezeNormStep},
            {"bits", bits}};
}

EndPolicy readEnd(ObjectReader& reader, const std::string& key, EndPolicy fallback)
{
    const std::string name = reader.choice(key, endNames[std::size_t(fallback)], endNames);
    return EndPolicy(std::ranges::find(endNames, name) - endNames.begin());
}

/// Accepts the key only with the value that works today.
void readFuture(ObjectReader& reader, const std::string& key, const std::string& today,
                const std::vector<std::string>& future)
{
    const std::string value = reader.text(key, today);
    if (std::ranges::find(future, value) != future.end())
        reader.fail(key, concat("'", value, "' is not available yet; write '", today, "'"));
}

ResidualPolicy readResidual(ObjectReader& reader)
{
    const std::string name = reader.choice("residual", residualNames[0], residualNames);
    return ResidualPolicy(std::ranges::find(residualNames, name) - residualNames.begin());
}

} // namespace

QuantSpec QuantSpec::read(ObjectReader reader)
{
    QuantSpec spec;
    const MethodInfo& info = readMethod(reader, spec.method);
    spec.method = info.id;
    ObjectReader params = reader.object("params");
    spec.params = ParamValues::read(info.params, params);
    params.finish();
    if (const auto fault = info.check ? info.check(spec.params, widestGrid) : std::nullopt)
        params.fail(fault->name + ":", fault->text);

    ObjectReader weights = reader.object("weights");
    spec.weightBits = readBits(weights, info, QuantizerKind::Weight);
    spec.perChannel = weights.choice("per", "tensor", {"tensor", "channel"}) == "channel";
    weights.finish();
    ObjectReader activations = reader.object("activations");
    spec.activationBits = readBits(activations, info, QuantizerKind::Activation);
    activations.finish();
    spec.gradientBits = readGradientBits(reader.object("gradients"), spec, info);

    spec.first = readEnd(reader, "first", spec.first);
    spec.last = readEnd(reader, "last", spec.last);
    spec.residual = readResidual(reader);
    readFuture(reader, "epilogue", "float", {"fixed", "thresholds"});
    reader.choice("epilogue", "float", {"float"});
    spec.layers = readLayers(reader, info);
    spec.schedule = readSchedule(reader, info);
    reader.finish();
    return spec;
}

QuantSpec QuantSpec::asFloat() const
{
    QuantSpec real = *this;
    real.method = "float";
    real.params = {};
    real.weightBits = real.activationBits = real.gradientBits = floatBits;
    return real;
}

Json QuantSpec::toJson() const
{
    return {{"method", method},
            {"params", params.toJson()},
            {"weights", {{"bits", weightBits}, {"per", perChannel ? "channel" : "tensor"}}},
            {"activations", {{"bits", activationBits}}},
            {"gradients", {{"bits", gradientBits}}},
            {"first", endNames[std::size_t(first)]},
            {"last", endNames[std::size_t(last)]},
            {"residual", residualNames[std::size_t(residual)]},
            {"epilogue", "float"},
            {"layers", stair::toJson(layers)},
            {"schedule", stair::toJson(schedule)}};
}

Grid weightGrid(const QuantSpec& quant, int bits)
{
    return methodGrid(method(quant.method), quant.params, QuantizerKind::Weight, bits, true);
}

Grid activationGrid(const QuantSpec& quant, int bits, bool isSigned)
{
    return methodGrid(method(quant.method), quant.params, QuantizerKind::Activation, bits,
                      isSigned);
}

} // namespace stair
