#pragma once

#include "core/session/card_run.h"

#include <string>

namespace stair {

/// All cards as a list of documents: for --json.
Json cardRows();

/// All cards, a line each: id, what is reported with its label, title.
std::string cardTable();

/// A card in words, its departures and labels with it.
std::string cardText(const PaperCard& card);

/// What the budget allows one part of a card: "12 of 200 epochs ...". One line.
std::string planText(const CardPart& part);

/// Reported against reached, with what belongs to it, and how to go on after a stop.
std::string resultText(const PaperCard& card, const CardOptions& options, const CardResult& result);

/// The same as a document, the card with it: for --json.
Json resultDocument(const PaperCard& card, const CardOptions& options, const CardResult& result);

} // namespace stair
