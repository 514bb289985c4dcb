#include "core/cli/inspect_session.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/cli/ranking.h"
#include "core/cli/text_format.h"
#include "core/session/image_files.h"

#include <QByteArray>

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int defaultTop = 5;
constexpr int defaultFilters = 64;

ExperimentSpec specOf(const RunFolder& folder, int threads)
{
    ExperimentSpec spec = folder.spec();
    spec.threads = threads;
    return spec;
}

std::string encoded(const void* bytes, std::size_t count)
{
    const QByteArray raw
        = QByteArray::fromRawData(static_cast<const char*>(bytes), qsizetype(count));
    return raw.toBase64().toStdString();
}

/// A tensor with its values as base64 of little-endian bytes.
Json tensorJson(const InspectedTensor& tensor)
{
    double least = tensor.real(0), most = least;
    for (std::int64_t i = 1; i < tensor.shape.size(); ++i) {
        least = std::min(least, tensor.real(i));
        most = std::max(most, tensor.real(i));
    }
    Json json = {{"name", tensor.name},
                 {"shape", {tensor.shape.n, tensor.shape.h, tensor.shape.w, tensor.shape.c}},
                 {"least", least},
                 {"most", most}};
    if (tensor.grid) {
        json["type"] = tensor.grid->isSigned ? "i1" : "u1";
        json["bits"] = tensor.grid->bits;
        json["steps"] = tensor.steps;
        json["data"] = encoded(tensor.codes.data(), tensor.codes.size());
    } else {
        json["type"] = "f4";
        json["data"] = encoded(tensor.floats.data(), tensor.floats.size() * sizeof(float));
    }
    return json;
}

/// {"each": one a side, null where it has none; "sqnr_db" of the first against the second}
template<typename Tensors>
Json pairJson(const Tensors& tensors)
{
    Json each = Json::array();
    for (const auto& tensor : tensors)
        each.push_back(tensor ? tensorJson(*tensor) : Json());
    Json json = {{"each", each}};
    if (tensors.size() == 2 && tensors[0] && tensors[1] && tensors[0]->shape == tensors[1]->shape) {
        const double sqnr = signalToNoise(*tensors[1], *tensors[0]); // what the float one loses
        json["sqnr_db"] = std::isfinite(sqnr) ? Json(sqnr) : Json();
    }
    return json;
}

std::string tensorText(const Json& tensor)
{
    if (tensor.is_null())
        return "none";
    const auto shape = tensor.at("shape").get<std::vector<int>>();
    return concat(
        shape[0] == 1 ? "" : concat(shape[0], " x "), shape[1], " x ", shape[2], " x ", shape[3],
        tensor.contains("bits") ? concat(", ", tensor.at("bits").get<int>(), " bits") : ", float",
        ", ", fixedText(tensor.at("least").get<double>(), 4), " to ",
        fixedText(tensor.at("most").get<double>(), 4));
}

std::string pairText(const char* what, const Json& pair)
{
    std::string text = concat("\n", what, ":");
    for (const Json& tensor : pair.at("each"))
        text += concat("\n  ", tensorText(tensor));
    if (pair.contains("sqnr_db"))
        text += concat("\n  SQNR ",
                       pair.at("sqnr_db").is_null()
                           ? "infinite: equal"
                           : fixedText(pair.at("sqnr_db").get<double>(), 1) + " dB");
    return text;
}

} // namespace

InspectSession::InspectSession(const std::string& run, const std::string& checkpoint,
                               const std::string& beside, int threads)
    : m_experiment(specOf(RunFolder::open(run), threads), run)
{
    const auto describe = [](const Program& program, const std::string& what, std::int64_t step) {
        const auto floats = program.floatLayers();
        return Json{{"what", what}, {"step", step}, {"float_layers", floats}};
    };
    const Checkpoint state = Checkpoint::read(RunFolder::open(run).checkpointFile(checkpoint));
    Trainer& trainer = m_experiment.trainer;
    trainer.restore(state);
    Program own = trainer.program();
    const bool isFloat = trainer.model().quant().isFloat();
    const Json about
        = describe(own, isFloat ? "the float network" : "the shipped program", state.step);
    addSide(about, std::move(own));
    if (!beside.empty()) {
        Experiment other(specOf(RunFolder::open(beside), threads), beside);
        const Checkpoint theirs = Checkpoint::read(RunFolder::open(beside).checkpointFile("last"));
        other.trainer.restore(theirs);
        Program program = other.trainer.program();
        const Json description = describe(program, "another run", theirs.step);
        addSide(description, std::move(program));
        m_sides.back().description["run"] = beside;
    } else if (!isFloat) {
        Program program = unquantizedProgram(trainer, m_experiment.spec, m_experiment.data,
                                             m_experiment.runtime);
        const Json description = describe(program, "the same weights, not quantized", state.step);
        addSide(description, std::move(program));
    }
}

void InspectSession::addSide(Json description, Program program)
{
    if (!m_sides.empty()) {
        const Program& first = m_sides.front().inspection->program();
        const auto classesOf = [](const Program& p) {
            return p.values[std::size_t(p.logits)].shape.c;
        };
        if (first.image.withImages(1) != program.image.withImages(1)
            || classesOf(first) != classesOf(program))
            throw Error("[inspect] the other run takes other images or tells other classes; choose "
                        "one of the same data");
    }
    m_sides.push_back({std::move(description),
                       std::make_unique<Inspection>(std::move(program), m_experiment.runtime)});
}

/// The network's bytes; `image` gets what they are.
std::vector<std::uint8_t> InspectSession::pixels(const Json& request, Json& image) const
{
    const Shape& shape = m_sides.front().inspection->program().image;
    if (request.contains("image")) {
        const auto file = request.at("image").get<std::string>();
        image = {{"file", file}};
        return readImageFile(file, shape);
    }
    const Dataset& data = m_experiment.data;
    const auto split = request.value("split", "test");
    if (split != "test" && split != "train")
        throw Error(concat("[inspect] ",
                           unknownName("split", split, std::vector<std::string>{"test", "train"})));
    const ImageSet& set = split == "test" ? data.test : data.train;
    const int number = request.at("sample").get<int>();
    if (number < 0 || number >= set.count())
        throw Error(concat("[inspect] the ", split, " split has images 0 to ", set.count() - 1,
                           "; there is no image ", number));
    const int label = set.labels[std::size_t(number)];
    image = {{"split", split},
             {"sample", number},
             {"label", label},
             {"name", data.classNames[std::size_t(label)]}};
    std::vector<std::uint8_t> bytes(std::size_t(shape.withImages(1).size()));
    centreCrop(m_experiment.spec.data.augment, set.image(number), set.height, set.width,
               set.channels, bytes);
    return bytes;
}

Json InspectSession::layerJson(const Json& request) const
{
    const auto layer = request.at("layer").get<std::string>();
    const int first = request.value("filters_from", 0);
    const int count = request.value("filters", defaultFilters);
    std::vector<std::optional<InspectedTensor>> results, weights;
    for (const Side& side : m_sides) {
        const bool isOther = &side != &m_sides.front(); // its network may have no such layer
        if (isOther && !side.inspection->has(layer)) {
            results.emplace_back();
            weights.emplace_back();
            continue;
        }
        results.emplace_back(side.inspection->result(layer));
        weights.push_back(side.inspection->weights(layer, first, count));
    }
    return {{"name", layer},
            {"result", pairJson(results)},
            {"weights", weights.front() ? pairJson(weights) : Json()},
            {"outputs", m_sides.front().inspection->outputs(layer)},
            {"filters_from", first}};
}

Json InspectSession::answer(const Json& request, bool needsLayer)
{
    Json image;
    const std::vector<std::uint8_t> bytes = pixels(request, image);
    Json sides = Json::array();
    for (const Side& side : m_sides) {
        Json json = side.description;
        json["classes"] = ranking(side.inspection->classify(bytes), m_experiment.data.classNames,
                                  request.value("top", defaultTop));
        sides.push_back(std::move(json));
    }
    Json answer = {{"image", image},
                   {"sides", sides},
                   {"layers", m_sides.front().inspection->layers()},
                   {"layer", Json()}};
    if (request.value("layer", "").empty())
        return answer;
    try {
        answer["layer"] = layerJson(request);
    } catch (const Error& error) {
        if (needsLayer)
            throw;
        answer["layer_error"] = error.what();
    }
    return answer;
}

std::string inspectText(const Json& answer)
{
    const Json& image = answer.at("image");
    std::string text = image.contains("file")
        ? image.at("file").get<std::string>()
        : concat(image.at("split").get<std::string>(), " image ", image.at("sample").get<int>(),
                 ", ", image.at("name").get<std::string>());
    for (const Json& side : answer.at("sides"))
        text += concat("\n", side.at("what").get<std::string>(), ", step ",
                       side.at("step").get<std::int64_t>(), ": ", rankingText(side.at("classes")));
    const Json& layer = answer.at("layer");
    if (layer.is_null())
        return text;
    text
        += pairText((layer.at("name").get<std::string>() + ", result").c_str(), layer.at("result"));
    if (!layer.at("weights").is_null())
        text += pairText("weights", layer.at("weights"));
    return text;
}

} // namespace stair
