#include "core/cli/progress.h"

#include "core/base/concat.h"
#include "core/cli/text_format.h"
#include "core/session/event_lines.h"

#include <algorithm>

namespace stair {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t narrowTerminal = 79; // a line that wraps cannot be rewritten
constexpr const char* clearLine = "\r\033[K";

std::string describe(const StepReport& r)
{
    return concat("epoch ", r.epoch, "  step ", r.step, "/", r.steps, "  loss ",
                  fixedText(r.loss, 3), "  ", fixedText(100 * r.accuracy, 1), " %  ",
                  fixedText(r.imagesPerSecond, 0), " images/s  ", durationText(r.remainingSeconds),
                  " left");
}

} // namespace

Progress::Progress(const Console& console, std::string afterResults)
    : m_console(console)
    , m_afterResults(std::move(afterResults))
{
}

Progress::~Progress()
{
    if (m_open)
        m_console.notes() << clearLine << std::flush;
}

void Progress::onStep(const StepReport& report)
{
    const auto now = std::chrono::steady_clock::now();
    if (now - m_shown < (m_console.terminal ? 100ms : 10000ms))
        return;
    m_shown = now;
    const std::string text = describe(report);
    if (!m_console.terminal)
        return line(text);
    m_console.notes() << clearLine << text.substr(0, std::min(text.size(), narrowTerminal))
                      << std::flush;
    m_open = true;
}

void Progress::line(const std::string& text)
{
    m_console.notes() << (m_open ? clearLine : "") << text << std::endl;
    m_open = false;
}

void Progress::onEvaluation(const EvaluationReport& report)
{
    line(concat("epoch ", report.epoch, ": ", evaluationText(evaluationLine(report)),
                m_afterResults, report.validation && report.best ? " (best)" : ""));
}

void Progress::onNotice(std::int64_t step, const std::string& text)
{
    line(concat("step ", step, ": ", text));
}

void Progress::onPaused(std::int64_t step, const std::string& reason)
{
    line(concat("step ", step, ": paused (", reason, "); `stair control RUNDIR resume` goes on"));
}

void Progress::onResumed(std::int64_t step)
{
    line(concat("step ", step, ": goes on"));
}

} // namespace stair
