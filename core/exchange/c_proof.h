#pragma once

#include "core/exchange/shipped_model.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace stair {

// What a C file carries in a comment at its head: origin, the file's own hash, a checksum of its
// functions, and of each layer (the image first) checksums of its text in the file, of the program's
// layer and of its integers.

/// A line before a layer's tables, and again before its steps: how its text is found.
std::string cLayerMark(std::size_t layer, const std::string& name);

/// The comment for a file that goes on with `body`, which marks every layer; sealC() fills in the
/// file's hash. `proof`: of the integers that the file computes.
std::string cProofComment(const ShippedModel& model, const std::string& form, const Proof& proof,
                          std::string_view body);
std::string sealC(std::string source);

/// A C file as it says it was written, and what of it is otherwise.
struct CFile
{
    std::string form;
    Origin origin;
    Proof proof;
    std::string program; // programHash
    std::vector<std::string> changedLayers; // their text and checksum do not fit
    bool functionsChanged = false;
    bool isIntact = false; // the file's own hash holds

    /// Throws Error naming the file for one that Staircase did not write.
    static CFile read(const std::filesystem::path& path);
};

} // namespace stair
