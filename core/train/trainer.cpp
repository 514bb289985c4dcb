#include "core/train/trainer.h"

#include "core/base/assert.h"
#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/softmax_loss.h"
#include "core/train/evaluator.h"
#include "core/train/layer_statistics.h"
#include "core/train/trainer_state.h"
#include "core/zoo/networks.h"

#include <algorithm>
#include <cmath>

namespace stair {

namespace {

constexpr int guardEvery = 50; // steps between looks at saturation and dead layers

Graph buildGraph(const ExperimentSpec& spec, const Dataset& data)
{
    const ImageSize size = outputSize(spec.data.augment, data.train.height, data.train.width);
    return network(spec.network.id)
        .build({1, size.height, size.width, data.train.channels}, data.classes(),
               spec.network.params);
}

/// Throws Error for times that never come.
void checkSchedule(const QuantSpec& quant, std::int64_t steps)
{
    const auto check = [steps](const std::string& key, std::int64_t step) {
        if (step > steps)
            throw Error(concat("quant.schedule.", key, " is step ", step, ", but the run has ",
                               steps, " steps; choose an earlier one or more epochs"));
    };
    check("start", quant.schedule.startStep);
    check("freeze_ranges", quant.schedule.freezeRangesStep);
    check("freeze_norm", quant.schedule.freezeNormStep);
    for (const QuantSchedule::Bits& change : quant.schedule.bits)
        check("bits", change.step);
}

/// What step 1 trains with.
QuantSpec firstQuant(const QuantSpec& quant)
{
    return quant.schedule.startStep > 1 ? quant.asFloat() : quant;
}

} // namespace

Trainer::State::State(const ExperimentSpec& s, const Dataset& d, Runtime& r)
    : spec(s)
    , data(d)
    , runtime(r)
    , split(splitValidation(d.train, s.data.validation, s.seed))
    , model(buildGraph(s, d), firstQuant(s.quant), {d.mean, d.deviation}, s.seed)
    , parameters(model.parameters())
    , optimizer(
          stair::optimizer(s.training.optimizer).create(s.training.optimizerParams, parameters))
    , learningRate(s.training.optimizerParams.real("learning_rate"))
    , guards(s.training.guards)
{
    startLoader();
    steps = loader->stepsPerEpoch() * spec.training.epochs;
    checkSchedule(spec.quant, steps);
}

BatchLoader::Options Trainer::State::loaderOptions() const
{
    return {.batch = spec.data.batch, .augmentation = spec.data.augment, .seed = spec.seed};
}

void Trainer::State::startLoader()
{
    const std::int64_t perEpoch = std::int64_t(split.train.size()) / spec.data.batch;
    DataPosition position;
    if (perEpoch > 0)
        position = {.epoch = step / perEpoch, .step = step % perEpoch};
    loader.emplace(data.train, split.train, loaderOptions(), position);
}

double Trainer::State::scheduledRate() const
{
    return learningRate
        * schedule(spec.training.schedule)
              .factor(spec.training.scheduleParams, step, steps, loader->stepsPerEpoch());
}

double Trainer::State::clipGradients()
{
    double sum = 0;
    for (const Parameter* parameter : parameters) {
        const double length = norm(parameter->gradient);
        sum += length * length;
    }
    const double length = std::sqrt(sum);
    if (spec.training.clipNorm > 0 && length > spec.training.clipNorm) {
        const auto factor = float(spec.training.clipNorm / length);
        for (Parameter* parameter : parameters) {
            for (float& g : parameter->gradient.values())
                g *= factor;
        }
    }
    return length;
}

/// The quantization of the step to come, where the spec's schedule changes it.
void Trainer::State::followSchedule()
{
    const QuantSchedule& schedule = spec.quant.schedule;
    const std::int64_t next = step + 1;
    QuantSpec wanted = model.quant();
    if (next == schedule.startStep)
        wanted = spec.quant;
    for (const QuantSchedule::Bits& change : schedule.bits) {
        if (change.step == next && !wanted.isFloat()) {
            wanted.weightBits = change.weightBits ? change.weightBits : wanted.weightBits;
            wanted.activationBits
                = change.activationBits ? change.activationBits : wanted.activationBits;
        }
    }
    requantize(wanted);
}

/// Ramps and freezes as they are in the step after `done` steps.
void Trainer::State::enterStep(std::int64_t done)
{
    const std::int64_t freezeFrom = spec.quant.schedule.freezeRangesStep;
    if (freezeFrom > 0 && done + 1 >= freezeFrom)
        model.freezeSteps();
    model.advance({.step = done,
                   .progress = double(done) / double(steps),
                   .epoch = double(done) / double(loader->stepsPerEpoch()),
                   .seed = spec.seed});
}

bool Trainer::State::freezesNorm() const
{
    const std::int64_t from = spec.quant.schedule.freezeNormStep;
    return from > 0 && step + 1 >= from;
}

/// Changes the quantization where it differs from the present one; the optimizer keeps what it
/// knows of parameters that stay.
void Trainer::State::requantize(const QuantSpec& quant)
{
    const QuantSpec& now = model.quant();
    if (quant.method == now.method && quant.weightBits == now.weightBits
        && quant.activationBits == now.activationBits)
        return;
    Checkpoint memory;
    optimizer->save(memory);
    model.requantize(quant);
    parameters = model.parameters();
    optimizer = stair::optimizer(spec.training.optimizer)
                    .create(spec.training.optimizerParams, parameters);
    optimizer->load(memory, Missing::Zero);
}

/// One step. Returns the reason to pause, or an empty text.
std::string Trainer::State::trainStep(TrainObserver& observer)
{
    followSchedule();
    calibrateOnce(observer);
    refreshCurvature(observer);
    enterStep(step);
    const std::vector<Quantizer::Memory> before = model.rememberSteps();
    const bool records = spec.statisticsEvery > 0 && (step + 1) % spec.statisticsEvery == 0;
    const bool looks = !model.quant().isFloat() && (step + 1) % guardEvery == 0;
    StepReport report;
    report.learningRate = scheduledRate();
    const Batch& batch = loader->next();
    const Tensor& logits = pass.forward(
        {batch.pixels.data(), {batch.count, batch.height, batch.width, batch.channels}},
        freezesNorm() ? PassMode::TrainFrozenNorm : PassMode::Train);
    LayersReport layers;
    if (records || looks)
        layers.quantizers = reportQuantizers(model, pass);
    Tensor dLogits(logits.shape());
    report.loss = softmaxLoss(logits, batch.labels, dLogits);
    report.loss += pass.addAuxiliaryLoss(batch.labels);
    MetricsMeter meter(data.classes());
    meter.add(logits, batch.labels);
    report.accuracy = meter.value().top1;
    pass.backward(dLogits);
    report.gradientNorm = clipGradients();
    std::string reason = Guards::checkNumbers(report.loss, report.gradientNorm);
    const bool hashes = spec.weightHashes && !model.quant().isFloat();
    const std::vector<Codes> codesBefore
        = records || hashes ? weightCodes(model) : std::vector<Codes>();
    if (hashes)
        report.weights = weightHashes(model, codesBefore);
    if (reason.empty()) {
        model.beforeUpdate();
        optimizer->update(parameters, report.learningRate);
        model.afterUpdate();
        pass.updateRunningStatistics();
    } else {
        model.recallSteps(before); // what the batch made the quantizers believe
    }
    ++step;
    report.step = step;
    report.steps = steps;
    report.epoch = int((step - 1) / loader->stepsPerEpoch()) + 1;
    clock.stepDone(batch.count);
    report.elapsedSeconds = clock.elapsed();
    report.imagesPerSecond = clock.imagesPerSecond();
    report.remainingSeconds = clock.remaining(steps - step, evaluationsLeft());
    observer.onStep(report);
    if (records) {
        layers.step = step;
        layers.gradients = reportGradients(model);
        reportFlips(codesBefore, weightCodes(model), layers.quantizers);
        observer.onLayers(layers);
    }
    if (reason.empty())
        reason = Guards::checkSteps(model.quantizers());
    if (reason.empty() && looks)
        reason = guards.checkQuantizers(layers.quantizers);
    return reason;
}

std::int64_t Trainer::State::evaluationsLeft() const
{
    const std::int64_t perEvaluation = loader->stepsPerEpoch() * spec.training.evaluateEvery;
    return (steps - step + perEvaluation - 1) / perEvaluation;
}

std::optional<std::vector<NormStatistics>> Trainer::State::norms()
{
    // Calibration alone moves nothing but the running statistics.
    if (model.quant().isFloat() || (calibrated && step == 0))
        return std::nullopt;
    return reestimateNorms(model, runtime, data.train, split.train, loaderOptions());
}

Program Trainer::State::program()
{
    const auto statistics = norms();
    return lower(model, statistics ? &*statistics : nullptr);
}

EvaluationReport Trainer::State::evaluate()
{
    EvaluationReport report;
    report.step = step;
    report.epoch = int(step / loader->stepsPerEpoch());
    const Augmentation& crop = spec.data.augment;
    const auto run = [&](const Program& lowered, const ImageSet& set,
                         const std::vector<std::uint32_t>* indices) {
        return evaluateProgram(lowered, runtime, set, indices, crop, data.classes());
    };
    const Program shipped = program();
    const bool quantized = !model.quant().isFloat();
    report.proved = quantized && shipped.floatLayers().empty();
    if (!split.validation.empty())
        report.validation = run(shipped, data.train, &split.validation);
    report.test = run(shipped, data.test, nullptr);
    if (!quantized)
        return report;
    const bool isReestimated = !(calibrated && step == 0);
    report.testRunning
        = isReestimated ? run(lower(model), data.test, nullptr).top1 : report.test.top1;
    if (isReestimated && std::ranges::any_of(model.quantizers(), &Quantizer::isSoft))
        report.blended = evaluateAsTrained(model, runtime, data.test, crop, data.classes()).top1;
    return report;
}

/// Evaluates where it is due, keeps count of the best, and hands out a checkpoint.
void Trainer::State::endEpoch(TrainObserver& observer, bool isLast)
{
    const std::int64_t epoch = step / loader->stepsPerEpoch();
    const bool due = isLast || epoch % spec.training.evaluateEvery == 0 || step == steps;
    if (!due) {
        observer.onCheckpoint(checkpoint(), false);
        return;
    }
    clock.pause();
    EvaluationReport report = evaluate();
    report.seconds = clock.evaluationDone();
    const double score = report.validation ? report.validation->top1 : report.test.top1;
    // Without a held-out split nothing may be chosen by the test: the latest counts as best.
    report.best = !report.validation || score > bestScore;
    evaluationsWithoutBest = report.best ? 0 : evaluationsWithoutBest + 1;
    bestScore = report.best ? score : bestScore;
    observer.onEvaluation(report);
    observer.onCheckpoint(checkpoint(), report.best);
    clock.resume();
}

/// The reason to end the run before its last step, or an empty text.
std::string Trainer::State::reasonToEnd() const
{
    if (step >= steps)
        return {};
    if (spec.training.patience > 0 && evaluationsWithoutBest >= spec.training.patience)
        return concat("stopped early: no better validation for ", evaluationsWithoutBest,
                      " evaluations");
    if (spec.training.budgetSeconds > 0 && clock.elapsed() >= spec.training.budgetSeconds)
        return concat("stopped: the time budget of ", spec.training.budgetSeconds, " s is used up");
    return {};
}

/// A run of no epochs: calibrates, evaluates, hands out a checkpoint. Resumed behind that it has
/// nothing left to do.
RunEnd Trainer::State::runWithoutSteps(CommandDesk& desk, TrainObserver& observer)
{
    if (bestScore >= 0)
        return RunEnd::Finished;
    if (!desk.serve()) {
        observer.onCheckpoint(checkpoint(), false);
        return RunEnd::Stopped;
    }
    calibrateOnce(observer);
    endEpoch(observer, true);
    return RunEnd::Finished;
}

RunEnd Trainer::State::run(TrainObserver& observer, TrainControls& controls, std::stop_token stop)
{
    CommandDesk desk(*this, observer, controls, stop);
    clock.resume();
    if (steps == 0)
        return runWithoutSteps(desk, observer);
    bool isJudged = true; // whether the last step's model has been evaluated, or there was none
    while (step < steps) {
        if (const std::string ending = reasonToEnd(); !ending.empty()) {
            if (!isJudged) // the budget has run out just between two looks at the clock
                endEpoch(observer, true);
            observer.onNotice(step, ending);
            return RunEnd::Finished;
        }
        if (!desk.serve()) {
            observer.onCheckpoint(checkpoint(), false);
            return RunEnd::Stopped;
        }
        const std::string reason = trainStep(observer);
        const bool epochEnds = step % loader->stepsPerEpoch() == 0;
        const bool budgetEnds = !reasonToEnd().empty();
        isJudged = epochEnds || budgetEnds;
        if (epochEnds || budgetEnds)
            endEpoch(observer, budgetEnds);
        else if (spec.training.checkpointEvery > 0 && step % spec.training.checkpointEvery == 0)
            observer.onCheckpoint(checkpoint(), false);
        desk.afterStep(reason);
    }
    return RunEnd::Finished;
}

Trainer::Trainer(const ExperimentSpec& spec, const Dataset& data, Runtime& runtime)
    : m_state(std::make_unique<State>(spec, data, runtime))
{
}

Trainer::~Trainer() = default;

void Trainer::startFrom(const Checkpoint& checkpoint)
{
    m_state->startFrom(checkpoint);
}

void Trainer::startFrom(const Program& program)
{
    m_state->startFrom(program);
}

void Trainer::restore(const Checkpoint& checkpoint)
{
    m_state->restore(checkpoint);
}

Checkpoint Trainer::checkpoint()
{
    return m_state->checkpoint();
}

std::int64_t Trainer::step() const
{
    return m_state->step;
}

std::int64_t Trainer::steps() const
{
    return m_state->steps;
}

RunEnd Trainer::run(TrainObserver& observer, TrainControls& controls, std::stop_token stop)
{
    return m_state->run(observer, controls, std::move(stop));
}

EvaluationReport Trainer::evaluate()
{
    return m_state->evaluate();
}

Program Trainer::program()
{
    return m_state->program();
}

std::optional<std::vector<NormStatistics>> Trainer::norms()
{
    return m_state->norms();
}

Model& Trainer::model()
{
    return m_state->model;
}

} // namespace stair
