#include "widgets/forms/spec_fields.h"

#include "core/base/concat.h"
#include "core/base/error.h"

#include <array>

namespace stair {

namespace {

const std::array<std::string, 3> endNames = {"8 bit", "float", "same"}; // in EndPolicy's order
const std::array<std::string, 3> residualNames
    = {"8-bit codes", "float", "shared"}; // in ResidualPolicy's order

template<typename Enum, std::size_t n>
Enum enumOf(const std::array<std::string, n>& names, const std::string& name)
{
    for (std::size_t i = 0; i < n; ++i) {
        if (names[i] == name)
            return Enum(i);
    }
    return Enum(0);
}

std::string widthName(int bits)
{
    return bits == floatBits ? "float" : bits == halfBits ? "half" : std::to_string(bits);
}

int widthOf(const std::string& name)
{
    return name == "float" ? floatBits : name == "half" ? halfBits : std::stoi(name);
}

std::vector<std::string> widthNames(const BitRange& range, const std::vector<std::string>& beside)
{
    std::vector<std::string> names;
    for (int bits = range.least; bits <= range.most; ++bits)
        names.push_back(std::to_string(bits));
    names.insert(names.end(), beside.begin(), beside.end());
    return names;
}

template<std::size_t n>
ParamSpec endChoice(const char* key, const char* title, const std::array<std::string, n>& names,
                    const char* help)
{
    return ParamSpec::choice(key, title, names[0], {names.begin(), names.end()}, help);
}

// Limits as in specs: the form must be able to show whatever can be loaded into it.
constexpr int many = 1'000'000'000;
constexpr int mostEpochs = 1'000'000;
constexpr double greatestSeed = 9'007'199'254'740'991; // 2^53 - 1

} // namespace

ParamValues readParams(const std::vector<ParamSpec>& params, const Json& values,
                       const std::string& place)
{
    ObjectReader reader(values, "the form", place);
    return ParamValues::read(params, reader);
}

const std::vector<ParamSpec>& dataFields()
{
    static const std::vector<ParamSpec> fields = {
        ParamSpec::integer("batch", "Batch", 128, 1, 65536, "Images in one training step."),
        ParamSpec::integer("validation", "Validation images", 0, 0, many,
                           "Training images held out. The best checkpoint is chosen on them, never "
                           "on the test images."),
        ParamSpec::integer("pad", "Pad", 0, 0, 1000,
                           "Black pixels added on each side before the crop."),
        ParamSpec::integer("crop", "Crop", 0, 0, 10000,
                           "Side of the random square crop; 0 keeps the image's own size."),
        ParamSpec::flag("flip", "Flip", false, "Mirrors every second training image."),
    };
    return fields;
}

void storeData(const Json& values, DataSpec& data)
{
    const ParamValues read = readParams(dataFields(), values, "data");
    data.batch = read.integer("batch");
    data.validation = read.integer("validation");
    data.augment.pad = read.integer("pad");
    data.augment.cropHeight = data.augment.cropWidth = read.integer("crop");
    data.augment.flip = read.flag("flip");
}

Json dataValues(const DataSpec& data)
{
    return {{"batch", data.batch},
            {"validation", data.validation},
            {"pad", data.augment.pad},
            {"crop", data.augment.cropHeight},
            {"flip", data.augment.flip}};
}

bool quantizes(const MethodInfo& method)
{
    return method.id != "float";
}

std::vector<ParamSpec> quantFields(const MethodInfo& method)
{
    if (!quantizes(method))
        return {};
    const auto width
        = [](const char* name, const char* title, const BitRange& range, const char* help) {
              return ParamSpec::choice(name, title, widthName(range.most),
                                       widthNames(range, {"half", "float"}), help);
          };
    ParamSpec weights
        = width("weights", "Weights", method.weightBits,
                "Width of the weights; half (16 bit) and float are outside the integer proof.");
    ParamSpec activations
        = width("activations", "Activations", method.activationBits,
                "Width of the activations; half (16 bit) and float are outside the integer proof.");
    ParamSpec gradients
        = ParamSpec::choice("gradients", "Gradients", widthName(method.gradientDefault),
                            widthNames(method.gradientBits, {"float"}),
                            "Width of the gradients at the layers' outputs, in training.");
    weights.unit = activations.unit = gradients.unit = "bit";
    return {
        weights,
        activations,
        gradients,
        ParamSpec::flag("per_channel", "Per channel", false,
                        "One weight step for each output channel instead of one a tensor."),
        endChoice("first", "First layer", endNames,
                  "The image and the first layer's weights: 8 bit, float (outside "
                  "the integer proof), or the same as the others."),
        endChoice("last", "Last layer", endNames, "The last layer's input and weights, likewise."),
        endChoice("residual", "Residual joins", residualNames,
                  "How the branches of a join meet: the skip as 8-bit codes, or in float (outside "
                  "the integer proof); or both branches and their sum by one shared 8-bit "
                  "quantizer, added as codes (FINN's layout).")};
}

void storeQuant(const Json& values, QuantSpec& quant)
{
    if (!values.contains("weights")) { // a method without widths
        quant.weightBits = quant.activationBits = quant.gradientBits = floatBits;
        return;
    }
    const auto text = [&](const char* key) {
        return values.value(key, std::string());
    };
    quant.weightBits = widthOf(text("weights"));
    quant.activationBits = widthOf(text("activations"));
    quant.gradientBits = widthOf(text("gradients"));
    quant.perChannel = values.value("per_channel", false);
    quant.first = enumOf<EndPolicy>(endNames, text("first"));
    quant.last = enumOf<EndPolicy>(endNames, text("last"));
    quant.residual = enumOf<ResidualPolicy>(residualNames, text("residual"));
}

Json quantValues(const QuantSpec& quant)
{
    return {{"weights", widthName(quant.weightBits)},
            {"activations", widthName(quant.activationBits)},
            {"gradients", widthName(quant.gradientBits)},
            {"per_channel", quant.perChannel},
            {"first", endNames[std::size_t(quant.first)]},
            {"last", endNames[std::size_t(quant.last)]},
            {"residual", residualNames[std::size_t(quant.residual)]}};
}

const std::vector<ParamSpec>& trainingFields()
{
    static const std::vector<ParamSpec> fields = {
        ParamSpec::integer("epochs", "Epochs", 10, 0, mostEpochs,
                           "Passes over the training images; 0: evaluate, after calibration where "
                           "the method has one."),
    };
    return fields;
}

const std::vector<ParamSpec>& advancedFields()
{
    static const std::vector<ParamSpec> fields = [] {
        constexpr double unlimited = 1e12;
        std::vector<ParamSpec> rows = {
            ParamSpec::integer("seed", "Seed", 1, 0, many,
                               "Where every random draw begins. Same seed, same spec, same thread "
                               "count, same processor: the same bits."),
            ParamSpec::integer("threads", "Threads", 0, 0, 1024,
                               "0: as many as the machine has, shared with runs beside it."),
            ParamSpec::real("clip_norm", "Clip gradient norm", 0, 0, unlimited,
                            "Rescales the gradients to this norm when theirs is larger; 0: never."),
            ParamSpec::integer("evaluate_every", "Evaluate every", 1, 1, mostEpochs,
                               "Epochs between evaluations on the test images."),
            ParamSpec::integer("patience", "Patience", 0, 0, mostEpochs,
                               "Stops after this many evaluations without a better validation "
                               "accuracy; 0: never."),
            ParamSpec::real("budget", "Time budget", 0, 0, unlimited,
                            "Stops after this much training time; 0: never."),
            ParamSpec::integer("checkpoint_every", "Checkpoint every", 0, 0, many,
                               "Steps between checkpoints; 0: at the end of each epoch."),
            ParamSpec::real("saturation", "Pause at saturation", 0.9, 0, 1,
                            "Pauses when a quantizer clips more than this share of its values, "
                            "looked at every 50 steps; 1: never."),
            ParamSpec::flag("dead", "Pause at dead levels", true,
                            "Pauses when a quantizer gives the same code for every value, looked "
                            "at every 50 steps."),
            ParamSpec::integer("statistics_every", "Statistics every", 50, 0, many,
                               "Steps between records of the layers' histograms; 0: none."),
            ParamSpec::flag("weight_hashes", "Record integer weights", false,
                            "Each step's line has a hash of each layer's integer weights, by which "
                            "a race tells where two runs part."),
        };
        rows[0].most = greatestSeed;
        rows[3].unit = "epochs";
        rows[5].unit = "s";
        rows[6].unit = rows[9].unit = "steps";
        return rows;
    }();
    return fields;
}

void storeTraining(const Json& values, ExperimentSpec& spec)
{
    std::vector<ParamSpec> fields = trainingFields();
    fields.insert(fields.end(), advancedFields().begin(), advancedFields().end());
    const ParamValues read = readParams(fields, values, "training");
    TrainingSpec& training = spec.training;
    training.epochs = read.integer("epochs");
    training.clipNorm = read.real("clip_norm");
    training.evaluateEvery = read.integer("evaluate_every");
    training.patience = read.integer("patience");
    training.budgetSeconds = read.real("budget");
    training.checkpointEvery = read.integer("checkpoint_every");
    training.guards.saturation = read.real("saturation");
    training.guards.dead = read.flag("dead");
    spec.seed = read.toJson().at("seed").get<std::uint64_t>(); // more than integer() holds
    spec.threads = read.integer("threads");
    spec.statisticsEvery = read.integer("statistics_every");
    spec.weightHashes = read.flag("weight_hashes");
}

Json trainingValues(const ExperimentSpec& spec)
{
    const TrainingSpec& training = spec.training;
    return {{"epochs", training.epochs},
            {"seed", spec.seed},
            {"threads", spec.threads},
            {"clip_norm", training.clipNorm},
            {"evaluate_every", training.evaluateEvery},
            {"patience", training.patience},
            {"budget", training.budgetSeconds},
            {"checkpoint_every", training.checkpointEvery},
            {"saturation", training.guards.saturation},
            {"dead", training.guards.dead},
            {"statistics_every", spec.statisticsEvery},
            {"weight_hashes", spec.weightHashes}};
}

} // namespace stair
