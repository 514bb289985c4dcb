#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/quant/methods.h"
#include "core/train/trainer_state.h"

namespace stair {

bool CommandDesk::serve()
{
    for (const Json& command : m_controls.poll(m_trainer.step + 1))
        apply(command);
    while (m_paused && !m_stopping && !m_stop.stop_requested()) {
        for (const Json& command : m_controls.wait(m_trainer.step + 1))
            apply(command);
    }
    return !m_stopping && !m_stop.stop_requested();
}

void CommandDesk::afterStep(const std::string& reason)
{
    if (!reason.empty())
        pause(reason);
    else if (m_singleStep)
        pause(pausedAfterOneStep);
    m_singleStep = false;
}

void CommandDesk::pause(const std::string& reason)
{
    if (m_paused)
        return;
    m_paused = true;
    m_trainer.clock.pause();
    m_observer.onPaused(m_trainer.step, reason);
}

void CommandDesk::resume()
{
    if (!m_paused)
        return;
    m_paused = false;
    m_trainer.clock.resume();
    m_observer.onResumed(m_trainer.step);
}

/// Whatever a command asks, the run goes on: one that cannot be followed becomes a notice.
void CommandDesk::apply(const Json& command)
{
    const std::string name
        = command.is_object() && command.contains("command") && command["command"].is_string()
        ? command["command"].get<std::string>()
        : "";
    if (name == "pause") {
        pause(pausedByCommand);
    } else if (name == "resume") {
        resume();
    } else if (name == "step") {
        resume();
        m_singleStep = true;
    } else if (name == "stop") {
        m_stopping = true;
    } else if (name == "checkpoint") {
        m_observer.onCheckpoint(m_trainer.checkpoint(), false);
    } else if (name == "set") {
        try {
            const Json key = command.value("key", Json());
            if (!key.is_string())
                throw Error(concat("\"key\" must be a text, not ", key.dump()));
            m_trainer.set(key.get<std::string>(), command.value("value", Json()));
            m_observer.onCommand(m_trainer.step, command);
        } catch (const Error& error) {
            m_observer.onNotice(m_trainer.step, concat("not set: ", error.what()));
        }
    } else {
        m_observer.onNotice(m_trainer.step, concat("unknown command ignored: ", command.dump()));
    }
}

namespace {

double numberFrom(const std::string& key, const Json& value, double least, double most)
{
    if (!value.is_number() || !(value.get<double>() >= least && value.get<double>() <= most))
        throw Error(
            concat(key, " must be a number from ", least, " to ", most, ", not ", value.dump()));
    return value.get<double>();
}

} // namespace

void Trainer::State::set(const std::string& key, const Json& value)
{
    static const std::vector<std::string> known
        = {"training.optimizer.learning_rate", "training.optimizer.momentum",
           "training.optimizer.weight_decay", "quant.weights.bits", "quant.activations.bits"};
    if (key == known[0]) {
        learningRate = numberFrom(key, value, 0, 1000);
    } else if (key == known[1] || key == known[2]) {
        optimizer->set(key.substr(key.rfind('.') + 1), numberFrom(key, value, 0, 1e9));
    } else if (key == known[3] || key == known[4]) {
        if (spec.quant.isFloat())
            throw Error(concat(key, " means nothing for a float run"));
        const MethodInfo& info = method(spec.quant.method);
        const bool isWeight = key == known[3];
        const auto [least, most]
            = info.bits(isWeight ? QuantizerKind::Weight : QuantizerKind::Activation);
        if (model.quant().isFloat())
            throw Error(concat(key, ": the run is still in its float part (quant.schedule.start)"));
        if (!value.is_number_integer())
            throw Error(concat(key, " must be a whole number, not ", value.dump()));
        QuantSpec wanted = model.quant();
        (isWeight ? wanted.weightBits : wanted.activationBits)
            = int(numberFrom(key, value, least, most));
        requantize(wanted);
    } else {
        throw Error(unknownName("key", key, known));
    }
}

} // namespace stair
