#pragma once

#include "core/exchange/shipped_model.h"

#include <string>
#include <vector>

namespace stair {

/// A form in which a model leaves. One row of a table that the command line and the window show.
struct ExportFormat
{
    std::string id; // "packed": never renamed
    std::string title; // "Packed integer model"
    std::string suffix; // ".stair"
    std::string help; // what it is for, one sentence

    /// Why the program cannot take this form, naming the layer; empty when it can.
    std::string (*refusal)(const Program& program);

    /// The whole file. Throws Error with the refusal.
    std::string (*encode)(const ShippedModel& model);

    bool asksFixedProof = false; // whether it writes ShippedModel::fixedProof
};

const std::vector<ExportFormat>& exportFormats();

/// Throws Error with the known ids.
const ExportFormat& exportFormat(const std::string& id);

} // namespace stair
