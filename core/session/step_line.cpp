#include "core/session/step_line.h"

#include <charconv>
#include <cmath>
#include <type_traits>

namespace stair {

namespace {

/// Takes a text from the front as long as it is what is expected.
class Scanner
{
public:
    explicit Scanner(std::string_view text)
        : m_text(text)
    {
    }

    bool take(std::string_view expected)
    {
        if (!m_text.starts_with(expected))
            return false;
        m_text.remove_prefix(expected.size());
        return true;
    }

    template<typename Number>
    bool take(std::string_view expected, Number& number)
    {
        if (!take(expected))
            return false;
        if constexpr (std::is_floating_point_v<Number>) {
            if (take("null")) { // JSON knows no NaN and no infinity
                number = std::nan("");
                return true;
            }
        }
        const auto [end, error]
            = std::from_chars(m_text.data(), m_text.data() + m_text.size(), number);
        if (error != std::errc())
            return false;
        m_text.remove_prefix(std::size_t(end - m_text.data()));
        return true;
    }

    bool isAtEnd() const { return m_text.empty(); }

private:
    std::string_view m_text;
};

double number(const Json& object, const char* key, double fallback = 0)
{
    const auto entry = object.find(key);
    if (entry == object.end())
        return fallback;
    return entry->is_number() ? entry->get<double>() : std::nan("");
}

std::int64_t integer(const Json& object, const char* key)
{
    const double value = number(object, key);
    return std::isfinite(value) ? std::int64_t(value) : 0;
}

} // namespace

std::optional<StepReport> readStepLine(std::string_view line)
{
    StepReport report;
    Scanner text(line);
    const bool isStep = text.take(R"({"event":"step","step":)", report.step)
        && text.take(R"(,"epoch":)", report.epoch) && text.take(R"(,"loss":)", report.loss)
        && text.take(R"(,"accuracy":)", report.accuracy)
        && text.take(R"(,"learning_rate":)", report.learningRate)
        && text.take(R"(,"gradient_norm":)", report.gradientNorm)
        && text.take(R"(,"t":{"elapsed":)", report.elapsedSeconds)
        && text.take(R"(,"images_per_s":)", report.imagesPerSecond)
        && text.take(R"(,"remaining":)", report.remainingSeconds) && text.take("}}")
        && text.isAtEnd();
    return isStep ? std::optional(report) : std::nullopt;
}

StepReport stepOf(const Json& event)
{
    static const Json none = Json::object();
    const auto entry = event.find("t");
    const Json& clock = entry != event.end() && entry->is_object() ? *entry : none;
    StepReport report;
    report.step = integer(event, "step");
    report.epoch = int(integer(event, "epoch"));
    report.loss = number(event, "loss");
    report.accuracy = number(event, "accuracy");
    report.learningRate = number(event, "learning_rate");
    report.gradientNorm = number(event, "gradient_norm");
    report.elapsedSeconds = number(clock, "elapsed");
    report.imagesPerSecond = number(clock, "images_per_s");
    report.remainingSeconds = number(clock, "remaining", -1);
    return report;
}

} // namespace stair
