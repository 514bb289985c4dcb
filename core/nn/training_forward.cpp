#include "core/base/assert.h"
#include "core/base/stop_watch.h"
#include "core/nn/training_kept.h"
#include "core/ops/blocking.h"
#include "core/ops/channels.h"
#include "core/ops/conv2d.h"
#include "core/ops/eltwise.h"
#include "core/ops/integer/conv_codes.h"
#include "core/ops/lookup.h"
#include "core/ops/simd/tile_kernels.h"

#include <algorithm>

namespace stair {

namespace {

/// What backward() needs is kept.
bool keeps(PassMode mode)
{
    return trains(mode) || mode == PassMode::Perturbed;
}

/// A soft view holds step * soft(u) in the place of real values.
auto softener(const Quantizer& quantizer, std::int64_t firstElement)
{
    return [&quantizer, firstElement](std::span<float> run, std::int64_t first) {
        thread_local std::vector<float> u, q;
        u.resize(run.size());
        q.resize(quantizer.softReadsCodes() ? run.size() : 0);
        const float step = quantizer.step();
        tile::scale(run.data(), 1 / step, u.data(), run.size());
        if (quantizer.softReadsCodes())
            quantizer.code(u, q);
        quantizer.soft(u, q, run, 0, firstElement + first);
        tile::scale(run.data(), step, run.data(), run.size());
    };
}

/// The view of a perturbed pass: cut off, not rounded, displaced.
auto displacer(const Quantizer& quantizer, const Perturbation& perturbation,
               std::int64_t firstElement)
{
    return [&quantizer, &perturbation, firstElement](std::span<float> run, std::int64_t first) {
        const Grid& grid = quantizer.grid();
        const float step = quantizer.step();
        tile::clamp(run.data(), float(grid.qn) * step, float(grid.qp) * step, run.data(),
                    run.size());
        perturbation.displace(quantizer, firstElement + first, run);
    };
}

} // namespace

TrainingPass::TrainingPass(Model& model, Runtime& runtime)
    : m_model(model)
    , m_runtime(runtime)
    , m_statistics(model.stages().size())
    , m_times(model.stages().size())
{
}

TrainingPass::~TrainingPass() = default;

TrainingPass::Kept& TrainingPass::kept(int stage)
{
    return *m_kept[std::size_t(stage)];
}

const Value& TrainingPass::value(int stage, int view) const
{
    return m_kept[std::size_t(stage)]->values[std::size_t(view)];
}

void TrainingPass::begin(const ImageBytes& images, PassMode mode)
{
    m_images = images;
    m_mode = mode;
    m_perturbation = nullptr;
    m_kept.clear();
    m_shown.clear();
    m_statistics.assign(m_statistics.size(), {});
    for (const Stage& stage : m_model.stages()) {
        m_kept.push_back(std::make_unique<Kept>());
        m_kept.back()->values.resize(stage.views.size());
        m_kept.back()->gradients.resize(stage.views.size());
    }
}

void TrainingPass::runStage(int stage)
{
    const StopWatch watch(m_times[std::size_t(stage)].forward);
    forwardStage(stage, m_mode);
    if (stage + 1 == int(m_model.stages().size()))
        finishObserving();
    if (!keeps(m_mode))
        releaseRead(stage);
}

const Tensor& TrainingPass::forward(const ImageBytes& images, PassMode mode)
{
    require(mode != PassMode::Perturbed, "a perturbed pass is given its perturbation");
    begin(images, mode);
    return runStages();
}

const Tensor& TrainingPass::forward(const ImageBytes& images, Perturbation& perturbation)
{
    begin(images, PassMode::Perturbed);
    m_perturbation = &perturbation;
    return runStages();
}

const Tensor& TrainingPass::runStages()
{
    for (int i = 0; i < int(m_model.stages().size()); ++i)
        runStage(i);
    return m_kept.back()->values.front().floats;
}

/// Without a backward pass, a value is needed until its last reader has run.
void TrainingPass::releaseRead(int stage)
{
    const auto isLastReader = [this, stage](const Reading& reading) {
        for (int later = stage + 1; later < int(m_model.stages().size()); ++later) {
            if (std::ranges::count(stageAt(later).readings(), reading.stage, &Reading::stage) > 0)
                return false;
        }
        return true;
    };
    kept(stage).acc = Tensor();
    kept(stage).realWeight = Tensor();
    for (const Reading& reading : stageAt(stage).readings()) {
        if (isLastReader(reading))
            kept(reading.stage).values.clear();
    }
}

void TrainingPass::forwardStage(int id, PassMode mode)
{
    const Stage& stage = stageAt(id);
    Kept& k = kept(id);
    for (std::size_t v = 0; v < stage.views.size(); ++v) {
        Value& value = k.values[v];
        const Quantizer* quantizer = m_model.parts(id).viewQuantizers[v].get();
        if (!quantizer || isSoft(*quantizer))
            value.floats = Tensor(batched(stage.output), m_runtime.pool());
        else
            value.codes = Codes(batched(stage.output), quantizer->grid(), m_runtime.pool());
    }
    if (stage.compute == Compute::Image) {
        for (std::size_t v = 0; v < k.values.size(); ++v) {
            Value& value = k.values[v];
            if (value.floats)
                lookUp(m_images.pixels, m_images.shape, m_model.imageTable(), value.floats.data());
            else
                lookUp(m_images.pixels, m_images.shape, m_model.imageCodes(), value.codes.data());
            value.step = value.floats ? 1 : m_model.parts(id).viewQuantizers[v]->step();
        }
        return;
    }
    Tensor acc = compute(id);
    if (!stage.hasEpilogue())
        return;
    poolBefore(id, acc, mode);
    setAffine(id, acc, mode);
    observe(id, acc);
    runStageEpilogue(id, acc);
    if (stage.compute != Compute::Concat)
        k.acc = std::move(acc);
}

/// The accumulators; a moving stage fills its values instead.
Tensor TrainingPass::compute(int id)
{
    const Stage& stage = stageAt(id);
    kept(id).accScale.clear();
    switch (stage.compute) {
    case Compute::Conv:
        return convolve(id);
    case Compute::Concat:
        return join(id);
    case Compute::Add:
        return sumOfParts(id);
    case Compute::Move:
        moveViews(id);
        return {};
    default:
        break;
    }
    Kept& k = kept(id);
    const Value& from = value(stage.source.stage, stage.source.view);
    const bool sums = stage.compute == Compute::SumPool;
    k.accScale.assign(std::size_t(stage.computed.c),
                      double(from.step) / (sums ? stage.sum.pixels() : 1));
    Tensor acc(batched(stage.computed), m_runtime.pool());
    if (sums && from.codes)
        sumPool(stage.sum, from.codes, acc);
    else if (sums)
        sumPool(stage.sum, from.floats, acc);
    else if (from.codes)
        codesToFloats(from.codes, 1, acc);
    else
        std::ranges::copy(from.floats.values(), acc.data());
    return acc;
}

void TrainingPass::moveViews(int id)
{
    const Stage& stage = stageAt(id);
    Kept& k = kept(id);
    k.moveWinners.resize(stage.views.size());
    for (std::size_t v = 0; v < stage.views.size(); ++v) {
        const Value& from = value(stage.source.stage, stage.views[v].movedFrom);
        Value& to = k.values[v];
        to.step = from.step;
        if (from.codes)
            runMove(stage.move, from.codes, to.codes, &k.moveWinners[v]);
        else
            runMove(stage.move, from.floats, to.floats, &k.moveWinners[v]);
    }
}

/// The parts' codes side by side; each channel's scale is its part's step.
Tensor TrainingPass::join(int id)
{
    Kept& k = kept(id);
    Tensor acc(batched(stageAt(id).computed), m_runtime.pool());
    k.accScale.clear(); // the backward pass joins again
    for (const Reading& part : stageAt(id).parts) {
        const Value& from = value(part.stage, part.view);
        const int first = int(k.accScale.size());
        if (from.codes)
            putChannels(from.codes, first, acc);
        else
            putChannels(from.floats, first, acc);
        k.accScale.insert(k.accScale.end(), std::size_t(stageAt(part.stage).output.c),
                          double(from.step));
    }
    return acc;
}

/// Codes add up exactly: the parts have one quantizer, and so one step.
Tensor TrainingPass::sumOfParts(int id)
{
    const Stage& stage = stageAt(id);
    Tensor acc(batched(stage.computed), m_runtime.pool());
    const Value& first = value(stage.parts.front().stage, stage.parts.front().view);
    for (const Reading& part : stage.parts) {
        const Value& from = value(part.stage, part.view);
        const bool begins = &part == &stage.parts.front();
        require(from.step == first.step, "the branches of a shared join have one step");
        if (from.codes && begins)
            codesToFloats(from.codes, 1, acc);
        else if (from.codes)
            addCodesInto(from.codes, acc);
        else if (begins)
            std::ranges::copy(from.floats.values(), acc.data());
        else
            addInto(from.floats, acc);
    }
    kept(id).accScale.assign(std::size_t(stage.computed.c), double(first.step));
    return acc;
}

Tensor TrainingPass::convolve(int id)
{
    const Stage& stage = stageAt(id);
    Kept& k = kept(id);
    Model::StageParts& parts = m_model.parts(id);
    Value& from = kept(stage.source.stage).values[std::size_t(stage.source.view)];
    const std::size_t channels = std::size_t(stage.conv.outC);
    Tensor acc(batched(stage.computed), m_runtime.pool());
    Quantizer* quantizer = parts.weightQuantizer.get();
    const bool onCodes = quantizer && !isSoft(*quantizer) && from.codes;
    if (quantizer) {
        if (wantsToObserve(*quantizer))
            observeWeights(*quantizer, parts.weight->value);
        k.realWeight = Tensor(parts.weight->value.shape(), m_runtime.pool());
        Codes codes(parts.weight->value.shape(), quantizer->grid(), m_runtime.pool());
        quantizeWeights(*quantizer, parts.weight->value, codes, &k.realWeight);
        if (m_perturbation)
            m_perturbation->displaceWeights(*quantizer, k.realWeight);
        else if (isSoft(*quantizer))
            softenWeights(*quantizer, parts.weight->value, k.realWeight);
        if (onCodes) {
            const Shape original = from.codes.shape();
            from.codes.reshape(seenShape(id));
            convCodes(m_runtime, stage.conv, from.codes, codes, acc);
            from.codes.reshape(original);
            if (trains(m_mode) && parts.gradientQuantizer)
                k.weightCodes = std::move(codes);
            for (std::size_t c = 0; c < channels; ++c)
                k.accScale.push_back(double(from.step) * double(quantizer->step(int(c))));
            return acc;
        }
    }
    if (stage.weightBits == halfBits) {
        k.realWeight = Tensor(parts.weight->value.shape(), m_runtime.pool());
        roundToHalf(parts.weight->value, k.realWeight);
    }
    Tensor real = realValues(stage.source);
    Tensor& src = real ? real : from.floats;
    const Shape original = src.shape();
    src.reshape(seenShape(id));
    conv2dForward(m_runtime, stage.conv, src, k.realWeight ? k.realWeight : parts.weight->value,
                  acc);
    src.reshape(original);
    k.accScale.assign(channels, 1);
    return acc;
}

void TrainingPass::poolBefore(int id, Tensor& acc, PassMode mode)
{
    const Stage& stage = stageAt(id);
    if (!stage.poolBefore)
        return;
    Tensor pooled(batched(stage.output), m_runtime.pool());
    maxPool(*stage.poolBefore, acc, pooled, keeps(mode) ? &kept(id).winners : nullptr);
    acc = std::move(pooled);
}

/// The stage's result in real units, as a float reader would see it.
Tensor TrainingPass::realResult(int id, const Tensor& acc)
{
    const Stage& stage = stageAt(id);
    const Affine& affine = kept(id).affine;
    Tensor real(acc.shape(), m_runtime.pool());
    Epilogue epilogue;
    epilogue.activation = stage.activation;
    epilogue.outputs.emplace_back();
    epilogue.outputs[0].floats = &real;
    if (stage.skip) {
        epilogue.m = affine.floatM(1);
        epilogue.b = affine.floatB(1);
        setSkip(id, epilogue);
    } else {
        epilogue.outputs[0].m = affine.floatM(1);
        epilogue.outputs[0].b = affine.floatB(1);
    }
    runEpilogue(acc, epilogue);
    return real;
}

void TrainingPass::setSkip(int id, Epilogue& epilogue)
{
    const Value& skip = value(stageAt(id).skip->stage, stageAt(id).skip->view);
    epilogue.skipCodes = skip.codes ? &skip.codes : nullptr;
    epilogue.skipFloats = skip.codes ? nullptr : &skip.floats;
    epilogue.skipStep = skip.step;
}

/// Whether its tensor is in f32. Re-estimation sees hard values, as the shipped program does.
bool TrainingPass::isSoft(const Quantizer& quantizer) const
{
    return m_mode == PassMode::Perturbed || (quantizer.isSoft() && m_mode != PassMode::Reestimate);
}

Tensor TrainingPass::realResult(int id)
{
    if (stageAt(id).compute == Compute::Concat)
        return realResult(id, join(id));
    require(bool(kept(id).acc), "a stage's result is asked for between forward and backward");
    return realResult(id, kept(id).acc);
}

void TrainingPass::runStageEpilogue(int id, const Tensor& acc)
{
    const Stage& stage = stageAt(id);
    Kept& k = kept(id);
    const Softness softness = m_mode == PassMode::Reestimate ? Softness::Hard
        : m_perturbation                                     ? Softness::Real
                                                             : Softness::AsTrained;
    Epilogue epilogue = makeEpilogue(m_model, id, k.affine, softness);
    if (stage.skip)
        setSkip(id, epilogue);
    for (std::size_t v = 0; v < k.values.size(); ++v) {
        Value& value = k.values[v];
        const Quantizer* quantizer = m_model.parts(id).viewQuantizers[v].get();
        epilogue.outputs[v].codes = value.codes ? &value.codes : nullptr;
        epilogue.outputs[v].floats = value.codes ? nullptr : &value.floats;
        value.step = value.codes ? quantizer->step() : 1;
        if (value.codes)
            value.codes.setGrid(quantizer->grid()); // the first batch may have moved it
        if (quantizer && m_perturbation)
            epilogue.outputs[v].soften
                = displacer(*quantizer, *m_perturbation, firstElement(id, *quantizer));
        else if (quantizer && isSoft(*quantizer))
            epilogue.outputs[v].soften = softener(*quantizer, firstElement(id, *quantizer));
    }
    runEpilogue(acc, epilogue);
}

/// Codes as real values, in pool memory; empty when the reading is float already.
Tensor TrainingPass::realValues(const Reading& reading)
{
    const Value& from = value(reading.stage, reading.view);
    if (!from.codes)
        return {};
    Tensor real(from.codes.shape(), m_runtime.pool());
    codesToFloats(from.codes, from.step, real);
    return real;
}

CodeRange codeRange(const Quantizer& quantizer, const Activation& activation)
{
    const Grid& grid = quantizer.grid();
    const std::vector<float> ends{activation.low / quantizer.step(),
                                  activation.high / quantizer.step()};
    std::vector<float> codes(2);
    applyHardRule(quantizer.rule(), ends, float(grid.qn), float(grid.qp), codes);
    return {int(codes[0]), int(codes[1])};
}

Epilogue makeEpilogue(const Model& model, int id, const Affine& affine, Softness softness)
{
    const Stage& stage = model.stages()[std::size_t(id)];
    Epilogue epilogue;
    epilogue.activation = stage.activation;
    if (stage.skip) {
        epilogue.m = affine.floatM(1);
        epilogue.b = affine.floatB(1);
    }
    for (std::size_t v = 0; v < stage.views.size(); ++v) {
        const auto& quantizer = model.parts(id).viewQuantizers[v];
        EpilogueOutput output;
        output.isHalf = stage.views[v].bits == halfBits;
        const bool real = !quantizer || softness == Softness::Real
            || (softness == Softness::AsTrained && quantizer->isSoft());
        const double step = real ? 1 : double(quantizer->step());
        if (stage.skip) {
            output.inverseStep = float(1 / step);
        } else {
            output.m = affine.floatM(step);
            output.b = affine.floatB(step);
        }
        if (!real) {
            const CodeRange range = codeRange(*quantizer, stage.activation);
            output.rule = quantizer->rule();
            output.low = range.low;
            output.high = range.high;
        }
        epilogue.outputs.push_back(std::move(output));
    }
    return epilogue;
}

} // namespace stair
