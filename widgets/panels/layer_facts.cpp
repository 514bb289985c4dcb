#include "widgets/models/run_text.h"
#include "widgets/panels/layer_figures.h"

#include <QCoreApplication>

namespace stair {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("LayerFacts", text);
}

std::vector<LayerFact> gradientFacts(const LayersReport& report, const std::string& layer)
{
    std::vector<LayerFact> facts;
    for (const GradientReport& gradient : report.gradients) {
        if (gradient.name != layer + ".weight")
            continue;
        facts.push_back({tr("norm %1").arg(gradient.norm, 0, 'e', 2),
                         tr("Euclidean norm of the loss's gradient by this layer's weights, at the "
                            "newest record")});
        if (gradient.clip)
            facts.push_back(
                {tr("clip %1").arg(percentText(gradient.clip->clip)),
                 tr("DAI8: the clipping threshold over the largest magnitude, mean over "
                    "channels (Zhao et al., arXiv:2102.04782)")});
    }
    return facts;
}

} // namespace

std::vector<LayerFact> layerFacts(const LayersReport& report, const std::string& layer,
                                  TensorSide side)
{
    std::vector<LayerFact> facts = {{tr("step %1").arg(countText(double(report.step))),
                                     tr("Training step of the newest record")}};
    if (side == TensorSide::Gradients) {
        for (LayerFact& fact : gradientFacts(report, layer))
            facts.push_back(std::move(fact));
        return facts;
    }
    const QuantizerReport* q = quantizerOf(report, layer, side);
    if (!q)
        return facts;
    facts.push_back({tr("%1 bit, s = %2").arg(q->bits).arg(q->step, 0, 'g', 4),
                     tr("Width and step: the distance of two levels (mean over channels where each "
                        "has its own)")});
    facts.push_back({tr("cut off %1").arg(percentText(q->saturated)),
                     tr("Saturation: share of values beyond the grid's ends")});
    facts.push_back(
        {tr("no gradient %1").arg(percentText(q->masked)),
         side == TensorSide::Activations
             ? tr("Share of values whose gradient is set to zero: beyond the "
                  "quantizer's mask, or at the ends of the activation, such as HardTanh")
             : tr("Share of values whose gradient is set to zero: beyond the "
                  "quantizer's mask")});
    facts.push_back({tr("zero %1").arg(percentText(q->zero)), tr("Share of codes that are 0")});
    facts.push_back({tr("unused %1 of %2").arg(q->gridLevels - q->levelsUsed).arg(q->gridLevels),
                     tr("Levels of the grid that no value took")});
    facts.push_back({tr("SQNR %1 dB").arg(q->sqnr, 0, 'f', 1),
                     tr("10 log10(sum x² / sum (x − Q(x))²), Q(x) = step times code")});
    if (q->flips)
        facts.push_back({tr("flips %1").arg(percentText(*q->flips)),
                         tr("Share of weight codes that this step's update changed")});
    return facts;
}

} // namespace stair
