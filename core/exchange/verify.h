#pragma once

#include "core/exchange/shipped_model.h"

#include <filesystem>

namespace stair {

/// What a second look at a shipped file found.
struct Verdict
{
    std::string format; // an ExportFormat's id
    Origin origin;
    std::string program; // programHash of the proof
    int samples = 0;
    int layers = 0; // the image not counted
    std::int64_t integers = 0; // of codes, compared over the samples
    std::vector<std::string> unproved; // layers that compute in float
    std::vector<std::string> kernels; // the fast ones of this CPU, by describeKernels()
    std::vector<std::string> findings; // what does not hold, a line each
    bool isRun = true; // not of a C file, which is compared as it stands
    int summedLayers = 0; // of a C file: whose integers it has checksums of

    bool holds() const { return findings.empty(); }
};

/// Runs the file's program over the reference samples with the plain kernels and compares every
/// value with the proof in the file; then with this CPU's fast kernels and compares these with the
/// plain ones. Of a C file, which it would take a compiler to run, each layer's tables and steps and
/// the functions are compared with the checksums at its head. Throws Error for a file that cannot be
/// read at all.
Verdict verifyFile(const std::filesystem::path& path, Runtime& runtime);

} // namespace stair
