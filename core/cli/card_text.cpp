#include "core/cli/card_text.h"

#include "core/base/concat.h"
#include "core/cli/new_run_options.h"
#include "core/cli/text_format.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace stair {

namespace {

/// "  reported    text": one row of a card or a result.
std::string row(const std::string& name, const std::string& text)
{
    constexpr std::size_t width = 18;
    return concat("\n  ", name, std::string(width - std::min(width, name.size()), ' '), text);
}

/// "[EXACT: read in the paper or in its authors' code]"
std::string labelText(const std::string& id)
{
    const auto label = std::ranges::find(confidenceLabels(), id, &ConfidenceLabel::id);
    return concat("[", id, ": ", label->meaning, "]");
}

std::string figureText(const CardFigure& figure)
{
    if (!figure.reported)
        return concat("no figure. ", figure.note, " ", labelText(figure.confidence));
    return concat(percentText(*figure.reported), " ", figure.metric, ", ", figure.table, " ",
                  labelText(figure.confidence), figure.note.empty() ? "" : ". ", figure.note);
}

std::string yardstickText(const CardFigure::Yardstick& yardstick)
{
    return concat(percentText(yardstick.value), ", of another paper: ", yardstick.of, " ",
                  labelText(yardstick.confidence));
}

std::string labelled(const LabelledText& text)
{
    return concat(text.text, " ", labelText(text.confidence));
}

std::string differenceText(double reached, double to)
{
    const double points = 100 * (reached - to);
    return concat(points < 0 ? "" : "+", fixedText(points, 2), " points");
}

std::string proofText(const Json& evaluation)
{
    if (evaluation.value("proved", false))
        return "proved: by the integer program";
    return evaluation.contains("test_running") ? "not proved: partly in float" : "in float";
}

/// "12 of 200 epochs", and where the budget cut them off.
std::string extentText(const CardPart& part)
{
    std::string text = concat(part.fit.epochs, " of ", part.recipeEpochs, " epochs");
    if (part.outcome && part.outcome->step < part.outcome->steps)
        text += concat(", stopped at step ", part.outcome->step, " of ", part.outcome->steps);
    return text;
}

std::string reachedRows(const PaperCard& card, const CardResult& result)
{
    const RunOutcome* run = result.outcome();
    if (!result.reached())
        return row("reached", "not evaluated yet");
    const double reached = *result.reached();
    std::string text = row("reached",
                           concat(percentText(reached), " in ", extentText(result.parts.back()),
                                  ", ", proofText(run->evaluation)));
    if (card.figure.reported)
        text += row("difference",
                    differenceText(reached, *card.figure.reported) + " against the paper");
    if (card.figure.yardstick)
        text += row("to the yardstick", differenceText(reached, card.figure.yardstick->value));
    if (run->evaluation.contains("blended"))
        text += row("blended",
                    concat(percentText(run->evaluation["blended"].get<double>()),
                           " with the soft values that training sees"));
    return text;
}

/// As a shell takes it for one word.
std::string shellWord(const std::string& text)
{
    const auto isPlain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || std::string_view("_-+=./:,@%").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::ranges::all_of(text, isPlain))
        return text;
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

/// As --budget takes it.
std::string secondsText(double seconds)
{
    return fixedText(seconds, seconds == std::floor(seconds) ? 0 : 3) + "s";
}

/// The card's own run from a float run, with everything else as it was asked for.
std::string commandText(const PaperCard& card, const CardOptions& options,
                        const std::string& floatRun)
{
    std::string text = concat("stair card run ", card.id, " --from ", shellWord(floatRun),
                              " --budget ", secondsText(options.budgetSeconds));
    for (const std::string& assignment : options.assignments)
        text += concat(" --set ", shellWord(assignment));
    if (!options.out.empty())
        text += concat(" --out ", shellWord(options.out.string()));
    return text;
}

/// How to go on by hand where a stop came first.
std::string goOnText(const PaperCard& card, const CardOptions& options, const CardResult& result)
{
    const std::string folder = result.parts.back().outcome->folder.string();
    const std::string resume
        = concat("`stair run --resume ", shellWord(folder), "` goes on with this run");
    return result.outcome()
        ? resume
        : concat(resume, ", `", commandText(card, options, folder), "` then with the card");
}

Json partDocument(const CardPart& part)
{
    Json json = {{"part", part.isFloatStart ? "float_start" : "card"},
                 {"epochs", part.fit.epochs},
                 {"recipe_epochs", part.recipeEpochs},
                 {"fits", part.fit.fits},
                 {"budget", part.budgetSeconds},
                 {"expected", part.fit.expectedSeconds},
                 {"step_seconds", part.trial.stepSeconds},
                 {"steps_per_epoch", part.trial.stepsPerEpoch},
                 {"evaluation_seconds", part.trial.evaluationSeconds}};
    if (part.outcome)
        json.update(outcomeDocument(*part.outcome));
    return json;
}

} // namespace

Json cardRows()
{
    Json rows = Json::array();
    for (const PaperCard& card : cards())
        rows.push_back(toJson(card));
    return rows;
}

std::string cardTable()
{
    std::size_t widest = 0;
    for (const PaperCard& card : cards())
        widest = std::max(widest, card.id.size());
    std::string text;
    for (const PaperCard& card : cards()) {
        const CardFigure& figure = card.figure;
        const std::string number = figure.reported ? percentText(*figure.reported) : "-";
        text += concat(text.empty() ? "" : "\n", card.id,
                       std::string(widest + 2 - card.id.size(), ' '), number,
                       std::string(9 - number.size(), ' '), figure.confidence,
                       std::string(15 - figure.confidence.size(), ' '), card.title);
    }
    return text;
}

std::string cardText(const PaperCard& card)
{
    const CardFigure& figure = card.figure;
    std::string text
        = concat(card.title, row("paper", card.source), row("reported", figureText(figure)));
    if (figure.baseline)
        text += row("float",
                    concat(percentText(*figure.baseline), " reported for float ",
                           labelText(figure.confidence)));
    if (figure.yardstick)
        text += row("yardstick", yardstickText(*figure.yardstick));
    text += row("method", labelled(card.method)) + row("recipe", labelled(card.recipe));
    for (std::size_t i = 0; i < card.departures.size(); ++i)
        text += row(i == 0 ? "departures" : "", "- " + card.departures[i]);
    return text;
}

std::string planText(const CardPart& part)
{
    const double epoch = part.trial.cost().epoch;
    const std::string cost = concat(
        " (", fixedText(part.trial.stepSeconds, 3), " s a step, ", part.trial.stepsPerEpoch,
        " steps an epoch, an evaluation about ", fixedText(part.trial.evaluationSeconds, 1), " s)");
    const std::string name = part.isFloatStart ? "float start, " : "";
    if (!part.fit.fits)
        return concat(name, "budget ", durationText(part.budgetSeconds),
                      ": not even one epoch fits, it would take ",
                      durationText(epoch + part.trial.evaluationSeconds),
                      " with its evaluation; the budget cuts it off before its schedule ends",
                      cost);
    return concat(name, "budget ", durationText(part.budgetSeconds), ": ", part.fit.epochs, " of ",
                  part.recipeEpochs, " epochs", cost);
}

std::string resultText(const PaperCard& card, const CardOptions& options, const CardResult& result)
{
    const CardFigure& figure = card.figure;
    std::string text = concat(card.title, row("reported", figureText(figure)));
    if (figure.yardstick)
        text += row("yardstick", yardstickText(*figure.yardstick));
    text += reachedRows(card, result);
    if (card.method.confidence == "RECONSTRUCTED")
        text += row("method", labelled(card.method));
    for (std::size_t i = 0; i < options.assignments.size(); ++i)
        text += row(i == 0 ? "changed" : "", options.assignments[i]);
    text += row("time",
                concat(durationText(result.seconds), " of ", durationText(options.budgetSeconds),
                       ", trial of the speed ", durationText(result.trialSeconds)));
    for (const CardPart& part : result.parts)
        text += row(part.isFloatStart ? "float run" : "run",
                    concat(part.outcome->folder.string(), " (", extentText(part), ")"));
    if (result.parts.back().outcome->end == RunEnd::Stopped)
        text += row("stopped", goOnText(card, options, result));
    return text;
}

Json resultDocument(const PaperCard& card, const CardOptions& options, const CardResult& result)
{
    const auto orNull = [](const std::optional<double>& value) {
        return value ? Json(*value) : Json();
    };
    const RunOutcome* run = result.outcome();
    const Json evaluation = run && run->evaluation.is_object() ? run->evaluation : Json::object();
    Json document = {{"card", toJson(card)},
                     {"changed", options.assignments},
                     {"budget", options.budgetSeconds},
                     {"seconds", result.seconds},
                     {"trial_seconds", result.trialSeconds},
                     {"reported", orNull(card.figure.reported)},
                     {"reached", orNull(result.reached())}};
    const auto difference = [&](const char* key, const std::optional<double>& to) {
        if (to && result.reached())
            document[key] = *result.reached() - *to;
    };
    difference("difference", card.figure.reported);
    if (card.figure.yardstick)
        difference("difference_to_yardstick", card.figure.yardstick->value);
    document["proved"] = evaluation.value("proved", false);
    if (evaluation.contains("blended"))
        document["blended"] = evaluation["blended"];
    document["runs"] = Json::array();
    for (const CardPart& part : result.parts)
        document["runs"].push_back(partDocument(part));
    return document;
}

} // namespace stair
