#pragma once

#include "core/base/json.h"
#include "core/exchange/proof.h"
#include "core/lower/program.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stair {

/// Where a program comes from: enough to make it again.
struct Origin
{
    Json spec = Json::object(); // complete; the seed is in it
    std::int64_t step = 0; // of the checkpoint
    std::string dataHash; // Dataset::hash
    std::vector<std::string> classNames; // in the order of the logits
    Json versions = Json::object(); // of the program and its libraries

    Json toJson() const;

    /// Throws Json::exception or Error for what is not an origin.
    static Origin from(const Json& json);
};

/// A program that leaves, or that came from elsewhere.
struct ShippedModel
{
    Program program;
    Origin origin;
    Proof proof;
    Proof fixedProof; // with the fixed-point epilogue; without layers where that is not known
    bool isIntact = true; // the file's own checksum held
};

/// What becomes of a file that has been changed since it was written.
enum class Damage
{
    Refused,
    Tolerated, // read as far as it can be: to say where it is damaged
};

Json proofJson(const Proof& proof);

/// Throws Json::exception or Error for what is not a proof, or not over 1 to 1000 samples.
Proof proofFrom(const Json& json, const Program& program);

/// Bytes that the weights would take as floats, biases and batch norm folded: what packing saves is
/// told against it.
std::int64_t floatBytes(const Program& program);

} // namespace stair
