#include "core/session/cards.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/session/resources.h"

namespace stair {

namespace {

constexpr const char* unverified = "UNVERIFIED"; // never comes with a number

std::string needText(ObjectReader& reader, const std::string& key)
{
    std::string text = reader.text(key, "");
    if (text.empty())
        reader.fail(key, "is missing or empty");
    return text;
}

std::string readLabel(ObjectReader& reader)
{
    std::vector<std::string> ids;
    for (const ConfidenceLabel& label : confidenceLabels())
        ids.push_back(label.id);
    return reader.choice("confidence", "", ids);
}

std::optional<double> readShare(ObjectReader& reader, const std::string& key)
{
    const Json* value = reader.raw(key);
    if (!value || value->is_null())
        return std::nullopt;
    return reader.real(key, 0, 0, 1);
}

LabelledText readLabelled(ObjectReader reader)
{
    LabelledText labelled{needText(reader, "text"), readLabel(reader)};
    reader.finish();
    return labelled;
}

CardFigure::Yardstick readYardstick(ObjectReader reader)
{
    CardFigure::Yardstick yardstick{reader.real("value", -1, 0, 1), needText(reader, "of"),
                                    readLabel(reader)};
    if (yardstick.value < 0)
        reader.fail("value", "is missing");
    if (yardstick.confidence == unverified)
        reader.fail("value", "is a number from memory; leave the yardstick out");
    reader.finish();
    return yardstick;
}

CardFigure readFigure(ObjectReader reader)
{
    CardFigure figure;
    figure.metric = needText(reader, "metric");
    figure.reported = readShare(reader, "reported");
    figure.baseline = readShare(reader, "baseline");
    figure.table = reader.text("table", "");
    figure.confidence = readLabel(reader);
    figure.note = reader.text("note", "");
    if (reader.has("yardstick"))
        figure.yardstick = readYardstick(reader.object("yardstick"));
    const auto refuseMemory = [&](const char* key, const std::optional<double>& number) {
        if (number && figure.confidence == unverified)
            reader.fail(key, "is a number from memory; write null and say so in \"note\"");
    };
    refuseMemory("reported", figure.reported);
    refuseMemory("baseline", figure.baseline);
    if (figure.reported && figure.table.empty())
        reader.fail("table", "is missing; it says where the number stands");
    if (!figure.reported && figure.note.empty())
        reader.fail("note", "is missing; it says why nothing is reported");
    reader.finish();
    return figure;
}

std::vector<std::string> readDepartures(ObjectReader& reader)
{
    const Json* list = reader.raw("departures");
    std::vector<std::string> departures;
    if (list && list->is_array()) {
        for (const Json& text : *list) {
            if (!text.is_string() || text.get<std::string>().empty())
                reader.fail("departures", concat("has ", text.dump(), "; write texts"));
            departures.push_back(text.get<std::string>());
        }
    }
    if (departures.empty())
        reader.fail("departures", "must be a list of at least one text");
    return departures;
}

Json readObject(ObjectReader& reader, const std::string& key)
{
    const Json* value = reader.raw(key);
    if (!value || value->is_null())
        return {};
    if (!value->is_object())
        reader.fail(key, concat("must be an object, not ", value->dump()));
    return *value;
}

std::vector<PaperCard> readCards()
{
    std::vector<PaperCard> list;
    for (const JsonResource& resource : readResources("presets/cards"))
        list.push_back(readCard(resource.id, resource.json));
    return list;
}

Json toJson(const LabelledText& labelled)
{
    return {{"text", labelled.text}, {"confidence", labelled.confidence}};
}

Json orNull(const std::optional<double>& value)
{
    return value ? Json(*value) : Json();
}

Json toJson(const CardFigure& figure)
{
    Json json = {{"metric", figure.metric},
                 {"reported", orNull(figure.reported)},
                 {"baseline", orNull(figure.baseline)},
                 {"table", figure.table},
                 {"confidence", figure.confidence},
                 {"note", figure.note}};
    if (figure.yardstick)
        json["yardstick"] = {{"value", figure.yardstick->value},
                             {"of", figure.yardstick->of},
                             {"confidence", figure.yardstick->confidence}};
    return json;
}

} // namespace

const std::vector<ConfidenceLabel>& confidenceLabels()
{
    static const std::vector<ConfidenceLabel> labels = {
        {"EXACT", "read in the paper or in its authors' code"},
        {"EXACT(2nd)", "read in a source that reproduces it"},
        {"PARTIAL", "part of it was found"},
        {"KNOWN", "general knowledge, not read again"},
        {"RECONSTRUCTED", "derived here, the text could not be had"},
        {unverified, "from memory, not a target"},
    };
    return labels;
}

PaperCard readCard(const std::string& id, const Json& json)
{
    ObjectReader reader(json, "card " + id);
    PaperCard card;
    card.id = id;
    card.title = needText(reader, "title");
    card.source = needText(reader, "source");
    card.figure = readFigure(reader.object("figure"));
    card.method = readLabelled(reader.object("method"));
    card.recipe = readLabelled(reader.object("recipe"));
    card.departures = readDepartures(reader);
    card.floatStart = readObject(reader, "float_start");
    card.spec = readObject(reader, "spec");
    if (card.spec.is_null())
        reader.fail("spec", "is missing");
    reader.finish();
    return card;
}

const std::vector<PaperCard>& cards()
{
    static const std::vector<PaperCard> table = readCards();
    return table;
}

const PaperCard& card(const std::string& id)
{
    std::vector<std::string> ids;
    for (const PaperCard& known : cards()) {
        if (known.id == id)
            return known;
        ids.push_back(known.id);
    }
    throw Error(concat("unknown card '", id, "'; did you mean '", nearestName(id, ids),
                       "'? `stair card list` has them all"));
}

Json toJson(const PaperCard& card)
{
    Json json = {{"id", card.id},
                 {"title", card.title},
                 {"source", card.source},
                 {"figure", toJson(card.figure)},
                 {"method", toJson(card.method)},
                 {"recipe", toJson(card.recipe)},
                 {"departures", card.departures}};
    if (!card.floatStart.is_null())
        json["float_start"] = card.floatStart;
    json["spec"] = card.spec;
    return json;
}

} // namespace stair
