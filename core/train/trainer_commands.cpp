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

const std::vector<std::string> settings
    = {"training.optimizer.learning_rate", "training.optimizer.momentum",
       "training.optimizer.weight_decay", "quant.weights.bits", "quant.activations.bits"};

double numberFrom(const std::string& key, const Json& value, double least, double most)
{
    if (!value.is_number() || !(value.get<double>() >= least && value.get<double>() <= most))
        throw Error(least == most ? concat(key, " can only be ", least, " here, not ", value.dump())
                                  : concat(key, " must be a number from ", least, " to ", most,
                                           ", not ", value.dump()));
    return value.get<double>();
}

void checkBits(const ExperimentSpec& spec, const std::string& key, const Json& value)
{
    if (spec.quant.isFloat())
        throw Error(concat(key, " means nothing for a float run"));
    if (!value.is_number_integer())
        throw Error(concat(key, " must be a whole number, not ", value.dump()));
    const auto [least, most]
        = method(spec.quant.method)
              .bits(key == settings[3] ? QuantizerKind::Weight : QuantizerKind::Activation);
    numberFrom(key, value, least, most);
}

} // namespace

void checkChange(const ExperimentSpec& spec, const std::string& key, const Json& value)
{
    if (key == settings[0]) {
        numberFrom(key, value, 0, 1000);
    } else if (key == settings[1] || key == settings[2]) {
        if (!value.is_number())
            throw Error(concat(key, " must be a number, not ", value.dump()));
        checkSetting(optimizer(spec.training.optimizer), key.substr(key.rfind('.') + 1),
                     value.get<double>());
    } else if (key == settings[3] || key == settings[4]) {
        checkBits(spec, key, value);
    } else {
        throw Error(unknownName("key", key, settings));
    }
}

void Trainer::State::set(const std::string& key, const Json& value)
{
    checkChange(spec, key, value);
    if (key == settings[0]) {
        learningRate = value.get<double>();
    } else if (key == settings[1] || key == settings[2]) {
        optimizer->set(key.substr(key.rfind('.') + 1), value.get<double>());
    } else {
        if (model.quant().isFloat())
            throw Error(concat(key, ": the run is still in its float part (quant.schedule.start)"));
        QuantSpec wanted = model.quant();
        (key == settings[3] ? wanted.weightBits : wanted.activationBits) = value.get<int>();
        requantize(wanted);
    }
}

} // namespace stair
