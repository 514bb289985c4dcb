#pragma once

#include "core/analysis/inspection.h"
#include "core/session/experiment.h"
#include "core/session/run_folder.h"

#include <memory>
#include <string>
#include <vector>

namespace stair {

/// A run's shipped program and, beside it, the same weights without quantization or another run's
/// program: both answer for the same images.
class InspectSession
{
public:
    /// `beside`: the other run's folder; empty: the run's own weights without quantization, or nothing
    /// where the run is a float one. Throws Error where images or classes are unlike.
    InspectSession(const std::string& run, const std::string& checkpoint, const std::string& beside,
                   int threads);

    /// {"sample", "split"} or {"image"}; "layer", "filters" and "filters_from" where values are wanted;
    /// "top". The answer is as the README says. Throws Error for a request that cannot be met; but
    /// where no layer is needed, one that is not there is told in "layer_error".
    Json answer(const Json& request, bool needsLayer = true);

private:
    struct Side
    {
        Json description;
        std::unique_ptr<Inspection> inspection;
    };

    void addSide(Json description, Program program);
    std::vector<std::uint8_t> pixels(const Json& request, Json& image) const;
    Json layerJson(const Json& request) const;

    Experiment m_experiment;
    std::vector<Side> m_sides;
};

/// The answer in words.
std::string inspectText(const Json& answer);

} // namespace stair
