#pragma once

#include "core/base/json.h"

#include <optional>
#include <string>
#include <vector>

namespace stair {

/// How well a statement about a paper is known; written on every card.
struct ConfidenceLabel
{
    std::string id; // "EXACT", "EXACT(2nd)", "PARTIAL", "KNOWN", "RECONSTRUCTED", "UNVERIFIED"
    std::string meaning; // in words, to be shown beside what it labels
};

/// All labels, the surest first.
const std::vector<ConfidenceLabel>& confidenceLabels();

/// Text of a card with its label.
struct LabelledText
{
    std::string text;
    std::string confidence; // a label's id
};

/// The number that a card is held against. Shares of correct answers, 0 to 1.
struct CardFigure
{
    /// What another paper reports for the same network and data, where the card's own has nothing.
    struct Yardstick
    {
        double value = 0;
        std::string of; // whose, and where it stands
        std::string confidence; // never "UNVERIFIED"
    };

    std::string metric; // "CIFAR-10 test top-1"
    std::optional<double> reported; // absent: none was found; `note` says so
    std::optional<double> baseline; // the same paper's float network
    std::string table; // where the number stands: "Table I, row 1/1, model D"
    std::string confidence; // of both numbers; "UNVERIFIED" never comes with one
    std::string note;
    std::optional<Yardstick> yardstick;
};

/// One row of a paper's results as an experiment: what it reports, how it trained, how this program
/// departs from it, and the spec. A value type; read from resources/presets/cards/ID.json, whose
/// format the README has.
struct PaperCard
{
    std::string id; // its file's name without ".json"
    std::string title;
    std::string source; // authors, title, where it is published
    CardFigure figure;
    LabelledText method; // how well the method itself is known
    LabelledText recipe; // the paper's training
    std::vector<std::string> departures; // of the spec from the paper, at least one
    Json floatStart; // null, or "training" of the float run that the recipe starts from
    Json spec; // with the paper's own epochs, rates and schedule
};

/// Reads a card with every key checked. `id` names it in errors. Throws Error.
PaperCard readCard(const std::string& id, const Json& json);

/// All cards that come with the program, by id.
const std::vector<PaperCard>& cards();

/// Throws Error naming the nearest known id when `id` is not one of them.
const PaperCard& card(const std::string& id);

/// The card as `stair card show --json` gives it: the file's keys, and the id.
Json toJson(const PaperCard& card);

} // namespace stair
