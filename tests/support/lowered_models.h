#pragma once

#include "core/zoo/networks.h"
#include "tests/support/lowered_check.h"

#include <QTest>

namespace stair {

inline constexpr int trainedSteps = 4;
inline constexpr int trainedImages = 16;

/// Ramps at their end: AQE's alpha at 1.
inline void harden(Model& model)
{
    model.advance({.step = trainedSteps, .progress = 1, .epoch = 1});
}

/// Multipliers of either sign, whose codes fall as their sums grow, and one of zero.
inline void turnNorms(Model& model)
{
    for (int i = 0; i < int(model.stages().size()); ++i) {
        BatchNorm* norm = model.parts(i).norm.get();
        for (std::int64_t c = 0; norm && c < norm->scale.value.size(); c += 3)
            norm->scale.value.data()[c] *= c == 3 ? 0.0f : -1.0f;
    }
}

struct Widths
{
    const char* name;
    const char* method;
    int weights;
    int activations;
    bool perChannel = false;
};

inline const Widths allWidths[] = {{"LSQ W4A4", "lsq", 4, 4},
                                   {"LSQ W2A2", "lsq", 2, 2},
                                   {"LSQ W3A5 per channel", "lsq", 3, 5, true},
                                   {"LSQ W8A8", "lsq", 8, 8},
                                   {"min-max W2A2", "minmax", 2, 2},
                                   {"PTQ W3A4 per channel", "ptq", 3, 4, true},
                                   {"LLSQ W3A3 per channel", "llsq", 3, 3, true},
                                   {"ASR W2A2", "asr", 2, 2},
                                   {"LG-LSQ W3A3", "lg_lsq", 3, 3},
                                   {"AQE 1/1", "aqe", 1, 1},
                                   {"AQE 2/2", "aqe", 2, 2},
                                   {"AQE 3/3", "aqe", 3, 3},
                                   {"BCGD W1A4", "bcgd", 1, 4},
                                   {"BCGD W2A2 per channel", "bcgd", 2, 2, true},
                                   {"BCGD W4A4", "bcgd", 4, 4},
                                   {"PACT W2A2", "pact", 2, 2},
                                   {"DoReFa W1A2", "dorefa", 1, 2},
                                   {"DoReFa W7A8", "dorefa", 7, 8},
                                   {"BNN W1A1", "bnn", 1, 1},
                                   {"TWN W2A4", "twn", 2, 4},
                                   {"DSQ W3A3", "dsq", 3, 3},
                                   {"EWGS W2A2", "ewgs", 2, 2},
                                   {"soft rounding W3A3", "soft_round", 3, 3},
                                   {"stochastic W4A4", "stochastic", 4, 4},
                                   {"LSQ+ W3A3", "lsq_plus", 3, 3},
                                   {"DAI8 W8A8", "dai8", 8, 8},
                                   {"formula W3A4", "formula", 3, 4}};

/// Rows "network", "tiny" and "widths": every tiny network at every width; `zoo`: whole networks too.
inline void addLoweredRows(bool zoo)
{
    QTest::addColumn<QString>("network");
    QTest::addColumn<int>("tiny");
    QTest::addColumn<int>("widths");
    const auto tiny = tinyNetworks();
    for (int w = 0; w < int(std::size(allWidths)); ++w) {
        for (int i = 0; i < int(tiny.size()); ++i)
            QTest::addRow("%s: %s", allWidths[w].name, tiny[std::size_t(i)].name.c_str())
                << QString() << i << w;
    }
    if (!zoo)
        return;
    // tst_lowered_papers has the large ones.
    for (const char* id : {"convnet_small", "mlp", "lenet5", "convnet_a", "convnet_b", "convnet_c",
                           "convnet_d", "resnet20", "resnet32"})
        QTest::addRow("%s at W4A4", id) << QString(id) << -1 << 0;
}

/// The untrained model of a row.
inline Model loweredModel(const QString& network, int tiny, int widths)
{
    const Widths& w = allWidths[widths];
    QuantSpec quant = quantSpec(w.method, w.weights, w.activations);
    quant.perChannel = w.perChannel;
    if (tiny >= 0) {
        const TinyNetwork own = tinyNetworks()[std::size_t(tiny)];
        return Model(own.build(), own.with(quant), colours(), 7);
    }
    const NetworkInfo& info = stair::network(network.toStdString());
    Json params = Json::object();
    for (const ParamSpec& spec : info.params) {
        if (spec.name == "width" && spec.type == ParamSpec::Type::Real)
            params["width"] = 0.25;
    }
    ObjectReader reader(params, "test");
    return Model(info.build({1, 32, 32, 3}, 10, ParamValues::read(info.params, reader)), quant,
                 colours(), 7);
}

} // namespace stair
