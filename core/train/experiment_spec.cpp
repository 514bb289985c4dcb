#include "core/train/experiment_spec.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/data/datasets.h"
#include "core/quant/methods.h"
#include "core/train/optimizers.h"
#include "core/train/schedules.h"
#include "core/zoo/networks.h"

#include <algorithm>

namespace stair {

namespace {

constexpr int many = 1000000000;
constexpr std::int64_t greatestSeed = (std::int64_t(1) << 53) - 1; // exact in every JSON reader

/// The row of `table` that "id" names.
template<typename Row>
const Row& readRow(ObjectReader& reader, const std::string& fallback, const std::vector<Row>& table)
{
    std::vector<std::string> ids;
    for (const Row& row : table)
        ids.push_back(row.id);
    const std::string id = reader.choice("id", fallback, ids);
    for (const Row& row : table) {
        if (row.id == id)
            return row;
    }
    throw Error(concat("'", id, "' is not listed")); // the reader has refused it already
}

/// The values of a nested "params" object.
ParamValues readParams(ObjectReader& reader, const std::vector<ParamSpec>& specs)
{
    ObjectReader params = reader.object("params");
    ParamValues values = ParamValues::read(specs, params);
    params.finish();
    return values;
}

Augmentation readAugmentation(ObjectReader reader)
{
    Augmentation augmentation;
    augmentation.pad = int(reader.integer("pad", 0, 0, 1000));
    augmentation.cropHeight = augmentation.cropWidth = int(reader.integer("crop", 0, 0, 10000));
    augmentation.flip = reader.flag("flip", false);
    reader.finish();
    return augmentation;
}

DataSpec readData(ObjectReader reader)
{
    DataSpec data;
    const DatasetInfo& info = readRow(reader, data.id, datasets());
    data.id = info.id;
    data.path = reader.text("path", "");
    if (info.needsPath && data.path.empty())
        reader.fail("path",
                    concat("is missing; '", info.id, "' is opened from there: ", info.help));
    if (!info.needsPath && !data.path.empty())
        reader.fail("path",
                    concat("is given, but '", info.id,
                           "' reads no files; leave it out or choose another data.id"));
    data.params = readParams(reader, info.params);
    data.batch = int(reader.integer("batch", data.batch, 1, 65536));
    data.validation = int(reader.integer("validation", 0, 0, many));
    data.augment = readAugmentation(reader.object("augment"));
    reader.finish();
    return data;
}

NetworkSpec readNetwork(ObjectReader reader)
{
    NetworkSpec network;
    const NetworkInfo& info = readRow(reader, network.id, networks());
    network.id = info.id;
    network.params = readParams(reader, info.params);
    reader.finish();
    return network;
}

GuardSpec readGuards(ObjectReader reader)
{
    GuardSpec guards;
    guards.saturation = reader.real("saturation", guards.saturation, 0, 1);
    guards.dead = reader.flag("dead", guards.dead);
    reader.finish();
    return guards;
}

void readOptimizer(ObjectReader reader, TrainingSpec& training)
{
    const OptimizerInfo& info = readRow(reader, training.optimizer, optimizers());
    training.optimizer = info.id;
    training.optimizerParams = ParamValues::read(info.params, reader);
    reader.finish();
}

void readSchedule(ObjectReader reader, TrainingSpec& training)
{
    const ScheduleInfo& info = readRow(reader, training.schedule, schedules());
    training.schedule = info.id;
    training.scheduleParams = ParamValues::read(info.params, reader);
    reader.finish();
    try {
        info.factor(training.scheduleParams, 0, 1, 1);
    } catch (const Error& error) { // only a text can still be wrong
        const auto isText = [](const ParamSpec& s) {
            return s.type == ParamSpec::Type::Text;
        };
        reader.fail(std::ranges::find_if(info.params, isText)->name, error.what());
    }
}

TrainingSpec readTraining(ObjectReader reader, const DataSpec& data)
{
    TrainingSpec training;
    training.epochs = int(reader.integer("epochs", training.epochs, 0, 1000000));
    training.from = reader.text("from", "");
    readOptimizer(reader.object("optimizer"), training);
    readSchedule(reader.object("schedule"), training);
    training.clipNorm = reader.real("clip_norm", 0, 0, many);
    training.evaluateEvery = int(reader.integer("evaluate_every", 1, 1, 1000000));
    training.patience = int(reader.integer("patience", 0, 0, 1000000));
    if (training.patience > 0 && data.validation == 0)
        reader.fail("patience", "needs held-out images; set data.validation too, or patience to 0");
    training.budgetSeconds = reader.real("budget", 0, 0, many);
    training.checkpointEvery = int(reader.integer("checkpoint_every", 0, 0, many));
    training.guards = readGuards(reader.object("guards"));
    reader.finish();
    return training;
}

/// A run of no epochs shows what its start is worth: it must have one, and steps that need no
/// training.
void checkWithoutEpochs(ObjectReader reader, const ExperimentSpec& spec)
{
    const MethodInfo& info = method(spec.quant.method);
    if (spec.training.epochs > 0)
        return;
    if (info.quantizes() && !info.calibration)
        reader.fail("epochs",
                    concat("is 0, but '", info.id,
                           "' sets its steps while it trains; choose one or more epochs, or "
                           "quant.method 'ptq'"));
    if (spec.training.from.empty())
        reader.fail("epochs",
                    "is 0: nothing is trained; name the run to start from in training.from, or "
                    "choose one or more epochs");
}

Json withId(const std::string& id, const ParamValues& values)
{
    Json json = {{"id", id}};
    json.update(values.toJson());
    return json;
}

Json toJson(const TrainingSpec& training)
{
    return {
        {"epochs", training.epochs},
        {"from", training.from},
        {"optimizer", withId(training.optimizer, training.optimizerParams)},
        {"schedule", withId(training.schedule, training.scheduleParams)},
        {"clip_norm", training.clipNorm},
        {"evaluate_every", training.evaluateEvery},
        {"patience", training.patience},
        {"budget", training.budgetSeconds},
        {"checkpoint_every", training.checkpointEvery},
        {"guards", {{"saturation", training.guards.saturation}, {"dead", training.guards.dead}}}};
}

Json toJson(const DataSpec& data)
{
    return {{"id", data.id},
            {"path", data.path},
            {"params", data.params.toJson()},
            {"batch", data.batch},
            {"validation", data.validation},
            {"augment",
             {{"pad", data.augment.pad},
              {"crop", data.augment.cropHeight},
              {"flip", data.augment.flip}}}};
}

} // namespace

ExperimentSpec ExperimentSpec::read(const Json& json, const std::string& source)
{
    ObjectReader reader(json, source);
    const std::int64_t schema = reader.integer("schema", currentSchema, 1, many);
    if (schema > currentSchema)
        reader.fail("schema",
                    concat("is ", schema, ", this program knows up to ", currentSchema,
                           "; open it with a newer Staircase"));
    ExperimentSpec spec;
    spec.name = reader.text("name", "");
    spec.seed = std::uint64_t(reader.integer("seed", 1, 0, greatestSeed));
    spec.threads = int(reader.integer("threads", 0, 0, 1024));
    spec.data = readData(reader.object("data"));
    spec.network = readNetwork(reader.object("network"));
    spec.quant = QuantSpec::read(reader.object("quant"));
    spec.training = readTraining(reader.object("training"), spec.data);
    checkWithoutEpochs(reader.object("training"), spec);
    ObjectReader statistics = reader.object("statistics");
    spec.statisticsEvery = int(statistics.integer("every", spec.statisticsEvery, 0, many));
    spec.weightHashes = statistics.flag("weight_hashes", false);
    statistics.finish();
    reader.finish();
    return spec;
}

ExperimentSpec ExperimentSpec::readFile(const std::filesystem::path& path)
{
    return read(readJsonFile(path), path.string());
}

Json ExperimentSpec::toJson() const
{
    return {{"schema", currentSchema},
            {"name", name},
            {"seed", seed},
            {"threads", threads},
            {"data", stair::toJson(data)},
            {"network", {{"id", network.id}, {"params", network.params.toJson()}}},
            {"quant", quant.toJson()},
            {"training", stair::toJson(training)},
            {"statistics", {{"every", statisticsEvery}, {"weight_hashes", weightHashes}}}};
}

} // namespace stair
