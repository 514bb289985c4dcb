#include "widgets/forms/schedule_fields.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "widgets/forms/spec_fields.h"

#include <sstream>

namespace stair {

namespace {

/// "1000: 4/8" alone, with any spaces.
QuantSchedule::Bits readChange(const std::string& text)
{
    QuantSchedule::Bits change;
    std::istringstream in(text);
    char colon = 0, slash = 0;
    in >> change.step >> colon >> change.weightBits >> slash >> change.activationBits;
    const bool isRead = bool(in) && colon == ':' && slash == '/';
    if (!isRead || !(in >> std::ws).eof())
        throw Error(concat("the form: quant.schedule.bits: '", text,
                           "' is not of the form step: weights/activations, as in 1000: 4/8"));
    return change;
}

std::vector<QuantSchedule::Bits> readChanges(const std::string& text)
{
    std::vector<QuantSchedule::Bits> changes;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
        if (part.find_first_not_of(' ') != std::string::npos)
            changes.push_back(readChange(part));
    }
    return changes;
}

constexpr double lastStep = 1e12; // as in specs

ParamSpec step(const char* key, const char* title, const char* help)
{
    ParamSpec field = ParamSpec::integer(key, title, 0, 0, 0, help);
    field.most = lastStep; // more than an int
    field.unit = "step";
    return field;
}

} // namespace

const std::vector<ParamSpec>& scheduleFields()
{
    static const std::vector<ParamSpec> fields = {
        step("start", "Quantize from", "Trains in float before this step; 0: quantized at once."),
        step("freeze_ranges", "Freeze ranges at",
             "From this step on no quantizer's step size moves; 0: never."),
        step("freeze_norm", "Freeze batch norm at",
             "From this step on batch norm uses its running statistics, and training's codes are "
             "those that ship; 0: never."),
        ParamSpec::text("bits", "Other widths", "",
                        "Widths on the way, as step: weights/activations; several with commas, in "
                        "ascending order of steps: 500: 6/6, 1000: 4/4. A width of 0 stays as "
                        "before."),
    };
    return fields;
}

void storeSchedule(const Json& values, QuantSchedule& schedule)
{
    const ParamValues read = readParams(scheduleFields(), values, "quant.schedule");
    const Json steps = read.toJson();
    schedule.startStep = steps.at("start").get<std::int64_t>();
    schedule.freezeRangesStep = steps.at("freeze_ranges").get<std::int64_t>();
    schedule.freezeNormStep = steps.at("freeze_norm").get<std::int64_t>();
    schedule.bits = readChanges(read.text("bits"));
}

Json scheduleValues(const QuantSchedule& schedule)
{
    std::string bits;
    for (const QuantSchedule::Bits& change : schedule.bits)
        bits += concat(bits.empty() ? "" : ", ", change.step, ": ", change.weightBits, "/",
                       change.activationBits);
    return {{"start", schedule.startStep},
            {"freeze_ranges", schedule.freezeRangesStep},
            {"freeze_norm", schedule.freezeNormStep},
            {"bits", bits}};
}

} // namespace stair
